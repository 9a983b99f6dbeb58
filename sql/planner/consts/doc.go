// Package consts evaluates the constant parts of a query as PostgreSQL does while it
// plans (eval_const_expressions), only to tell whether one of them fails: 1/0 in the
// WHERE of an empty table is an error there, 1/0 in the branch of a CASE that another
// constant rules out is not.
//
// What a subquery in FROM computes is seen where it is used, as far as PostgreSQL
// makes it part of the query around it (pull_up_subqueries): a column that nobody
// reads is never computed, and one that is a constant makes what it stands in
// constant. Ordering, limits, grouping, DISTINCT, windows and set operations keep a
// subquery apart; so do outer joins for the columns they may fill with NULL.
package consts
