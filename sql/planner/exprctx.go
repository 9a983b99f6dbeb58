package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// place is where an expression stands: it decides what may be in it.
type place struct {
	// name is how errors call it: "WHERE".
	name string
	// aggs, wins, sets: aggregates, window functions and set-returning functions of
	// this query level are allowed.
	aggs, wins, sets bool
	// noSub: subqueries are not allowed.
	noSub bool
	// frame: the bound of a window's frame.
	frame bool
	// noSystem: system columns but tableoid are not allowed.
	noSystem bool
}

var (
	inSelect     = &place{name: "SELECT", aggs: true, wins: true, sets: true}
	inOrderBy    = &place{name: "ORDER BY", aggs: true, wins: true, sets: true}
	inDistinct   = &place{name: "DISTINCT ON", aggs: true, wins: true, sets: true}
	inGroupBy    = &place{name: "GROUP BY", sets: true}
	inHaving     = &place{name: "HAVING", aggs: true}
	inWhere      = &place{name: "WHERE"}
	inJoin       = &place{name: "JOIN conditions"}
	inFromFunc   = &place{name: "functions in FROM", sets: true}
	inFilter     = &place{name: "FILTER"}
	inPartition  = &place{name: "window PARTITION BY", aggs: true}
	inWinOrder   = &place{name: "window ORDER BY", aggs: true}
	inLimit      = &place{name: "LIMIT"}
	inOffset     = &place{name: "OFFSET"}
	inValues     = &place{name: "VALUES", sets: false}
	inOneValues  = &place{name: "VALUES", sets: true} // a single row of INSERT is a select list
	inInsert     = &place{name: "INSERT", sets: true}
	inUpdate     = &place{name: "UPDATE"}
	inReturning  = &place{name: "RETURNING"}
	inCheck      = &place{name: "check constraints", noSub: true}
	inDefault    = &place{name: "DEFAULT expressions", noSub: true}
	inGenerated  = &place{name: "column generation expressions", noSub: true}
	inIndex      = &place{name: "index expressions", noSub: true}
	inIndexPred  = &place{name: "index predicates", noSub: true}
	inTransition = &place{name: "the transition of an aggregate", noSub: true}
	inStatistics = &place{name: "statistics expressions", noSub: true}
	inCycle      = &place{name: "CYCLE", noSub: true}
	inExecute    = &place{name: "EXECUTE parameters", noSub: true}
	inUsing      = &place{name: "transform expressions", noSub: true}
	inCopyWhere  = &place{name: "COPY FROM WHERE conditions", noSub: true}
	inWindowArg  = &place{name: "window table functions", noSub: true}
)

// ectx is the surroundings an expression is bound in.
type ectx struct {
	s     *scope
	q     *query
	place *place
	// agg is set within the arguments of an aggregate, win within those of a window
	// function; cond within CASE, COALESCE and kin, which set-returning functions
	// may not be in.
	agg, win bool
	cond     string
	// value is what VALUE means in a domain's check.
	value plan.Expr
}

func (c *ectx) within(p *place) *ectx {
	n := *c
	n.place = p
	return &n
}

func notAllowed(what string, code pgerr.Code, p *place, pos int32) error {
	return pgerr.New(code, "%s are not allowed in %s", what, p.name).At(pos)
}

// exprs binds a list.
func (b *binder) exprs(list []ast.Expr, c *ectx) ([]plan.Expr, error) {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		x, err := b.expr(e, c)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}
