package command

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// createSequence reads CREATE SEQUENCE behind these words.
func (r cmd) createSequence(c created) ast.Stmt {
	s := &ast.CreateSequence{Persistence: c.persistence, Pos: c.pos}
	s.IfNotExists = r.ifNotExists()
	s.Name = r.QualifiedName()
	s.Options = r.seqOptions()
	return s
}

// seqOptions reads options of a sequence as long as there are any.
func (r cmd) seqOptions() []ast.SeqOption {
	var list []ast.SeqOption
	for r.isSeqOption() {
		list = append(list, r.seqOption())
	}
	return list
}

// isSeqOption tells whether an option of a sequence follows.
func (r cmd) isSeqOption() bool {
	switch r.Tok().Keyword {
	case keyword.As, keyword.Cache, keyword.Cycle, keyword.No, keyword.Increment, keyword.Maxvalue,
		keyword.Minvalue, keyword.Owned, keyword.Sequence, keyword.Start, keyword.Restart:
		return true
	}
	return false
}

// seqOption reads one option of a sequence.
func (r cmd) seqOption() ast.SeqOption {
	o := ast.SeqOption{Name: r.Tok().Str, Pos: r.Pos()}
	at := r.Tok().Keyword
	r.Next()
	switch at {
	case keyword.As:
		t := r.SimpleTypeName()
		o.Type = &t
	case keyword.Cycle:
		o.Bool = true
	case keyword.No:
		r.noSeqOption(&o)
	case keyword.Increment:
		r.Accept(keyword.By)
		o.Value = r.Number()
	case keyword.Start:
		r.Accept(keyword.With)
		o.Value = r.Number()
	case keyword.Restart:
		if r.Accept(keyword.With) || r.IsNumber() {
			o.Value = r.Number()
		}
	case keyword.Owned:
		r.Expect(keyword.By)
		o.Name = "owned by"
		if o.Owner = r.AnyNameParts(); len(o.Owner) == 1 && o.Owner[0] == "none" {
			o.Owner = nil
		}
	case keyword.Sequence:
		r.Expect(keyword.Name)
		o.Name, o.Owner = "sequence name", r.AnyNameParts()
	default: // CACHE, MAXVALUE, MINVALUE
		o.Value = r.Number()
	}
	return o
}

// noSeqOption reads what NO negates.
func (r cmd) noSeqOption(o *ast.SeqOption) {
	switch {
	case r.Is(keyword.Cycle), r.Is(keyword.Maxvalue), r.Is(keyword.Minvalue):
		o.Name = strings.ToLower(r.Tok().Str)
		r.Next()
	default:
		panic(r.Unexpected())
	}
}
