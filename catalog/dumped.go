package catalog

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// dumped makes a relation hold the rows that PostgreSQL has in it from the start.
func dumped(table string) filler { return filler{static: dumpedRows(table)} }

// dumpedRows writes the rows of a dump. Columns that the dump leaves out are
// NULL.
func dumpedRows(table string) func(w *rowWriter) {
	return func(w *rowWriter) {
		t := pgdata.Load(table)
		from := columnsOf(w.rel, t)
		row := make([]types.Datum, len(w.rel.Columns))
		for _, r := range t.Rows {
			fillDumped(row, w.rel, from, r)
			w.add(row...)
		}
	}
}

// columnsOf finds each of the relation's columns in the dump, -1 where it is
// missing.
func columnsOf(r *Relation, t *pgdata.Table) []int {
	from := make([]int, len(r.Columns))
	for i := range r.Columns {
		from[i] = -1
		for j, c := range t.Columns {
			if c == r.Columns[i].Name {
				from[i] = j
			}
		}
	}
	return from
}

func fillDumped(row []types.Datum, r *Relation, from []int, text []string) {
	for i := range row {
		row[i] = types.Null
		c := &r.Columns[i]
		if from[i] < 0 {
			continue
		}
		if s := text[from[i]]; s != "" || c.NotNull {
			row[i] = dumpedValue(c.Type, s)
		}
	}
}

// dumpedValue reads a value of a dump.
func dumpedValue(t *types.Type, s string) types.Datum {
	switch t.Kind {
	case types.Bool:
		return vBool(pgdata.Bool(s))
	case types.Int:
		return vInt(pgdata.Int(s))
	case types.Float:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic("catalog: " + err.Error())
		}
		return vFloat(f)
	}
	if t.Elem != nil {
		return vLiteral(t, s)
	}
	return vStr(s)
}
