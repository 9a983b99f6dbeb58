package engine

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec/expr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// samples keep some rows of relations, for the planner to try conditions on: what the
// least and the greatest value and the number of values do not tell, which value is
// frequent, and which conditions go together.
type samples struct {
	mu sync.Mutex
	of map[OID]*tableSample
}

// tableSample are rows from all over a relation. It is not changed once made.
type tableSample struct {
	rows  int64 // that the relation had
	slots []int // the columns that are kept
	kinds []types.Kind
	batch vec.Batch
}

// A sample has about sampleRows rows, from no more than sampleSpots blocks.
const (
	sampleRows  = 4096
	sampleSpots = 64
)

// get gives a sample of the relation with these columns, made anew when the relation
// has become much larger or smaller.
func (s *samples) get(oid OID, rows *rel.Relation, slots []int) (*tableSample, error) {
	s.mu.Lock()
	have := s.of[oid]
	s.mu.Unlock()
	n := rows.Rows()
	if have != nil && n < have.rows+have.rows/4 && n > have.rows-have.rows/4 {
		if have.has(rows.Schema(), slots) {
			return have, nil
		}
		slots = union(have.slots, slots)
	}
	made, err := sample(rows, slots)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[OID]*tableSample{}
	}
	if len(s.of) >= 1000 { // dropped relations among them
		clear(s.of)
	}
	s.of[oid] = made
	return made, nil
}

// has tells whether the columns are there, and still of the kind they were of.
func (t *tableSample) has(schema *rel.Schema, slots []int) bool {
	for _, slot := range slots {
		i := slices.Index(t.slots, slot)
		if i < 0 || schema.Cols[slot].Kind != t.kinds[i] {
			return false
		}
	}
	return true
}

func union(a, b []int) []int {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// sample reads a sample: every so manieth row of a relation that is read quickly, and
// else some from the beginnings of as many pieces.
func sample(rows *rel.Relation, slots []int) (*tableSample, error) {
	schema := rows.Schema()
	slots = slices.DeleteFunc(slots, func(slot int) bool { return slot >= len(schema.Cols) })
	t := &tableSample{rows: rows.Rows(), slots: slots}
	for _, slot := range slots {
		t.kinds = append(t.kinds, schema.Cols[slot].Kind)
	}
	t.batch.Reset(t.kinds)
	if t.rows <= sampleSpots*vec.Size {
		step := int(t.rows+sampleRows-1) / sampleRows
		return t, t.read(rows.Scan(rel.ScanSpec{Cols: slots}), max(step, 1), int(t.rows))
	}
	for i := range uint64(sampleSpots) {
		src := rows.Scan(rel.ScanSpec{Cols: slots, From: rows.NextID() / sampleSpots * i})
		if err := t.read(src, vec.Size*sampleSpots/sampleRows, sampleRows/sampleSpots); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// read takes rows that are step rows apart, no more than left.
func (t *tableSample) read(src vec.Source, step, left int) error {
	defer src.Close()
	var b vec.Batch
	next := 0 // row of the batch
	for left > 0 {
		if err := src.Next(context.Background(), &b); err != nil || b.N == 0 {
			return err
		}
		var at []int32
		for ; next < b.N && len(at) < left; next += step {
			at = append(at, int32(b.Row(next)))
		}
		next = max(0, next-b.N)
		t.add(&b, at)
		left -= len(at)
	}
	return nil
}

// add keeps rows of a batch.
func (t *tableSample) add(b *vec.Batch, at []int32) {
	for c := range t.batch.Cols {
		v := &t.batch.Cols[c]
		from := v.Len()
		v.AppendRows(&b.Cols[c], at)
		if v.Kind == types.Bytes {
			for i := from; i < v.Len(); i++ {
				v.Strs[i] = strings.Clone(v.Strs[i])
			}
		}
	}
	t.batch.N += len(at)
}

// Share implements rules.Sampler.
func (s *statistics) Share(oid OID, cols []plan.ColID, attrs []int16, preds []plan.Expr) (float64, bool) {
	st, def := s.v.relation(oid), s.cat.RelationByOID(oid)
	if st == nil || st.rows == nil || def == nil || s.e == nil || s.env == nil {
		return 0, false
	}
	key := shareKey(oid, preds)
	if f, ok := s.shares[key]; ok {
		return f, f >= 0
	}
	f := s.share(st.rows, def, cols, attrs, preds)
	if s.shares == nil {
		s.shares = map[string]float64{}
	}
	s.shares[key] = f
	return f, f >= 0
}

func shareKey(oid OID, preds []plan.Expr) string {
	b := []byte{byte(oid), byte(oid >> 8), byte(oid >> 16), byte(oid >> 24)}
	for _, p := range preds {
		b = append(append(b, 0), plan.Key(p)...)
	}
	return string(b)
}

// share tries conditions on a sample; -1 stands for not known.
func (s *statistics) share(rows *rel.Relation, def *catalog.Relation, cols []plan.ColID, attrs []int16, preds []plan.Expr) float64 {
	var slots []int
	for _, a := range attrs {
		if a <= 0 || int(a) > len(def.Columns) {
			return -1
		}
		slots = append(slots, def.Columns[a-1].Slot)
	}
	t, err := s.e.samples.get(def.OID, rows, union(slots, nil))
	if err != nil || t.batch.N == 0 || !t.has(rows.Schema(), slots) {
		return -1
	}
	layout := expr.Layout{}
	for i, id := range cols {
		layout[id] = slices.Index(t.slots, slots[i])
	}
	pred, err := expr.CompilePred(preds, layout, &expr.CompileCtx{Env: s.env})
	if err != nil {
		return -1
	}
	var bad vec.RowErrors
	found := pred.Select(&funcs.Ctx{Context: context.Background(), Env: s.env, Bad: &bad}, &t.batch, nil)
	return float64(len(found)) / float64(t.batch.N)
}
