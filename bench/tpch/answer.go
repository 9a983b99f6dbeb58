package tpch

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// Answer is a result as text, the padding of char(n) taken off; "NULL" is
// NULL (no text of these tables reads so).
type Answer struct{ rows [][]string }

// FromWire makes an answer of a DataRow's values.
func FromWire(rows [][][]byte) *Answer {
	a := &Answer{}
	for _, row := range rows {
		out := make([]string, len(row))
		for i, v := range row {
			if out[i] = strings.TrimRight(string(v), " "); v == nil {
				out[i] = "NULL"
			}
		}
		a.rows = append(a.rows, out)
	}
	return a
}

// FromText makes an answer of texts, nil for NULL.
func FromText(rows [][]*string) *Answer {
	a := &Answer{}
	for _, row := range rows {
		out := make([]string, len(row))
		for i, v := range row {
			if out[i] = "NULL"; v != nil {
				out[i] = strings.TrimRight(*v, " ")
			}
		}
		a.rows = append(a.rows, out)
	}
	return a
}

// Same compares two answers: the columns of the order row by row, then all
// rows as sets, for rows that the order does not tell apart may change
// places. Numbers are compared as numbers, exactly when tolerance is 0 and
// else with that relative error.
func (a *Answer) Same(b *Answer, order []int, tolerance float64) error {
	if len(a.rows) != len(b.rows) {
		return fmt.Errorf("%d rows and %d", len(a.rows), len(b.rows))
	}
	for i := range a.rows {
		for _, c := range order {
			if !sameValue(a.rows[i][c], b.rows[i][c], tolerance) {
				return fmt.Errorf("row %d, column %d of the order: %s and %s", i+1, c+1, a.rows[i][c], b.rows[i][c])
			}
		}
	}
	left, right := a.sorted(order), b.sorted(order)
	for i := range left {
		for c := range left[i] {
			if !sameValue(left[i][c], right[i][c], tolerance) {
				return fmt.Errorf("%s\nand %s", strings.Join(left[i], "|"), strings.Join(right[i], "|"))
			}
		}
	}
	return nil
}

// sorted is the rows, runs of rows that are equal in the order sorted by
// their text.
func (a *Answer) sorted(order []int) [][]string {
	rows := slices.Clone(a.rows)
	equal := func(x, y []string) bool {
		for _, c := range order {
			if x[c] != y[c] {
				return false
			}
		}
		return true
	}
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && equal(rows[from], rows[to]) {
			to++
		}
		slices.SortFunc(rows[from:to], slices.Compare)
		from = to
	}
	return rows
}

func sameValue(a, b string, tolerance float64) bool {
	if a == b {
		return true
	}
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok1 || !ok2 {
		return false
	}
	if tolerance == 0 {
		return x.Cmp(y) == 0
	}
	f, _ := x.Float64()
	g, _ := y.Float64()
	return math.Abs(f-g) <= tolerance*math.Max(math.Abs(f), math.Abs(g))
}
