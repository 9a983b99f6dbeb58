package engine

import (
	"context"
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
	"github.com/streamsqld/streamsqld/window"
)

// viewEnv is the environment of a view's expressions: the settings it was created
// under, and no session.
func (e *Engine) viewEnv(def *catalog.Relation) (*funcs.Env, error) {
	env, err := e.envOf(def.View.Settings)
	if err != nil {
		return nil, err
	}
	return &funcs.Env{Env: env}, nil
}

// planView plans the query of a materialized view.
func (e *Engine) planView(def *catalog.Relation, snap *catalog.Snapshot, notices func(*pgerr.Error)) (*planner.ViewQuery, *funcs.Env, error) {
	env, err := e.viewEnv(def)
	if err != nil {
		return nil, nil, err
	}
	q, err := parseQuery(def.View.SQL)
	if err != nil {
		return nil, nil, err
	}
	snap = snap.Home(def.Schema)
	path := snap.ResolvePath(catalog.SplitPath(def.View.Settings["search_path"]), "", 0)
	names := *env // reads the names of things in literals
	names.Names = sysfunc.Functions{Context: &catalog.Context{Snapshot: snap, Path: path, Env: &names.Env}}
	pc := e.plannerContext(snap, path, &names)
	pc.Notices = notices
	v, err := planner.View(pc, q, def.View.Emit == emitClose)
	return v, env, err
}

const emitClose = "window_close"

// newView compiles a materialized view, without state.
func (s *state) newView(def *catalog.Relation, snap *catalog.Snapshot) (*view, error) {
	q, env, err := s.e.planView(def, snap, nil)
	if err != nil {
		return nil, err
	}
	c, err := exec.CompileCircuit(q.Root, env)
	if err != nil {
		return nil, err
	}
	v := &view{oid: def.OID, def: def, query: q, circuit: c, inputs: c.Inputs(), closes: def.View.Emit == emitClose, mark: window.NoTime, counters: &counters{}}
	v.key = viewKey(q)
	v.contents = rel.NewContents(c.Types(), v.key)
	v.marks = make([]int64, len(v.inputs))
	for i := range v.marks {
		v.marks[i] = window.NoTime
	}
	return v, nil
}

// viewKey gives the columns of a view that are unique in it, nil when none are
// known to be.
func viewKey(q *planner.ViewQuery) []int {
	out := q.Root.Out()
	props := plan.NewDeriver(types.UTC).Of(q.Root)
	for _, key := range props.Keys {
		var at []int
		for _, id := range key {
			for i, c := range out {
				if c == id {
					at = append(at, i)
					break
				}
			}
		}
		if len(at) == len(key) && len(at) > 0 {
			return at
		}
	}
	return nil
}

// viewBuild is a view on its way: it is filled beside the commit line, which
// queues for it what changes meanwhile.
type viewBuild struct {
	v *view
	// base is the version it is filled from.
	base *Version

	mu    sync.Mutex
	queue []exec.StepInput
}

// tap begins to collect the changes of a view's inputs; it runs on the line.
func (s *state) tap(b *viewBuild) {
	b.base = s.cur
	s.builds = append(s.builds, b)
	for _, in := range b.v.inputs {
		if o := s.rels[in.Rel]; o != nil {
			o.readers = append(o.readers, b.v)
		}
		if up := s.view(in.Rel); up != nil {
			up.readers = append(up.readers, b.v)
		}
	}
}

// untap ends that.
func (s *state) untap(b *viewBuild) {
	for i, x := range s.builds {
		if x == b {
			s.builds = append(s.builds[:i:i], s.builds[i+1:]...)
			s.unlink(b.v)
			return
		}
	}
}

// feedBuilds queues a group's changes for the views that are being built.
func (s *state) feedBuilds(clock int64) {
	for _, b := range s.builds {
		in := s.stepInput(b.v, clock)
		b.mu.Lock()
		b.queue = append(b.queue, in)
		b.mu.Unlock()
	}
}

// stepInput collects what the group under way means to a view.
func (s *state) stepInput(v *view, clock int64) exec.StepInput {
	in := exec.StepInput{Clock: clock, Deltas: make([]exec.Delta, len(v.inputs)), Marks: make([]int64, len(v.inputs))}
	for i, ci := range v.inputs {
		in.Marks[i] = s.markOf(ci.Rel)
		if d := s.deltaOf(ci.Rel); d != nil {
			in.Deltas[i] = &inputDelta{parts: d.parts, input: ci, layout: s.layoutOf(ci.Rel)}
		}
	}
	return in
}

