package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sorter sorts any number of rows, stably. Rows are collected in memory; when they
// are too many, what is there is sorted and written to a file, a run. In the end
// the runs are merged. Use: add …, finish, Next ….
type sorter struct {
	rt    *Runtime
	keys  []sortKey
	kinds []types.Kind
	mem   memory
	set   *rowSet
	runs  []*rowFile

	order  []int32 // of the rows in memory
	at     int     // of order
	merge  *runMerge
	out    []vec.Vec
	sorted bool
}

// sortBytes is what sorting takes per row besides the row.
const sortBytes = 40

func newSorter(rt *Runtime, keys []sortKey, kinds []types.Kind, stats *NodeStats) *sorter {
	return &sorter{
		rt: rt, keys: keys, kinds: kinds, mem: memory{limit: rt.workMem(), stats: stats},
		set: newRowSet(kinds), out: make([]vec.Vec, len(kinds)),
	}
}

// add takes the rows of b that count.
func (s *sorter) add(b *vec.Batch) error {
	before := s.set.bytes
	s.set.add(b)
	s.mem.add(s.set.bytes - before + int64(b.N)*sortBytes)
	if s.mem.over() {
		return s.writeRun()
	}
	return nil
}

// writeRun sorts what is in memory and writes it to a file.
func (s *sorter) writeRun() error {
	if s.set.n == 0 {
		return nil
	}
	f := newRowFile(s.rt, s.mem.stats)
	s.runs = append(s.runs, f)
	order := sortRows(s.keys, s.set.cols, s.set.n, s.rt.workers())
	var b vec.Batch
	for lo := 0; lo < len(order); lo += vec.Size {
		s.gather(&b, order[lo:min(lo+vec.Size, len(order))])
		if err := f.add(&b); err != nil {
			return err
		}
	}
	s.set.clear()
	s.mem.free()
	return f.finish()
}

func (s *sorter) gather(out *vec.Batch, rows []int32) {
	for i := range s.out {
		s.out[i].Gather(&s.set.cols[i], rows)
	}
	*out = vec.Batch{Cols: s.out, N: len(rows)}
}

// maxRuns is how many runs are merged at once; each has a batch in memory.
const maxRuns = 64

// finish ends the adding.
func (s *sorter) finish(ctx context.Context) error {
	s.sorted = true
	if len(s.runs) == 0 {
		s.order, s.at = sortRows(s.keys, s.set.cols, s.set.n, s.rt.workers()), 0
		return nil
	}
	if err := s.writeRun(); err != nil {
		return err
	}
	s.set.reset()
	for len(s.runs) > maxRuns {
		if err := s.mergeSome(ctx); err != nil {
			return err
		}
	}
	return s.openMerge(ctx)
}

func (s *sorter) openMerge(ctx context.Context) (err error) {
	s.merge, err = newRunMerge(ctx, s.keys, s.kinds, s.runs)
	return err
}

// mergeSome replaces neighbouring runs by one, so that order among equals stays.
func (s *sorter) mergeSome(ctx context.Context) error {
	m, err := newRunMerge(ctx, s.keys, s.kinds, s.runs[:maxRuns])
	if err != nil {
		return err
	}
	f := newRowFile(s.rt, s.mem.stats)
	s.runs = append(s.runs, f)
	var b vec.Batch
	for {
		if err := m.Next(ctx, &b); err != nil {
			return err
		}
		if b.N == 0 {
			break
		}
		if err := f.add(&b); err != nil {
			return err
		}
	}
	for _, r := range s.runs[:maxRuns] {
		r.close()
	}
	rest := s.runs[maxRuns : len(s.runs)-1]
	s.runs = append([]*rowFile{f}, rest...)
	return f.finish()
}

// Next gives the rows in order, after finish.
func (s *sorter) Next(ctx context.Context, out *vec.Batch) error {
	if s.merge != nil {
		return s.merge.Next(ctx, out)
	}
	hi := min(s.at+vec.Size, len(s.order))
	s.gather(out, s.order[s.at:hi])
	s.at = hi
	return ctx.Err()
}

// again gives the rows from the start.
func (s *sorter) again(ctx context.Context) error {
	s.at = 0
	if s.merge != nil {
		return s.openMerge(ctx)
	}
	return nil
}

// reset forgets everything.
func (s *sorter) reset() {
	for _, r := range s.runs {
		r.close()
	}
	s.runs, s.order, s.merge, s.sorted = nil, nil, nil, false
	s.set.reset()
	s.mem.free()
}

// runMerge merges sorted runs. Which run gives the next row is decided by a tree
// of losers; rows are gathered when a batch is full or a run's batch is used up.
type runMerge struct {
	keys  []sortKey
	runs  []*mergeRun
	tree  []int32 // tree[0] is the winner; the others lost at their node
	out   vec.Batch
	kinds []types.Kind
	picks []pickedRow
}

type mergeRun struct {
	src    *fileReader
	batch  vec.Batch
	prefix []uint64 // of the first key
	row    int
	done   bool
}

