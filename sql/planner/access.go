package planner

import (
	"slices"
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
)

// Access is what a statement does to a relation, which its role needs privileges
// for; or the call of a function (privilege X), whose OID then is Rel.
type Access struct {
	Rel catalog.OID
	// As is the role whose privileges count: the owner of the view through which the
	// relation is read. 0 is the current role.
	As catalog.OID
	// Privs are the letters of the privileges needed: r, a, w, d.
	Privs string
	// Read, Insert and Update are the attribute numbers concerned; with r and an
	// empty Read any column will do. 0 stands for the whole row.
	Read, Insert, Update []int16
}

// accessKey tells accesses apart.
type accessKey struct{ rel, as catalog.OID }

// accesses collects what a statement does.
type accesses struct {
	by map[accessKey]*Access
	// as is the owner of the view that is being expanded, 0 outside of views.
	as catalog.OID
	// off counts what is bound on the system's behalf: defaults and checks read
	// columns without asking.
	off int
}

// access notes that a relation is used, and gives the note; nil while nothing is
// noted.
func (b *binder) access(rel catalog.OID, priv string) *Access {
	if b.acc.off > 0 || rel == 0 {
		return nil
	}
	k := accessKey{rel, b.acc.as}
	a := b.acc.by[k]
	if a == nil {
		a = &Access{Rel: rel, As: b.acc.as}
		if b.acc.by == nil {
			b.acc.by = map[accessKey]*Access{}
		}
		b.acc.by[k] = a
	}
	if !strings.Contains(a.Privs, priv) {
		a.Privs += priv
	}
	return a
}

// read notes that a column is read.
func (b *binder) read(rel catalog.OID, attr int16) {
	if a := b.access(rel, "r"); a != nil && attr >= 0 {
		a.Read = with(a.Read, attr)
	}
}

// noteBelow notes that columns of the stored relation are written (by a or w) for each view
// between it and the one that the statement names, and for the relation itself: each
// counts for the owner of the view above it.
func (b *binder) noteBelow(w *written, attrs []int16, priv string) error {
	as := b.acc.as
	defer func() { b.acc.as = as }()
	for i := range w.views {
		if w.views[i].part {
			return nil
		}
		b.acc.as = w.views[i].rel.ReadsAs()
		below := w.rel.OID
		at := attrs
		if i+1 < len(w.views) {
			inner := &written{rel: w.rel, views: w.views[i+1:]}
			if _, err := unasked(b, func() (any, error) { return nil, b.mapColumns(inner, "DELETE") }); err != nil {
				return err
			}
			below, at = inner.shown().OID, nil
			for k, attr := range inner.attrs {
				if slices.Contains(attrs, attr) {
					at = append(at, int16(k+1))
				}
			}
		}
		if a := b.access(below, priv); a != nil {
			for _, n := range at {
				if priv == "a" {
					a.Insert = with(a.Insert, n)
				} else {
					a.Update = with(a.Update, n)
				}
			}
		}
	}
	return nil
}

// unasked runs fn without noting what it reads.
func unasked[T any](b *binder, fn func() (T, error)) (T, error) {
	b.acc.off++
	defer func() { b.acc.off-- }()
	return fn()
}

// with adds a number to a list that has each once.
func with(list []int16, n int16) []int16 {
	for _, x := range list {
		if x == n {
			return list
		}
	}
	return append(list, n)
}

// accessList gives what was noted, in order of relation.
func (b *binder) accessList() []Access {
	var out []Access
	for _, a := range b.acc.by {
		out = append(out, *a)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Rel != out[j].Rel {
			return out[i].Rel < out[j].Rel
		}
		return out[i].As < out[j].As
	})
	return out
}
