// Package parser turns PostgreSQL's SQL, with streamsqld's streaming syntax,
// into sql/ast.
//
// The way of a statement: lex splits the text into PostgreSQL's tokens; read
// (for queries, DML and expressions) and command (for everything that MySQL
// has no form of) check the grammar and write what is to be parsed as
// canonical text with an annex (canon); tidb parses that text with TiDB's
// parser, once per statement; lower makes sql/ast of TiDB's tree and the
// annex. User text never reaches TiDB's parser, which reads the same
// characters differently too often; it is the builder of the tree and not the
// judge of the syntax.
//
// Errors are *pgerr.Error with PostgreSQL's wording, SQLSTATE and place.
package parser

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/command"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
	"github.com/streamsqld/streamsqld/sql/parser/lower"
	"github.com/streamsqld/streamsqld/sql/parser/read"
	"github.com/streamsqld/streamsqld/sql/parser/tidb"
)

// maxQuery bounds the length of a query string, as PostgreSQL does.
const maxQuery = 1<<30 - 1

// workspace is the memory of one Parse call.
type workspace struct {
	tokens []lex.Token
	reader read.Reader
}

// maxKeptTokens bounds the memory that a workspace keeps.
const maxKeptTokens = 1 << 14

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// open prepares the reading of sql.
func (w *workspace) open(sql string) (lex.Result, error) {
	if len(sql) > maxQuery {
		return lex.Result{}, pgerr.New(pgerr.ProgramLimitExceeded, "query string is too long")
	}
	if !utf8.ValidString(sql) || strings.IndexByte(sql, 0) >= 0 {
		return lex.Result{}, lex.ValidText(sql)
	}
	res := lex.Scan(sql, w.tokens[:0])
	w.tokens = res.Tokens
	w.reader.Init(sql, res)
	return res, nil
}

func (w *workspace) close() {
	if cap(w.tokens) > maxKeptTokens {
		w.tokens = nil
	} else {
		clear(w.tokens) // what lies behind was cleared before
	}
	w.reader.Close()
	workspaces.Put(w)
}

// Parse splits a query string at its semicolons and parses every statement. An
// empty string, or one of blanks, comments and semicolons, gives no
// statements. As in PostgreSQL, an error anywhere fails the whole string.
func Parse(sql string) ([]ast.Statement, error) {
	w := workspaces.Get().(*workspace)
	defer w.close()
	tokens, err := w.open(sql)
	if err != nil {
		return nil, err
	}
	r := &w.reader
	var list []parsed
	for {
		for r.AcceptChar(';') {
		}
		if r.IsChar(lex.EOF) {
			break
		}
		p, err := statement(r)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return build(list, tokens.Notices)
}

// parsed is a statement whose queries and expressions are still text.
type parsed struct {
	ast.Statement
	res read.Result
}

func statement(r *read.Reader) (parsed, error) {
	var p parsed
	p.Start = r.Pos()
	res, err := r.Statement(func() {
		p.Stmt = command.Statement(r)
		p.Text = r.Source(p.Start)
		if !r.AtEnd() {
			panic(r.Unexpected())
		}
	})
	if err != nil {
		return parsed{}, err
	}
	p.res, p.NumParams, p.Notices = res, r.NumParams, r.Notices
	return p, nil
}

// build parses and lowers the texts of statements that are all known to be
// well-formed.
func build(list []parsed, notices []lex.Notice) ([]ast.Statement, error) {
	out := make([]ast.Statement, 0, len(list))
	for _, p := range list {
		if p.res.Refused != nil {
			return nil, p.res.Refused
		}
		if err := finish(p.res, p.Text); err != nil {
			return nil, err
		}
		for len(notices) > 0 && notices[0].Pos < p.Start+ast.Pos(len(p.Text)) {
			p.Notices = append(p.Notices, notices[0].Report)
			notices = notices[1:]
		}
		out = append(out, p.Statement)
	}
	return out, nil
}

// finish gives the text of one statement to TiDB and fills the statement with
// what comes back.
func finish(res read.Result, source string) error {
	if res.Text == nil {
		return nil
	}
	return tidb.Parse(res.Text.SQL, source, func(stmt tidb.Stmt) error {
		switch {
		case res.Slots != nil:
			return lower.Slots(stmt, res.Text, res.Slots)
		case res.Query != nil:
			return lower.Query(stmt, res.Text, res.Query)
		}
		return lower.DML(stmt, res.Text)
	})
}
