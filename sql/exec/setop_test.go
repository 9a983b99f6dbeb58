package exec

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"pgregory.net/rapid"
)

var setTypes = []*types.Type{types.TInt8, types.TText, types.TNumeric}

// Set operations and DISTINCT, with duplicates and NULLs, in memory and not.
func TestSetOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		width := 1 + pick(t, 3)
		n := &plan.SetOp{Kind: plan.SetKind(pick(t, 3)), All: coin(t)}
		for k := range 2 {
			s := scanOf(&f.meta, f.tableOf(uint32OID(k+1), setTypes, 25))
			n.Ins, n.InCols = append(n.Ins, s), append(n.InCols, s.Cols[:width])
		}
		for _, c := range n.InCols[0] {
			n.Cols = append(n.Cols, f.meta.Add(*f.meta.Col(c)))
		}
		f.check(n, n.Kind == plan.Union && n.All)
	})
}

func uint32OID(k int) types.OID { return types.OID(k) }

func TestDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFixture(t)
		s := scanOf(&f.meta, f.tableOf(1, setTypes[:1+pick(t, 3)], 40))
		if coin(t) {
			f.check(&plan.DistinctRows{In: s}, f.rt.WorkMem == 0)
			return
		}
		keys := f.drawKeys(s.Cols)
		d := &plan.DistinctRows{In: &plan.Order{In: s, Keys: keys}}
		for _, k := range keys[:1+pick(t, len(keys))] {
			d.On = append(d.On, k.X.(*plan.Col).ID)
		}
		f.check(d, true)
	})
}
