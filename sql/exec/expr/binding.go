package expr

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Layout says at which position of the input batch a column is.
type Layout map[plan.ColID]int

// LayoutOf is the layout of a batch of these columns.
func LayoutOf(cols []plan.ColID) Layout {
	l := make(Layout, len(cols))
	for i, c := range cols {
		l[c] = i
	}
	return l
}

// Binding holds what changes from one execution of compiled programs to the
// next: the values of $1 … and, in a correlated subplan, of the columns it reads
// from outside. It is changed only while no program that reads it runs.
type Binding struct {
	params []types.Datum
	slots  map[plan.ColID]int
	outer  []types.Datum
	// up is the binding of the enclosing plan, whose parameters these are; nil at
	// the top.
	up *Binding
	// gen counts the changes, runs those that are more than other outer values.
	gen, runs uint64
}

// NewBinding makes a binding for a plan that reads the given columns from
// outside.
func NewBinding(outer []plan.ColID) *Binding {
	b := &Binding{gen: 1, outer: make([]types.Datum, len(outer))}
	if len(outer) > 0 {
		b.slots = make(map[plan.ColID]int, len(outer))
	}
	for i, c := range outer {
		b.slots[c] = i
	}
	return b
}

// Sub makes a binding for a subplan, which has the same parameters.
func (b *Binding) Sub(outer []plan.ColID) *Binding {
	s := NewBinding(outer)
	s.up = b
	return s
}

// SetParams gives the values of $1 …. The slice is kept.
func (b *Binding) SetParams(vals []types.Datum) {
	b.params = vals
	b.Renew()
}

// Params gives the values of $1 ….
func (b *Binding) Params() []types.Datum {
	for b.up != nil {
		b = b.up
	}
	return b.params
}

// SetOuter gives the values of the outer columns, in the order of NewBinding.
func (b *Binding) SetOuter(vals []types.Datum) {
	copy(b.outer, vals)
	b.gen++
}

// Renew says that a new execution begins under the same values: stable
// functions are evaluated anew.
func (b *Binding) Renew() { b.gen, b.runs = b.gen+1, b.runs+1 }

// Runs tells executions apart: it changes with SetParams and Renew of this binding
// or one above it, and not with SetOuter.
func (b *Binding) Runs() uint64 {
	n := b.runs
	for b = b.up; b != nil; b = b.up {
		n += b.runs
	}
	return n
}

// generation tells apart everything that was ever bound: what was computed from
// the binding is good as long as it stands.
func (b *Binding) generation() uint64 {
	n := b.gen
	for b = b.up; b != nil; b = b.up {
		n += b.gen
	}
	return n
}

// Outer gives the value of an outer column; ok is false when it is none.
func (b *Binding) Outer(id plan.ColID) (d types.Datum, ok bool) {
	i, ok := b.slots[id]
	if ok {
		d = b.outer[i]
	}
	return d, ok
}

func (b *Binding) param(n int) types.Datum {
	if p := b.Params(); n <= len(p) {
		return p[n-1]
	}
	return types.Null
}
