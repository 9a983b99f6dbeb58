// Package canon is the common ground of the reader and the lowering: the
// canonical text that TiDB's parser is given, and the annex of what that text
// cannot say.
//
// The reader writes a statement as Pieces: ropes of fragments, each of which
// remembers the source offset it came from. Finish flattens a Piece into a
// Text and an offset map.
//
// Names. TiDB sees no word that a user chose: every identifier of the user's
// begins with '$', so it can be neither one of TiDB's key words nor a marker.
// A marker is k and a number, the index of a Node in the annex. It stands where
// PostgreSQL has something that TiDB's grammar has not: as a name (k7) if the
// node is complete, or as a call (k7(a, b)) whose arguments fill the node's
// holes. A node that the reader put into the annex is thus the finished
// sql/ast node but for the expressions and queries in it.
package canon

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// Level says how tightly a Piece binds in TiDB's grammar; a piece that stands
// where a tighter one is wanted is put into parentheses.
type Level uint8

// The levels, from Expression down to SimpleExpr in TiDB's parser.y.
const (
	LevelOr Level = iota
	LevelAnd
	LevelNot
	LevelBool // comparison, IS NULL
	LevelPred // IN, BETWEEN, LIKE
	LevelAdd
	LevelMul
	LevelPrimary
)

// Piece is a rope of fragments. It may be used in one larger piece only.
type Piece struct {
	head, tail int32
	Level      Level
}

// fragKind says how a fragment is written out.
type fragKind uint8

const (
	fragText   fragKind = iota // text as it is
	fragIdent                  // text as an identifier of the user's
	fragString                 // text as a string literal
	fragMarker                 // a marker, num is the node
)

// frag is a fragment; next is its index + 1, 0 at the end.
type frag struct {
	text string
	src  ast.Pos
	next int32
	num  int32
	kind fragKind
}

// Builder collects the fragments and the annex of one statement.
type Builder struct {
	frags []frag
	annex Annex
}

// Reset makes the builder ready for another statement. Annexes handed out by
// Finish stay valid.
func (b *Builder) Reset() {
	clear(b.frags)
	b.frags = b.frags[:0]
	b.annex = Annex{}
}

// Large tells whether the builder holds so much memory that it is better
// dropped than kept.
func (b *Builder) Large() bool { return cap(b.frags) > 1<<14 }

func (b *Builder) add(f frag) Piece {
	b.frags = append(b.frags, f)
	n := int32(len(b.frags))
	return Piece{head: n, tail: n, Level: LevelPrimary}
}

// Text is fixed text without a place of its own.
func (b *Builder) Text(text string) Piece { return b.add(frag{text: text, src: ast.NoPos}) }

// TextAt is text that stands for the token at pos.
func (b *Builder) TextAt(text string, pos ast.Pos) Piece { return b.add(frag{text: text, src: pos}) }

// Ident is an identifier.
func (b *Builder) Ident(name string, pos ast.Pos) Piece {
	return b.add(frag{kind: fragIdent, text: name, src: pos})
}

// String is a string literal.
func (b *Builder) String(value string, pos ast.Pos) Piece {
	return b.add(frag{kind: fragString, text: value, src: pos})
}

// Append links q behind p. The level is p's.
func (b *Builder) Append(p, q Piece) Piece {
	b.frags[p.tail-1].next = q.head
	p.tail = q.tail
	return p
}

// Join links pieces; the level is LevelPrimary.
func (b *Builder) Join(pieces ...Piece) Piece {
	p := pieces[0]
	for _, q := range pieces[1:] {
		p = b.Append(p, q)
	}
	p.Level = LevelPrimary
	return p
}

// Paren puts p into parentheses unless it binds as tightly as need.
func (b *Builder) Paren(p Piece, need Level) Piece {
	if p.Level >= need {
		return p
	}
	return b.Join(b.Text("("), p, b.Text(")"))
}

// Arg is an argument of a marker with the hole that it fills; one of To,
// ToQuery and ToWith is set. For ToQuery and ToWith the piece is a
// parenthesised query.
type Arg struct {
	Piece   Piece
	To      *ast.Expr
	ToQuery *ast.Select
	ToWith  **ast.With
}

// Node adds a node to the annex and gives its marker with the arguments that
// fill its holes.
func (b *Builder) Node(value any, args ...Arg) Piece {
	p := b.Marker(value, args...)
	if len(args) == 0 {
		return p
	}
	p = b.Append(p, b.Text("("))
	p = b.Append(p, b.List(args))
	return b.Append(p, b.Text(")"))
}

// Marker adds a node to the annex and gives its bare marker. The holes are
// filled from elsewhere, in the order of args.
func (b *Builder) Marker(value any, args ...Arg) Piece {
	from := len(b.annex.holes)
	for _, a := range args {
		b.annex.holes = append(b.annex.holes, Hole{Expr: a.To, Query: a.ToQuery, With: a.ToWith})
	}
	b.annex.nodes = append(b.annex.nodes, node{value, int32(from), int32(len(b.annex.holes))})
	return b.add(frag{kind: fragMarker, num: int32(len(b.annex.nodes) - 1), src: ast.NoPos})
}

// List links the pieces of args with commas. There must be at least one.
func (b *Builder) List(args []Arg) Piece {
	p := args[0].Piece
	for _, a := range args[1:] {
		p = b.Append(p, b.Text(", "))
		p = b.Append(p, a.Piece)
	}
	return p
}

// Finish flattens p. The builder may be reset afterwards.
func (b *Builder) Finish(p Piece) *Text {
	size, places := 0, 0
	for n := p.head; n != 0; n = b.frags[n-1].next {
		f := &b.frags[n-1]
		size += len(f.text) + 8
		if f.src >= 0 {
			places++
		}
	}
	t := &Text{Annex: b.annex, offsets: make([]int32, 0, places), sources: make([]int32, 0, places)}
	var out strings.Builder
	out.Grow(size)
	for n := p.head; n != 0; n = b.frags[n-1].next {
		f := &b.frags[n-1]
		if f.src >= 0 {
			t.offsets = append(t.offsets, int32(out.Len()))
			t.sources = append(t.sources, f.src)
		}
		f.write(&out)
	}
	t.SQL = out.String()
	return t
}

func (f *frag) write(out *strings.Builder) {
	switch f.kind {
	case fragText:
		out.WriteString(f.text)
	case fragIdent:
		writeIdent(out, f.text)
	case fragString:
		out.WriteByte('\'')
		writeDoubled(out, f.text, '\'')
		out.WriteByte('\'')
	case fragMarker:
		var buf [12]byte
		out.WriteByte('k')
		out.Write(strconv.AppendInt(buf[:0], int64(f.num), 10))
	}
}

// writeIdent writes a user's name, in backquotes only where it is not made of
// the characters of a plain word.
func writeIdent(out *strings.Builder, name string) {
	if isWord(name) {
		out.WriteByte('$')
		out.WriteString(name)
		return
	}
	out.WriteString("`$")
	writeDoubled(out, name, '`')
	out.WriteByte('`')
}

func isWord(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}

func writeDoubled(out *strings.Builder, text string, quote byte) {
	for {
		i := strings.IndexByte(text, quote)
		if i < 0 {
			out.WriteString(text)
			return
		}
		out.WriteString(text[:i+1])
		out.WriteByte(quote)
		text = text[i+1:]
	}
}
