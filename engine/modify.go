package engine

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// modification is an INSERT, UPDATE, DELETE or MERGE while it runs.
type modification struct {
	s    *Session
	m    *planner.Modify
	rel  *catalog.Relation
	w    *writes
	args []types.Datum
	// checks are the compiled CHECK constraints over the new row's live columns.
	checks []compiledCheck
	// read is what all parts of the statement read.
	read *reader
	// returned collects the rows of RETURNING.
	returned []*vec.Batch
	n        int64
	// uniques are the unique indexes.
	uniques []*indexKey
	// before is how many rows the transaction had added to the relation when the
	// statement began.
	before int
	// parents are the foreign keys to check for new rows, children those that refer
	// to the relation.
	fks *foreignKeys
	// with are the other parts of the statement; nil: it has none.
	with *withParts
	// also is the statement for the other tables of a partitioned target; spreadBy sends
	// rows to partitions, nil until one is sent. routed: the rows were sent here.
	also     []*modification
	spreadBy *spreading
	routed   bool
	// upserting: DO UPDATE of ON CONFLICT is going on.
	upserting bool
	// sender is what sends rows here, for what the statement names; nil: this is that.
	sender *modification
	// above is the INSERT … ON CONFLICT into the partitioned table that sends rows here, or
	// the MERGE that changes rows here; nil for other statements.
	above *modification
	// leaves are the other tables whose rows a MERGE has changed, merged the rows of this
	// one that it has.
	leaves map[OID]*modification
	merged map[uint64]struct{}
	// triggers are those of rel, nil when there are none; assigned are the columns that
	// what is being done assigns.
	triggers *triggerSet
	assigned []int16
}

type compiledCheck struct {
	name string
	prog *expr.Prog
	view bool // WITH CHECK OPTION of a view
	// security is a condition of a policy, which prog then is not.
	security *planner.SecurityCheck
}

// modify runs INSERT, UPDATE, DELETE or MERGE, or what rules have made of it. All of it
// happens before the first row of RETURNING is sent.
func (s *Session) modify(ctx context.Context, p *prepared, args []types.Datum, sink port.Sink) (*result, error) {
	if err := s.analyzeModify(p); err != nil {
		return nil, err
	}
	if p.plan.ruled {
		return s.modifyRuled(ctx, p, args, sink)
	}
	return s.modifyPlanned(ctx, p, args)
}

func (s *Session) modifyPlanned(ctx context.Context, p *prepared, args []types.Datum) (r *result, err error) {
	err = s.restarting(func(begun func()) error {
		r, err = s.modifyOnce(ctx, p, args, begun)
		return err
	})
	return r, err
}

func (s *Session) modifyOnce(ctx context.Context, p *prepared, args []types.Datum, begun func()) (*result, error) {
	outer, own := s.ownLevel()
	if own {
		defer func() { s.afterLevel = outer }()
	}
	md, err := s.modification(ctx, p, args)
	if err != nil {
		return nil, err
	}
	if md.m.Locks {
		if err := s.lockRead(ctx, md.m.Source); err != nil {
			return nil, err
		}
		begun()
	}
	if md.with != nil {
		if err := md.runWith(ctx, p.plan); err != nil {
			return nil, err
		}
	} else {
		if err := md.runAll(ctx, p.plan); err != nil {
			return nil, err
		}
	}
	if own {
		if err := s.fireAfter(ctx); err != nil {
			return nil, err
		}
	}
	n := md.n
	for _, x := range md.also {
		n += x.n
	}
	tag := [...]string{planner.InsertRows: "INSERT 0 ", planner.UpdateRows: "UPDATE ", planner.DeleteRows: "DELETE ", planner.MergeRows: "MERGE "}[md.m.Kind] + strconv.FormatInt(int64(n), 10)
	if md.m.Returning == nil {
		return tagged(tag), nil
	}
	src, err := md.returningAll(ctx)
	if err != nil {
		return nil, err
	}
	return &result{src: src, tag: func(int64) string { return tag }}, nil
}

