package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	copyfmt "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// copyIn is a COPY FROM while it runs. One goroutine reads and decodes; this one
// checks, encodes and stages what it decodes.
type copyIn struct {
	s     *Session
	st    *ast.Copy
	rel   *catalog.Relation
	attrs []int16
	opts  *copyfmt.Options
	mod   *planner.Modify
	md    *modification
	where *expr.Pred
	// every: commit after so long (0: one commit, with the transaction).
	every    time.Duration
	next     time.Time
	n        int64 // rows taken
	done     int64 // rows in commits that are done
	inFlight []*commit
	// direct moves rows to the store, once there are many; nil before.
	direct *directLoad
}

// decoded is a batch on its way from the decoder.
type decoded struct {
	batch *vec.Batch
	lines *copyfmt.Lines // nil: nobody will ask where the rows stood, or piece knows
	// piece is what the batch was decoded from ahead of its turn, as its batch number
	// nth; nil: it was not.
	piece *piece
	nth   int
	kept  []int32 // the rows that WHERE has left of it; nil: all
}

// done lets go of everything but the batch.
func (d *decoded) done() {
	if d.piece != nil && d.nth == len(d.piece.list)-1 {
		d.piece.free()
	}
	*d = decoded{batch: d.batch}
}

// where tells where the rows stood; nil when that was not to be kept.
func (d *decoded) where() *copyfmt.Lines {
	if d.lines == nil && d.piece != nil {
		d.lines = d.piece.linesOf(d.nth)
	}
	if d.lines != nil && d.kept != nil {
		d.lines.Pick(d.kept)
		d.kept = nil
	}
	return d.lines
}

func (s *Session) copyFrom(ctx context.Context, st *ast.Copy, sink port.Sink) (*result, error) {
	c := &copyIn{s: s, st: st}
	if err := c.target(); err != nil {
		return nil, unplaced(err)
	}
	if err := c.options(); err != nil {
		return nil, err
	}
	if err := s.lockRelation(ctx, c.rel.OID, rowExclusive); err != nil {
		return nil, err
	}
	if err := c.plan(); err != nil {
		return nil, err
	}
	outer, own := s.ownLevel()
	if own {
		defer func() { s.afterLevel = outer }()
	}
	if err := c.md.triggers.beforeStatement(ctx, ast.TriggerInsert, nil); err != nil {
		return nil, err
	}
	src, err := c.open(sink)
	if err != nil {
		return nil, err
	}
	err = c.run(ctx, src)
	if err == nil {
		err = c.md.triggers.afterStatement(ctx, ast.TriggerInsert, nil)
	}
	if err == nil {
		err = c.checkKeys(ctx)
	}
	if err == nil {
		err = c.settle()
	}
	if err != nil {
		return nil, c.explain(err)
	}
	return tagged(fmt.Sprintf("COPY %d", c.n)), nil
}

// unplaced takes an error's position away: COPY's own names have none.
func unplaced(err error) error {
	e := *pgerr.From(err)
	e.Pos = 0
	return &e
}

// target finds the relation and the columns.
func (c *copyIn) target() error {
	st := c.st
	r, err := c.s.relation(*st.Table)
	if err != nil {
		return err
	}
	if err := planner.CheckWritable(r, "COPY FROM", st.Table.Pos); err != nil {
		return err
	}
	c.rel = r
	c.attrs, err = copyColumns(r, st.Columns, true)
	return err
}

// copyColumns resolves COPY's column list: none means all that are not generated.
func copyColumns(r *catalog.Relation, list []ast.Ident, from bool) ([]int16, error) {
	var out []int16
	if len(list) == 0 {
		for i := range r.Columns {
			if c := &r.Columns[i]; !c.Dropped && c.Generated == "" {
				out = append(out, int16(i+1))
			}
		}
		return out, nil
	}
	for _, id := range list {
		c, attr := r.Column(id.Name)
		if c == nil {
			return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", id.Name, r.Name).At(id.Pos)
		}
		if c.Generated != "" {
			return nil, pgerr.New(pgerr.InvalidColumnReference, "column \"%s\" is a generated column", id.Name).
				WithDetail("Generated columns cannot be used in COPY.").At(id.Pos)
		}
		for _, a := range out {
			if a == attr {
				return nil, pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", id.Name).At(id.Pos)
			}
		}
		out = append(out, attr)
	}
	return out, nil
}

