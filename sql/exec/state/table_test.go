package state

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// keyTypes are the kinds of key that tests use.
var keyTypes = []*types.Type{types.TInt8, types.TText, types.TNumeric, types.TFloat8, types.TBool, types.TInterval}

// drawDatum draws a value of few, among them values that are equal in SQL but
// look different.
func drawDatum(r *rapid.T, t *types.Type) types.Datum {
	i := rapid.IntRange(0, 9).Draw(r, "v")
	if i == 9 {
		return types.Null
	}
	switch t.Kind {
	case types.Int:
		return types.NewInt(int64(i) - 4)
	case types.Bool:
		return types.NewBool(i < 4)
	case types.Float:
		return types.NewFloat([]float64{0, negZero, 1, -1, 2.5, nan, 1e300, -2, 3}[i])
	case types.Numer:
		return types.NewNumeric(types.NumericScaled([]int64{0, 0, 1, 10, 100, -5, -50, 7, 70}[i], []int32{0, 2, 0, 1, 2, 0, 1, 0, 0}[i]))
	case types.Inter:
		return types.NewInterval([]types.Interval{{Months: 1}, {Days: 30}, {Micros: 30 * 86400e6}, {Days: 1}, {Micros: 86400e6}, {}, {Days: -1}, {Micros: 5}, {Months: 2}}[i])
	}
	return types.NewString(strings.Repeat("k", i%3) + fmt.Sprint(i))
}

// sqlKey is a text that is the same for values that group together.
func sqlKey(t *types.Type, seen map[string][]types.Datum, d types.Datum) string {
	for i, x := range seen[t.Name] {
		if t.Compare(x, d) == 0 && x.IsNull() == d.IsNull() {
			return fmt.Sprint(i)
		}
	}
	seen[t.Name] = append(seen[t.Name], d)
	return fmt.Sprint(len(seen[t.Name]) - 1)
}

func imageKey(d types.Datum) string {
	if d.IsNull() {
		return "NULL"
	}
	return fmt.Sprintf("%+v", d)
}

// A Table gives equal keys equal slots and different keys different ones,
// through insertions and removals, and new keys the lowest free slot.
func TestTableAgainstMap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		eq := rapid.SampledFrom([]Equality{SQL, Image}).Draw(r, "equality")
		ts := rapid.SliceOfN(rapid.SampledFrom(keyTypes), 0, 3).Draw(r, "types")
		table := NewTable(ts, len(ts), eq)
		model, used, seen := map[string]uint32{}, map[uint32]string{}, map[string][]types.Datum{}
		for range rapid.IntRange(1, 8).Draw(r, "rounds") {
			n := rapid.SampledFrom([]int{1, 2, 3, 50, 200}).Draw(r, "n")
			keys := make([]vec.Vec, len(ts))
			names := make([]string, n)
			sorted := rapid.Bool().Draw(r, "runs")
			for c, ty := range ts {
				keys[c].Reset(ty.Kind, 0)
				var d types.Datum
				for i := range n {
					if !sorted || i%10 == 0 {
						d = drawDatum(r, ty)
					}
					keys[c].AppendDatum(d)
					if eq == Image {
						names[i] += imageKey(d) + "|"
					} else {
						names[i] += sqlKey(ty, seen, d) + "|"
					}
				}
			}
			out := make([]uint32, n)
			before := len(model)
			fresh, from := table.Groups(keys, n, out)
			for i, slot := range out {
				want, ok := model[names[i]]
				if !ok {
					if used[slot] != "" {
						r.Fatalf("slot %d given to %s is that of %s", slot, names[i], used[slot])
					}
					model[names[i]], used[slot] = slot, names[i]+"."
				} else if want != slot {
					r.Fatalf("%s has slot %d, want %d", names[i], slot, want)
				}
			}
			if len(fresh) != len(model)-before || len(fresh) != len(from) || table.Len() != len(model) {
				r.Fatalf("%d fresh, %d rows, model grew %d to %d", len(fresh), table.Len(), len(model)-before, len(model))
			}
			for i, s := range fresh {
				if out[from[i]] != s {
					r.Fatalf("fresh slot %d came from row %d, whose slot is %d", s, from[i], out[from[i]])
				}
			}
			// remove some
			for slot := uint32(0); slot < uint32(table.High()); slot++ {
				if used[slot] != "" && rapid.IntRange(0, 2).Draw(r, "free") == 0 {
					table.Free(slot)
					delete(model, strings.TrimSuffix(used[slot], "."))
					delete(used, slot)
				}
			}
			checkLookup(r, table, keys, names, model)
		}
	})
}

func checkLookup(r *rapid.T, table *Table, keys []vec.Vec, names []string, model map[string]uint32) {
	out := make([]uint32, len(names))
	table.Lookup(keys, len(names), out)
	for i, slot := range out {
		want, ok := model[names[i]]
		if !ok {
			want = None
		}
		if slot != want {
			r.Fatalf("look-up of %s gives %d, want %d", names[i], slot, want)
		}
	}
}

// The slot given out is always the lowest that is free.
func TestSlotsLowestFirst(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var s slotSet
		used := map[uint32]bool{}
		n := rapid.SampledFrom([]int{10, 200, 9000}).Draw(r, "n")
		for range n {
			used[s.alloc()] = true
		}
		for range rapid.IntRange(0, 300).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "free") && len(used) > 0 {
				x := uint32(rapid.IntRange(0, n-1).Draw(r, "which"))
				if used[x] {
					s.free(x)
					delete(used, x)
				}
				continue
			}
			x := s.alloc()
			if used[x] {
				r.Fatalf("slot %d given twice", x)
			}
			for y := range x {
				if !used[y] {
					r.Fatalf("slot %d given while %d is free", x, y)
				}
			}
			used[x] = true
		}
		count := 0
		s.each(0, s.high, func(x uint32) {
			if !used[x] {
				r.Fatalf("slot %d is not in use", x)
			}
			count++
		})
		if count != len(used) || s.live != count {
			r.Fatalf("%d slots seen, %d in use, live says %d", count, len(used), s.live)
		}
	})
}

var (
	negZero = math.Copysign(0, -1)
	nan     = math.NaN()
)
