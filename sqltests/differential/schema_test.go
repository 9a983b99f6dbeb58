package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// functionsOfSchema are the functions in SQL that each schema has, which ops and
// functions call.
var functionsOfSchema = []string{
	"create function d.fint(a int, b text) returns int language sql immutable as 'select a % 1000 + length(b)'",
	"create function d.fcase(int) returns int language sql stable as 'select case when $1 > 2 then $1 % 7 when $1 is null then -1 else 0 end'",
	"create function d.fstrict(t text, n int default 3) returns text language sql immutable strict as 'select repeat(t, n % 3) || n'",
	"create function d.fcount(n int) returns bigint language sql stable as 'select count(*) from d.d0 where id < n'",
	"create function d.fvol(x numeric) returns numeric language sql volatile as 'select coalesce(x, 0)'",
	"create function d.fpoly(anyelement, anyelement) returns anyarray language sql immutable as 'select array[$1, $2]'",
	"create function d.fatomic(r int4range) returns int4range language sql immutable begin atomic select case when isempty(r) then null else r * int4range(0, 6) end; end",
	"create function d.fset(n int, t text) returns table (a int, b text) language sql stable as 'select g, t || g from generate_series(1, n % 4) g where t is not null'",
}

// randomTable makes a table; now and then it is partitioned.
func randomTable(rnd *rand.Rand, i int) table {
	t := table{name: fmt.Sprintf("d%d", i), cols: []column{{"id", "int4"}}, part: partitionings[rnd.IntN(len(partitionings))]}
	for j := range 3 + rnd.IntN(5) {
		t.cols = append(t.cols, column{fmt.Sprintf("k%d", j), typeNames[rnd.IntN(len(typeNames))]})
	}
	return t
}

// partitionings are ways to part a table by its id; "" parts none.
var partitionings = []string{"", "", "", "range", "list", "range of lists"}

// partitions gives the clause of a table and the statements that make its parts.
func (t table) partitions() (clause string, parts []string) {
	part := func(i int, of, bound, more string) {
		parts = append(parts, fmt.Sprintf("create table %s_%d partition of %s %s%s", t.name, i, of, bound, more))
	}
	switch t.part {
	case "range":
		part(1, t.name, "for values from (minvalue) to (2)", "")
		part(2, t.name, "for values from (2) to (5)", "")
		part(3, t.name, "default", "")
		return " partition by range (id)", parts
	case "list":
		part(1, t.name, "for values in (0, 3, 42)", "")
		part(2, t.name, "for values in (1, null)", "")
		part(3, t.name, "default", "")
		return " partition by list (id)", parts
	case "range of lists":
		part(1, t.name, "for values from (minvalue) to (3)", " partition by list (id)")
		part(2, t.name+"_1", "for values in (0, 1)", "")
		part(3, t.name+"_1", "default", "")
		part(4, t.name, "default", "")
		return " partition by range (id)", parts
	}
	return "", nil
}

// define makes a table with rows; keyed: its id is a primary key.
func (t table) define(rnd *rand.Rand, keyed bool) (schema, data []string) {
	var cols, rows []string
	for _, c := range t.cols {
		cols = append(cols, c.name+" "+sqlTypes[c.typ])
	}
	if keyed {
		cols[0] += " primary key"
	}
	for i := range 2 + rnd.IntN(8) {
		vals := []string{fmt.Sprint(i)}
		for _, c := range t.cols[1:] {
			vals = append(vals, literal(rnd, c.typ).String())
		}
		rows = append(rows, "("+strings.Join(vals, ", ")+")")
	}
	clause, parts := t.partitions()
	schema = append([]string{fmt.Sprintf("create table %s (%s)%s", t.name, strings.Join(cols, ", "), clause)}, parts...)
	data = []string{fmt.Sprintf("insert into %s values %s", t.name, strings.Join(rows, ", "))}
	if rnd.IntN(2) == 0 {
		data = append(data, fmt.Sprintf("create index on %s (%s)", t.name, t.cols[1].name))
	}
	return schema, data
}