// runAlso runs the statement for the other tables of a partitioned target, and checks
// the foreign keys of all that was changed.
func (md *modification) runAlso(ctx context.Context) error {
	all := append([]*modification{md}, md.also...)
	for _, oid := range slices.Sorted(maps.Keys(md.leaves)) {
		all = append(all, md.leaves[oid])
	}
	for _, x := range md.also {
		if err := x.runRows(ctx, nil); err != nil {
			return err
		}
	}
	for _, x := range all {
		if err := x.fks.check(ctx); err != nil {
			return err
		}
		if err := x.spreadBy.checkKeys(ctx); err != nil {
			return err
		}
	}
	return nil
}

// returningAll is returning with what the statement changed in other tables.
func (md *modification) returningAll(ctx context.Context) (vec.Source, error) {
	if len(md.also) == 0 {
		return md.returning(ctx)
	}
	var rows []*vec.Batch
	for _, x := range append([]*modification{md}, md.also...) {
		src, err := x.returning(ctx)
		if err != nil {
			return nil, err
		}
		list, err := readAll(ctx, src)
		_ = src.Close()
		if err != nil {
			return nil, err
		}
		rows = append(rows, list...)
	}
	return &batchList{list: rows}, nil
}

// run changes the rows; pl is the plan of the whole statement, nil for a part of
// one.
func (md *modification) run(ctx context.Context, pl *planned) error {
	switch {
	case md.m.Instead:
		return md.instead(ctx)
	case md.m.Root != nil:
		return md.aroundRoot(ctx, func() error { return md.runRows(ctx, pl) })
	case md.triggers != nil:
		return md.aroundStatement(ctx, func() error { return md.runRows(ctx, pl) })
	}
	return md.runRows(ctx, pl)
}

// runAll is run for the table and all others of the target: of statement triggers, those
// of the table that the statement names run, around all.
func (md *modification) runAll(ctx context.Context, pl *planned) error {
	if len(md.also) == 0 {
		if err := md.run(ctx, pl); err != nil {
			return err
		}
		return md.runAlso(ctx)
	}
	return md.aroundRoot(ctx, func() error {
		if err := md.runRows(ctx, pl); err != nil {
			return err
		}
		return md.runAlso(ctx)
	})
}

// runRows is run without the triggers of the statement as a whole.
func (md *modification) runRows(ctx context.Context, pl *planned) error {
	switch md.m.Kind {
	case planner.InsertRows:
		return md.insert(ctx, pl)
	case planner.UpdateRows:
		return md.update(ctx)
	case planner.MergeRows:
		return md.merge(ctx)
	}
	return md.delete(ctx)
}

// runWith runs the statement with the parts of its WITH clause.
func (md *modification) runWith(ctx context.Context, pl *planned) error {
	w := md.with
	if err := w.run(ctx, md.m.Reads); err != nil {
		return err
	}
	if err := md.run(ctx, pl); err != nil {
		return err
	}
	w.order = append(w.order, md)
	if err := w.rest(ctx); err != nil {
		return err
	}
	return w.checkKeys(ctx)
}

// modification plans the statement and locks the relations it writes to.
func (s *Session) modification(ctx context.Context, p *prepared, args []types.Datum) (*modification, error) {
	s.tx.queried = true
	if err := s.lockTargets(ctx, p, s.analyzeModify); err != nil {
		return nil, err
	}
	if err := p.plan.modify.Fails; err != nil {
		return nil, err
	}
	if err := s.permitted(p.plan.modify.Access); err != nil {
		return nil, err
	}
	md, err := s.newModification(p.plan.modify, args)
	if err != nil {
		return nil, err
	}
	if p.plan.checks == nil {
		if p.plan.checks, err = md.compileChecks(md.m.Checks, md.m.New); err != nil {
			return nil, err
		}
	}
	md.checks = p.plan.checks
	if md.m.Returning != nil || len(md.m.Parts) > 0 {
		if err := md.look(); err != nil {
			return nil, err
		}
	}
	if len(md.m.Parts) > 0 {
		md.with, err = s.withParts(md.m.Parts, args, md.read)
	}
	if err != nil || len(md.m.Also) == 0 {
		return md, err
	}
	return md, md.readyAlso(args)
}

