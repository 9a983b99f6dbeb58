package oracle

import (
	"math/rand"
	"strings"

	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// insertions are the words that Mutate puts into a statement.
var insertions = strings.Fields(`
	select from where ( ) , ; . * + - = < <> :: [ ] 1 'x' a b "Q" null not and or in like is between as on join left
	full using group order by limit offset with values case when then else end cast array row all any exists distinct
	union over filter window interval date int insert into update set delete returning default create table primary key
	check references view alter drop if || -> @> := => $1 for of only lateral 1.5 e'x' b'1' grouping rollup collate at
	time zone escape similar to overlaps first last nulls asc desc no materialized recursive`)

// Mutate changes one token of a statement: it deletes it, puts another before
// it or in its place, repeats one from elsewhere, swaps it with the next, or
// ends the statement there.
func Mutate(rng *rand.Rand, sql string) string {
	toks := lex.Scan(sql, nil).Tokens
	n := len(toks) - 1
	if n < 2 {
		return sql
	}
	i := rng.Intn(n)
	t := toks[i]
	before, text, after := sql[:t.Pos], sql[t.Pos:t.End], sql[t.End:]
	word := insertions[rng.Intn(len(insertions))]
	switch rng.Intn(6) {
	case 0:
		return before + after
	case 1:
		return before + " " + word + " " + text + after
	case 2:
		return before + text
	case 3:
		return before + " " + word + " " + after
	case 4:
		other := toks[rng.Intn(n)]
		return before + " " + sql[other.Pos:other.End] + " " + text + after
	}
	if i+1 == n {
		return before
	}
	next := toks[i+1]
	return before + sql[next.Pos:next.End] + " " + text + sql[next.End:]
}
