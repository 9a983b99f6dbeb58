package engine

import (
	"context"
	"fmt"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// cursor is an SQL cursor: a query, the rows read from it so far where they may be
// wanted again, and a position.
type cursor struct {
	src    vec.Source // nil when everything was read
	rows   []*vec.Batch
	n      int64 // rows read
	pos    int64 // 0 before the first row, n+1 behind the last
	base   int64 // rows before those that are kept
	scroll bool
	// keep: rows that were passed may be fetched again.
	keep bool
	held bool // WITH HOLD
	sql  string
	at   int64
	bin  bool
	// ids say where in its rows the ids of tables' rows are; marked tells that they were
	// locked (FOR UPDATE), tx the transaction that opened it.
	ids    []cursorIDs
	marked bool
	tx     *tx
	// failed: a FETCH has failed, and there is no going on.
	failed bool
}

// declare runs DECLARE CURSOR.
func (s *Session) declare(ctx context.Context, p *prepared, st *ast.DeclareCursor, args []types.Datum) (*result, error) {
	if !st.Hold && !s.tx.block && !s.tx.many {
		return nil, pgerr.New(pgerr.NoActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	}
	q, ok := st.Query.(*ast.Select)
	if !ok {
		return nil, pgerr.NotSupported("a cursor for SUBSCRIBE").At(st.Pos)
	}
	if s.portals[st.Name] != nil {
		return nil, pgerr.New(pgerr.DuplicateCursor, "cursor \"%s\" already exists", st.Name)
	}
	inner := &prepared{st: &ast.Statement{Stmt: q, Text: st.Text, NumParams: p.st.NumParams}, given: p.params, sql: st.Text, cursor: true}
	if err := s.analyzeQuery(inner); err != nil {
		return nil, err
	}
	if modifies(q) {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH")
	}
	for _, part := range inner.plan.query.Parts {
		if part.Call != nil {
			return nil, pgerr.NotSupported("DECLARE CURSOR for a query that calls function %s, whose body has to be run statement by statement,", part.Call.Name)
		}
	}
	if err := inner.plan.query.Fails; err != nil {
		return nil, err
	}
	src, err := s.openQuery(inner.plan, args)
	if err != nil {
		return nil, err
	}
	c := &cursor{src: src, scroll: st.Scroll || !st.NoScroll, keep: !st.NoScroll, held: false, sql: p.st.Text, at: s.e.now(), bin: st.Binary}
	c.follow(inner.plan.query, s.tx)
	cols := inner.cols
	if st.Binary {
		if cols, err = formatted(cols, []int16{1}); err != nil {
			return nil, err
		}
	}
	if st.Hold { // its rows outlive the transaction: they are read now
		if err := c.readAll(ctx); err != nil {
			_ = src.Close()
			return nil, err
		}
		c.held = true
	}
	s.portals[st.Name] = &portal{name: st.Name, p: inner, cols: cols, cursor: c, depth: s.depth()}
	return tagged("DECLARE CURSOR"), nil
}

// readAll reads the rest of the query.
func (c *cursor) readAll(ctx context.Context) error {
	for c.src != nil {
		if err := c.readMore(ctx); err != nil {
			return err
		}
	}
	return nil
}

// readMore reads a batch of the query and keeps it.
func (c *cursor) readMore(ctx context.Context) error {
	var b vec.Batch
	if err := c.src.Next(ctx, &b); err != nil {
		c.failed = true
		return err
	}
	if b.N == 0 {
		err := c.src.Close()
		c.src = nil
		return err
	}
	c.rows = append(c.rows, copyBatch(&b))
	c.n += int64(b.N)
	return nil
}

// upTo reads until row pos is there, or the end.
func (c *cursor) upTo(ctx context.Context, pos int64) error {
	for c.src != nil && c.n < pos {
		if err := c.readMore(ctx); err != nil {
			return err
		}
	}
	return nil
}

// row finds a row that was read: 1 is the first.
func (c *cursor) row(pos int64) (*vec.Batch, int) {
	at := pos - 1 - c.base
	for _, b := range c.rows {
		if at < int64(b.N) {
			return b, int(at)
		}
		at -= int64(b.N)
	}
	return nil, 0
}

// forget lets go of rows that cannot be fetched any more.
func (c *cursor) forget() {
	if c.keep {
		return
	}
	for len(c.rows) > 0 && c.base+int64(c.rows[0].N) < c.pos {
		c.base += int64(c.rows[0].N)
		c.rows = c.rows[1:]
	}
}

// cursorPortal finds a cursor, or a named portal of Bind: FETCH, MOVE and CLOSE may
// speak of both.
func (s *Session) cursorPortal(name string) (*portal, error) {
	pt := s.portals[name]
	if pt == nil || pt.name == "" {
		return nil, pgerr.New(pgerr.InvalidCursorName, "cursor \"%s\" does not exist", name)
	}
	return pt, nil
}

// cursorColumns are the columns that FETCH gives; none when there is no such cursor,
// which only running it finds out.
func (s *Session) cursorColumns(name string) []port.Column {
	if pt, err := s.cursorPortal(name); err == nil {
		return pt.cols
	}
	return nil
}

// fetch runs FETCH and MOVE.
func (s *Session) fetch(ctx context.Context, st *ast.Fetch) (*result, error) {
	pt, err := s.cursorPortal(st.Cursor)
	if err != nil {
		return nil, err
	}
	c, err := s.cursorOf(ctx, pt)
	if err != nil {
		return nil, err
	}
	list, err := c.move(ctx, st)
	if err != nil {
		c.failed = true
		return nil, err
	}
	c.forgetAfter(list)
	if st.Move {
		return tagged(fmt.Sprintf("MOVE %d", len(list))), nil
	}
	tag := fmt.Sprintf("FETCH %d", len(list))
	return &result{src: &batchList{list: []*vec.Batch{c.batch(pt.cols, list)}}, tag: func(int64) string { return tag }}, nil
}

// batch gives rows that were read.
func (c *cursor) batch(cols []port.Column, list []int64) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(cols))}
	for i := range out.Cols {
		out.Cols[i].Kind = cols[i].Type.Kind
	}
	for _, pos := range list {
		b, i := c.row(pos)
		for j := range out.Cols {
			out.Cols[j].AppendRow(&b.Cols[j], i)
		}
	}
	out.N = len(list)
	return out
}

