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
	// gen numbers the executions: what was computed from the binding is good as
	// long as it stands.
	gen uint64
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

// SetParams gives the values of $1 …. The slice is kept.
func (b *Binding) SetParams(vals []types.Datum) {
	b.params = vals
	b.gen++
}

// Params gives the values of $1 ….
func (b *Binding) Params() []types.Datum { return b.params }

// SetOuter gives the values of the outer columns, in the order of NewBinding.
func (b *Binding) SetOuter(vals []types.Datum) {
	copy(b.outer, vals)
	b.gen++
}

// Renew says that a new execution begins under the same values: stable
// functions are evaluated anew.
func (b *Binding) Renew() { b.gen++ }

// Outer gives the value of an outer column; ok is false when it is none.
func (b *Binding) Outer(id plan.ColID) (d types.Datum, ok bool) {
	i, ok := b.slots[id]
	if ok {
		d = b.outer[i]
	}
	return d, ok
}

func (b *Binding) param(n int) types.Datum {
	if n > len(b.params) {
		return types.Null
	}
	return b.params[n-1]
}
