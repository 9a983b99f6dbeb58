// Package expr compiles plan expressions into programs over dense columns.
//
// A program is a graph of nodes, one per distinct subexpression, each of which
// computes its whole column at once into memory of its own. Equal
// subexpressions are one node and are computed once per batch.
//
// # Frames
//
// A node is evaluated in a frame: the rows it is asked about. The root frame is
// the batch. CASE, COALESCE, AND and OR ask later operands only about the rows
// that PostgreSQL would evaluate them for; these rows are a frame below, whose
// columns are gathered when an operand reads them. So the error of 1/x in
// CASE WHEN x <> 0 THEN 1/x END never arises where x is 0. Operands that cannot
// fail and cost little (traits.safe) are evaluated for all rows instead.
//
// X1: the column a node gives is lent until the node is evaluated again, and is
// never written by who receives it.
//
// X2: a node that is used in several places is found evaluated when its frame or
// one above it has done so; nodes of other places are evaluated by one parent
// only. So no column is overwritten while someone up the graph holds it.
//
// X3: a row that fails is reported to Ctx.Bad under its number in the batch and
// is NULL from there on; a row may be reported again by an enclosing expression,
// and its first report is the one that counts (vec.RowErrors.First).
package expr
