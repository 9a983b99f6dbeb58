// Package tidb runs TiDB's parser on canonical text: one parse per statement,
// with pooled parser objects.
//
// A parser object is not safe for concurrent use, reuses the slice it returns
// and keeps what it parsed reachable. So statements are copied out, and a
// parser that has seen a large text is reset or dropped.
package tidb

import (
	"fmt"
	"sync"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The sizes of a text in bytes from which on a parser is reset, and dropped,
// after it.
const (
	resetSize = 16 << 10
	dropSize  = 1 << 20
)

var pool = sync.Pool{New: func() any { return configure(parser.New()) }}

// configure sets the mode that canonical text is written for: a backslash in a
// string is itself.
func configure(p *parser.Parser) *parser.Parser {
	p.SetSQLMode(mysql.ModeNoBackslashEscapes)
	return p
}

// Parse parses canonical text, which must be one statement. TiDB refusing it
// is a bug of ours: XX000 with the text and the source it was made from.
func Parse(text, source string) (ast.StmtNode, error) {
	p := pool.Get().(*parser.Parser)
	stmt, err := parse(p, text)
	if err != nil { // also after a panic: p is not to be trusted any more
		return nil, refused(err, text, source)
	}
	if len(text) >= resetSize {
		p.Reset()
		configure(p)
	}
	if len(text) < dropSize {
		pool.Put(p)
	}
	return stmt, nil
}

func parse(p *parser.Parser, text string) (stmt ast.StmtNode, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	stmts, warns, err := p.ParseSQL(text)
	switch {
	case err != nil:
		return nil, err
	case len(warns) > 0:
		return nil, warns[0]
	case len(stmts) != 1:
		return nil, fmt.Errorf("%d statements", len(stmts))
	}
	return stmts[0], nil
}

// maxDetail bounds the texts in an error's detail.
const maxDetail = 4 << 10

func refused(cause error, text, source string) error {
	return pgerr.New(pgerr.InternalError, "the inner parser refused a statement: %v", clip(cause.Error())).
		WithDetail("Text: %s\nSource: %s", clip(text), clip(source))
}

func clip(s string) string {
	if len(s) > maxDetail {
		return s[:maxDetail] + "…"
	}
	return s
}