// readyAlso readies the statement for the other tables of a partitioned target.
func (md *modification) readyAlso(args []types.Datum) error {
	if err := md.look(); err != nil {
		return err
	}
	for _, m := range md.m.Also {
		if m.Fails != nil {
			return m.Fails
		}
		x, err := md.s.newModification(m, args)
		if err != nil {
			return err
		}
		x.read = md.read
		if x.checks, err = x.compileChecks(m.Checks, m.New); err != nil {
			return err
		}
		md.also = append(md.also, x)
	}
	return nil
}

// newModification readies one INSERT, UPDATE or DELETE.
func (s *Session) newModification(m *planner.Modify, args []types.Datum) (*modification, error) {
	md := &modification{s: s, m: m, rel: m.Rel, args: args}
	var err error
	if m.Instead {
		return md, md.readyInstead()
	}
	if md.w, err = s.tx.into(md.rel); err != nil {
		return nil, err
	}
	md.before, md.uniques, md.fks = md.w.n, md.w.keys.unique(), s.foreignKeys(md.rel)
	md.triggers, err = s.triggers(md.rel, md.w.layout)
	return md, err
}

// source compiles and opens the statement's source of rows.
func (md *modification) source() (vec.Source, error) {
	rt, err := md.runtime(nil)
	if err != nil {
		return nil, err
	}
	return exec.Compile(rt, md.m.Source)
}

// runtime makes what a plan of the statement runs in; work are the rows of its
// WorkScans.
func (md *modification) runtime(work map[int][]*vec.Batch) (*exec.Runtime, error) {
	if err := md.look(); err != nil {
		return nil, err
	}
	rt := md.s.runtime()
	rt.Params, rt.Rels, rt.Work = md.args, md.read, md.s.transitions(md.with.given(work))
	return rt, nil
}

// look takes what the statement reads, as it is before its own changes.
func (md *modification) look() (err error) {
	if md.read == nil {
		md.read, err = md.s.tx.reader()
	}
	return err
}

// positions says at which position of a plan's output each column is.
func positions(n plan.Node, cols []plan.ColID) []int {
	at := map[plan.ColID]int{}
	for i, id := range n.Out() {
		at[id] = i
	}
	out := make([]int, len(cols))
	for i, id := range cols {
		out[i] = at[id]
	}
	return out
}

// take copies the columns at the given positions of a lent batch.
func take(lent *vec.Batch, at []int) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(at)), N: lent.N}
	for i, p := range at {
		out.Cols[i].Kind = lent.Cols[p].Kind
		if lent.Sel != nil {
			out.Cols[i].AppendRows(&lent.Cols[p], lent.Sel)
		} else {
			out.Cols[i].AppendRange(&lent.Cols[p], 0, lent.N)
		}
	}
	return out
}

// compileChecks compiles CHECK constraints over a batch of these columns.
func (md *modification) compileChecks(list []planner.Check, cols []plan.ColID) ([]compiledCheck, error) {
	layout := expr.LayoutOf(cols)
	out := []compiledCheck{}
	for _, c := range list {
		if c.Security != nil {
			out = append(out, compiledCheck{security: c.Security})
			continue
		}
		prog, err := expr.Compile(c.Cond, layout, &expr.CompileCtx{Env: md.s.env})
		if err != nil {
			return nil, err
		}
		out = append(out, compiledCheck{name: c.Name, prog: prog, view: c.View})
	}
	return out, nil
}

