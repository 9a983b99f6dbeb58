package catalog

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// PartStrategy is how rows are spread over partitions, as pg_partitioned_table.partstrat.
type PartStrategy byte

// The strategies.
const (
	PartRange PartStrategy = 'r'
	PartList  PartStrategy = 'l'
)

// PartKey is what the rows of a partitioned table are spread by. The table itself holds
// none of them; its partitions depend on it (Deps, DepAuto).
type PartKey struct {
	Strategy PartStrategy
	Columns  []int16 // attribute numbers
}

// Part is what makes a table a partition: of which table, and for which rows.
type Part struct {
	Parent OID
	// Default: it holds the rows that no other partition is for.
	Default bool `json:",omitempty"`
	// Values are those of LIST. From (inclusive) and To (exclusive) are the bounds of
	// RANGE, one value per column of the key.
	Values   []PartValue `json:",omitempty"`
	From, To []PartValue `json:",omitempty"`
}

// PartValue is a value in a partition's bound.
type PartValue struct {
	// Inf is -1 for MINVALUE and 1 for MAXVALUE.
	Inf  int8 `json:",omitempty"`
	Null bool `json:",omitempty"`
	// Text is the value in text form, under types.DefaultEnv.
	Text string `json:",omitempty"`
}

// Partitions gives the partitions of a table, in the order of their bounds: that of
// RANGE by From, others by OID; the default one is the last.
func (s *Snapshot) Partitions(r *Relation) []*Relation {
	if r.PartKey == nil {
		return nil
	}
	var out []*Relation
	for _, oid := range s.dependents[r.OID] {
		if p := s.rels[oid]; p != nil && p.Part != nil && p.Part.Parent == r.OID {
			out = append(out, p)
		}
	}
	b := s.PartBounds(r)
	slices.SortStableFunc(out, func(x, y *Relation) int { return b.order(x.Part, y.Part) })
	return out
}

// Leaves gives the tables that hold the rows of a table: itself and those that inherit
// from it, or its partitions'.
func (s *Snapshot) Leaves(r *Relation) []*Relation {
	if r.PartKey == nil {
		return s.Heirs(r)
	}
	var out []*Relation
	for _, p := range s.Partitions(r) {
		out = append(out, s.Leaves(p)...)
	}
	return out
}

// PartRoot gives the topmost table that a partition belongs to, or r itself.
func (s *Snapshot) PartRoot(r *Relation) *Relation {
	for r.Part != nil && s.rels[r.Part.Parent] != nil {
		r = s.rels[r.Part.Parent]
	}
	return r
}

// PartBounds compares the bounds of a table's partitions.
type PartBounds struct {
	Key   *PartKey
	Types []*types.Type // of the key's columns
}

// PartBounds gives what compares the bounds of r's partitions.
func (s *Snapshot) PartBounds(r *Relation) *PartBounds {
	b := &PartBounds{Key: r.PartKey}
	for _, attr := range r.PartKey.Columns {
		b.Types = append(b.Types, s.TypeByOID(r.Columns[attr-1].TypeOID))
	}
	return b
}

// Datum gives the value of a bound; it is of the i-th column of the key.
func (b *PartBounds) Datum(i int, v PartValue) types.Datum {
	if v.Null || v.Inf != 0 {
		return types.Null
	}
	d, err := b.Types[i].In(types.DefaultEnv, v.Text, types.NoMod)
	if err != nil { // the catalogue holds what the type has written
		return types.Null
	}
	return d
}

// Compare compares two bounds of RANGE, column by column.
func (b *PartBounds) Compare(x, y []PartValue) int {
	for i := range x {
		switch {
		case x[i].Inf != y[i].Inf:
			return int(x[i].Inf) - int(y[i].Inf)
		case x[i].Inf != 0:
			return 0 // nothing counts behind an infinite value
		}
		if c := b.Types[i].Compare(b.Datum(i, x[i]), b.Datum(i, y[i])); c != 0 {
			return c
		}
	}
	return 0
}

// Same tells whether two values of LIST are the same.
func (b *PartBounds) Same(x, y PartValue) bool {
	if x.Null || y.Null {
		return x.Null == y.Null
	}
	return b.Types[0].Compare(b.Datum(0, x), b.Datum(0, y)) == 0
}

// order is PostgreSQL's order of partitions; NULL is behind all other values of LIST.
func (b *PartBounds) order(x, y *Part) int {
	switch {
	case x.Default || y.Default:
		return truth(x.Default) - truth(y.Default)
	case b.Key.Strategy == PartRange:
		return b.Compare(x.From, y.From)
	}
	return b.Types[0].Compare(b.least(x), b.least(y))
}

func truth(v bool) int {
	if v {
		return 1
	}
	return 0
}

// least is the smallest value of a partition of LIST that is not NULL.
func (b *PartBounds) least(p *Part) types.Datum {
	out := types.Null
	for _, v := range p.Values {
		if d := b.Datum(0, v); !v.Null && (out.IsNull() || b.Types[0].Compare(d, out) < 0) {
			out = d
		}
	}
	return out
}

// PartKeyDef writes the key as pg_get_partkeydef does; "" for a table that has none.
func (s *Snapshot) PartKeyDef(r *Relation) string {
	if r.PartKey == nil {
		return ""
	}
	names := make([]string, len(r.PartKey.Columns))
	for i, attr := range r.PartKey.Columns {
		names[i] = QuoteIdent(r.Columns[attr-1].Name)
	}
	return map[PartStrategy]string{PartRange: "RANGE", PartList: "LIST"}[r.PartKey.Strategy] + " (" + strings.Join(names, ", ") + ")"
}

