package engine

import (
	"cmp"
	"context"
	"maps"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// withParts are the parts of a statement that run besides its main plan: the
// data-modifying statements of its WITH clause, and queries that several plans
// read. Each runs once and to its end, over what the statement saw when it began.
//
// The order is PostgreSQL's, where the main plan pulls rows out of what it reads
// and the rest is run afterwards, the last entry first: what is read runs before
// its reader, and what the main plan does not read runs behind it.
type withParts struct {
	s    *Session
	list []*planner.Part
	args []types.Datum
	read *reader
	mods map[int]*modification
	// work are the rows of the parts that have run.
	work map[int][]*vec.Batch
	done map[int]bool
	// order are the modifications that have run: their foreign keys are checked when
	// the whole statement is done.
	order []*modification
}

// withParts readies the parts of a statement.
func (s *Session) withParts(list []*planner.Part, args []types.Datum, r *reader) (*withParts, error) {
	w := &withParts{s: s, list: list, args: args, read: r, mods: map[int]*modification{}, work: map[int][]*vec.Batch{}, done: map[int]bool{}}
	for _, p := range list {
		if p.Modify == nil {
			continue
		}
		md, err := s.newModification(p.Modify, args)
		if err != nil {
			return nil, err
		}
		md.read, md.with = r, w
		if md.checks, err = md.compileChecks(p.Modify.Checks, p.Modify.New); err != nil {
			return nil, err
		}
		w.mods[p.ID] = md
	}
	return w, nil
}

// run runs the parts of these ids, and before each what it reads.
func (w *withParts) run(ctx context.Context, ids []int) error {
	for _, id := range ids {
		if w.done[id] {
			continue
		}
		w.done[id] = true
		for _, p := range w.list {
			if p.ID != id {
				continue
			}
			if err := w.run(ctx, p.Reads); err != nil {
				return err
			}
			if err := w.runPart(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// rest runs the modifications that nobody has asked for.
func (w *withParts) rest(ctx context.Context) error {
	for i := len(w.list) - 1; i >= 0; i-- {
		if p := w.list[i]; p.Modify != nil {
			if err := w.run(ctx, []int{p.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *withParts) runPart(ctx context.Context, p *planner.Part) error {
	if p.Call != nil {
		return w.runCall(ctx, p)
	}
	if md := w.mods[p.ID]; md != nil {
		if err := md.run(ctx, nil); err != nil {
			return err
		}
		w.order = append(w.order, md)
		if p.Modify.Returning == nil {
			return nil
		}
		src, err := md.returning(ctx)
		if err != nil {
			return err
		}
		var cols []int
		for i := range p.Modify.Returning.Cols {
			cols = append(cols, i)
		}
		return w.keep(ctx, p, src, cols)
	}
	rt := w.s.runtime()
	rt.Params, rt.Rels, rt.Work = w.args, w.read, w.s.transitions(w.work)
	src, err := exec.Compile(rt, p.Query)
	if err != nil {
		return err
	}
	return w.keep(ctx, p, src, positions(p.Query, p.Cols))
}

// keep reads the rows of a part.
func (w *withParts) keep(ctx context.Context, p *planner.Part, src vec.Source, cols []int) error {
	defer src.Close()
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil || lent.N == 0 {
			return err
		}
		w.work[p.ID] = append(w.work[p.ID], take(&lent, cols))
	}
}

// checkKeys checks the foreign keys of what was changed, and runs the AFTER triggers.
func (w *withParts) checkKeys(ctx context.Context) error {
	for _, md := range w.order {
		if err := md.fks.check(ctx); err != nil {
			return err
		}
		if err := md.spreadBy.checkKeys(ctx); err != nil {
			return err
		}
	}
	if w.s.cascading {
		return nil
	}
	return w.s.fireAfter(ctx)
}

// given are the rows that a plan of the statement finds at hand.
func (w *withParts) given(work map[int][]*vec.Batch) map[int][]*vec.Batch {
	if w == nil {
		return work
	}
	if len(work) == 0 {
		return w.work
	}
	all := maps.Clone(w.work)
	maps.Copy(all, work)
	return all
}

// changes tells whether another part of the statement has changed the row already:
// then it is left alone.
func (md *modification) changed(id uint64) bool { return md.with != nil && md.w.isGone(id) }

// queryWith runs a query whose WITH clause has data-modifying statements. They are
// done before the first row is sent.
func (s *Session) queryWith(ctx context.Context, p *prepared, args []types.Datum) (src vec.Source, err error) {
	s.tx.queried = true
	err = s.restarting(func(begun func()) error {
		src, err = s.queryWithOnce(ctx, p, args, begun)
		return err
	})
	return src, err
}

func (s *Session) queryWithOnce(ctx context.Context, p *prepared, args []types.Datum, begun func()) (vec.Source, error) {
	outer, own := s.ownLevel()
	if own {
		defer func() { s.afterLevel = outer }()
	}
	if err := s.lockTargets(ctx, p, s.analyzeQuery); err != nil {
		return nil, err
	}
	q := p.plan.query
	if err := s.permitted(q.Access); err != nil {
		return nil, err
	}
	if q.Locks {
		if err := s.lockRead(ctx, q.Root); err != nil {
			return nil, err
		}
		begun()
	}
	r, err := s.tx.reader()
	if err != nil {
		return nil, err
	}
	w, err := s.withParts(q.Parts, args, r)
	if err != nil {
		return nil, err
	}
	if err := w.run(ctx, q.Reads); err != nil {
		return nil, err
	}
	if err := w.rest(ctx); err != nil {
		return nil, err
	}
	if !q.Locks {
		if err := w.checkKeys(ctx); err != nil {
			return nil, err
		}
		return s.openOver(p.plan, args, r, w.work)
	}
	src, err := s.openOver(p.plan, args, r, w.work)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	rows, err := readAll(ctx, src)
	return &batchList{list: rows}, cmp.Or(err, w.checkKeys(ctx))
}

// lockTargets plans a statement and locks the relations it writes to. Whoever has
// changed a definition before that is seen.
func (s *Session) lockTargets(ctx context.Context, p *prepared, analyze func(*prepared) error) error {
	for {
		if err := analyze(p); err != nil {
			return err
		}
		seen := true
		for _, r := range p.plan.targetList() {
			if err := s.lockRelation(ctx, r.OID, rowExclusive); err != nil {
				return err
			}
			seen = seen && (s.tx.changesCatalog() || s.e.catalog() == s.tx.read.Cat || s.e.catalog().RelationByOID(r.OID) == r)
		}
		if seen {
			return nil
		}
		if s.tx.iso != readCommitted {
			return errSerialize()
		}
		s.tx.refresh()
	}
}

// targetList are the relations that a plan writes to.
func (pl *planned) targetList() (out []*catalog.Relation) {
	switch {
	case pl.ruled:
		for _, st := range pl.steps {
			if st.plan != nil {
				out = append(out, st.plan.targetList()...)
			}
		}
		return out
	case pl.query != nil:
		return partTargets(nil, pl.query.Parts)
	}
	out = partTargets([]*catalog.Relation{pl.modify.Rel}, pl.modify.Parts)
	for _, m := range pl.modify.Also {
		out = append(out, m.Rel)
	}
	return out
}

func partTargets(out []*catalog.Relation, list []*planner.Part) []*catalog.Relation {
	for _, p := range list {
		if p.Modify != nil {
			out = append(out, p.Modify.Rel)
		}
	}
	return out
}

// modifies tells whether a query's WITH clause has data-modifying statements.
func modifies(q *ast.Select) bool {
	if q.With == nil {
		return false
	}
	for i := range q.With.CTEs {
		if q.With.CTEs[i].DML != nil {
			return true
		}
	}
	return false
}