// cursorOf gives a portal's cursor. A portal of Bind gets one that goes on, forward
// only, where Execute left off.
func (s *Session) cursorOf(ctx context.Context, pt *portal) (*cursor, error) {
	if pt.cursor != nil && !pt.cursor.failed {
		return pt.cursor, nil
	}
	if pt.cols == nil || pt.cursor != nil {
		return nil, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "portal \"%s\" cannot be run", pt.name)
	}
	if err := s.start(ctx, pt, nil); err != nil {
		return nil, err
	}
	c := &cursor{n: pt.sent, pos: pt.sent, base: pt.sent, sql: pt.p.sql, at: pt.at}
	if pt.over {
		c.pos++
	} else {
		c.src, pt.res.src = pt.res.src, nil
	}
	if pt.rest.N > 0 {
		c.rows, c.n = append(c.rows, copyBatch(&pt.rest)), c.n+int64(pt.rest.N)
		pt.rest.N = 0
	}
	pt.cursor = c
	return c, nil
}

// runCursor is Execute of a cursor's portal.
func (s *Session) runCursor(ctx context.Context, pt *portal, max int64, sink port.Sink) (suspended bool, err error) {
	if err := s.enter(pt.p.st.Stmt); err != nil {
		return false, err
	}
	if _, err := s.cursorOf(ctx, pt); err != nil {
		return false, err
	}
	n := max
	if n == 0 {
		n = ast.FetchAll
	}
	list, err := pt.cursor.forward(ctx, n)
	if err != nil {
		return false, err
	}
	if err := sink.Columns(pt.cols); err != nil {
		return false, err
	}
	if len(list) > 0 {
		if err := sink.Rows(pt.cursor.batch(pt.cols, list)); err != nil {
			return false, err
		}
	}
	if max > 0 && int64(len(list)) == max {
		return true, nil
	}
	s.report()
	return false, sink.Complete(fmt.Sprintf("SELECT %d", len(list)))
}

func (c *cursor) forgetAfter(list []int64) {
	if len(list) == 0 {
		c.forget()
	}
}

