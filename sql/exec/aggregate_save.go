package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The tables of an Aggregate's state: 0 is the groups with the states of the
// accumulators; then those of the calls with distinct arguments; then the value
// sets.

// Save implements Stateful.
func (a *Aggregate) Save(w state.PageWriter) error {
	if err := a.tab.Save(w, 0, (*aggExtra)(a)); err != nil {
		return err
	}
	table := uint32(1)
	for _, s := range a.distincts() {
		if err := s.tab.Save(w, table, nil); err != nil {
			return err
		}
		table++
	}
	for _, s := range a.sets {
		if err := s.set.Save(w, table); err != nil {
			return err
		}
		table++
	}
	return nil
}

// SaveAll implements Stateful.
func (a *Aggregate) SaveAll() {
	a.tab.SaveAll()
	for _, s := range a.distincts() {
		s.tab.SaveAll()
	}
	for _, s := range a.sets {
		s.set.SaveAll()
	}
}

func (a *Aggregate) distincts() []*distinctAcc {
	var out []*distinctAcc
	for _, s := range a.calls {
		if d, ok := s.(*distinctAcc); ok {
			out = append(out, d)
		}
	}
	return out
}

// LoadPage implements Stateful.
func (a *Aggregate) LoadPage(table, page uint32, data []byte) error {
	if !a.started {
		a.started = true
		a.tab = state.NewTable(a.tab.Types(), len(a.spec.Keys), state.SQL) // without the groups that a new one has
	}
	if table == 0 {
		return a.tab.LoadPage(page, data, (*aggExtra)(a))
	}
	table--
	ds := a.distincts()
	if int(table) < len(ds) {
		return ds[table].tab.LoadPage(page, data, nil)
	}
	if table -= uint32(len(ds)); int(table) < len(a.sets) {
		return a.sets[table].set.LoadPage(page, data)
	}
	return errUnknownTable
}

// Loaded implements Stateful.
func (a *Aggregate) Loaded() error {
	a.started = true
	if err := a.tab.Loaded(); err != nil {
		return err
	}
	a.grow()
	for _, s := range a.distincts() {
		if err := s.loaded(); err != nil {
			return err
		}
	}
	for _, s := range a.sets {
		if err := s.set.Loaded(); err != nil {
			return err
		}
	}
	if a.times != nil {
		a.times.Clear()
		col := &a.tab.Cols[a.spec.Time]
		a.tab.Each(func(g uint32) {
			if !col.IsNull(int(g)) {
				a.times.Add(g, col.Ints[g])
			}
		})
	}
	return nil
}

func (s *distinctAcc) loaded() error {
	if err := s.tab.Loaded(); err != nil {
		return err
	}
	if s.chains != nil {
		s.tab.Each(func(slot uint32) { s.chains.Add(uint32(s.tab.Cols[0].Ints[slot]), slot) })
	}
	return nil
}

// aggExtra saves the states of the accumulators along with the groups.
type aggExtra Aggregate

func (x *aggExtra) accs() []funcs.Acc {
	var out []funcs.Acc
	for _, s := range x.calls {
		switch s := s.(type) {
		case *accState:
			out = append(out, s.acc)
		case *distinctAcc:
			out = append(out, s.acc)
		}
	}
	return out
}

// Kinds implements state.Extra.
func (x *aggExtra) Kinds() []types.Kind {
	var kinds []types.Kind
	for _, acc := range x.accs() {
		kinds = append(kinds, acc.StateKinds()...)
	}
	return kinds
}

// Save implements state.Extra.
func (x *aggExtra) Save(slots []uint32, out []vec.Vec) {
	for _, acc := range x.accs() {
		n := len(acc.StateKinds())
		acc.Save(slots, out[:n])
		out = out[n:]
	}
}

// Load implements state.Extra.
func (x *aggExtra) Load(slots []uint32, in []vec.Vec) error {
	(*Aggregate)(x).grow()
	var bad vec.RowErrors
	for _, acc := range x.accs() {
		n := len(acc.StateKinds())
		acc.Clear(slots)
		acc.Merge(&funcs.Ctx{Context: context.Background(), Env: x.spec.Env, Bad: &bad}, slots, in[:n])
		in = in[n:]
	}
	return bad.First()
}
