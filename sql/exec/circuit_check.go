package exec

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// notMaintained is the error for a construct that has no node.
func notMaintained(what string, args ...any) *pgerr.Error {
	return pgerr.NotSupported(what+" in a materialized view", args...)
}

// checkMaintainable refuses what cannot be kept up to date: constructs without a
// node, and functions whose value is not a function of their arguments.
func checkMaintainable(n plan.Node) error {
	var err error
	plan.VisitNodes(n, func(n plan.Node) {
		if err == nil {
			err = checkNode(n)
		}
		for _, e := range n.Exprs() {
			if err == nil {
				err = checkExpr(e)
			}
		}
	})
	return err
}

func checkNode(n plan.Node) error {
	switch n := n.(type) {
	case *plan.Scan:
		return checkScan(n)
	case *plan.Over:
		for i := range n.Calls {
			if err := checkFunc(n.Calls[i].Fn); err != nil {
				return err
			}
		}
	case *plan.Recursive, *plan.WorkScan:
		return notMaintained("WITH RECURSIVE")
	case *plan.Apply:
		return notMaintained("a correlated subquery of this form")
	case *plan.LockRows:
		return notMaintained("FOR UPDATE")
	case *plan.FlatMap:
		for i := range n.Gens {
			if f := n.Gens[i].Fn; f != nil {
				return checkFunc(f)
			}
		}
	case *plan.Aggregate:
		for i := range n.Aggs {
			f := n.Aggs[i].Fn
			if im := f.Impl(); im != nil && im.Agg.Sketch {
				return notMaintained("aggregate %s", f.Name)
			}
		}
	}
	return nil
}

func checkScan(n *plan.Scan) error {
	switch n.Rel.Kind {
	case catalog.Table, catalog.Stream, catalog.MatView:
	default:
		return notMaintained("relation \"%s\"", n.Rel.Name)
	}
	if n.Lock != plan.LockNone {
		return notMaintained("FOR UPDATE")
	}
	for _, a := range n.Attrs {
		if a < 0 {
			return notMaintained("a system column")
		}
	}
	return nil
}

func checkExpr(e plan.Expr) error {
	var err error
	plan.Visit(e, func(x plan.Expr) bool {
		switch x := x.(type) {
		case *plan.Subquery:
			err = notMaintained("a subquery of this form")
		case *plan.Param:
			err = pgerr.New(pgerr.UndefinedParameter, "there is no parameter $%d", x.N)
		case *plan.Call:
			err = checkFunc(x.Fn)
		}
		return err == nil
	})
	return err
}

// clockFuncs are the functions that are stable because they read the time of the
// transaction, by signature.
var clockFuncs = map[string]bool{
	"now()": true, "transaction_timestamp()": true, "statement_timestamp()": true,
	"age(timestamp)": true, "age(timestamptz)": true, "age(xid)": true,
}

func checkFunc(f *funcs.Func) error {
	switch {
	case f.Volatility == funcs.Volatile:
		return notMaintained("volatile function %s", f.Name).WithHint("A view is a function of the rows it reads.")
	case clockFuncs[f.Signature()]:
		return notMaintained("function %s outside a condition of WHERE on a time", f.Name).
			WithHint("WHERE ts > now() - interval '1 hour' is a temporal filter.")
	}
	return nil
}