// checkRows checks NOT NULL and CHECK of new rows (live columns in order).
func (md *modification) checkRows(ctx context.Context, b *vec.Batch, checks []compiledCheck) error {
	s, r, lay := md.s, md.rel, md.w.layout
	if err := md.checkSecurity(ctx, b, checks); err != nil {
		return err
	}
	for i, attr := range lay.attNums {
		c := &r.Columns[attr-1]
		v := &b.Cols[i]
		if c.NotNull && v.Nulls != nil {
			for row, null := range v.Nulls[:b.N] {
				if null {
					return pgerr.New(pgerr.NotNullViolation, "null value in column \"%s\" of relation \"%s\" violates not-null constraint", c.Name, r.Name).
						WithDetail("%s", md.showRow(b, row)).WithTable(s.schemaName(r), r.Name, c.Name, "")
				}
			}
		}
	}
	if lay.time >= 0 {
		if err := checkTime(r, lay, b); err != nil {
			return err
		}
	}
	if err := md.checkAll(ctx, b, checks); err != nil {
		return err
	}
	return md.checkPlace(b)
}

// checkSecurity checks new rows by the policies of row-level security.
func (md *modification) checkSecurity(ctx context.Context, b *vec.Batch, checks []compiledCheck) error {
	for i := range checks {
		c := checks[i].security
		if c == nil {
			continue
		}
		bad, err := md.anyRow(ctx, c.Root, map[int][]*vec.Batch{c.InputID: {b}})
		switch {
		case err != nil:
			return err
		case bad && c.Policy != "":
			return pgerr.New(pgerr.InsufficientPrivilege, "new row violates row-level security policy \"%s\" for table \"%s\"", c.Policy, c.Table)
		case bad:
			return pgerr.New(pgerr.InsufficientPrivilege, "new row violates row-level security policy for table \"%s\"", c.Table)
		}
	}
	return nil
}

// anyRow tells whether a plan over given rows gives any.
func (md *modification) anyRow(ctx context.Context, root plan.Node, work map[int][]*vec.Batch) (bool, error) {
	rt, err := md.runtime(work)
	if err != nil {
		return false, err
	}
	src, err := exec.Compile(rt, root)
	if err != nil {
		return false, err
	}
	defer src.Close()
	var out vec.Batch
	err = src.Next(ctx, &out)
	return out.N > 0, err
}

// checkAll checks the CHECK constraints of new rows.
func (md *modification) checkAll(ctx context.Context, b *vec.Batch, checks []compiledCheck) error {
	s, r := md.s, md.rel
	if len(checks) == 0 {
		return nil
	}
	var bad vec.RowErrors
	fc := &funcs.Ctx{Context: ctx, Env: s.env, Bad: &bad}
	for i := range checks {
		if checks[i].security != nil {
			continue
		}
		var ok vec.Vec
		checks[i].prog.Eval(fc, b, &ok)
		if err := bad.First(); err != nil {
			return err
		}
		for row := range b.N {
			if !ok.IsNull(row) && !ok.Bools[row] {
				if checks[i].view {
					return pgerr.New(pgerr.WithCheckOptionViolation, "new row violates check option for view \"%s\"", checks[i].name).
						WithDetail("%s", md.showRow(b, row))
				}
				return pgerr.New(pgerr.CheckViolation, "new row for relation \"%s\" violates check constraint \"%s\"", r.Name, checks[i].name).
					WithDetail("%s", md.showRow(b, row)).WithTable(s.schemaName(r), r.Name, "", checks[i].name)
			}
		}
	}
	return nil
}

// checkTime refuses infinite event times.
func checkTime(r *catalog.Relation, lay *layout, b *vec.Batch) error {
	for i, slot := range lay.attrs {
		if slot != lay.time {
			continue
		}
		for _, t := range b.Cols[i].Ints[:b.N] {
			if t == math.MaxInt64 || t == math.MinInt64 {
				return pgerr.New(pgerr.DatetimeFieldOverflow, "event time of stream \"%s\" must not be infinite", r.Name).
					WithTable("", r.Name, r.Columns[lay.attNums[i]-1].Name, "")
			}
		}
	}
	return nil
}