// move moves the cursor and gives the rows it passes, in order.
func (c *cursor) move(ctx context.Context, st *ast.Fetch) ([]int64, error) {
	dir, n := st.Dir, st.Count
	switch dir {
	case ast.FetchAbsolute:
		return c.absolute(ctx, n)
	case ast.FetchRelative:
		return c.relative(ctx, n)
	}
	if n < 0 {
		n = -n
		if dir == ast.FetchForward {
			dir = ast.FetchBackward
		} else {
			dir = ast.FetchForward
		}
	}
	if n == 0 {
		return c.relative(ctx, 0)
	}
	if dir == ast.FetchForward {
		return c.forward(ctx, n)
	}
	return c.backward(n)
}

func (c *cursor) forward(ctx context.Context, n int64) ([]int64, error) {
	target := ast.FetchAll
	if n != ast.FetchAll {
		target = c.pos + n
	}
	if err := c.upTo(ctx, target); err != nil {
		return nil, err
	}
	var out []int64
	for (n == ast.FetchAll || int64(len(out)) < n) && c.pos < c.n {
		c.pos++
		out = append(out, c.pos)
	}
	if n == ast.FetchAll || int64(len(out)) < n {
		c.pos = c.n + 1
	}
	return out, nil
}

var errBackward = pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cursor can only scan forward").
	WithHint("Declare it with SCROLL option to enable backward scan.")

func (c *cursor) backward(n int64) ([]int64, error) {
	if !c.scroll {
		return nil, errBackward
	}
	var out []int64
	for (n == ast.FetchAll || int64(len(out)) < n) && c.pos > 1 {
		c.pos--
		out = append(out, c.pos)
	}
	if n == ast.FetchAll || int64(len(out)) < n {
		c.pos = 0
	}
	return out, nil
}

func (c *cursor) absolute(ctx context.Context, n int64) ([]int64, error) {
	if n < 0 {
		if !c.scroll { // it would be back from the end
			return nil, errBackward
		}
		if err := c.readAll(ctx); err != nil {
			return nil, err
		}
		n = max(c.n+1+n, 0)
	}
	if err := c.upTo(ctx, n); err != nil {
		return nil, err
	}
	if n <= c.pos && !c.scroll && c.pos > 0 {
		return nil, errBackward
	}
	c.pos = min(n, c.n+1)
	return c.here(), nil
}

func (c *cursor) relative(ctx context.Context, n int64) ([]int64, error) {
	if n < 0 && !c.scroll {
		return nil, errBackward
	}
	target := max(c.pos+n, 0)
	if err := c.upTo(ctx, target); err != nil {
		return nil, err
	}
	c.pos = min(target, c.n+1)
	return c.here(), nil
}

// here is the row the cursor is on, if it is on one.
func (c *cursor) here() []int64 {
	if c.pos >= 1 && c.pos <= c.n {
		return []int64{c.pos}
	}
	return nil
}

// closeCursor runs CLOSE.
func (s *Session) closeCursor(st *ast.ClosePortal) (*result, error) {
	if st.All {
		s.closePortals()
		return tagged("CLOSE CURSOR ALL"), nil
	}
	if _, err := s.cursorPortal(st.Name); err != nil {
		return nil, err
	}
	s.dropPortal(st.Name)
	return tagged("CLOSE CURSOR"), nil
}

// Cursors implements catalog.Session.
func (s *Session) Cursors() []catalog.Cursor {
	var out []catalog.Cursor
	for name, pt := range s.portals {
		if c := pt.cursor; c != nil {
			out = append(out, catalog.Cursor{Name: name, Query: c.sql, Holdable: c.held, Binary: c.bin, Scrollable: c.scroll, At: c.at})
		} else if name != "" {
			out = append(out, catalog.Cursor{Name: name, Query: pt.p.sql, Binary: len(pt.cols) > 0 && pt.cols[0].Format == 1, At: pt.at})
		}
	}
	return out
}

// Prepared implements catalog.Session.
func (s *Session) Prepared() []catalog.Prepared {
	var out []catalog.Prepared
	for name, p := range s.prepared {
		if name == "" {
			continue
		}
		x := catalog.Prepared{Name: name, Query: p.sql, At: p.at, FromSQL: p.fromSQL, Custom: p.runs}
		for _, t := range p.params {
			x.Params = append(x.Params, t.OID)
		}
		out = append(out, x)
	}
	return out
}
