package plan

import "fmt"

// Check tells where a plan breaks P1: a node reads a column that none of its inputs
// gives and no enclosing Apply either, or that P2 is broken. It is for tests of
// rules.
func Check(n Node) error { return check(n, ColSet{}) }

func check(n Node, given ColSet) error {
	have := ColSet{}
	for id := range given {
		have.Add(id)
	}
	for i, in := range n.Inputs() {
		inner := given
		if i == 1 && dependent(n) {
			inner = SetOf(n.Inputs()[0].Out()...)
			for id := range given {
				inner.Add(id)
			}
		}
		if err := check(in, inner); err != nil {
			return err
		}
		have.Add(in.Out()...)
	}
	for _, id := range ownColumns(n) {
		if !have.Has(id) {
			return fmt.Errorf("%T: column %d is not there", n, id)
		}
	}
	for _, e := range n.Exprs() {
		if err := checkExpr(n, e, have); err != nil {
			return err
		}
	}
	seen := ColSet{}
	for _, id := range n.Out() {
		if seen.Has(id) {
			return fmt.Errorf("%T: column %d is given twice", n, id)
		}
		seen.Add(id)
	}
	return nil
}

// dependent tells whether a node's second input may read columns of the first.
func dependent(n Node) bool {
	switch n := n.(type) {
	case *Apply:
		return true
	case *Join:
		return n.Method == JoinIndex
	}
	return false
}

func checkExpr(n Node, e Expr, have ColSet) (err error) {
	Visit(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Col:
			if !have.Has(x.ID) && err == nil {
				err = fmt.Errorf("%T: column %d is read and not there", n, x.ID)
			}
		case *Subquery:
			if err == nil {
				err = check(x.Plan, have)
			}
			if x.Test != nil && err == nil {
				inner := SetOf(x.Plan.Out()...)
				for id := range have {
					inner.Add(id)
				}
				err = checkExpr(n, x.Test, inner)
			}
			return false
		}
		return err == nil
	})
	return err
}

// ownColumns are the input columns that a node names besides its expressions.
func ownColumns(n Node) []ColID {
	switch n := n.(type) {
	case *Aggregate:
		return n.Groups
	case *DistinctRows:
		return n.On
	case *Over:
		return n.Partition
	case *SetOp:
		var out []ColID
		for _, cols := range n.InCols {
			out = append(out, cols...)
		}
		return out
	case *Recursive:
		return append(append([]ColID(nil), n.BaseCols...), n.StepCols...)
	case *With:
		return n.DefCols
	case *Session:
		return append([]ColID{n.Time}, n.Partition...)
	}
	return nil
}