// backfill gives the contents of a view's inputs in a version as its first step.
func (s *state) backfill(ctx context.Context, v *view, base *Version) error {
	in := exec.StepInput{Clock: base.Clock, Deltas: make([]exec.Delta, len(v.inputs)), Marks: make([]int64, len(v.inputs))}
	for i, ci := range v.inputs {
		def := base.Cat.RelationByOID(ci.Rel)
		in.Marks[i] = window.NoTime
		if def == nil {
			continue // made by the transaction that makes the view
		}
		st := base.relation(ci.Rel)
		in.Marks[i] = versionMark(def, st)
		in.Deltas[i] = &storedDelta{st: st, input: ci, def: def, snap: base.Cat}
	}
	return v.step(ctx, &in, s.e.now)
}

// versionMark is the watermark of a relation in a version.
func versionMark(def *catalog.Relation, st *relState) int64 {
	switch {
	case st == nil:
	case def.Kind == catalog.Stream && def.Stream.Time > 0:
		return st.mark.Watermark(def.Stream.Rules)
	case def.Kind == catalog.MatView && def.View.Emit == emitClose:
		return st.mark.Floor
	}
	return window.NoTime
}

// storedDelta gives all rows of a relation as a change.
type storedDelta struct {
	st    *relState
	input exec.CircuitInput
	def   *catalog.Relation
	snap  *catalog.Snapshot
}

// Each implements exec.Delta.
func (d *storedDelta) Each(ctx context.Context, fn func(b *vec.Batch) error) error {
	if d.st == nil {
		return nil
	}
	if d.st.err != nil {
		return nil // reading it fails; the view above fails with it
	}
	scan := &plan.Scan{Rel: d.def, Attrs: d.input.Attrs}
	var m *columnMap
	var src vec.Source
	if d.st.view != nil {
		m = mapColumns(scan, func(a int16) int { return int(a) - 1 })
		src = d.st.view.Scan(rel.ScanSpec{Cols: m.slots, WithRowID: m.id})
	} else {
		m = mapColumns(scan, newLayout(d.def, d.snap).slotOf)
		src = d.st.rows.Scan(rel.ScanSpec{Cols: m.slots, WithRowID: m.id})
	}
	p := &part{src: src, m: m}
	defer p.Close()
	for {
		var b vec.Batch
		if err := p.Next(ctx, &b); err != nil {
			return err
		}
		if b.N == 0 {
			return nil
		}
		if err := fn(&b); err != nil {
			return err
		}
	}
}

// buildViews fills the materialized views that a transaction creates, beside the
// commit line, and hands them to its commit.
func (s *Session) buildViews(ctx context.Context, c *commit) error {
	for i, oid := range s.tx.matviews {
		def := s.tx.catalog().RelationByOID(oid)
		if def == nil {
			continue // dropped again
		}
		if slices.ContainsFunc(def.Deps, func(d catalog.Dep) bool { return slices.Contains(s.tx.matviews[:i], d.Object) }) {
			continue // what it reads is not there before the commit, which fills it
		}
		s.e.building.begin(s, def, s.e.inputRows(def))
		b, err := s.e.buildView(ctx, def, s.tx.catalog())
		s.e.building.end(s)
		if err != nil {
			for _, x := range c.built {
				_ = s.e.line.do(func() { s.e.line.state.untap(x) })
			}
			return err
		}
		c.built = append(c.built, b)
	}
	return nil
}

// inputRows is how many rows the relations hold that a view reads.
func (e *Engine) inputRows(def *catalog.Relation) int64 {
	var n int64
	st := statistics{e: e, v: e.latest(), cat: e.catalog()}
	seen := map[OID]bool{}
	for _, d := range def.Deps {
		if !seen[d.Object] && st.v.relation(d.Object) != nil {
			n += int64(st.Rows(d.Object))
		}
		seen[d.Object] = true
	}
	return n
}

func (e *Engine) buildView(ctx context.Context, def *catalog.Relation, snap *catalog.Snapshot) (*viewBuild, error) {
	st := e.line.state
	v, err := st.newView(def, snap)
	if err != nil {
		return nil, err
	}
	b := &viewBuild{v: v}
	if err := e.line.do(func() { st.tap(b) }); err != nil {
		return nil, err
	}
	err = st.backfill(ctx, v, b.base)
	for err == nil {
		if n, cerr := b.catchUp(ctx, e.now); cerr != nil || n < catchUpRows {
			err = cerr
			break
		}
	}
	if err != nil {
		_ = e.line.do(func() { st.untap(b) })
		return nil, err
	}
	return b, nil
}