// copyOptions hands the statement's options to the formats, those of ours taken
// out.
func copyOptions(from bool, list []ast.Option) (*copyfmt.Options, map[string]ast.Option, error) {
	own := map[string]ast.Option{}
	var out []copyfmt.Option
	for _, o := range list {
		if o.Name == "commit_interval" {
			own[o.Name] = o
			continue
		}
		x := copyfmt.Option{Name: o.Name, List: o.List, Star: o.Star, Pos: o.Pos}
		if o.Value != nil {
			x.Value, x.HasValue = optionText(o.Value), true
		}
		out = append(out, x)
	}
	opts, err := copyfmt.ParseOptions(from, out)
	return opts, own, err
}

// optionText is an option's value as text: a literal, or a bare word.
func optionText(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Literal:
		if x.Kind == ast.LitBool {
			return map[bool]string{true: "true", false: "false"}[x.Bool]
		}
		return x.Text
	case *ast.ColumnRef:
		return strings.Join(x.Parts, ".")
	case *ast.UnaryOp:
		return x.Op + optionText(x.X)
	case *ast.TypeCast:
		return optionText(x.X)
	}
	return ""
}

func (c *copyIn) options() error {
	opts, own, err := copyOptions(true, c.st.Options)
	if err != nil {
		return err
	}
	c.opts = opts
	if opts.Freeze && c.s.tx.read.Cat.RelationByOID(c.rel.OID) != nil {
		if w := c.s.tx.writes[c.rel.OID]; w == nil || !w.truncated {
			return pgerr.New(pgerr.ObjectNotInPrerequisiteState,
				"cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction")
		}
	}
	o, ok := own["commit_interval"]
	if !ok {
		return nil
	}
	if c.s.tx.block || c.s.tx.many {
		return pgerr.New(pgerr.ActiveSQLTransaction, "COPY with commit_interval cannot run inside a transaction block").At(o.Pos)
	}
	d, err := types.TInterval.In(types.DefaultEnv, optionText(o.Value), types.NoMod)
	if err != nil {
		return pgerr.AtPos(err, o.Pos)
	}
	v := d.Interval()
	c.every = time.Duration(v.Micros)*time.Microsecond + time.Duration(v.Days)*24*time.Hour
	if v.Months != 0 || c.every <= 0 {
		return pgerr.New(pgerr.InvalidParameterValue, "commit_interval must be a positive length of time").At(o.Pos)
	}
	c.next = time.Now().Add(c.every)
	return nil
}

func (c *copyIn) plan() error {
	s := c.s
	pc := s.plannerContext(nil)
	var err error
	if c.mod, err = planner.CopyFrom(pc, c.rel, c.attrs); err != nil {
		return err
	}
	if err := s.permitted(c.mod.Access); err != nil {
		return err
	}
	if c.st.Where != nil {
		x, err := planner.BindRow(pc, c.st.Where, c.rel, planner.RowCopyWhere)
		if err != nil {
			return err
		}
		if c.where, err = expr.CompilePred(plan.Conjuncts(x.X), expr.LayoutOf(x.Cols), &expr.CompileCtx{Env: s.env}); err != nil {
			return err
		}
	}
	return c.restart()
}

// restart makes what the statement keeps per transaction.
func (c *copyIn) restart() error {
	s := c.s
	w, err := s.tx.into(c.rel)
	if err != nil {
		return err
	}
	c.md = &modification{s: s, m: c.mod, rel: c.rel, fks: s.foreignKeys(c.rel), w: w, uniques: w.keys.unique()}
	if c.md.triggers, err = s.triggers(c.rel, w.layout); err != nil {
		return err
	}
	c.md.checks, err = c.md.compileChecks(c.mod.Checks, c.mod.New)
	return err
}

// input is where the bytes come from.
type input interface {
	Next(ctx context.Context) ([]byte, error)
}

