package engine

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowDiff compares two multisets of rows. Floats are equal within a relative
// 1e-12 (semantics §10), everything else by SQL equality.
type rowDiff struct {
	ts   []*types.Type
	rows map[uint64][]diffRow
}

type diffRow struct {
	vals []types.Datum
	n    int64
}

func newRowDiff(ts []*types.Type) *rowDiff {
	return &rowDiff{ts: ts, rows: map[uint64][]diffRow{}}
}

// addAll counts the rows of a source, weight times each.
func (d *rowDiff) addAll(ctx context.Context, src vec.Source, weight int64) error {
	for {
		var b vec.Batch
		if err := src.Next(ctx, &b); err != nil {
			return err
		}
		if b.N == 0 {
			return nil
		}
		for i := range b.N {
			row := b.Row(i)
			vals := make([]types.Datum, len(d.ts))
			for j := range vals {
				vals[j] = b.Cols[j].Datum(row)
			}
			d.add(vals, weight*b.Weight(row))
		}
	}
}

// add counts a row. Its floats take no part in the hash, as they may differ in the
// last digits.
func (d *rowDiff) add(vals []types.Datum, weight int64) {
	h := uint64(0)
	for j, v := range vals {
		if d.ts[j].Kind != types.Float {
			h = types.Mix(h*31 ^ d.ts[j].Hash(v))
		}
	}
	list := d.rows[h]
	for i := range list {
		if d.same(list[i].vals, vals) {
			list[i].n += weight
			if list[i].n == 0 {
				list[i] = list[len(list)-1]
				list = list[:len(list)-1]
			}
			d.rows[h] = list
			return
		}
	}
	d.rows[h] = append(list, diffRow{vals, weight})
}

func (d *rowDiff) same(a, b []types.Datum) bool {
	for j := range a {
		if d.ts[j].Kind == types.Float && !a[j].IsNull() && !b[j].IsNull() {
			if !closeFloats(a[j].Float(), b[j].Float()) {
				return false
			}
			continue
		}
		if d.ts[j].Compare(a[j], b[j]) != 0 {
			return false
		}
	}
	return true
}

func closeFloats(a, b float64) bool {
	const relative = 1e-12
	if a == b || a != a && b != b {
		return true
	}
	return math.Abs(a-b) <= relative*math.Max(math.Abs(a), math.Abs(b))
}

// counts gives how many rows the first multiset has beyond the second, and the
// other way round.
func (d *rowDiff) counts() (more, less int64) {
	for _, list := range d.rows {
		for _, r := range list {
			if r.n > 0 {
				more += r.n
			} else {
				less -= r.n
			}
		}
	}
	return more, less
}
