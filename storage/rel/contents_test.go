package rel

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"pgregory.net/rapid"
)

var viewTypes = []*types.Type{types.TInt8, types.TText, types.TNumeric, types.TFloat8, types.TBool, types.TInterval}

// image is a row as text, by which the model tells rows apart.
func image(row []types.Datum) string {
	s := ""
	for _, d := range row {
		s += fmt.Sprintf("%#v|", d)
	}
	return s
}

type viewRow struct {
	row   []types.Datum
	count int64
}

// viewModel maps images to rows.
type viewModel map[string]viewRow

type viewVersion struct {
	v *ContentsVersion
	m viewModel
}

type viewMachine struct {
	c        *Contents
	key      []int
	m        viewModel
	versions []viewVersion
}

func genViewRow(t *rapid.T) []types.Datum {
	row := make([]types.Datum, len(viewTypes))
	row[0] = types.NewInt(rapid.Int64Range(0, 60).Draw(t, "k"))
	if rapid.IntRange(0, 20).Draw(t, "null key") == 0 {
		row[0] = types.Null
	}
	for i := 1; i < len(row); i++ {
		row[i] = genDatum(t, viewTypes[i].Kind)
	}
	if rapid.IntRange(0, 30).Draw(t, "long") == 0 {
		row[1] = types.NewString(string(make([]byte, 3000)))
	}
	return row
}

// delta collects the changes of a step.
type delta struct {
	rows    [][]types.Datum
	weights []int64
}

func (d *delta) add(row []types.Datum, w int64) {
	d.rows, d.weights = append(d.rows, row), append(d.weights, w)
}

// step makes changes that add up, in some order, in several deltas.
func (m *viewMachine) step(t *rapid.T) {
	var d delta
	byKey := map[string]string{}
	if m.key != nil {
		for img, r := range m.m {
			byKey[image(r.row[:1])] = img
		}
	}
	for range rapid.IntRange(0, 40).Draw(t, "changes") {
		images := slices.Sorted(maps.Keys(m.m))
		if len(images) > 0 && rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
			img := rapid.SampledFrom(images).Draw(t, "gone")
			r := m.m[img]
			d.add(r.row, -1)
			m.count(img, r.row, -1)
			delete(byKey, image(r.row[:1]))
			continue
		}
		row := genViewRow(t)
		if m.key != nil {
			if old, ok := byKey[image(row[:1])]; ok {
				d.add(m.m[old].row, -1)
				delete(m.m, old)
			}
			byKey[image(row[:1])] = image(row)
		}
		w := int64(1)
		if m.key == nil {
			w = rapid.Int64Range(1, 3).Draw(t, "w")
		}
		d.add(row, w)
		m.count(image(row), row, w)
	}
	m.send(t, &d)
}

func (m *viewMachine) count(img string, row []types.Datum, w int64) {
	r := m.m[img]
	r.row, r.count = row, r.count+w
	if r.count == 0 {
		delete(m.m, img)
	} else {
		m.m[img] = r
	}
}

// send applies the delta shuffled, in pieces, with some noise that cancels.
func (m *viewMachine) send(t *rapid.T, d *delta) {
	if rapid.IntRange(0, 3).Draw(t, "noise") == 0 {
		row := genViewRow(t)
		d.add(row, 1)
		d.add(row, -1)
	}
	order := make([]int, len(d.rows))
	for i := range order {
		order[i] = i
	}
	if rapid.Bool().Draw(t, "shuffled") {
		order = rapid.Permutation(order).Draw(t, "order")
	}
	for len(order) > 0 {
		n := rapid.IntRange(1, len(order)).Draw(t, "piece")
		if err := m.c.Apply(deltaBatch(t, d, order[:n])); err != nil {
			t.Fatal(err)
		}
		order = order[n:]
	}
	v, err := m.c.Publish()
	if err != nil {
		t.Fatal(err)
	}
	m.versions = append(m.versions, viewVersion{v, maps.Clone(m.m)})
	if len(m.versions) > 3 {
		m.versions = m.versions[1:]
	}
}