// open opens the input, and has its texts converted to UTF8.
func (c *copyIn) open(sink port.Sink) (input, error) {
	src, err := c.source(sink)
	client := c.opts.Client(&c.s.env.Env)
	if err != nil || client == nil {
		return src, err
	}
	return &recoded{input: src, client: client}, nil
}

func (c *copyIn) source(sink port.Sink) (input, error) {
	if c.st.Program {
		return nil, pgerr.NotSupported("COPY FROM PROGRAM")
	}
	if c.st.Filename != "" {
		return openFile(c.st.Filename)
	}
	format := int16(0)
	if c.opts.Format == copyfmt.Binary {
		format = 1
	}
	return sink.CopyIn(format, len(c.attrs))
}

// fileInput reads a file on the server.
type fileInput struct {
	f   *os.File
	buf []byte
}

func openFile(name string) (input, error) {
	if !filepath.IsAbs(name) {
		return nil, pgerr.New(pgerr.InvalidName, "relative path not allowed for COPY to file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(err, "could not open file \"%s\" for reading", name)
	}
	return &fileInput{f, make([]byte, 256<<10)}, nil
}

func fileError(err error, format string, name string) error {
	code := pgerr.IoError
	switch {
	case errors.Is(err, os.ErrNotExist):
		code = pgerr.UndefinedFile
	case errors.Is(err, os.ErrPermission):
		code = pgerr.InsufficientPrivilege
	}
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return pgerr.New(code, format+": %s", name, err)
}

func (f *fileInput) Next(context.Context) ([]byte, error) {
	n, err := f.f.Read(f.buf)
	if n > 0 {
		return f.buf[:n], nil
	}
	_ = f.f.Close()
	if err == io.EOF {
		return nil, io.EOF
	}
	return nil, pgerr.Wrap(err, pgerr.IoError, "could not read from COPY file")
}

// run decodes in one goroutine and stages in this one. The decoder stops at its
// first error, which comes after the batches before it.
func (c *copyIn) run(ctx context.Context, src input) error {
	target := copyfmt.Target{Table: c.rel.Name, Exists: func(name string) bool { col, _ := c.rel.Column(name); return col != nil }}
	for _, attr := range c.attrs {
		col := &c.rel.Columns[attr-1]
		target.Columns = append(target.Columns, copyfmt.Column{Name: col.Name, Type: columnType(col, c.s.systemContext().Snapshot), Mod: col.Mod})
	}
	env := c.s.env.Env
	dec, err := copyfmt.NewDecoder(c.opts, target, &env)
	if err != nil {
		return err
	}
	reading, stop := context.WithCancel(ctx)
	batches, used := make(chan *decoded, 4), make(chan *decoded, 8)
	read := make(chan error, 1)
	go func() {
		defer close(batches)
		d := &decoding{src: src, dec: dec, lines: c.needsLines(), every: c.every, out: batches, used: used}
		read <- d.run(reading)
	}()
	for d := range batches {
		if err != nil {
			continue
		}
		again := false
		if again, err = c.take(ctx, d); err != nil {
			stop()
		}
		d.done()
		if again && err == nil {
			select {
			case used <- d:
			default:
			}
		}
	}
	stop()
	if rerr := <-read; err == nil {
		err = rerr
	}
	return c.endDirect(err)
}

// needsLines tells whether rows may be refused after they were decoded.
func (c *copyIn) needsLines() bool {
	if c.md.triggers != nil || c.rel.PartKey != nil || c.rel.Part != nil || len(c.md.checks) > 0 || len(c.md.uniques) > 0 || c.where != nil || c.md.w.layout.time >= 0 {
		return true
	}
	for i := range c.rel.Columns {
		if c.rel.Columns[i].NotNull {
			return true
		}
	}
	return !c.mod.Plain
}

// decoding reads and decodes the input.
type decoding struct {
	src   input
	dec   *copyfmt.Decoder
	lines bool
	// every: rows are not held back for longer (0: until a batch is full, or the
	// client is slow).
	every time.Duration
	out   chan<- *decoded
	used  <-chan *decoded // batches to be used again

	cur   *decoded
	began time.Time // when cur got its first row
}

