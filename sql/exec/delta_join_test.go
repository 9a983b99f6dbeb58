package exec

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

// lessPairs is the condition l.val < r.val; it fails where both are 5.
type lessPairs struct{ l, r int }

var errFive = pgerr.New(pgerr.DivisionByZero, "division by zero")

func (x lessPairs) Select(c *funcs.Ctx, in *vec.Batch, sel []int32) []int32 {
	sel = sel[:0]
	for i := range in.N {
		switch lessDatums(in.Cols[x.l].Datum(i), in.Cols[x.r].Datum(i)) {
		case 1:
			sel = append(sel, int32(i))
		case 2:
			c.Bad.Set(i, errFive)
		}
	}
	return sel
}

func lessDatums(a, b types.Datum) int {
	switch {
	case a.IsNull() || b.IsNull():
		return 0
	case a.Int() == 5 && b.Int() == 5:
		return 2
	case a.Int() < b.Int():
		return 1
	}
	return 0
}

// joinCase is one configuration of a join over two inputs of (key numeric, name
// text, val bigint).
type joinCase struct {
	kind     plan.JoinKind
	keys     []int
	nullSafe []bool
	residual bool
	grows    [2]bool
}

var joinTypes = []*types.Type{types.TNumeric, types.TText, types.TInt8}

func (c *joinCase) spec(bad BadRow) JoinSpec {
	s := JoinSpec{Kind: c.kind, NullSafe: c.nullSafe, Bad: bad}
	for p := range s.Sides {
		s.Sides[p] = JoinSide{Types: joinTypes, Out: 3, Keys: c.keys, Grows: c.grows[p], Expires: -1}
	}
	for _, k := range c.keys {
		s.KeyTypes = append(s.KeyTypes, joinTypes[k])
	}
	if c.residual {
		s.Residual = lessPairs{2, 5}
	}
	return s
}

// match is 0 (false or NULL), 1 (true) or 2 (error).
func (c *joinCase) match(l, r []types.Datum) int {
	for i, k := range c.keys {
		if l[k].IsNull() && r[k].IsNull() && c.nullSafe[i] {
			continue
		}
		if l[k].IsNull() || r[k].IsNull() || joinTypes[k].Compare(l[k], r[k]) != 0 {
			return 0
		}
	}
	if c.residual {
		return lessDatums(l[2], r[2])
	}
	return 1
}

// weighted is a row and how often it is there.
type weighted struct {
	row []types.Datum
	n   int64
}

// model computes the join naively.
func (c *joinCase) model(sides [2][]weighted) bag {
	out := bag{}
	nulls := strings.TrimSuffix(strings.Repeat("NULL | ", 3), " | ")
	text := func(row []types.Datum) string { return rowText(vectorsOf(joinTypes, [][]types.Datum{row}), 0) }
	hits := [2][]int64{make([]int64, len(sides[0])), make([]int64, len(sides[1]))}
	for i, l := range sides[0] {
		for k, r := range sides[1] {
			if l.n == 0 || r.n == 0 {
				continue
			}
			switch c.match(l.row, r.row) {
			case 2:
				out.bad(errFive, l.n*r.n)
			case 1:
				hits[0][i] += r.n
				hits[1][k] += l.n
				if c.kind != plan.Semi && c.kind != plan.Anti {
					out.add(text(l.row)+" | "+text(r.row), l.n*r.n)
				}
			}
		}
	}
	for i, l := range sides[0] {
		switch n := hits[0][i]; {
		case l.n == 0:
		case c.kind == plan.Semi && n > 0, c.kind == plan.Anti && n == 0:
			out.add(text(l.row), l.n)
		case (c.kind == plan.Left || c.kind == plan.Full || c.kind == plan.Single) && n == 0:
			out.add(text(l.row)+" | "+nulls, l.n)
		case c.kind == plan.Single && n > 1:
			out.bad(errSecondRow, l.n)
		}
	}
	for i, r := range sides[1] {
		if c.kind == plan.Full && r.n > 0 && hits[1][i] == 0 {
			out.add(nulls+" | "+text(r.row), r.n)
		}
	}
	return out
}

func drawJoinRow(r *rapid.T) []types.Datum {
	num := [][2]int64{{10, 1}, {1, 0}, {100, 2}, {2, 0}, {20, 1}, {3, 0}}[rapid.IntRange(0, 5).Draw(r, "key")]
	row := []types.Datum{
		types.NewNumeric(types.NumericScaled(num[0], int32(num[1]))),
		types.NewString(rapid.SampledFrom([]string{"a", "b"}).Draw(r, "name")),
		types.NewInt(int64(rapid.IntRange(3, 6).Draw(r, "val"))),
	}
	for i := range row {
		if rapid.IntRange(0, 7).Draw(r, "null") == 0 {
			row[i] = types.Null
		}
	}
	return row
}

