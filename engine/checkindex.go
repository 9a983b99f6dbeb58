package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// CheckIndex implements ddl.Session. It makes the keys of all rows once and lets them
// go: the index is built by the commit, which must not fail any more.
func (d ddlSession) CheckIndex(ctx context.Context, index OID) error {
	s := d.s
	cat := s.tx.catalog()
	ix := cat.RelationByOID(index)
	r := cat.RelationByOID(ix.Index.Table)
	lay := s.e.def(r, cat).layout
	k, err := newIndexKey(s.e, r, ix, lay, cat)
	if err != nil || !k.mayFail() {
		return err
	}
	var cols []string
	for _, c := range r.Columns {
		if !c.Dropped {
			cols = append(cols, types.QuoteIdent(c.Name))
		}
	}
	list, err := parser.Parse(fmt.Sprintf("SELECT %s FROM ONLY %s.%s", strings.Join(cols, ", "), types.QuoteIdent(s.schemaName(r)), types.QuoteIdent(r.Name)))
	if err != nil {
		return err
	}
	p, err := s.prepare(&list[0], nil)
	if err != nil {
		return err
	}
	rows, err := s.execute(ctx, p, nil, nil)
	if err != nil {
		return err
	}
	defer rows.close()
	for {
		var lent, dense vec.Batch
		if err := rows.src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return err
		}
		lent.Dense(&dense)
		if _, err := k.of(lay.store(&dense)); err != nil {
			return err
		}
	}
}

// mayFail tells whether there are rows that the index cannot hold: their keys may be
// too long, or an expression may fail.
func (k *indexKey) mayFail() bool {
	if k.exprs != nil || k.pred != nil {
		return true
	}
	for _, c := range k.cols {
		if c.typ.Kind == types.Bytes || c.typ.Kind == types.Numer {
			return true
		}
	}
	return false
}