type pickedRow struct{ run, row int32 }

func newRunMerge(ctx context.Context, keys []sortKey, kinds []types.Kind, files []*rowFile) (*runMerge, error) {
	m := &runMerge{keys: keys, kinds: kinds, tree: make([]int32, len(files))}
	for _, f := range files {
		r := &mergeRun{src: f.reader()}
		if err := m.fill(ctx, r); err != nil {
			return nil, err
		}
		m.runs = append(m.runs, r)
	}
	m.build()
	return m, nil
}

// fill reads the next batch of a run.
func (m *runMerge) fill(ctx context.Context, r *mergeRun) error {
	r.row = 0
	if err := r.src.Next(ctx, &r.batch); err != nil {
		return err
	}
	r.done = r.batch.N == 0
	if !r.done && len(m.keys) > 0 {
		r.prefix = resize(r.prefix, r.batch.N)
		k := &m.keys[0]
		k.prefixes(r.prefix, &r.batch.Cols[k.pos], nil, r.batch.N)
	}
	return nil
}

// less tells whether run a's row comes before run b's.
func (m *runMerge) less(a, b int32) bool {
	x, y := m.runs[a], m.runs[b]
	if x.done || y.done {
		return !x.done || y.done && a < b
	}
	if len(m.keys) == 0 {
		return a < b
	}
	v, w := &x.batch.Cols[m.keys[0].pos], &y.batch.Cols[m.keys[0].pos]
	if v.Nulls == nil && w.Nulls == nil && m.comparable(v, w) {
		if p, q := x.prefix[x.row], y.prefix[y.row]; p != q {
			return p < q
		}
	}
	if c := compareRows(m.keys, x.batch.Cols, x.row, y.batch.Cols, y.row); c != 0 {
		return c < 0
	}
	return a < b
}

// comparable tells whether prefixes of two columns may be compared: those of
// numerics depend on the form of the column.
func (m *runMerge) comparable(v, w *vec.Vec) bool {
	return v.Kind != types.Numer || v.Narrow == w.Narrow && v.Scale == w.Scale
}

// build plays all matches.
func (m *runMerge) build() {
	n := len(m.runs)
	if n == 0 {
		return
	}
	win := make([]int32, 2*n)
	for i := range n {
		win[n+i] = int32(i)
	}
	for i := n - 1; i >= 1; i-- {
		a, b := win[2*i], win[2*i+1]
		if m.less(b, a) {
			a, b = b, a
		}
		win[i], m.tree[i] = a, b
	}
	m.tree[0] = win[1]
	if n == 1 {
		m.tree[0] = 0
	}
}

// replay plays the matches of the winner again after it has moved on.
func (m *runMerge) replay() {
	n := len(m.runs)
	w := m.tree[0]
	for i := (int(w) + n) / 2; i >= 1; i /= 2 {
		if m.less(m.tree[i], w) {
			w, m.tree[i] = m.tree[i], w
		}
	}
	m.tree[0] = w
}

// Next implements vec.Source.
func (m *runMerge) Next(ctx context.Context, out *vec.Batch) error {
	m.out.Reset(m.kinds)
	m.picks = m.picks[:0]
	for len(m.runs) > 0 && m.out.N+len(m.picks) < vec.Size {
		w := m.tree[0]
		r := m.runs[w]
		if r.done {
			break
		}
		m.picks = append(m.picks, pickedRow{w, int32(r.row)})
		if r.row++; r.row == r.batch.N {
			m.flush()
			if err := m.fill(ctx, r); err != nil {
				return err
			}
		}
		m.replay()
	}
	m.flush()
	*out = m.out
	return ctx.Err()
}

// flush gathers the rows that were picked.
func (m *runMerge) flush() {
	if len(m.picks) == 0 {
		return
	}
	for c := range m.out.Cols {
		m.flushCol(c)
	}
	m.out.N += len(m.picks)
	m.picks = m.picks[:0]
}

func (m *runMerge) flushCol(c int) {
	out := &m.out.Cols[c]
	plain := out.Nulls == nil
	for _, r := range m.runs {
		plain = plain && (r.done || r.batch.Cols[c].Nulls == nil)
	}
	switch {
	case plain && out.Kind == types.Int:
		for _, p := range m.picks {
			out.Ints = append(out.Ints, m.runs[p.run].batch.Cols[c].Ints[p.row])
		}
	case plain && out.Kind == types.Bytes:
		for _, p := range m.picks {
			out.Strs = append(out.Strs, m.runs[p.run].batch.Cols[c].Strs[p.row])
		}
	case plain && out.Kind == types.Float:
		for _, p := range m.picks {
			out.Floats = append(out.Floats, m.runs[p.run].batch.Cols[c].Floats[p.row])
		}
	default:
		for _, p := range m.picks {
			out.AppendRow(&m.runs[p.run].batch.Cols[c], int(p.row))
		}
	}
}
