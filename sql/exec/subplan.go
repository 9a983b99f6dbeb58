package exec

import (
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

func (c *compiler) subplan(q *plan.Subquery) (expr.Subplan, []*plan.Col, error) { return nil, nil, nil }
