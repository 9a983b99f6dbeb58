package sysfunc

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// What the rows of a partition fulfil, as PostgreSQL makes it of the bounds
// (get_qual_for_list, get_qual_for_range): conditions in parentheses, to be and-ed.

// partitionConstraint is pg_get_partition_constraintdef.
func partitionConstraint(c *call, r *catalog.Relation) string {
	var all []string
	up := c.Ancestors(r)
	for i := len(up) - 1; i > 0; i-- {
		q := &partQuals{call: c, parent: up[i], b: c.PartBounds(up[i]), keys: up[i].PartKeyColumns(false)}
		all = append(all, q.of(up[i-1].Part)...)
	}
	return allOf(all)
}

func allOf(list []string) string { return junction(list, " AND ") }

func junction(list []string, word string) string {
	if len(list) == 1 {
		return list[0]
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, word) + ")"
}

// partQuals writes the conditions of one table's partitions.
type partQuals struct {
	*call
	parent *catalog.Relation
	b      *catalog.PartBounds
	keys   []string
}

func (q *partQuals) of(p *catalog.Part) []string {
	switch q.b.Key.Strategy {
	case catalog.PartHash:
		return []string{fmt.Sprintf("satisfies_hash_partition('%d'::oid, %d, %d, %s)", q.parent.OID, p.Modulus, p.Remainder, strings.Join(q.parent.PartKeyColumns(false), ", "))}
	case catalog.PartList:
		if p.Default {
			return q.listDefault()
		}
		return q.list(p.Values)
	}
	if p.Default {
		return q.rangeDefault()
	}
	return q.ranges(p, false)
}

func (q *partQuals) list(vals []catalog.PartValue) []string {
	null, elems := false, []string{}
	for _, v := range vals {
		if v.Null {
			null = true
		} else {
			elems = append(elems, q.constant(0, v))
		}
	}
	var out []string
	switch k := q.keys[0]; {
	case len(elems) == 1:
		out = []string{"(" + k + " = " + elems[0] + ")"}
	case len(elems) > 1:
		out = []string{"(" + k + " = ANY (ARRAY[" + strings.Join(elems, ", ") + "]))"}
	}
	if null {
		return []string{junction(append([]string{"(" + q.keys[0] + " IS NULL)"}, out...), " OR ")}
	}
	return append([]string{"(" + q.keys[0] + " IS NOT NULL)"}, out...)
}

// listDefault is for the rows that no other partition is for.
func (q *partQuals) listDefault() []string {
	var vals []catalog.PartValue
	null := false
	for _, p := range q.Partitions(q.parent) {
		for _, v := range p.Part.Values {
			if null = null || v.Null; !v.Null {
				vals = append(vals, v)
			}
		}
	}
	if null {
		vals = append(vals, catalog.PartValue{Null: true})
	}
	if len(vals) == 0 {
		return nil
	}
	return []string{"(NOT " + allOf(q.list(vals)) + ")"}
}

func (q *partQuals) notNull() []string {
	out := make([]string, len(q.keys))
	for i, k := range q.keys {
		out[i] = "(" + k + " IS NOT NULL)"
	}
	return out
}

