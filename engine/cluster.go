package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// cluster runs CLUSTER: the rows of a table are written anew in the order of an
// index, in which a scan then gives them.
func (s *Session) cluster(ctx context.Context, st *ast.Cluster) (*result, error) {
	for i := range st.Options {
		if o := &st.Options[i]; o.Name != "verbose" {
			return nil, pgerr.New(pgerr.SyntaxError, "unrecognized CLUSTER option \"%s\"", o.Name).At(o.Pos)
		}
	}
	if st.Table == nil {
		return tagged("CLUSTER"), s.clusterAll(ctx)
	}
	r, err := s.maintained(*st.Table)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.Table {
		return nil, pgerr.NotSupported("CLUSTER of what is not a table, \"%s\",", r.Name).At(st.Table.Pos)
	}
	ix, err := s.clusterIndex(r, st.Index)
	if err != nil {
		return nil, err
	}
	return tagged("CLUSTER"), s.clusterBy(ctx, r, ix)
}

// clusterAll clusters again what has been clustered before.
func (s *Session) clusterAll(ctx context.Context) error {
	if s.tx.block || s.tx.many {
		return pgerr.New(pgerr.ActiveSQLTransaction, "CLUSTER cannot run inside a transaction block")
	}
	for _, r := range s.systemContext().Relations() {
		if r.Kind != catalog.Table || s.owns("table", r) != nil {
			continue
		}
		for _, ix := range s.indexesOf(r) {
			if !ix.Index.Clustered {
				continue
			}
			if err := s.clusterBy(ctx, r, ix); err != nil {
				return err
			}
		}
	}
	return nil
}

// clusterIndex finds the index to cluster by, as PostgreSQL's cluster and
// check_index_is_clusterable do.
func (s *Session) clusterIndex(r *catalog.Relation, name string) (*catalog.Relation, error) {
	if name == "" {
		for _, ix := range s.indexesOf(r) {
			if ix.Index.Clustered {
				return ix, nil
			}
		}
		return nil, pgerr.New(pgerr.UndefinedObject, "there is no previously clustered index for table \"%s\"", r.Name)
	}
	ix := s.systemContext().Relation(r.Schema, name)
	switch {
	case ix == nil:
		return nil, pgerr.New(pgerr.UndefinedObject, "index \"%s\" for table \"%s\" does not exist", name, r.Name)
	case ix.Kind != catalog.Index || ix.Index.Table != r.OID:
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not an index for table \"%s\"", name, r.Name)
	case ix.Index.Method != "btree":
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on index \"%s\" because access method does not support clustering", name)
	case ix.Index.Predicate != "":
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on partial index \"%s\"", name)
	case !ix.Index.Valid:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on invalid index \"%s\"", name)
	}
	return ix, nil
}

// clusterBy writes the rows of a table in the order of an index, and notes it.
func (s *Session) clusterBy(ctx context.Context, r, ix *catalog.Relation) error {
	if err := s.lockRelation(ctx, r.OID, accessExclusive); err != nil {
		return err
	}
	for _, other := range s.indexesOf(r) {
		if on := other == ix; other.Index.Clustered != on {
			c := other.Clone()
			def := *other.Index
			def.Clustered = on
			c.Index = &def
			s.tx.ddl().PutRelation(c)
		}
	}
	list, err := parser.Parse(s.orderedRows(r, ix))
	if err != nil {
		return err
	}
	p, err := s.prepare(&list[0], nil)
	if err != nil {
		return err
	}
	src, err := s.openQuery(p.plan, nil)
	if err != nil {
		return err
	}
	defer src.Close()
	w := newWrites(s.e, s.e.def(s.tx.catalog().RelationByOID(r.OID), s.tx.catalog()), s.tx.catalog())
	w.truncated = true
	s.tx.replaceWrites(r.OID, w)
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return err
		}
		if err := s.tx.put(ctx, r.OID, w, copyBatch(&lent)); err != nil {
			return err
		}
	}
}

// orderedRows is the query of a table's rows in the order of an index.
func (s *Session) orderedRows(r, ix *catalog.Relation) string {
	var cols, keys []string
	for i := range r.Columns {
		if !r.Columns[i].Dropped {
			cols = append(cols, types.QuoteIdent(r.Columns[i].Name))
		}
	}
	for _, k := range ix.Index.Keys[:ix.Index.NKeys] {
		key := "(" + k.Expr + ")"
		if k.Column != 0 {
			key = types.QuoteIdent(r.Columns[k.Column-1].Name)
		}
		if k.Desc {
			key += " DESC"
		}
		if k.NullsFirst {
			key += " NULLS FIRST"
		} else {
			key += " NULLS LAST"
		}
		keys = append(keys, key)
	}
	return fmt.Sprintf("SELECT %s FROM %s.%s ORDER BY %s", strings.Join(cols, ", "), types.QuoteIdent(s.schemaName(r)), types.QuoteIdent(r.Name), strings.Join(keys, ", "))
}
