package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// do reads DO.
func (r cmd) do() ast.Stmt {
	pos := r.Pos()
	r.Next()
	d := &ast.Do{Pos: -1}
	language := false
	for first := true; first || !r.AtEnd(); first = false {
		at := r.Pos()
		switch {
		case r.Accept(keyword.Language):
			if language {
				r.failAt(at, "conflicting or redundant options")
			}
			language = true
			d.Language = r.NonReservedOrString()
		default:
			if d.Pos >= 0 {
				r.failAt(at, "conflicting or redundant options")
			}
			d.Body = r.StringConst()
			d.Text, d.Pos = r.Source(at), at
		}
	}
	if d.Pos < 0 {
		r.failAt(pos, "no inline code specified")
	}
	return d
}
