package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Folder computes an aggregate that is made of other functions: row by row, from one
// state to the next. It is used by one goroutine at a time.
type Folder interface {
	// Start is the state of no rows.
	Start() types.Datum
	// Step gives the state after another row; first tells that there was none before that
	// counted, and counts whether this one does (a strict function passes over NULLs).
	Step(c *Ctx, state types.Datum, first bool, row []types.Datum) (next types.Datum, counts bool, err error)
	// Finish gives the value of the state after the last of rows.
	Finish(c *Ctx, state types.Datum, rows int, last []types.Datum) (types.Datum, error)
}

// NewFold makes the accumulator of a folder. It keeps the rows, as their states cannot be
// taken apart or put together, and folds those that have come since the last Result.
func NewFold(site *Call, f Folder) Acc {
	return &foldAcc{collectAcc: collectAcc{types: site.Args, ret: site.Ret}, fold: f}
}

type foldAcc struct {
	collectAcc
	fold   Folder
	folded []folded
}

// folded is the state after the first n rows of a group.
type folded struct {
	n     int
	begun bool // some of these counted
	state types.Datum
}

// Grow implements Acc.
func (a *foldAcc) Grow(n int) {
	a.collectAcc.Grow(n)
	for len(a.folded) < n {
		a.folded = append(a.folded, folded{})
	}
}

// Clear implements Acc.
func (a *foldAcc) Clear(groups []uint32) {
	a.collectAcc.Clear(groups)
	for _, g := range groups {
		a.folded[g] = folded{}
	}
}

// Result implements Acc.
func (a *foldAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	out.Reset(a.ret.Kind, len(groups))
	for i, g := range groups {
		d, err := a.value(c, g)
		if err != nil {
			a.folded[g] = folded{}
			c.Bad.Set(i, err)
			d = types.Null
		}
		out.Set(i, d)
	}
}

func (a *foldAcc) value(c *Ctx, g uint32) (types.Datum, error) {
	rows, f := a.st[g], &a.folded[g]
	if f.n == 0 {
		f.state = a.fold.Start()
	}
	for ; f.n < len(rows); f.n++ {
		next, counts, err := a.fold.Step(c, f.state, !f.begun, rows[f.n])
		if err != nil {
			return types.Null, err
		}
		f.state, f.begun = next, f.begun || counts
	}
	var last []types.Datum
	if len(rows) > 0 {
		last = rows[len(rows)-1]
	}
	return a.fold.Finish(c, f.state, len(rows), last)
}
