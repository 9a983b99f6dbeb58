package ddl

import (
	"strconv"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// maxName is the longest name in bytes: PostgreSQL's NAMEDATALEN - 1.
const maxName = 63

// clip cuts a text to at most n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// objectName makes name1_name2_label, cutting the names evenly where the whole
// would be too long (makeObjectName). An empty name2 or label is left out.
func objectName(name1, name2, label string) string {
	overhead, tail := 0, ""
	if name2 != "" {
		overhead++
	}
	if label != "" {
		tail = "_" + label
		overhead += len(tail)
	}
	n1, n2 := len(name1), len(name2)
	for n1+n2 > maxName-overhead {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	s := clip(name1, n1)
	if name2 != "" {
		s += "_" + clip(name2, n2)
	}
	return s + tail
}

// numbered gives make(label), make(label1), … : the first name that is free.
func numbered(label string, free func(name string) bool, make func(label string) string) string {
	name := make(label)
	for i := 1; !free(name); i++ {
		name = make(label + strconv.Itoa(i))
	}
	return name
}

// chooseRelation chooses the name of a relation in a schema, which no relation
// there has; for a constraint's index, no constraint either (ChooseRelationName).
func (r *run) chooseRelation(name1, name2, label string, schema OID, constraint bool) string {
	name := numbered(label, func(n string) bool {
		return r.e.Relation(schema, n) == nil && !r.taken[n] && !(constraint && r.constraintNamed(schema, n))
	}, func(label string) string { return objectName(name1, name2, label) })
	r.take(name)
	return name
}

// take notes a name that the statement has chosen.
func (r *run) take(name string) {
	if r.taken == nil {
		r.taken = map[string]bool{}
	}
	r.taken[name] = true
}

// chooseConstraint chooses the name of a constraint, which none in the schema has,
// nor is in others (ChooseConstraintName).
func (r *run) chooseConstraint(name1, name2, label string, schema OID, others []string) string {
	return numbered(label, func(n string) bool {
		for _, o := range others {
			if o == n {
				return false
			}
		}
		return !r.constraintNamed(schema, n)
	}, func(label string) string { return objectName(name1, name2, label) })
}

// constraintNamed tells whether a constraint in the schema has the name.
func (r *run) constraintNamed(schema OID, name string) bool {
	for _, rel := range r.e.Relations() {
		if rel.Schema == schema && (rel.Constraint(name) != nil || partNamed(rel, name)) {
			return true
		}
	}
	for _, t := range r.e.Types() {
		d := r.e.Domain(t.OID)
		if d == nil || t.Schema != schema {
			continue
		}
		for _, c := range d.Constraints {
			if c.Name == name {
				return true
			}
		}
	}
	return false
}

// indexAddition joins column names for the name of an index
// (ChooseIndexNameAddition).
func indexAddition(cols []string) string {
	s := ""
	for _, c := range cols {
		if s != "" {
			s += "_"
		}
		s += clip(c, maxName)
		if len(s) > maxName {
			break
		}
	}
	return s
}

// keyNames gives the names of an index's columns: equal ones are numbered
// (ChooseIndexColumnNames).
func keyNames(names []string) []string {
	out := make([]string, 0, len(names))
	for _, orig := range names {
		name := orig
		for i := 1; contains(out, name); i++ {
			n := strconv.Itoa(i)
			name = clip(orig, maxName-len(n)) + n
		}
		out = append(out, name)
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// arrayName chooses the name of the array type over a type (makeArrayTypeName).
func (r *run) arrayName(name string, schema OID) string {
	arr := objectName("", name, "")
	for pass := 1; r.e.Type(schema, arr) != nil; pass++ {
		arr = objectName("", name, strconv.Itoa(pass))
	}
	return arr
}

// nextSlot is the first storage slot that a relation's columns have never used.
func nextSlot(rel *catalog.Relation) int {
	n := 0
	for i := range rel.Columns {
		n = max(n, rel.Columns[i].Slot+1)
	}
	for slot := range rel.Left {
		n = max(n, slot+1)
	}
	return n
}

// standIns are built-in types for the kinds of value. They stand for types that may be
// gone one day.
var standIns = map[types.Kind]OID{
	types.Bool: types.BoolOID, types.Int: types.Int8OID, types.Float: types.Float8OID, types.Numer: types.NumericOID,
	types.Inter: types.IntervalOID, types.Bytes: types.ByteaOID,
}

// leave notes a slot that a column no longer uses.
func leave(rel *catalog.Relation, slot int, t *types.Type) {
	if rel.Left == nil {
		rel.Left = map[int]OID{}
	}
	rel.Left[slot] = standIns[t.Kind]
}
