package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// act does what ON DELETE or ON UPDATE says for the children of one row, of which
// old has the key. Where that fails the error tells the statement, as PostgreSQL's
// triggers run it.
func (f *foreignKeys) act(ctx context.Context, ref reference, action byte, old, after *vec.Batch, row int) error {
	err := f.perform(ctx, ref, action, old, after, row)
	if err == nil || action == 'a' || action == 'r' || pgerr.CodeOf(err) == pgerr.ForeignKeyViolation {
		return err // foreign keys are checked behind the statement
	}
	return withWhere(err, fmt.Sprintf("SQL statement \"%s\"", f.s.riStatement(ref, action, after == nil)))
}

// riStatement spells the statement of a referential action: what is assigned comes
// first among its parameters, the key after that.
func (s *Session) riStatement(ref reference, action byte, deleted bool) string {
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	column := func(attr int16) string { return quote(ref.child.Columns[attr-1].Name) }
	do := quote(s.schemaName(ref.child)) + "." + quote(ref.child.Name)
	given := 0
	if action == 'c' && deleted {
		do = "DELETE FROM ONLY " + do
	} else {
		cols := ref.con.Columns
		if deleted && len(ref.con.SetColumns) > 0 {
			cols = ref.con.SetColumns
		}
		sets := make([]string, len(cols))
		for j, attr := range cols {
			switch action {
			case 'n':
				sets[j] = column(attr) + " = NULL"
			case 'd':
				sets[j] = column(attr) + " = DEFAULT"
			default:
				given++
				sets[j] = fmt.Sprintf("%s = $%d", column(attr), given)
			}
		}
		do = "UPDATE ONLY " + do + " SET " + strings.Join(sets, ", ")
	}
	where := make([]string, len(ref.con.Columns))
	for j, attr := range ref.con.Columns {
		where[j] = fmt.Sprintf("$%d OPERATOR(pg_catalog.=) %s", given+j+1, column(attr))
	}
	return do + " WHERE " + strings.Join(where, " AND ")
}
