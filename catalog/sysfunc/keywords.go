package sysfunc

import (
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	addTables(map[string]table{
		"pg_get_keywords":             dumped("pg_get_keywords"),
		"pg_get_catalog_foreign_keys": dumped("pg_get_catalog_foreign_keys"),
	})
}

var catalogForeignKeys = []*types.Type{types.TRegclass, textArray, types.TRegclass, textArray, types.TBool, types.TBool}

// dumped makes a function whose rows are PostgreSQL's.
func dumped(name string) table {
	return func(*call) ([][]types.Datum, error) {
		t := pgdata.Load(name)
		rows := make([][]types.Datum, len(t.Rows))
		for i, r := range t.Rows {
			for j, v := range r {
				rows[i] = append(rows[i], dumpedValue(name, j, v))
			}
		}
		return rows, nil
	}
}

func dumpedValue(name string, col int, v string) types.Datum {
	if name == "pg_get_keywords" {
		if col == 2 {
			return boolean(pgdata.Bool(v))
		}
		return text(v)
	}
	switch t := catalogForeignKeys[col]; {
	case t.Kind == types.Int:
		return integer(pgdata.Uint(v))
	case t.Kind == types.Bool:
		return boolean(pgdata.Bool(v))
	default:
		return texts(t, strings.Split(strings.Trim(v, "{}"), ","))
	}
}

// reservedWord tells the key words that can name neither a function nor a type.
func reservedWord(w string) bool { return reservedWords()[w] }

var reservedWords = sync.OnceValue(func() map[string]bool {
	t := pgdata.Load("pg_get_keywords")
	word, cat := t.Column("word"), t.Column("catcode")
	m := map[string]bool{}
	for _, r := range t.Rows {
		if r[cat] == "R" || r[cat] == "C" {
			m[r[word]] = true
		}
	}
	return m
})
