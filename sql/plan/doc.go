// Package plan is the relational IR: what a query means, before and after the
// rewrite rules, and what both compilers (batch and circuit) read.
//
// Columns have identities (ColID) that are unique in a query: an expression
// names the column it reads, not its position, so that rules move expressions
// freely. Positions appear only when a plan is compiled.
//
// A plan is a tree. Nodes are changed in place by rules only while the planner
// owns the tree; a finished plan is immutable and may be run by many goroutines.
//
// P1: every column a node's expressions read is an output of one of its inputs,
// or an outer column: one that an enclosing Apply's left side gives.
//
// P2: Out() lists a node's output columns in order, without repetition.
package plan
