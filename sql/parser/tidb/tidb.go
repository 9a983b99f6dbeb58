// Package tidb runs TiDB's parser on canonical text: one parse per statement,
// with pooled parser objects.
//
// A parser object is not safe for concurrent use, reuses the slice it returns,
// keeps what it parsed reachable, and, when it is used again, may still set the
// offset of a node of the tree before. So a tree is valid only until its parser
// goes back into the pool, and a parser that has seen a large text is reset or
// dropped.
package tidb

import (
	"fmt"
	"sync"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Stmt is a statement of TiDB's tree.
type Stmt = ast.StmtNode

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

// Parse parses canonical text, which must be one statement, and hands the
// statement to use, which must not keep it. TiDB refusing the text is a bug of
// ours: XX000 with the text and the source it was made from.
func Parse(text, source string, use func(Stmt) error) error {
	p := pool.Get().(*parser.Parser)
	stmt, err := parse(p, text)
	if err != nil { // also after a panic: p is not to be trusted any more
		return refused(err, text, source)
	}
	err = use(stmt)
	if len(text) >= resetSize {
		p.Reset()
		configure(p)
	}
	if len(text) < dropSize {
		pool.Put(p)
	}
	return err
}

func parse(p *parser.Parser, text string) (stmt Stmt, err error) {
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
