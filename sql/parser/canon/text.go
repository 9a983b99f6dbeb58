package canon

import (
	"sort"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// Text is a statement as TiDB's parser is given it, with its annex.
type Text struct {
	SQL string
	Annex
	// Sorted offsets into SQL and the source offsets of what begins there.
	offsets, sources []int32
}

// Source is the source offset of the fragment that covers the byte at offset
// of SQL. Fragments without a place count to the one before them.
func (t *Text) Source(offset int) ast.Pos {
	i := sort.Search(len(t.offsets), func(i int) bool { return int(t.offsets[i]) > offset })
	if i == 0 {
		return ast.NoPos
	}
	return t.sources[i-1]
}

// Annex holds the nodes that the text refers to by markers.
type Annex struct {
	nodes []node
	holes []Hole
}

type node struct {
	value    any
	from, to int32 // its holes
}

// Hole is where an argument of a marker goes: exactly one field is set.
type Hole struct {
	Expr  *ast.Expr
	Query *ast.Select // filled in place
	With  **ast.With  // the WITH clause of the query
}

// MarkerIndex is the number of a marker's name, or -1 if name is none.
func MarkerIndex(name string) int {
	if len(name) < 2 || name[0] != 'k' || name[1] == '0' && len(name) > 2 {
		return -1
	}
	n := 0
	for i := 1; i < len(name); i++ {
		c := name[i]
		if c < '0' || c > '9' || n > 1<<28 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// UserName is the user's identifier that name stands for; ok is false if name
// is none.
func UserName(name string) (ident string, ok bool) {
	if len(name) < 2 || name[0] != '$' {
		return "", false
	}
	return name[1:], true
}

// Lookup gives the node of a marker with its holes; ok is false if name is not
// a marker of this annex.
func (a *Annex) Lookup(name string) (value any, holes []Hole, ok bool) {
	i := MarkerIndex(name)
	if i < 0 || i >= len(a.nodes) {
		return nil, nil, false
	}
	n := a.nodes[i]
	return n.value, a.holes[n.from:n.to], true
}
