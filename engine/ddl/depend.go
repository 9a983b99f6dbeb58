package ddl

import (
	"cmp"
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Object is short for the catalogue's.
type Object = catalog.Object

// reach tells how an object was reached in the search for what has to go.
type reach uint8

const (
	reachOriginal  reach = 1 << iota // the user named it
	reachNormal                      // by a dependency that needs CASCADE
	reachAuto                        // by one that does not
	reachInternal                    // it is part of something that goes
	reachReverse                     // it owns something that has to go
	reachSubobject                   // all of its relation goes too
)

// link is a dependency, seen from one of its ends.
type link struct {
	other Object
	kind  catalog.DepKind
}

// graph holds the dependencies of the catalogue, by both ends.
type graph struct {
	on map[Object][]link // what an object depends on
	// of holds what depends on an object, by its OID: also on its columns.
	of map[catalog.Object][]dependent
}

// dependent is an object that depends on column sub of another.
type dependent struct {
	link
	sub int16
}

func (r *run) graph() *graph {
	g := &graph{on: map[Object][]link{}, of: map[Object][]dependent{}}
	r.e.Dependencies(func(a, b Object, kind catalog.DepKind) {
		g.on[a] = append(g.on[a], link{b, kind})
		whole := Object{Class: b.Class, OID: b.OID}
		g.of[whole] = append(g.of[whole], dependent{link{a, kind}, b.Sub})
	})
	return g
}

// target is an object that goes, and through which it was reached.
type target struct {
	Object
	flags    reach
	dependee Object
}

// deletion finds everything that goes with some objects, after PostgreSQL's
// findDependentObjects: targets come before what they depend on.
type deletion struct {
	*run
	g       *graph
	pending []Object
	targets []target
}

// frame is an object whose dependents are being looked at.
type frame struct {
	obj    Object
	flags  reach
	parent *frame
}

// covers tells whether an object is another one, or the whole that it is a part of.
func covers(a, b Object) bool {
	return a.Class == b.Class && a.OID == b.OID && (a.Sub == b.Sub || a.Sub == 0)
}

// present tells whether an object is among the targets already, and adds flags.
func (d *deletion) present(o Object, flags reach) bool {
	found := false
	for i := len(d.targets) - 1; i >= 0; i-- {
		t := &d.targets[i]
		if t.Class != o.Class || t.OID != o.OID {
			continue
		}
		switch {
		case t.Sub == o.Sub:
			t.flags |= flags
			found = true
		case t.Sub == 0:
			found = true
		case o.Sub == 0:
			if flags != 0 {
				t.flags |= flags | reachSubobject
			}
		}
	}
	return found
}

// onStack tells whether an object is being looked at, and adds flags.
func onStack(o Object, flags reach, st *frame) bool {
	found := false
	for ; st != nil; st = st.parent {
		if st.obj.Class != o.Class || st.obj.OID != o.OID {
			continue
		}
		switch {
		case st.obj.Sub == o.Sub:
			st.flags |= flags
			found = true
		case st.obj.Sub == 0:
			found = true
		case o.Sub == 0 && flags != 0:
			st.flags |= flags | reachSubobject
		}
	}
	return found
}

// find adds an object and all that depends on it to the targets.
func (d *deletion) find(o Object, flags reach, st *frame) error {
	if onStack(o, flags, st) || d.present(o, flags) {
		return nil
	}
	done, err := d.owner(o, flags, st)
	if done || err != nil {
		return err
	}
	mine := &frame{o, flags, st}
	for _, l := range d.dependents(o) {
		how := map[catalog.DepKind]reach{catalog.DepNormal: reachNormal, catalog.DepAuto: reachAuto, catalog.DepInternal: reachInternal}[l.kind]
		if err := d.find(l.other, how, mine); err != nil {
			return err
		}
	}
	t := target{Object: o, flags: mine.flags}
	if st != nil {
		t.dependee = st.obj
	}
	d.targets = append(d.targets, t)
	return nil
}

// owner looks at what the object is a part of: that has to go instead. done tells
// that the object has been dealt with.
func (d *deletion) owner(o Object, flags reach, st *frame) (done bool, err error) {
	for _, l := range d.g.on[o] {
		if l.kind != catalog.DepInternal {
			continue
		}
		if st == nil {
			if slices.ContainsFunc(d.pending, func(p Object) bool { return covers(p, l.other) }) {
				return true, nil
			}
			what, owner := d.describe(o), d.describe(l.other)
			return true, pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s because %s requires it", what, owner).
				WithHint("You can drop %s instead.", owner)
		}
		if onStack(l.other, 0, st) {
			continue
		}
		if err := d.find(l.other, reachReverse, st); err != nil {
			return true, err
		}
		d.present(o, flags)
		return true, nil
	}
	return false, nil
}

// dependents gives what depends on an object, the latest first.
func (d *deletion) dependents(o Object) []link {
	var out []link
	for _, x := range d.g.of[Object{Class: o.Class, OID: o.OID}] {
		if o.Sub != 0 && x.sub != o.Sub {
			continue
		}
		if o.Sub == 0 && x.other.Class == o.Class && x.other.OID == o.OID {
			continue
		}
		out = append(out, x.link)
	}
	slices.SortStableFunc(out, func(a, b link) int {
		return cmp.Or(cmp.Compare(b.other.OID, a.other.OID), cmp.Compare(b.other.Class, a.other.Class), cmp.Compare(a.other.Sub, b.other.Sub))
	})
	return out
}

// maxReported is how many dependent objects a message names.
const maxReported = 100

// report refuses, or tells in a notice, that more goes than the user named
// (reportDependentObjects).
func (d *deletion) report(cascade bool, named []Object) error {
	var lines []string
	for i := len(d.targets) - 1; i >= 0; i-- {
		t := &d.targets[i]
		if t.flags&(reachOriginal|reachSubobject|reachAuto|reachInternal) != 0 {
			continue
		}
		what := d.describe(t.Object)
		if what == "" {
			continue
		}
		if cascade {
			lines = append(lines, "drop cascades to "+what)
		} else {
			lines = append(lines, what+" depends on "+d.describe(t.dependee))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	detail := joinLines(lines)
	switch {
	case !cascade:
		e := pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop desired object(s) because other objects depend on them")
		if len(named) == 1 {
			e = pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s because other objects depend on it", d.describe(named[0]))
		}
		return e.WithDetail("%s", detail).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	case len(lines) == 1:
		d.notice(pgerr.SuccessfulCompletion, "%s", lines[0])
	default:
		d.s.Notice(pgerr.Notice(pgerr.SuccessfulCompletion, "drop cascades to %d other objects", len(lines)).WithDetail("%s", detail))
	}
	return nil
}

// dropObjects drops objects with everything that depends on them; without cascade
// it refuses when that is more than their parts (performMultipleDeletions). command
// is what messages call it.
func (r *run) dropObjects(named []Object, cascade bool, command string) error {
	return r.dropAlong(named, nil, cascade, command)
}

// dropAlong is dropObjects with objects that go along without being named.
func (r *run) dropAlong(named, along []Object, cascade bool, command string) error {
	all := slices.Concat(named, along)
	d := &deletion{run: r, g: r.graph(), pending: all}
	for _, o := range all {
		if err := d.find(o, reachOriginal, nil); err != nil {
			return err
		}
	}
	if err := d.report(cascade, named); err != nil {
		return err
	}
	if err := r.lockPartitioned(d.targets); err != nil {
		return err
	}
	return d.apply(command)
}

// DropQuietly deletes temporary tables of the session with everything that depends on
// them, and tells nobody: what ON COMMIT DROP does.
func DropQuietly(ctx context.Context, s Session, tables []OID) error {
	d := &deletion{run: &run{ctx: ctx, s: s, e: s.Edit()}}
	d.g = d.graph()
	for _, oid := range tables {
		d.pending = append(d.pending, Object{Class: catalog.ClassRelation, OID: oid})
	}
	for _, o := range d.pending {
		if err := d.find(o, reachOriginal, nil); err != nil {
			return err
		}
	}
	defaults := d.defaults()
	for _, t := range d.targets {
		d.delete(t.Object, defaults)
	}
	return nil
}