func deltaBatch(t *rapid.T, d *delta, order []int) *vec.Batch {
	b := &vec.Batch{Cols: make([]vec.Vec, len(viewTypes)), Weights: []int64{}}
	for k := range b.Cols {
		b.Cols[k].Kind = viewTypes[k].Kind
	}
	selected := rapid.Bool().Draw(t, "selected")
	for _, i := range order {
		for k := range b.Cols {
			b.Cols[k].AppendDatum(d.rows[i][k])
			if selected {
				b.Cols[k].AppendDatum(d.rows[order[0]][k])
			}
		}
		b.Weights = append(b.Weights, d.weights[i])
		if selected {
			b.Sel = append(b.Sel, int32(len(b.Weights)-1))
			b.Weights = append(b.Weights, 99)
		}
		b.N++
	}
	return b
}

func (v viewVersion) check(t *rapid.T, key []int) {
	got := v.read(t)
	rows := int64(0)
	for img, r := range v.m {
		rows += r.count
		if got[img].count != r.count {
			t.Fatalf("row %v counts %d times, want %d", r.row, got[img].count, r.count)
		}
	}
	if len(got) != len(v.m) || v.v.Rows() != rows {
		t.Fatalf("%d rows of %d images, want %d of %d", v.v.Rows(), len(got), rows, len(v.m))
	}
	if key != nil {
		v.checkLookups(t)
	}
}

func (v viewVersion) read(t *rapid.T) viewModel {
	got := viewModel{}
	cols := []int{0, 1, 2, 3, 4, 5}
	parts := rapid.IntRange(1, 3).Draw(t, "parts")
	last := int64(-1)
	for p := range parts {
		src := v.v.Scan(ScanSpec{Cols: cols, WithRowID: true, Part: p, Parts: parts})
		var b vec.Batch
		for {
			if err := src.Next(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			if b.N == 0 {
				break
			}
			for i := range b.N {
				row := make([]types.Datum, len(cols))
				for k := range row {
					row[k] = b.Cols[k].Datum(i)
				}
				if id := b.Cols[len(cols)].Ints[i]; id <= last {
					t.Fatalf("slot %d after %d", id, last)
				} else {
					last = id
				}
				if _, twice := got[image(row)]; twice {
					t.Fatalf("row %v is there twice", row)
				}
				got[image(row)] = viewRow{row, b.Weight(i)}
			}
		}
		src.Close()
	}
	return got
}

func (v viewVersion) checkLookups(t *rapid.T) {
	byKey := map[string]viewRow{}
	for _, r := range v.m {
		byKey[image(r.row[:1])] = r
	}
	keys := vec.New(types.Int, 0)
	for k := range int64(62) {
		if k == 61 {
			keys.AppendDatum(types.Null)
		} else {
			keys.AppendDatum(types.NewInt(k))
		}
	}
	found := 0
	v.v.LookupMany([]vec.Vec{keys}, keys.Len(), func(i int, id uint64) {
		found++
		var out vec.Batch
		v.v.Get([]uint64{id}, []int{0, 1, 2, 3, 4, 5}, &out)
		want, ok := byKey[image([]types.Datum{keys.Datum(i)})]
		for k := range out.Cols {
			if !ok || out.N != 1 || !out.Cols[k].Datum(0).SameImage(want.row[k]) {
				t.Fatalf("key %v: column %d is %v, want %v", keys.Datum(i), k, out.Cols[k].Datum(0), want.row)
			}
		}
	})
	if found != len(byKey) {
		t.Fatalf("%d of %d keys are found", found, len(byKey))
	}
}

// saved is a KV in memory.
type saved map[string][]byte

func (s saved) Put(key, val []byte) error {
	s[string(key)] = bytes.Clone(val)
	return nil
}

func (s saved) Delete(key []byte) error {
	delete(s, string(key))
	return nil
}

// scan gives what is under a prefix, keys without it.
func (s saved) scan(prefix string) func(fn func(key, val []byte) error) error {
	return func(fn func(key, val []byte) error) error {
		for _, k := range slices.Sorted(maps.Keys(s)) {
			if rest, ok := strings.CutPrefix(k, prefix); ok {
				if err := fn([]byte(rest), bytes.Clone(s[k])); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// reload saves the last version, after an earlier one, and goes on from what is
// read back: it must be the same, and take the same slots (C2).
func (m *viewMachine) reload(t *rapid.T, kv saved, prev **ContentsVersion) {
	v := m.versions[len(m.versions)-1].v
	if err := v.Save(kv, []byte("p/"), *prev); err != nil {
		t.Fatal(err)
	}
	full := saved{}
	if err := v.Save(full, []byte("p/"), nil); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(kv, full, bytes.Equal) {
		t.Fatalf("saved step by step there are %d pages, at once %d", len(kv), len(full))
	}
	c, loaded, err := LoadContents(viewTypes, m.key, kv.scan("p/"))
	if err != nil {
		t.Fatal(err)
	}
	if c.avail.lowest() != m.c.avail.lowest() {
		t.Fatalf("the lowest free page is %d, not %d", c.avail.lowest(), m.c.avail.lowest())
	}
	m.c, *prev = c, loaded
	m.versions = append(m.versions, viewVersion{loaded, maps.Clone(m.m)})
}

func TestContentsAgainstModel(t *testing.T) {
	for name, key := range map[string][]int{"keyed": {0}, "whole rows": nil} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				m := &viewMachine{c: NewContents(viewTypes, key), key: key, m: viewModel{}}
				kv, prev := saved{}, (*ContentsVersion)(nil)
				for range rapid.IntRange(1, 12).Draw(rt, "steps") {
					m.step(rt)
					if rapid.IntRange(0, 4).Draw(rt, "reload") == 0 {
						m.reload(rt, kv, &prev)
					}
					for _, v := range m.versions {
						v.check(rt, key)
					}
				}
			})
		})
	}
}