// PartBoundDef writes a partition's bound as pg_get_expr writes relpartbound; "" for a
// table that is none.
func (s *Snapshot) PartBoundDef(r *Relation) string {
	if r.Part == nil || s.rels[r.Part.Parent] == nil {
		return ""
	}
	p, b := r.Part, s.PartBounds(s.rels[r.Part.Parent])
	switch {
	case p.Default:
		return "DEFAULT"
	case b.Key.Strategy == PartList:
		list := make([]string, len(p.Values))
		for i, v := range p.Values {
			list[i] = b.show(0, v)
		}
		return "FOR VALUES IN (" + strings.Join(list, ", ") + ")"
	}
	return "FOR VALUES FROM " + b.Show(p.From) + " TO " + b.Show(p.To)
}

// Show writes a bound of RANGE in parentheses.
func (b *PartBounds) Show(vals []PartValue) string {
	list := make([]string, len(vals))
	for i, v := range vals {
		list[i] = b.show(i, v)
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// show writes a value as PostgreSQL's get_const_expr does without a type's name.
func (b *PartBounds) show(i int, v PartValue) string {
	switch {
	case v.Null:
		return "NULL"
	case v.Inf < 0:
		return "MINVALUE"
	case v.Inf > 0:
		return "MAXVALUE"
	}
	switch b.Types[i].Underlying().OID {
	case types.BoolOID:
		return map[bool]string{true: "true", false: "false"}[strings.HasPrefix(v.Text, "t")]
	case types.Int4OID:
		if !strings.HasPrefix(v.Text, "-") {
			return v.Text
		}
	case types.NumericOID:
		if v.Text[0] >= '0' && v.Text[0] <= '9' && strings.ContainsAny(v.Text, "eE.") {
			return v.Text
		}
	}
	return QuoteLiteral(v.Text)
}

// Ancestors gives the partitioned tables, or indexes of such, that r belongs to, itself
// the first.
func (s *Snapshot) Ancestors(r *Relation) []*Relation {
	var out []*Relation
	for r != nil {
		out = append(out, r)
		switch {
		case r.Part != nil:
			r = s.rels[r.Part.Parent]
		case r.Index != nil && r.Index.Parent != 0:
			r = s.rels[r.Index.Parent]
		default:
			r = nil
		}
	}
	return out
}

// PartChildren gives the partitions of a table, or the indexes that belong to an index
// of one.
func (s *Snapshot) PartChildren(r *Relation) []*Relation {
	if r.Index == nil {
		return s.Partitions(r)
	}
	table := s.rels[r.Index.Table]
	if table == nil {
		return nil
	}
	var out []*Relation
	for _, p := range s.Partitions(table) {
		for _, oid := range p.Indexes {
			if x := s.rels[oid]; x != nil && x.Index.Parent == r.OID {
				out = append(out, x)
			}
		}
	}
	return out
}

// InheritedConstraint gives the constraint of its table that a partition has one for, nil
// when it has it for itself.
func (s *Snapshot) InheritedConstraint(r *Relation, c *Constraint) *Constraint {
	if r == nil || r.Part == nil || s.rels[r.Part.Parent] == nil {
		return nil
	}
	parent := s.rels[r.Part.Parent]
	for _, above := range parent.Constraints {
		if s.stands(parent, above, r, c) {
			return above
		}
	}
	return nil
}

// stands tells whether a partition's constraint c is the one for its table's.
func (s *Snapshot) stands(parent *Relation, above *Constraint, r *Relation, c *Constraint) bool {
	switch {
	case c.Kind != above.Kind:
		return false
	case c.Kind == Check:
		return c.Name == above.Name && !above.NoInherit
	case c.Kind != Foreign:
		ix := s.rels[c.Index]
		return ix != nil && ix.Index.Parent == above.Index
	}
	return c.RefTable == above.RefTable && slices.Equal(c.RefColumns, above.RefColumns) &&
		slices.EqualFunc(above.Columns, c.Columns, func(p, own int16) bool { return parent.Columns[p-1].Name == r.Columns[own-1].Name })
}

// inheritsRows writes pg_inherits.
func inheritsRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		switch {
		case r.Part != nil:
			w.add(vOID(r.OID), vOID(r.Part.Parent), vInt(1), vBool(false))
		case r.Index != nil && r.Index.Parent != 0:
			w.add(vOID(r.OID), vOID(r.Index.Parent), vInt(1), vBool(false))
		}
		for i, parent := range r.Inherits {
			w.add(vOID(r.OID), vOID(parent), vInt(i+1), vBool(false))
		}
	}
}

// partitionedRows writes pg_partitioned_table.
func partitionedRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		if r.PartKey == nil {
			continue
		}
		def := OID(0)
		for _, p := range s.Partitions(r) {
			if p.Part.Default {
				def = p.OID
			}
		}
		var classes, collations []OID
		for _, attr := range r.PartKey.Columns {
			c := &r.Columns[attr-1]
			classes, collations = append(classes, DefaultOpClass(BtreeAM, s.TypeByOID(c.TypeOID))), append(collations, c.collation())
		}
		w.add(vOID(r.OID), vChar(byte(r.PartKey.Strategy)), vInt(len(r.PartKey.Columns)), vOID(def), vInt2Vector(r.PartKey.Columns),
			vOIDVector(classes), vOIDVector(collations), types.Null)
	}
}
