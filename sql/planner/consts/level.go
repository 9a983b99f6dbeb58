package consts

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Check gives the error with which PostgreSQL's planner refuses a bound query whose
// result are cols, nil when no constant part of it fails.
func Check(n plan.Node, cols []plan.ColID, env *funcs.Env) error {
	c := &checker{env: env, cols: map[plan.ColID]*column{}, used: plan.ColSet{}}
	return c.level(n, cols, nil)
}

// checker goes through one statement.
type checker struct {
	env *funcs.Env
	// cols are the columns that are computed by expressions known where they are read.
	cols map[plan.ColID]*column
	// used are the other columns that something reads.
	used plan.ColSet
	// arg is the operand of the innermost simple CASE, if that is constant.
	arg *plan.Const
}

// column is a column of a subquery in FROM. Opaque: it is not seen as the constant
// that it may be, because an outer join can give NULL for it.
type column struct {
	x      plan.Expr
	opaque bool
	done   plan.Expr // x evaluated; nil before
}

// level checks one query level: what stands above the nodes that keep a subquery
// apart, then those. need are the columns that are read of n, more other expressions
// over them.
func (c *checker) level(n plan.Node, need []plan.ColID, more []plan.Expr) error {
	l := &level{c: c}
	l.chain(n, false)
	for _, id := range need {
		if _, err := c.column(id, nil); err != nil {
			return err
		}
	}
	for _, x := range append(more, l.exprs...) {
		if _, err := c.expr(x); err != nil {
			return err
		}
	}
	for _, o := range l.overs {
		if err := c.over(o); err != nil {
			return err
		}
	}
	for _, b := range l.below {
		if err := c.apart(b); err != nil {
			return err
		}
	}
	return nil
}

// level collects what belongs to one query level.
type level struct {
	c     *checker
	exprs []plan.Expr
	overs []*plan.Over
	below []plan.Node
}

// chain takes n apart as long as it belongs to the level. nullable: its rows may be
// NULLs of an outer join.
func (l *level) chain(n plan.Node, nullable bool) {
	switch n := n.(type) {
	case *plan.Project:
		opaque := nullable || apart(n.In)
		for i, id := range n.Cols {
			if v, ok := n.Vals[i].(*plan.Col); ok && v.ID == id {
				continue
			}
			l.c.cols[id] = &column{x: n.Vals[i], opaque: opaque}
		}
		l.chain(n.In, nullable)
	case *plan.Filter:
		l.chain(n.In, nullable)
		l.condition(n.Preds)
	case *plan.Join:
		l.join(n.Kind, n.L, n.R, n.On, nullable)
	case *plan.Apply:
		l.join(n.Kind, n.L, n.R, n.On, nullable)
	case *plan.FlatMap:
		l.chain(n.In, nullable)
		for i := range n.Gens {
			l.exprs = append(l.exprs, n.Gens[i].Args...)
			if n.Gens[i].Scalar != nil {
				l.exprs = append(l.exprs, n.Gens[i].Scalar)
			}
		}
	case *plan.Over:
		l.overs = append(l.overs, n)
		l.chain(n.In, nullable)
	case *plan.Values:
		l.values(n, nullable)
	case *plan.Scan, *plan.CTEScan, *plan.WorkScan:
	default:
		l.below = append(l.below, n)
	}
}

// apart tells the rows of what PostgreSQL keeps apart from the query around it.
func apart(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Project:
		return apart(n.In)
	case *plan.Filter:
		return apart(n.In)
	case *plan.FlatMap:
		return apart(n.In)
	case *plan.Scan, *plan.CTEScan, *plan.WorkScan, *plan.Values, *plan.Join, *plan.Apply:
		return false
	}
	return true
}

func (l *level) join(kind plan.JoinKind, left, right plan.Node, on []plan.Expr, nullable bool) {
	l.chain(left, nullable || kind == plan.Right || kind == plan.Full)
	l.chain(right, nullable || kind == plan.Left || kind == plan.Full || kind == plan.Single)
	l.condition(on)
}

