package rules

import "github.com/streamsqld/streamsqld/sql/plan"

// Follows tells whether rows that satisfy all of preds satisfy all of want, as far
// as can be seen; both read the same columns.
func Follows(preds, want []plan.Expr) bool { return follows(preds, want) }
