package planner

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// sameSubs knows which subqueries compute the same though each has a plan of its own:
// those that are written alike in one scope, and calls of one function in SQL with
// the same arguments. So GROUP BY, DISTINCT ON and ORDER BY find them again.
type sameSubs struct {
	links []boundLink
	calls map[string]plan.Node
	first map[plan.Node]plan.Node // the first of those alike
}

// boundLink is a subquery of an expression that has been bound.
type boundLink struct {
	syntax *ast.SubLink
	scope  *scope
	plan   plan.Node
}

// link notes a subquery of an expression.
func (a *sameSubs) link(e *ast.SubLink, s *scope, n plan.Node) {
	for _, l := range a.links {
		if l.scope == s && l.syntax.Kind == e.Kind && sameSyntax(l.syntax, e) {
			a.same(n, l.plan)
			return
		}
	}
	a.links = append(a.links, boundLink{e, s, n})
	a.same(n, n)
}

// alikeCall notes the subquery that a call of a function has become.
func (b *binder) alikeCall(bc *boundCall, n plan.Node) {
	var key strings.Builder
	fmt.Fprintf(&key, "%d %v %d", bc.fn.OID, bc.variadic, bc.ret.OID)
	for _, x := range bc.args {
		key.WriteString(b.key(x))
	}
	if b.alike.calls == nil {
		b.alike.calls = map[string]plan.Node{}
	}
	if first := b.alike.calls[key.String()]; first != nil {
		b.alike.same(n, first)
		return
	}
	b.alike.calls[key.String()] = n
	b.alike.same(n, n)
}

func (a *sameSubs) same(n, first plan.Node) {
	if a.first == nil {
		a.first = map[plan.Node]plan.Node{}
	}
	a.first[n] = first
}

// key is plan.Key, in which subqueries alike are the same. It holds while a statement
// is bound: what becomes of their plans later does not have to stay alike.
func (b *binder) key(x plan.Expr) string {
	return plan.KeyBy(x, func(n plan.Node) plan.Node { return b.alike.first[n] })
}