// catchUpRows is how many queued steps are few enough to be left to the commit.
const catchUpRows = 4

// catchUp steps what was queued, and gives how many steps that were.
func (b *viewBuild) catchUp(ctx context.Context, now func() int64) (int, error) {
	b.mu.Lock()
	queue := b.queue
	b.queue = nil
	b.mu.Unlock()
	for i := range queue {
		if err := b.v.step(ctx, &queue[i], now); err != nil {
			return 0, err
		}
	}
	return len(queue), nil
}

// addView brings a materialized view in: the one that was built beside the line,
// or (in recovery) a new one filled from what is there.
func (s *state) addView(ctx context.Context, def *catalog.Relation, c *commit, ver *Version) error {
	var v *view
	for _, b := range c.built {
		if b.v.oid == def.OID {
			v = b.v
			s.untap(b)
			if _, err := b.catchUp(ctx, s.e.now); err != nil {
				return err
			}
		}
	}
	if v == nil {
		var err error
		if v, err = s.newView(def, ver.Cat); err != nil {
			return err
		}
		base := *s.cur
		base.rels, base.Cat = s.currentRels(), ver.Cat
		if err := s.backfill(ctx, v, &base); err != nil {
			return err
		}
	}
	v.def, v.dirty = def, true
	s.views = append(s.views, v)
	s.link(v)
	return nil
}

// currentRels are the relations as they are now, in the middle of a group.
func (s *state) currentRels() relMap {
	e := s.cur.rels.edit()
	for _, o := range s.rels {
		e.set(o.oid, o.published(s.cur.Seq))
	}
	for _, v := range s.views {
		if version, err := v.contents.Publish(); err == nil {
			e.set(v.oid, v.published(version, s.cur.Seq))
		}
	}
	return e.relMap
}

// checkColumns are the columns of CHECK MATERIALIZED VIEW.
func checkColumns() []port.Column {
	count := func(name string) port.Column { return port.Column{Name: name, Type: types.TInt8, Mod: types.NoMod} }
	return []port.Column{{Name: "ok", Type: types.TBool, Mod: types.NoMod}, count("missing"), count("extra"), count("commit")}
}

// checkView recomputes a view in batch at the statement's commit and compares.
func (s *Session) checkView(ctx context.Context, st *ast.CheckView) (*result, error) {
	r, err := s.relation(st.Name)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.MatView {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a materialized view", r.Name).At(st.Name.Pos)
	}
	missing, extra, err := s.compareView(ctx, r)
	if err != nil {
		return nil, err
	}
	b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Bool, 1), vec.New(types.Int, 1), vec.New(types.Int, 1), vec.New(types.Int, 1)}, N: 1}
	b.Cols[0].Bools[0] = missing == 0 && extra == 0
	b.Cols[1].Ints[0], b.Cols[2].Ints[0], b.Cols[3].Ints[0] = missing, extra, int64(s.tx.read.Seq)
	return &result{src: &batchList{list: []*vec.Batch{b}}, tag: func(int64) string { return "CHECK MATERIALIZED VIEW" }}, nil
}

// compareView counts the rows that a view lacks and those it has beyond its query.
func (s *Session) compareView(ctx context.Context, def *catalog.Relation) (missing, extra int64, err error) {
	state := s.tx.read.relation(def.OID)
	if state == nil || state.view == nil {
		return 0, 0, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "materialized view \"%s\" has not been populated", def.Name)
	}
	if state.err != nil {
		return 0, 0, state.err
	}
	q, env, err := s.e.planView(def, s.tx.read.Cat, nil)
	if err != nil {
		return 0, 0, err
	}
	r, err := s.tx.reader()
	if err != nil {
		return 0, 0, err
	}
	rt := s.runtime()
	rt.Env, rt.Rels = env, r
	src, err := exec.Compile(rt, q.Root)
	if err != nil {
		return 0, 0, err
	}
	defer src.Close()
	var ts []*types.Type
	for _, c := range q.Cols {
		ts = append(ts, c.Type)
	}
	d := newRowDiff(ts)
	if err := d.addAll(ctx, src, 1); err != nil {
		return 0, 0, err
	}
	cols := make([]int, len(ts))
	for i := range cols {
		cols[i] = i
	}
	have := state.view.Scan(rel.ScanSpec{Cols: cols})
	defer have.Close()
	if err := d.addAll(ctx, have, -1); err != nil {
		return 0, 0, err
	}
	missing, extra = d.counts()
	return missing, extra, nil
}
