// Package planner turns a syntax tree into a plan: bind, then the rewrite rules,
// then the physical choices.
//
// # Binding
//
// The binder follows PostgreSQL's own analysis (parse_*.c): the same look-up of
// names, the same resolution of overloads and coercions, the same errors. It
// builds plan nodes as it goes; it rewrites nothing.
//
//	from.go, join.go    FROM: relations, subqueries, functions, windows, joins
//	scope.go            names and where they are visible
//	expr*.go            expressions
//	call.go, resolve.go function calls and overload resolution
//	oper.go             operators
//	coerce.go           coercion and common types
//	select.go …         select lists, grouping, windows, ordering, set operations
//	dml.go              INSERT, UPDATE, DELETE
//
// # Constants
//
// Package consts tells, before any rule runs, whether a constant part of the query
// fails: PostgreSQL evaluates them while it plans. That error is Query.Fails, for
// whoever runs the query; a prepared statement or a plain view is made all the same.
//
// # Rules
//
// Each rule of package rules is a file with its test; rules.All lists them in
// the order they run.
package planner