// showRow tells of a row that fails, long values cut: of its columns that the role may
// read, or has given; nothing if there are none. Of a table that the statement does not
// name, as it would be in the one that it does.
func (md *modification) showRow(b *vec.Batch, row int) string {
	const most = 64
	s := md.s
	snap := s.systemContext().Snapshot
	named := md.named()
	rel := cmp.Or(named.m.Root, named.rel)
	if on, _ := snap.Restricts(rel, s.role); on {
		return ""
	}
	if rel != md.rel {
		b = mapRows(md.rel, rel, b)
	}
	all := s.super || snap.RelationAllowed(s.role, rel, "r", false)
	var names, parts []string
	at := -1
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		at++
		if attr := int16(i + 1); !all && !gives(named.m.Access, rel.OID, attr) && !snap.ColumnAllowed(s.role, rel, attr, "r", false) {
			continue
		}
		names = append(names, c.Name)
		d := b.Cols[at].Datum(row)
		if d.IsNull() {
			parts = append(parts, "null")
			continue
		}
		text := columnType(c, snap).Text(&s.env.Env, d)
		if len(text) > most {
			text = strings.ToValidUTF8(text[:most], "") + "..."
		}
		parts = append(parts, text)
	}
	shown := "(" + strings.Join(parts, ", ") + ")"
	switch {
	case len(parts) == 0 && !all:
		return ""
	case !all:
		shown = "(" + strings.Join(names, ", ") + ") = " + shown
	}
	return "Failing row contains " + shown + "."
}

// named is the modification of the table that the statement names, which may be that of one
// of its partitions (see planner.Modify.Root).
func (md *modification) named() *modification {
	for md.sender != nil {
		md = md.sender
	}
	return md
}

// gives tells whether a statement assigns a column.
func gives(list []planner.Access, rel OID, attr int16) bool {
	return slices.ContainsFunc(list, func(a planner.Access) bool {
		return a.Rel == rel && (slices.Contains(a.Insert, attr) || slices.Contains(a.Update, attr))
	})
}

func (s *Session) schemaName(r *catalog.Relation) string {
	if sc := s.systemContext().SchemaByOID(r.Schema); sc != nil {
		return sc.Name
	}
	return ""
}

// returning computes the RETURNING list over the rows that were changed.
func (md *modification) returning(context.Context) (vec.Source, error) {
	ret := md.m.Returning
	rt, err := md.runtime(map[int][]*vec.Batch{ret.InputID: md.returned})
	if err != nil {
		return nil, err
	}
	return exec.Compile(rt, ret.Root)
}

// give adds changed rows to those that RETURNING shows: the row's live columns,
// then what else the source gives.
func (md *modification) give(rows *vec.Batch, extra *vec.Batch) {
	to := cmp.Or(md.above, md)
	if to.m.Returning == nil {
		return
	}
	if to != md {
		to.give(mapRows(md.rel, to.rel, rows), &vec.Batch{Cols: []vec.Vec{md.tableOIDs(rows.N)}, N: rows.N})
		return
	}
	if md.m.Root == nil || md.m.Root.PartKey == nil {
		md.giveAll(rows, extra, nil)
		return
	}
	md.giveAll(rows, extra, &vec.Batch{Cols: []vec.Vec{md.tableOIDs(rows.N)}, N: rows.N})
}

// giveAll is give with more columns.
func (md *modification) giveAll(rows *vec.Batch, more ...*vec.Batch) {
	if md.m.Returning == nil {
		return
	}
	b := &vec.Batch{Cols: slices.Clone(rows.Cols), N: rows.N}
	for _, x := range more {
		if x != nil {
			b.Cols = append(b.Cols, x.Cols...)
		}
	}
	md.returned = append(md.returned, b)
}

// lockRelation takes a relation lock for the transaction.
func (s *Session) lockRelation(ctx context.Context, oid OID, mode lockMode) error {
	_, err := s.e.locks.acquire(ctx, &s.locker, lockTag{kind: lockRelation, rel: oid}, mode, s.lockPolicy())
	return err
}
