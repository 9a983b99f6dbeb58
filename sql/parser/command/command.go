// Package command reads the statements that MySQL has no form of, or a
// different one: DDL, transactions, COPY, cursors, settings and so on. It works
// on the reader's cursor, builds the sql/ast node itself, and hands the
// queries and expressions in it to the reader.
//
// What sql/ast has no node for is read to its end without much of a check and
// becomes ast.Unsupported with its name.
package command

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// cmd is a reader with the commands' own parts of the grammar.
type cmd struct{ *read.Reader }

// readers are the commands by their first word.
var readers = map[keyword.ID]func(r cmd) ast.Stmt{
	keyword.Begin: cmd.begin, keyword.Start: cmd.start, keyword.Commit: cmd.commit, keyword.End: cmd.commit,
	keyword.Rollback: cmd.rollback, keyword.Abort: cmd.rollback, keyword.Savepoint: cmd.savepoint,
	keyword.Release: cmd.release,

	keyword.Set: cmd.set, keyword.Reset: cmd.reset, keyword.Show: cmd.show, keyword.Discard: cmd.discard,

	keyword.Explain: cmd.explain, keyword.Prepare: cmd.prepare, keyword.Execute: cmd.execute,
	keyword.Deallocate: cmd.deallocate, keyword.Declare: cmd.declare, keyword.Fetch: cmd.fetch,
	keyword.Move: cmd.fetch, keyword.Close: cmd.closePortal,

	keyword.Copy: cmd.copy, keyword.Truncate: cmd.truncate, keyword.Lock: cmd.lock,
	keyword.Listen: cmd.listen, keyword.Unlisten: cmd.unlisten, keyword.Notify: cmd.notify,
	keyword.Analyze: cmd.analyze, keyword.Analyse: cmd.analyze, keyword.Vacuum: cmd.vacuum,
	keyword.Checkpoint: cmd.checkpoint, keyword.Call: cmd.call, keyword.Do: cmd.do, keyword.Check: cmd.check,
	keyword.Refresh: cmd.refresh, keyword.Reindex: cmd.reindex, keyword.Cluster: cmd.cluster,

	keyword.Create: cmd.create, keyword.Drop: cmd.drop, keyword.Alter: cmd.alter, keyword.Comment: cmd.comment,
	keyword.Grant: cmd.grant, keyword.Revoke: cmd.grant, keyword.Reassign: cmd.reassign,
}

// Statement reads one statement of any kind.
func Statement(r *read.Reader) ast.Stmt {
	if r.IsPreparable() || r.IsChar('(') {
		return r.Preparable()
	}
	c := cmd{r}
	if read, ok := readers[r.Tok().Keyword]; ok {
		return read(c)
	}
	if r.IsWord("subscribe") {
		return c.subscribe()
	}
	if s := c.unsupported(otherStatements); s != nil {
		return s
	}
	c.badPhrase(otherStatements)
	return nil
}

// skipped moves to the statement's end.
func (r cmd) skipped(what string, pos ast.Pos) ast.Stmt {
	r.SkipStatement()
	return &ast.Unsupported{What: what, Pos: pos}
}

// failAt ends the reading with a syntax error at pos.
func (r cmd) failAt(pos ast.Pos, format string, args ...any) {
	r.Fail(pgerr.New(pgerr.SyntaxError, format, args...).At(pos))
}

// refuseAt ends the reading with what PostgreSQL itself refuses.
func (r cmd) refuseAt(pos ast.Pos, format string, args ...any) {
	r.Fail(pgerr.New(pgerr.FeatureNotSupported, format, args...).At(pos))
}

// ifExists reads IF EXISTS. if alone is a name.
func (r cmd) ifExists() bool { return r.AcceptAll(keyword.If, keyword.Exists) }

// ifNotExists reads IF NOT EXISTS.
func (r cmd) ifNotExists() bool {
	if !r.Is(keyword.If) || !r.Peek(1).Is(keyword.Not) {
		return false
	}
	r.Skip(2)
	r.Expect(keyword.Exists)
	return true
}

// acceptPair reads two words, of which the first decides.
func (r cmd) acceptPair(a, b keyword.ID) bool {
	if !r.Accept(a) {
		return false
	}
	r.Expect(b)
	return true
}

// cascade reads CASCADE or RESTRICT.
func (r cmd) cascade() bool {
	if r.Accept(keyword.Cascade) {
		return true
	}
	r.Accept(keyword.Restrict)
	return false
}

// optName reads a name behind the word k if that follows; else it is "".
func (r cmd) optName(k keyword.ID) string {
	if !r.Accept(k) {
		return ""
	}
	return r.ColID().Name
}
