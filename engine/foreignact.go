package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// childSet is what a referential action assigns to a column of the children: NULL,
// DEFAULT, or (to is empty) a parameter.
type childSet struct {
	attr int16
	to   string
}

// act does what ON DELETE or ON UPDATE says for the children of one row, of which
// old has the key: by SQL, in the same transaction.
func (f *foreignKeys) act(ctx context.Context, ref reference, action byte, old, after *vec.Batch, row int) error {
	params, key := f.s.columnTypes(f.rel, ref.con.RefColumns), rowValues(old, row)
	word, sets := map[byte]string{'n': "NULL", 'd': "DEFAULT"}[action], []childSet(nil)
	switch {
	case action == 'c' && after == nil:
	case action == 'c':
		lay := f.layout()
		var args []types.Datum
		for j, attr := range ref.con.RefColumns {
			sets = append(sets, childSet{attr: ref.con.Columns[j]})
			args = append(args, after.Cols[columnAt(lay, attr)].Datum(row))
		}
		params, key = append(params, params...), append(args, key...)
	case word != "":
		cols := ref.con.Columns
		if after == nil && len(ref.con.SetColumns) > 0 {
			cols = ref.con.SetColumns
		}
		for _, attr := range cols {
			sets = append(sets, childSet{attr, word})
		}
	default:
		return f.refuse(ctx, ref, action, old, row)
	}
	err := f.s.internal(ctx, f.s.onChildren(ref, sets, types.QuoteIdent, "", "%s = $%d"), params, key)
	if err != nil {
		always := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
		err = withWhere(err, fmt.Sprintf("SQL statement \"%s\"", f.s.onChildren(ref, sets, always, "ONLY ", "$%[2]d OPERATOR(pg_catalog.=) %[1]s")))
	}
	return err
}

// onChildren is the statement that changes the children of a key: that of parameters
// behind those that are assigned. It is written in two ways, as it is run here and as
// PostgreSQL's triggers run it, which is what errors tell: quote, only and equal (a
// column, a parameter) are what differs.
func (s *Session) onChildren(ref reference, sets []childSet, quote func(string) string, only, equal string) string {
	column := func(attr int16) string { return quote(ref.child.Columns[attr-1].Name) }
	child := only + quote(s.schemaName(ref.child)) + "." + quote(ref.child.Name)
	given, assigned := 0, make([]string, len(sets))
	for j, set := range sets {
		to := set.to
		if to == "" {
			given++
			to = fmt.Sprintf("$%d", given)
		}
		assigned[j] = column(set.attr) + " = " + to
	}
	where := make([]string, len(ref.con.Columns))
	for j, attr := range ref.con.Columns {
		where[j] = fmt.Sprintf(equal, column(attr), given+j+1)
	}
	do := "DELETE FROM " + child
	if len(sets) > 0 {
		do = "UPDATE " + child + " SET " + strings.Join(assigned, ", ")
	}
	return do + " WHERE " + strings.Join(where, " AND ")
}
