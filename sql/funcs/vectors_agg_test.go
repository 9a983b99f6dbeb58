package funcs

import (
	"context"
	"math"
	"math/rand"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// aggregate computes each row's columns as one group among others, four ways:
// straight, in two halves that are saved and merged, with rows that are added
// and taken away again (linear aggregates), and with weights.
func (r *vecRunner) aggregate(b *vecBlock, f *Func) {
	rnd := rand.New(rand.NewSource(1))
	for i, row := range b.rows {
		cols, err := b.columns(row)
		if err != nil {
			r.expect(b, i, "input", "!"+errText(err))
			continue
		}
		r.calls++
		r.expect(b, i, "straight", b.aggregateOnce(f, cols, nil, 0))
		r.expectAbout(b, i, "merged", b.aggregateOnce(f, cols, nil, rnd.Intn(3)+1))
		if f.Impl().Agg.Linear && len(cols) > 0 {
			r.expectAbout(b, i, "retracted", b.aggregateRetracted(f, cols, rnd))
		}
	}
}

// expectAbout is expect where floats may differ by 1e-12 of the greatest value.
func (r *vecRunner) expectAbout(b *vecBlock, i int, how, got string) {
	want := b.rows[i][len(b.args)]
	if b.ret.Kind == types.Float {
		x, err1 := strconv.ParseFloat(want, 64)
		y, err2 := strconv.ParseFloat(got, 64)
		eps, size := 1e-12, max(x, -x)
		if b.ret == types.TFloat4 {
			eps = 1e-5
		}
		for _, s := range strings.Split(strings.Join(b.rows[i][:len(b.args)], `\v`), `\v`) {
			if v, err := strconv.ParseFloat(s, 64); err == nil && v-v == 0 {
				size = max(size, math.Abs(v))
			}
		}
		if d := math.Abs(x - y); err1 == nil && err2 == nil && d <= eps*size {
			return
		}
	}
	r.expect(b, i, how, got)
}

// columns reads the columns of an aggregate call.
func (b *vecBlock) columns(row []string) ([][]types.Datum, error) {
	var rows [][]types.Datum
	for j := range b.args {
		if row[j] == `\b` {
			return nil, nil
		}
		vals := strings.Split(row[j], `\v`)
		if rows == nil {
			rows = make([][]types.Datum, len(vals))
			for i := range rows {
				rows[i] = make([]types.Datum, len(b.args))
			}
		}
		for i, s := range vals {
			if s == `\N` {
				continue
			}
			d, err := b.args[j].In(&b.env.Env, unescape(s), types.NoMod)
			if err != nil {
				return nil, err
			}
			rows[i][j] = d
		}
	}
	return rows, nil
}

type accCall struct {
	acc Acc
	c   *Ctx
	b   *vecBlock
	n   int // arguments
}

func (b *vecBlock) newAcc(f *Func) (*accCall, error) {
	acc, err := b.call(f, nil).BindAcc()
	if err != nil {
		return nil, err
	}
	acc.Grow(3)
	return &accCall{acc, &Ctx{Context: context.Background(), Env: b.env, Bad: &vec.RowErrors{}}, b, len(b.args)}, nil
}

// add adds rows to group 1, with noise in groups 0 and 2.
func (a *accCall) add(rows [][]types.Datum, w []int64) error {
	var groups []uint32
	args := make([]*vec.Vec, a.n)
	for j := range args {
		args[j] = &vec.Vec{Kind: a.b.args[j].Kind}
	}
	var weights []int64
	for i, row := range rows {
		groups = append(groups, 1)
		for j := range args {
			args[j].AppendDatum(row[j])
		}
		if w != nil {
			weights = append(weights, w[i])
		}
	}
	a.acc.Add(a.c, groups, args, weights)
	return a.c.Bad.First()
}

func (a *accCall) result() string {
	if err := a.c.Bad.First(); err != nil {
		return "!" + escape(errText(err))
	}
	var out vec.Vec
	a.acc.Result(a.c, []uint32{1}, &out)
	if err := a.c.Bad.First(); err != nil {
		return "!" + escape(errText(err))
	}
	if out.IsNull(0) {
		return `\N`
	}
	return escape(a.b.ret.Text(&a.b.env.Env, out.Datum(0)))
}

// aggregateOnce adds the rows in 1 + cuts parts, each with an accumulator of
// its own when cuts > 0.
func (b *vecBlock) aggregateOnce(f *Func, rows [][]types.Datum, w []int64, cuts int) string {
	a, err := b.newAcc(f)
	if err != nil {
		return "!" + errText(err)
	}
	if cuts == 0 {
		if err := a.add(rows, w); err != nil {
			return "!" + escape(errText(err))
		}
		return a.result()
	}
	for k := range cuts + 1 {
		part, _ := b.newAcc(f)
		lo, hi := len(rows)*k/(cuts+1), len(rows)*(k+1)/(cuts+1)
		if err := part.add(rows[lo:hi], nil); err != nil {
			return "!" + escape(errText(err))
		}
		kinds := part.acc.StateKinds()
		state := make([]vec.Vec, len(kinds))
		for i, kd := range kinds {
			state[i].Kind = kd
		}
		part.acc.Save([]uint32{1}, state)
		a.acc.Merge(a.c, []uint32{1}, state)
	}
	return a.result()
}

// aggregateRetracted adds every row and some strangers, and takes the strangers
// away.
func (b *vecBlock) aggregateRetracted(f *Func, rows [][]types.Datum, rnd *rand.Rand) string {
	a, err := b.newAcc(f)
	if err != nil {
		return "!" + errText(err)
	}
	strange := append(append([][]types.Datum{}, rows[rnd.Intn(len(rows)):]...), rows[:rnd.Intn(len(rows))]...)
	w := make([]int64, len(strange))
	for i := range w {
		w[i] = int64(rnd.Intn(3) + 1)
	}
	half := rnd.Intn(len(rows))
	a.add(rows[:half], nil)
	a.add(strange, w)
	a.add(rows[half:], nil)
	for i := range w {
		w[i] = -w[i]
	}
	a.add(strange, w)
	return a.result()
}