// A bit that flips in a saved page is an error.
func TestContentsDamage(t *testing.T) {
	c := NewContents(viewTypes[:1], []int{0})
	if err := c.Apply(&vec.Batch{N: 3, Cols: []vec.Vec{{Kind: types.Int, Ints: []int64{4, 5, 6}}}}); err != nil {
		t.Fatal(err)
	}
	v, _ := c.Publish()
	kv := saved{}
	if err := v.Save(kv, nil, nil); err != nil {
		t.Fatal(err)
	}
	for k, val := range kv {
		for i := range val {
			val[i] ^= 8
			if _, _, err := LoadContents(viewTypes[:1], []int{0}, kv.scan("")); pgerr.CodeOf(err) != pgerr.DataCorrupted {
				t.Fatalf("byte %d of %x: %v", i, k, err)
			}
			val[i] ^= 8
		}
	}
}

func oneRow(k, x int64) *vec.Batch {
	return &vec.Batch{N: 1, Cols: []vec.Vec{{Kind: types.Int, Ints: []int64{k}}, {Kind: types.Int, Ints: []int64{x}}}}
}

func TestContentsRefuse(t *testing.T) {
	ts := []*types.Type{types.TInt8, types.TInt8}
	minus := func(b *vec.Batch) *vec.Batch {
		b.Weights = []int64{-1}
		return b
	}
	for name, rows := range map[string][]*vec.Batch{
		"taken away, never there": {minus(oneRow(1, 1))},
		"taken away otherwise":    {oneRow(2, 1), minus(oneRow(2, 2))},
		"twice":                   {oneRow(3, 1), oneRow(3, 2)},
	} {
		for _, key := range [][]int{{0}, nil} {
			c := NewContents(ts, key)
			for _, r := range rows {
				if err := c.Apply(r); err != nil {
					t.Fatal(err)
				}
			}
			_, err := c.Publish()
			want := pgerr.InternalError
			if key == nil && name == "twice" {
				want = ""
			}
			if pgerr.CodeOf(err) != want {
				t.Errorf("%s, key %v: %v", name, key, err)
			}
		}
	}
}

// Keys that are equal in SQL are one key, whatever their image.
func TestContentsSQLEquality(t *testing.T) {
	c := NewContents([]*types.Type{types.TNumeric, types.TInt8}, []int{0})
	row := func(scale int32, coef, x int64, w int64) *vec.Batch {
		k := vec.Vec{Kind: types.Numer, Narrow: true, Scale: scale, Ints: []int64{coef}}
		return &vec.Batch{N: 1, Weights: []int64{w}, Cols: []vec.Vec{k, {Kind: types.Int, Ints: []int64{x}}}}
	}
	for _, b := range []*vec.Batch{row(1, 10, 7, 1), row(1, 10, 7, -1), row(2, 100, 8, 1)} {
		if err := c.Apply(b); err != nil {
			t.Fatal(err)
		}
	}
	v, err := c.Publish()
	if err != nil || v.Rows() != 1 {
		t.Fatal(v.Rows(), err)
	}
	found := false
	v.LookupMany([]vec.Vec{{Kind: types.Numer, Narrow: true, Ints: []int64{1}}}, 1, func(_ int, id uint64) {
		var out vec.Batch
		v.Get([]uint64{id}, []int{0, 1}, &out)
		found = out.Cols[0].Numeric(0).Scale() == 2 && out.Cols[1].Ints[0] == 8
	})
	if !found {
		t.Fatal("not found")
	}
}