// pushJoinRows draws changes of one side, applies them to the model and pushes
// them.
func pushJoinRows(r *rapid.T, c *joinCase, n Node, port int, side []weighted, got bag) []weighted {
	var batch [][]types.Datum
	var w []int64
	for range rapid.SampledFrom([]int{1, 2, 3, 20}).Draw(r, "n") {
		if !c.grows[port] && len(side) > 0 && rapid.Bool().Draw(r, "change") {
			i := rapid.IntRange(0, len(side)-1).Draw(r, "which")
			d := int64(rapid.IntRange(-1, 1).Draw(r, "by"))
			if d = max(d, -side[i].n); d != 0 {
				side[i].n += d
				batch, w = append(batch, side[i].row), append(w, d)
			}
			continue
		}
		x := weighted{drawJoinRow(r), int64(rapid.IntRange(1, 2).Draw(r, "w"))}
		side, batch, w = append(side, x), append(batch, x.row), append(w, x.n)
	}
	if len(batch) == 0 {
		return side
	}
	// A removal may come before what it removes.
	if rapid.Bool().Draw(r, "reverse") {
		for i, k := 0, len(batch)-1; i < k; i, k = i+1, k-1 {
			batch[i], batch[k], w[i], w[k] = batch[k], batch[i], w[k], w[i]
		}
	}
	if err := n.Push(context.Background(), port, makeBatch(drawn(r), joinTypes, batch, w), got.emit); err != nil {
		r.Fatal(err)
	}
	return side
}

func drawJoinCase(r *rapid.T) *joinCase {
	c := &joinCase{
		kind:     rapid.SampledFrom([]plan.JoinKind{plan.Inner, plan.Left, plan.Full, plan.Semi, plan.Anti, plan.Single}).Draw(r, "kind"),
		keys:     rapid.SampledFrom([][]int{{}, {0}, {1}, {0, 1}}).Draw(r, "keys"),
		residual: rapid.Bool().Draw(r, "residual"),
	}
	for range c.keys {
		c.nullSafe = append(c.nullSafe, rapid.Bool().Draw(r, "null safe"))
	}
	for p := range c.grows {
		c.grows[p] = rapid.IntRange(0, 3).Draw(r, "grows") == 0
	}
	return c
}

// merged adds up the rows of a side that are the same: a match count is of rows
// by image.
func merged(side []weighted) []weighted {
	var out []weighted
	at := map[string]int{}
	for _, x := range side {
		key := fmt.Sprint(x.row)
		if i, ok := at[key]; ok {
			out[i].n += x.n
			continue
		}
		at[key] = len(out)
		out = append(out, x)
	}
	return out
}

// What a DeltaJoin has emitted adds up to the join of what it has been pushed.
func TestDeltaJoinAgainstModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c, got, pages := drawJoinCase(r), bag{}, pageStore{}
		var n Stateful = NewDeltaJoin(c.spec(got.bad))
		var sides [2][]weighted
		for range rapid.IntRange(1, 5).Draw(r, "steps") {
			for port := range sides {
				for range rapid.IntRange(0, 2).Draw(r, "pushes") {
					sides[port] = pushJoinRows(r, c, n, port, sides[port], got)
				}
			}
			if err := n.Flush(context.Background(), got.emit); err != nil {
				r.Fatal(err)
			}
			want := c.model([2][]weighted{merged(sides[0]), merged(sides[1])})
			if got.String() != want.String() {
				r.Fatalf("%+v: got\n%s\nwant\n%s", c, got, want)
			}
			checkJoinState(r, c, n.(*DeltaJoin), sides)
			if rapid.IntRange(0, 2).Draw(r, "checkpoint") == 0 {
				n = pages.checkpoint(r, n, func() Stateful { return NewDeltaJoin(c.spec(got.bad)) })
			}
		}
	})
}

// checkJoinState looks that nothing is kept of rows that have gone.
func checkJoinState(r *rapid.T, c *joinCase, j *DeltaJoin, sides [2][]weighted) {
	for p := range sides {
		rows := 0
		for _, x := range merged(sides[p]) {
			live := x.n != 0
			for i, k := range c.keys {
				live = live && (!x.row[k].IsNull() || c.nullSafe[i])
			}
			if live {
				rows++
			}
		}
		if s := j.sides[p].rows; s != nil && !c.grows[p] && s.Len() != rows {
			r.Fatalf("side %d keeps %d rows of %d", p, s.Len(), rows)
		}
		if rows > 0 {
			return
		}
	}
	if j.keys.Len() != 0 {
		r.Fatalf("%d keys without rows", j.keys.Len())
	}
}