// run feeds the decoder until the input ends.
func (d *decoding) run(ctx context.Context) error {
	d.fresh()
	for {
		piece, err := d.next(ctx)
		end := err == io.EOF
		switch {
		case end:
			d.dec.End()
		case err != nil:
			return withWhere(err, d.dec.Where())
		case piece == nil: // rows have waited for long enough
			if err := d.send(ctx); err != nil {
				return err
			}
			continue
		default:
			d.dec.Feed(piece)
		}
		if err := d.fill(ctx); err != nil {
			return err
		}
		if end {
			return d.send(ctx)
		}
		if workers := aheadWorkers(); d.every == 0 && workers > 1 {
			if cut := d.dec.Cutter(); cut != nil {
				return d.runAhead(ctx, cut, workers)
			}
		}
	}
}

// fill decodes what the decoder was fed.
func (d *decoding) fill(ctx context.Context) (err error) {
	for full := true; full; {
		none := d.cur.batch.N == 0
		if full, err = d.dec.Fill(d.cur.batch, d.cur.lines); err != nil {
			return err
		}
		if none {
			d.began = time.Now()
		}
		if full || d.every > 0 && time.Since(d.began) >= d.every {
			if err := d.send(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// longestWait is for how long decoded rows are held back while a client is slow: one
// that copies in a wrong row hears of it before it has sent all the others.
const longestWait = 100 * time.Millisecond

// next waits for input, nil when decoded rows have waited for long enough.
func (d *decoding) next(ctx context.Context) ([]byte, error) {
	if d.cur.batch.N == 0 {
		return d.src.Next(ctx)
	}
	limit := d.every
	if limit == 0 {
		limit = longestWait
	}
	wait, stop := context.WithDeadline(ctx, d.began.Add(limit))
	defer stop()
	piece, err := d.src.Next(wait)
	if err != nil && err != io.EOF && wait.Err() != nil && ctx.Err() == nil {
		return nil, nil
	}
	return piece, err
}

// send gives away what was decoded.
func (d *decoding) send(ctx context.Context) error {
	if d.cur.batch.N == 0 {
		return nil
	}
	if err := d.sendBatch(ctx, d.cur); err != nil {
		return err
	}
	d.fresh()
	return nil
}

func (d *decoding) sendBatch(ctx context.Context, b *decoded) error {
	select {
	case d.out <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// fresh takes an empty batch.
func (d *decoding) fresh() {
	d.cur = d.empty()
	if d.lines {
		d.cur.lines = &copyfmt.Lines{}
	}
}

func (d *decoding) empty() *decoded {
	select {
	case b := <-d.used:
		b.batch.N = 0
		return b
	default:
	}
	return &decoded{batch: &vec.Batch{}}
}

func withWhere(err error, where string) error {
	e := *pgerr.From(err)
	if e.Where == "" {
		e.Where = where
	}
	return &e
}

// take checks and stages a batch; again tells that it may be used again.
func (c *copyIn) take(ctx context.Context, d *decoded) (again bool, err error) {
	n := d.batch.N
	b, err := c.complete(ctx, d.batch)
	if err != nil {
		return false, err
	}
	if c.where != nil {
		var bad vec.RowErrors
		sel := c.where.Select(&funcs.Ctx{Context: ctx, Env: c.s.env, Bad: &bad}, b, nil)
		if err := bad.First(); err != nil {
			return false, withWhere(err, d.where().Where(int(bad.Rows[0])))
		}
		if len(sel) < b.N {
			b = gatherRows(b, sel)
			d.kept = sel
		}
		n = b.N
	}
	if n == 0 {
		return true, nil
	}
	if c.rel.PartKey != nil {
		return c.takeSpread(ctx, b, d.where())
	}
	if c.md.triggers.hasRows() {
		return false, c.takeTriggered(ctx, b, d.where())
	}
	if err := c.md.checkRows(ctx, b, c.md.checks); err != nil {
		return false, c.locate(ctx, err, b, d.where())
	}
	if len(c.md.uniques) > 0 {
		if err := c.md.checkUnique(ctx, b); err != nil {
			return false, c.locate(ctx, err, b, d.where())
		}
	}
	c.md.fks.added(b)
	c.n += int64(n)
	if err := c.put(ctx, b); err != nil {
		return false, err
	}
	if c.every > 0 && !time.Now().Before(c.next) {
		err = c.commit(ctx)
	}
	return n >= chunkRows && len(c.md.fks.refs) == 0, err
}

// locate finds the row that an error is about, by trying them one by one, and adds
// its place in the input.
func (c *copyIn) locate(ctx context.Context, err error, b *vec.Batch, lines *copyfmt.Lines) error {
	if lines == nil {
		return err
	}
	for i := range b.N {
		row := oneRow(b, i)
		rerr := c.md.checkRows(ctx, row, c.md.checks)
		if rerr == nil && len(c.md.uniques) > 0 {
			rerr = c.md.checkUnique(ctx, row)
		}
		if rerr != nil {
			where := lines.Where(i)
			if pgerr.CodeOf(rerr) == pgerr.UniqueViolation { // found when the line is gone, in PostgreSQL
				where = fmt.Sprintf("COPY %s, line %d", c.rel.Name, lines.Line(i))
			}
			return withWhere(rerr, where)
		}
		if len(c.md.uniques) > 0 { // a later row may repeat this one
			if werr := c.md.w.insert(row); werr != nil {
				return werr
			}
		}
	}
	return err
}

// complete adds the columns that the input does not give.
func (c *copyIn) complete(ctx context.Context, b *vec.Batch) (*vec.Batch, error) {
	if c.mod.Plain {
		return b, nil
	}
	rt, err := c.md.runtime(map[int][]*vec.Batch{c.mod.RecheckID: {b}})
	if err != nil {
		return nil, err
	}
	src, err := exec.Compile(rt, c.mod.Source)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	at := positions(c.mod.Source, c.mod.New)
	var out *vec.Batch
	for {
		var lent vec.Batch
		if err := src.Next(ctx, &lent); err != nil {
			return nil, err
		}
		if lent.N == 0 {
			if out == nil {
				out = take(&vec.Batch{}, nil)
			}
			return out, nil
		}
		part := take(&lent, at)
		if out == nil {
			out = part
		} else {
			out.AppendBatch(part)
		}
	}
}

// commit ends one interval: what was taken so far is committed, and the next
// transaction begins. Up to maxInFlight commits are on their way at once.
func (c *copyIn) commit(ctx context.Context) error {
	s := c.s
	if err := c.checkKeys(ctx); err != nil {
		return err
	}
	c.next = time.Now().Add(c.every)
	taken := c.n
	cm, err := s.commitStart(ctx)
	if err != nil {
		s.begin(false)
		return err
	}
	if cm != nil {
		detach := s.tx.detachable()
		if !detach {
			<-cm.done
		}
		s.tx.end(true)
		c.inFlight = append(c.inFlight, cm)
	}
	s.begin(false)
	s.tx.statement()
	if err := s.lockRelation(ctx, c.rel.OID, rowExclusive); err != nil {
		return err
	}
	if err := c.restart(); err != nil {
		return err
	}
	const maxInFlight = 2
	for len(c.inFlight) >= maxInFlight {
		if err := c.await(); err != nil {
			return err
		}
	}
	c.done = taken
	return nil
}

// await waits for the oldest commit on its way.
func (c *copyIn) await() error {
	cm := c.inFlight[0]
	c.inFlight = c.inFlight[1:]
	<-cm.done
	return cm.err
}

// settle waits for the commits of intervals.
func (c *copyIn) settle() error {
	for len(c.inFlight) > 0 {
		if err := c.await(); err != nil {
			return err
		}
	}
	return nil
}

// explain adds to an error how many rows are committed nevertheless.
func (c *copyIn) explain(err error) error {
	if c.every == 0 {
		return err
	}
	if serr := c.settle(); serr != nil {
		return serr
	}
	e := *pgerr.From(err)
	note := fmt.Sprintf("%d rows were committed before.", c.done)
	if e.Detail != "" {
		note = e.Detail + " " + note
	}
	e.Detail = note
	return &e
}