func (q *partQuals) rangeDefault() []string {
	var others []string
	for _, p := range q.Partitions(q.parent) {
		if !p.Part.Default {
			others = append(others, allOf(q.ranges(p.Part, true)))
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []string{"(NOT " + allOf(append(q.notNull(), junction(others, " OR "))) + ")"}
}

// ranges are the conditions of a partition of RANGE; other leaves out that no column is
// NULL.
func (q *partQuals) ranges(p *catalog.Part, other bool) []string {
	var out []string
	if !other {
		out = q.notNull()
	}
	n, first := len(q.keys), 0
	for first < n-1 && p.From[first].Inf == 0 && p.To[first].Inf == 0 && q.same(first, p.From[first], p.To[first]) {
		out = append(out, q.compare(first, "=", p.From[first]))
		first++
	}
	lower := q.arms(first, p.From, ">", func(i int) bool { return i == n-1 || p.From[i+1].Inf < 0 })
	upper := q.arms(first, p.To, "<", func(i int) bool { return i < n-1 && p.To[i+1].Inf > 0 })
	for _, arms := range [][]string{lower, upper} {
		if len(arms) > 0 {
			out = append(out, junction(arms, " OR "))
		}
	}
	switch {
	case len(out) > 0:
		return out
	case other:
		return q.notNull()
	}
	return []string{"true"}
}

func (q *partQuals) same(i int, x, y catalog.PartValue) bool {
	return q.b.Types[i].Compare(q.b.Datum(i, x), q.b.Datum(i, y)) == 0
}

// arms compare with a bound, column by column: the columns before are equal. with tells
// the columns of which the bound's value itself is on the right side.
func (q *partQuals) arms(first int, bound []catalog.PartValue, op string, with func(int) bool) []string {
	var out, equal []string
	for i := first; i < len(bound) && bound[i].Inf == 0; i++ {
		last := op
		if with(i) {
			last += "="
		}
		out = append(out, allOf(append(equal[:len(equal):len(equal)], q.compare(i, last, bound[i]))))
		equal = append(equal, q.compare(i, "=", bound[i]))
	}
	return out
}

func (q *partQuals) compare(i int, op string, v catalog.PartValue) string {
	return "(" + q.keys[i] + " " + op + " " + q.constant(i, v) + ")"
}

// constant writes a value of a bound as PostgreSQL does a constant.
func (q *partQuals) constant(i int, v catalog.PartValue) string {
	t := q.b.Types[i]
	switch s := v.Text; t.Underlying().OID {
	case types.BoolOID:
		return map[bool]string{true: "true", false: "false"}[strings.HasPrefix(s, "t")]
	case types.Int4OID:
		if !strings.HasPrefix(s, "-") {
			return s
		}
	case types.NumericOID:
		if s[0] >= '0' && s[0] <= '9' && strings.ContainsAny(s, "eE.") {
			return s
		}
	}
	return catalog.QuoteLiteral(v.Text) + "::" + t.SQLName(types.NoMod)
}

// satisfiesHash is satisfies_hash_partition: whether a key belongs to a partition of
// HASH of a table.
func satisfiesHash(c *call) (types.Datum, error) {
	if !c.has(0) || !c.has(1) || !c.has(2) {
		return boolean(false), nil
	}
	r := c.RelationByOID(c.oid(0))
	invalid := func(format string, args ...interface{}) (types.Datum, error) {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, format, args...)
	}
	if r == nil {
		return types.Null, pgerr.New(pgerr.UndefinedTable, "could not open relation with OID %d", c.oid(0))
	}
	modulus, remainder := c.num(1), c.num(2)
	switch {
	case r.PartKey == nil || r.PartKey.Strategy != catalog.PartHash:
		return invalid("\"%s\" is not a hash partitioned table", r.Name)
	case modulus <= 0:
		return invalid("modulus for hash partition must be an integer value greater than zero")
	case remainder < 0:
		return invalid("remainder for hash partition must be an integer value greater than or equal to zero")
	case remainder >= modulus:
		return invalid("remainder for hash partition must be less than modulus")
	}
	b, key := c.PartBounds(r), c.args[3:]
	if len(key) != len(b.Types) {
		return invalid("number of partitioning columns (%d) does not match number of partition keys provided (%d)", len(b.Types), len(key))
	}
	for i, d := range key {
		if !d.IsNull() && d.Kind() != b.Types[i].Kind {
			return invalid("column %d of the partition key has type %s, but supplied value is of another type", i+1, b.Types[i].SQLName(types.NoMod))
		}
	}
	p := catalog.Part{Modulus: int32(modulus), Remainder: int32(remainder)}
	return boolean(p.Has(b.Hash(key))), nil
}
