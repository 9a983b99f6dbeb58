package rel

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/ckpt"
	"pgregory.net/rapid"
)

func testEnv(t testing.TB) *Env {
	t.Helper()
	st, err := ckpt.Open(t.TempDir(), ckpt.Options{MemTable: 1 << 20, ValueLog: 4 << 20, Reserve: 1, GCInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return NewEnv(st, 1<<20, 64<<20)
}

// relModel is a relation as a map from row ids to rows.
type relModel struct {
	rows   map[uint64][]types.Datum
	next   uint64
	schema Schema
}

func (m *relModel) clone() *relModel {
	return &relModel{rows: maps.Clone(m.rows), next: m.next, schema: Schema{Cols: slices.Clone(m.schema.Cols), Indexes: slices.Clone(m.schema.Indexes)}}
}

func (m *relModel) ids() []uint64 { return slices.Sorted(maps.Keys(m.rows)) }

var testSchema = Schema{Cols: []Column{{Kind: types.Int}, {Kind: types.Float}, {Kind: types.Bytes}, {Kind: types.Numer}, {Kind: types.Bool}}}

func genDatum(t *rapid.T, kind types.Kind) types.Datum {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return types.Null
	}
	n := rapid.IntRange(-30, 30).Draw(t, "n")
	switch kind {
	case types.Int:
		return types.NewInt(int64(n))
	case types.Float:
		return types.NewFloat(float64(n) / 4)
	case types.Bool:
		return types.NewBool(n > 0)
	case types.Numer:
		return types.NewNumeric(types.NumericScaled(int64(n), int32(max(0, n/10))))
	case types.Inter:
		return types.NewInterval(types.Interval{Days: int32(n)})
	}
	return types.NewString(fmt.Sprint("s", n))
}

// genRows makes n rows of which most columns repeat one that was drawn, so that
// many rows do not take many draws.
func genRows(t *rapid.T, s *Schema, n, cols int) [][]types.Datum {
	out := make([][]types.Datum, n)
	for i := range out {
		if i >= 8 && n > 16 {
			out[i] = slices.Clone(out[i%8])
			if cols > 0 && !out[i][0].IsNull() && s.Cols[0].Kind == types.Int {
				out[i][0] = types.NewInt(int64(i))
			}
			continue
		}
		out[i] = make([]types.Datum, cols)
		for c := range out[i] {
			out[i][c] = genDatum(t, s.Cols[c].Kind)
		}
	}
	return out
}

func batchOf(s *Schema, rows [][]types.Datum, cols int) *vec.Batch {
	b := &vec.Batch{N: len(rows), Cols: make([]vec.Vec, cols)}
	for c := range b.Cols {
		b.Cols[c].Kind = s.Cols[c].Kind
		for _, row := range rows {
			b.Cols[c].AppendDatum(row[c])
		}
	}
	return b
}

func chunkOf(t testing.TB, b *vec.Batch, keys ...*Keys) *Chunk {
	t.Helper()
	c, err := EncodeChunk(b, keys...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = DecodeChunk(data); err != nil {
		t.Fatal(err)
	}
	return c
}

// version is a published version and what must be in it.
type version struct {
	r *Relation
	m *relModel
}

type machine struct {
	tb       testing.TB
	env      *Env
	w        *Writer
	m        *relModel
	versions []version
	keyOf    func(m *relModel, index int, row []types.Datum) []byte
}

func newMachine(tb testing.TB, env *Env, schema Schema) *machine {
	env.limits = limits{segmentRows: 6000, mergeCount: 2, mergeRuns: 2, runEntries: 5000}
	m := &machine{tb: tb, env: env, m: &relModel{rows: map[uint64][]types.Datum{}, schema: schema}}
	m.m = m.m.clone()
	r := New(env, &Schema{Cols: slices.Clone(schema.Cols), Indexes: slices.Clone(schema.Indexes)})
	m.w = NewWriter(r)
	m.keyOf = testKey
	return m
}

func (m *machine) keys(rows [][]types.Datum) []*Keys {
	out := make([]*Keys, len(m.m.schema.Indexes))
	for i := range out {
		if m.m.schema.Indexes[i].Dropped {
			continue
		}
		out[i] = new(Keys)
		for _, row := range rows {
			out[i].Append(m.keyOf(m.m, i, row))
		}
	}
	return out
}

// add enters rows into the model; those of fewer columns get missing values.
func (m *machine) add(t *rapid.T, first uint64, rows [][]types.Datum) {
	if first != m.m.next {
		t.Fatalf("first id %d, want %d", first, m.m.next)
	}
	for _, row := range rows {
		m.m.rows[m.m.next] = m.pad(row)
		m.m.next++
	}
}

func (m *machine) pad(row []types.Datum) []types.Datum {
	row = slices.Clone(row)
	for c := len(row); c < len(m.m.schema.Cols); c++ {
		row = append(row, m.m.schema.Cols[c].Missing)
	}
	return row
}

func (m *machine) append(t *rapid.T) {
	n := rapid.SampledFrom([]int{1, 2, 5, 60, 1023, 1024, 2500, 4096}).Draw(t, "rows")
	cols := len(m.m.schema.Cols)
	if rapid.IntRange(0, 5).Draw(t, "old") == 0 {
		cols = rapid.IntRange(len(testSchema.Cols), cols).Draw(t, "cols")
	}
	rows := genRows(t, &m.m.schema, n, cols)
	b := batchOf(&m.m.schema, rows, cols)
	padded := make([][]types.Datum, n)
	for i := range rows {
		padded[i] = m.pad(rows[i])
	}
	keys := m.keys(padded)
	var first uint64
	var err error
	if rapid.Bool().Draw(t, "chunk") {
		first, err = m.w.Append(chunkOf(m.tb, b, keys...))
	} else {
		first, err = m.w.AppendRows(b, keys...)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.add(t, first, rows)
}

func (m *machine) delete(t *rapid.T) {
	ids := m.m.ids()
	if len(ids) == 0 {
		return
	}
	var del []uint64
	lo := rapid.IntRange(0, len(ids)-1).Draw(t, "from")
	step := rapid.IntRange(1, 3).Draw(t, "step")
	many := rapid.SampledFrom([]int{1, 3, 300, 6000}).Draw(t, "many")
	for i := lo; i < len(ids) && len(del) < many; i += step {
		del = append(del, ids[i])
	}
	want := len(del)
	del = append(del, m.m.next+5, del[0]) // not there (any more)
	if n := m.w.Delete(del); n != want {
		t.Fatalf("%d deleted, want %d", n, want)
	}
	for _, id := range del {
		delete(m.m.rows, id)
	}
}

func (m *machine) alter(t *rapid.T) {
	if rapid.Bool().Draw(t, "add") {
		c := Column{Kind: types.Kind(rapid.IntRange(int(types.Bool), int(types.Bytes)).Draw(t, "kind"))}
		c.Missing = genDatum(t, c.Kind)
		if err := m.w.AddColumn(c); err != nil {
			t.Fatal(err)
		}
		m.m.schema.Cols = append(m.m.schema.Cols, c)
		for id, row := range m.m.rows {
			m.m.rows[id] = append(slices.Clone(row), c.Missing)
		}
		return
	}
	if n := len(m.m.schema.Cols); n > len(testSchema.Cols) {
		slot := rapid.IntRange(len(testSchema.Cols), n-1).Draw(t, "slot")
		if err := m.w.DropColumn(slot); err != nil {
			t.Fatal(err)
		}
		m.m.schema.Cols[slot].Dropped = true
		m.m.schema.Cols[slot].Missing = types.Null
	}
}

func (m *machine) publish() {
	m.versions = append(m.versions, version{m.w.Publish(), m.m.clone()})
	if len(m.versions) > 3 {
		m.versions = m.versions[1:]
	}
}

// testKey makes keys of column 0 (NULLs are in no index) for even indexes, of
// column 2 for odd ones.
func testKey(_ *relModel, index int, row []types.Datum) []byte {
	d := row[2*(index%2)]
	switch {
	case d.IsNull():
		return nil
	case index%2 == 0:
		return binary.BigEndian.AppendUint64([]byte{byte(index + 1)}, uint64(d.Int())^1<<63)
	}
	return append([]byte{byte(index + 1)}, d.Str()...)
}

// run does a job beside other changes, and hands in what it has made.
func (m *machine) job(t *rapid.T) {
	r := m.w.Publish()
	var p *Replacement
	var err error
	if rapid.Bool().Draw(t, "seal") {
		if s := r.Seal(rapid.IntRange(0, 3).Draw(t, "all") > 0); s != nil {
			p, err = s.Run(context.Background())
		}
	} else if c := r.Compact(rapid.Bool().Draw(t, "cold")); c != nil {
		p, err = c.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	if p == nil {
		return
	}
	truncated := false
	for range rapid.IntRange(0, 3).Draw(t, "meanwhile") {
		switch rapid.IntRange(0, 9).Draw(t, "op") {
		case 0, 1, 2:
			m.append(t)
		case 3, 4, 5:
			m.delete(t)
		case 6:
			m.alter(t)
		case 7:
			m.truncate()
			truncated = true
		default:
			m.publish()
		}
	}
	if ok := m.w.Replace(p); ok == truncated && len(p.chunks)+len(p.old) > 0 {
		t.Fatalf("replaced: %v, truncated: %v", ok, truncated)
	}
}

func (m *machine) truncate() {
	m.w.Truncate()
	clear(m.m.rows)
}

// index adds an index, or builds what is to be built, or drops one.
func (m *machine) index(t *rapid.T) {
	for x, def := range m.m.schema.Indexes {
		switch {
		case def.Building:
			m.build(t, x)
			return
		case !def.Dropped && x > 1 && rapid.IntRange(0, 2).Draw(t, "drop") == 0:
			if err := m.w.DropIndex(x); err != nil {
				t.Fatal(err)
			}
			m.m.schema.Indexes[x] = Index{Dropped: true}
			return
		}
	}
	if len(m.m.schema.Indexes) >= 4 {
		return
	}
	slot, err := m.w.AddIndex()
	if err != nil || slot != len(m.m.schema.Indexes) {
		t.Fatal(slot, err)
	}
	m.m.schema.Indexes = append(m.m.schema.Indexes, Index{Building: len(m.m.rows) > 0, From: m.m.next})
	if rapid.Bool().Draw(t, "go on") {
		m.append(t)
	}
}

func (m *machine) build(t *rapid.T, x int) {
	r := m.w.Publish()
	b := r.NewIndexBuilder(x)
	v := version{r, m.m.clone()}
	keys, ids := new(Keys), []int64{}
	for _, got := range v.scan(t, ScanSpec{Cols: []int{0, 1, 2}, WithRowID: true}) {
		keys.Append(m.keyOf(m.m, x, got.vals))
		ids = append(ids, int64(got.id))
	}
	if err := b.Add(ids, keys); err != nil {
		t.Fatal(err)
	}
	m.checkDuplicate(t, b, v, x)
	p, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "more") {
		m.append(t)
		m.delete(t)
	}
	if ok, err := m.w.FinishIndex(x, p); !ok || err != nil {
		t.Fatal(ok, err)
	}
	m.m.schema.Indexes[x].Building = false
}

func (m *machine) checkDuplicate(t *rapid.T, b *IndexBuilder, v version, x int) {
	seen := map[string]bool{}
	want := false
	for _, row := range v.m.rows {
		k := string(m.keyOf(v.m, x, row))
		want = want || k != "" && seen[k]
		seen[k] = true
	}
	key, first, second, found, err := b.Duplicate()
	if err != nil || found != want {
		t.Fatalf("duplicate: %v, want %v (%v)", found, want, err)
	}
	if found && (string(m.keyOf(v.m, x, v.m.rows[first])) != string(key) || string(m.keyOf(v.m, x, v.m.rows[second])) != string(key) || first == second) {
		t.Fatalf("rows %d and %d have not the key %x", first, second, key)
	}
}

// reload saves a version and goes on with what is read back.
func (m *machine) reload(t *rapid.T, kv saved, prev **Relation) {
	r := m.w.Publish()
	if err := r.Save(kv, []byte("r/"), *prev); err != nil {
		t.Fatal(err)
	}
	*prev = r
	if rapid.Bool().Draw(t, "go on") {
		return
	}
	m.w.Close()
	schema := r.Schema()
	loaded, err := Load(m.env, &Schema{Cols: slices.Clone(schema.Cols), Indexes: slices.Clone(schema.Indexes)}, kv.scan("r/"))
	if err != nil {
		t.Fatal(err)
	}
	m.versions = append(m.versions, version{loaded, m.m.clone()})
	m.w, *prev = NewWriter(loaded), loaded
}

// Versions hold what the calls before them have made, whatever comes after, and
// wherever jobs have put their rows.
func TestRelationAgainstModel(t *testing.T) {
	env := testEnv(t)
	rapid.Check(t, func(rt *rapid.T) {
		schema := testSchema
		schema.Indexes = make([]Index, rapid.IntRange(0, 2).Draw(rt, "indexes"))
		m := newMachine(t, env, schema)
		kv, prev := saved{}, (*Relation)(nil)
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 15).Draw(rt, "op") {
			case 0, 1, 2, 3, 4:
				m.append(rt)
			case 5, 6:
				m.delete(rt)
			case 7:
				m.alter(rt)
			case 8:
				if rapid.IntRange(0, 3).Draw(rt, "truncate") == 0 {
					m.truncate()
				}
			case 9, 10, 11:
				m.job(rt)
			case 12:
				m.index(rt)
			case 13:
				m.reload(rt, kv, &prev)
			default:
				m.publish()
			}
		}
		m.publish()
		m.check(rt)
		m.w.Close()
		if env.Tail.Used() != 0 {
			rt.Fatalf("%d bytes are left in the tail budget", env.Tail.Used())
		}
	})
}