// condition adds what has to be true together: FALSE before a part rules that out.
func (l *level) condition(preds []plan.Expr) {
	if len(preds) > 1 {
		preds = []plan.Expr{&plan.And{Args: preds}}
	}
	l.exprs = append(l.exprs, preds...)
}

// values: a single row is part of the query, several are a relation.
func (l *level) values(n *plan.Values, nullable bool) {
	if len(n.Rows) == 1 {
		for i, id := range n.Cols {
			l.c.cols[id] = &column{x: n.Rows[0][i], opaque: nullable}
		}
		return
	}
	for _, row := range n.Rows {
		for _, x := range row {
			if _, ok := x.(*plan.Const); !ok {
				l.exprs = append(l.exprs, x)
			}
		}
	}
}

// read gives those of the columns that are read.
func (c *checker) read(cols []plan.ColID) []plan.ColID {
	var out []plan.ColID
	for _, id := range cols {
		if c.used.Has(id) {
			out = append(out, id)
		}
	}
	return out
}

// apart checks a node that keeps what is below it apart from the level above: that is
// planned by itself, of it the columns that are used.
func (c *checker) apart(n plan.Node) error {
	switch n := n.(type) {
	case *plan.Order:
		return c.level(n.In, c.read(n.Out()), sortKeys(n.Keys))
	case *plan.Limit:
		for _, x := range []plan.Expr{n.Count, n.Offset} {
			if x == nil {
				continue
			}
			if _, err := c.expr(x); err != nil {
				return err
			}
		}
		return c.level(n.In, c.read(n.Out()), sortKeys(n.Ties))
	case *plan.DistinctRows:
		need := n.Out()
		if n.On != nil {
			need = append(c.read(need), n.On...)
		}
		return c.level(n.In, need, nil)
	case *plan.Aggregate:
		return c.aggregate(n)
	case *plan.SetOp:
		for i, in := range n.Ins {
			if err := c.level(in, n.InCols[i], nil); err != nil {
				return err
			}
		}
		return nil
	case *plan.Recursive:
		if err := c.level(n.Base, n.BaseCols, nil); err != nil {
			return err
		}
		return c.level(n.Step, n.StepCols, nil)
	case *plan.With:
		if err := c.level(n.Def, n.DefCols, nil); err != nil {
			return err
		}
		return c.level(n.Body, c.read(n.Body.Out()), nil)
	}
	for _, in := range n.Inputs() {
		if err := c.level(in, c.read(in.Out()), n.Exprs()); err != nil {
			return err
		}
	}
	return nil
}

func sortKeys(keys []plan.SortKey) []plan.Expr {
	var out []plan.Expr
	for i := range keys {
		out = append(out, keys[i].X)
	}
	return out
}

// aggregate: aggregates that nobody reads are not there.
func (c *checker) aggregate(n *plan.Aggregate) error {
	var more []plan.Expr
	for i := range n.Aggs {
		a := &n.Aggs[i]
		if !c.used.Has(a.Col) {
			continue
		}
		more = append(append(more, a.Args...), sortKeys(a.OrderBy)...)
		if a.Filter != nil {
			more = append(more, a.Filter)
		}
	}
	return c.level(n.In, n.Groups, more)
}

// over evaluates what windows are defined by, of those too that nobody reads, and the
// arguments of the calls that are read.
func (c *checker) over(n *plan.Over) error {
	more := sortKeys(n.OrderBy)
	for _, id := range n.Partition {
		if _, err := c.column(id, nil); err != nil {
			return err
		}
	}
	for i := range n.Calls {
		w := &n.Calls[i]
		if !c.used.Has(w.Col) {
			continue
		}
		more = append(more, w.Args...)
		for _, x := range []plan.Expr{w.Filter, w.Frame.StartX, w.Frame.EndX} {
			if x != nil {
				more = append(more, x)
			}
		}
	}
	for _, x := range more {
		if _, err := c.expr(x); err != nil {
			return err
		}
	}
	return nil
}