// Old versions find their rows when the index has forgotten them.
func TestContentsStaleLookups(t *testing.T) {
	c := NewContents([]*types.Type{types.TInt8, types.TInt8}, []int{0})
	const n = 3 * minStale
	fill := func(from, w int64) *ContentsVersion {
		for at := int64(0); at < n; at += vec.Size {
			b := &vec.Batch{N: vec.Size, Cols: []vec.Vec{vec.New(types.Int, vec.Size), vec.New(types.Int, vec.Size)}, Weights: make([]int64, vec.Size)}
			for i := range vec.Size {
				b.Cols[0].Ints[i], b.Cols[1].Ints[i], b.Weights[i] = from+at+int64(i), 5, w
			}
			if err := c.Apply(b); err != nil {
				t.Fatal(err)
			}
		}
		v, err := c.Publish()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	old := fill(0, 1)
	for round := range int64(4) {
		fill(round*n, -1)
		fill((round+1)*n, 1)
	}
	if c.stale.purged.Load() <= old.num {
		t.Fatal("nothing was forgotten")
	}
	keys := vec.New(types.Int, n)
	for i := range keys.Ints {
		keys.Ints[i] = int64(i)
	}
	found := 0
	old.LookupMany([]vec.Vec{keys}, n, func(int, uint64) { found++ })
	if found != n || old.Rows() != n {
		t.Fatalf("%d of %d rows are found", found, old.Rows())
	}
	if c.index.count > 4*n {
		t.Fatalf("%d index entries for %d rows", c.index.count, n)
	}
}

// Readers of versions run beside the writer.
func TestContentsConcurrent(t *testing.T) {
	c := NewContents([]*types.Type{types.TInt8, types.TInt8}, []int{0})
	versions := make(chan *ContentsVersion, 4)
	done := make(chan error)
	go func() {
		for v := range versions {
			src := v.Scan(ScanSpec{Cols: []int{0, 1}})
			var b vec.Batch
			rows, sum := int64(0), int64(0)
			for {
				if err := src.Next(context.Background(), &b); err != nil || b.N == 0 {
					break
				}
				for i := range b.N {
					rows++
					sum += b.Cols[1].Ints[i]
				}
			}
			keys := vec.New(types.Int, 0)
			for k := range v.Rows() {
				keys.Ints = append(keys.Ints, k)
			}
			found := int64(0)
			v.LookupMany([]vec.Vec{keys}, keys.Len(), func(int, uint64) { found++ })
			if rows != v.Rows() || sum != rows*(rows-1) || found != rows {
				done <- fmt.Errorf("version of %d rows: %d read, sum %d, %d found", v.Rows(), rows, sum, found)
				return
			}
		}
		done <- nil
	}()
	for k := range int64(200) {
		// In version k the rows 0 … k have the values k: their sum is (k+1) k.
		b := &vec.Batch{Cols: []vec.Vec{vec.New(types.Int, 0), vec.New(types.Int, 0)}}
		for i := range k {
			b.Cols[0].Ints = append(b.Cols[0].Ints, i, i)
			b.Cols[1].Ints = append(b.Cols[1].Ints, k-1, k)
			b.Weights = append(b.Weights, -1, 1)
		}
		b.Cols[0].Ints, b.Cols[1].Ints, b.Weights = append(b.Cols[0].Ints, k), append(b.Cols[1].Ints, k), append(b.Weights, 1)
		b.N = len(b.Weights)
		if err := c.Apply(b); err != nil {
			t.Fatal(err)
		}
		v, err := c.Publish()
		if err != nil {
			t.Fatal(err)
		}
		versions <- v
	}
	close(versions)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
