// Package funcs is the one registry of functions, operators, casts, aggregates
// and window functions.
//
// Which functions exist, with which arguments, result, volatility and
// strictness, is PostgreSQL's own pg_proc (internal/pgdata) plus the rows of
// extra.go; overloads are resolved among all of them, so that a call means what
// it means in PostgreSQL. What a function does is an Impl, registered under the
// key of its row:
//
//   - a plain C function: its prosrc ("int4pl"), which several rows may share;
//   - an aggregate, and a function PostgreSQL itself writes in SQL:
//     name(argument types), as in "sum(int4)" or "lpad(text,int4)".
//
// A row without an Impl can be resolved but not called: 0A000, naming it.
//
// # Kernels
//
// A kernel computes a whole column at once over dense vectors (vec rule O3).
//
// K1: for a strict function the caller has already found the rows in which an
// argument is NULL: Ctx.Null. The kernel leaves these rows alone (it may write a
// harmless value) and never reports an error for them; the caller marks them
// NULL. A function that is not strict sees Ctx.Null == nil and reads its
// arguments' marks itself.
//
// K2: the kernel sizes out itself (out.Reset); it may set NULLs in it.
//
// K3: a row that fails is reported with Ctx.Bad.Set and otherwise skipped.
//
// K4: argument vectors are lent; strings may be kept (vec rule O2).
//
// K5: an immutable or stable kernel has no memory between calls that could show
// in a result; caches (a compiled pattern) are fine. A Kernel made by Bind is
// used by one goroutine at a time.
package funcs
