package funcs

import (
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/axiomhq/hyperloglog"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sketch are the traits of aggregates whose state is an approximation.
var sketch = AggTraits{Sketch: true}

func init() {
	register("approx_count_distinct(any)", &Impl{Agg: sketch, Acc: func(c *Call) (Acc, error) {
		if err := comparable(c.Args[0]); err != nil {
			return nil, err
		}
		return &distinctAcc{t: c.Args[0]}, nil
	}})
	register("approx_percentile(float8,float8)", accOf(sketch, func() Acc { return &percentileAcc{} }))
}

func errSketch(err error) error {
	return pgerr.New(pgerr.DataCorrupted, "damaged state of an approximate aggregate: %s", err.Error())
}

// distinctAcc is approx_count_distinct: a HyperLogLog sketch of 2^14 registers,
// with a standard error of 0.8 %. Values that are equal in SQL count once.
type distinctAcc struct {
	states[*hyperloglog.Sketch]
	t      *types.Type
	hashes []uint64
}

func (a *distinctAcc) sketch(g uint32) *hyperloglog.Sketch {
	if a.st[g] == nil {
		a.st[g] = hyperloglog.New()
		a.extra += 1 << 10 // until it is full, when it is 2^14; most are small
	}
	return a.st[g]
}

// Clear implements Acc.
func (a *distinctAcc) Clear(groups []uint32) {
	for _, g := range groups {
		if a.st[g] != nil {
			a.extra -= 1 << 10
		}
	}
	a.states.Clear(groups)
}

// Add implements Acc.
func (a *distinctAcc) Add(_ *Ctx, groups []uint32, args []*vec.Vec, _ []int64) {
	n := len(groups)
	if cap(a.hashes) < n {
		a.hashes = make([]uint64, n)
	}
	a.hashes = a.hashes[:n]
	vec.Hash(a.hashes, []vec.Vec{*args[0]}, []*types.Type{a.t}, n)
	for i, g := range groups {
		if !args[0].IsNull(i) {
			a.sketch(g).InsertHash(a.hashes[i])
		}
	}
}

// Result implements Acc.
func (a *distinctAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := resultInts(out, len(groups))
	for i, g := range groups {
		r[i] = 0
		if s := a.st[g]; s != nil {
			r[i] = int64(s.Estimate())
		}
	}
}

// StateKinds implements Acc.
func (a *distinctAcc) StateKinds() []types.Kind { return []types.Kind{types.Bytes} }

// Save implements Acc.
func (a *distinctAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		var b []byte
		if s := a.st[g]; s != nil {
			s.Estimate() // brings what is pending into the sorted form
			b, _ = s.MarshalBinary()
		}
		out[0].Strs = append(out[0].Strs, string(b))
	}
}

// Merge implements Acc.
func (a *distinctAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		saved := state[0].Strs[i]
		if saved == "" {
			continue
		}
		var s hyperloglog.Sketch
		err := s.UnmarshalBinary([]byte(saved))
		if err == nil {
			err = a.sketch(g).Merge(&s)
		}
		if err != nil {
			c.Bad.Set(i, errSketch(err))
		}
	}
}

// approxAccuracy is the relative error of approx_percentile.
const approxAccuracy = 0.01

// quantiles is the state of approx_percentile: a sketch of the finite values, and
// counts of those that it cannot hold.
type quantiles struct {
	s                    *ddsketch.DDSketch
	fraction             float64
	has                  bool
	negInf, posInf, nans int64
}

// percentileAcc is approx_percentile(value, fraction): a value within 1 % of one
// at that place. The fraction is that of the first row.
type percentileAcc struct{ states[quantiles] }

// Add implements Acc.
func (a *percentileAcc) Add(c *Ctx, groups []uint32, args []*vec.Vec, w []int64) {
	nulls := nullsOf(args)
	for i, g := range groups {
		if nulls != nil && nulls[i] {
			continue
		}
		s := &a.st[g]
		if !s.has {
			s.has, s.fraction = true, args[1].Floats[i]
			if !(s.fraction >= 0 && s.fraction <= 1) {
				c.Bad.Set(i, pgerr.New(pgerr.NumericValueOutOfRange, "percentile value %s is not between 0 and 1", formatG(s.fraction)))
			}
		}
		if err := s.add(args[0].Floats[i], weightOf(w, i)); err != nil {
			c.Bad.Set(i, err)
		}
	}
}

func (s *quantiles) add(x float64, w int64) error {
	switch {
	case x != x:
		s.nans += w
	case math.IsInf(x, 1):
		s.posInf += w
	case math.IsInf(x, -1):
		s.negInf += w
	default:
		if s.s == nil {
			s.s, _ = ddsketch.NewDefaultDDSketch(approxAccuracy)
		}
		if err := s.s.AddWithCount(x, float64(w)); err != nil {
			return errOverflow
		}
	}
	return nil
}

// value is the value at the fraction, in the order -Infinity, numbers, Infinity,
// NaN.
func (s *quantiles) value() (float64, bool) {
	finite := 0.0
	if s.s != nil {
		finite = s.s.GetCount()
	}
	n := finite + float64(s.negInf+s.posInf+s.nans)
	if n == 0 {
		return 0, false
	}
	at := s.fraction * (n - 1)
	switch at -= float64(s.negInf); {
	case at < 0:
		return math.Inf(-1), true
	case at <= finite-1 || at < finite && finite > 0:
		q := 0.0
		if finite > 1 {
			q = min(at/(finite-1), 1)
		}
		v, err := s.s.GetValueAtQuantile(q)
		return v, err == nil
	case at < finite+float64(s.posInf):
		return math.Inf(1), true
	}
	return math.NaN(), true
}

// Result implements Acc.
func (a *percentileAcc) Result(_ *Ctx, groups []uint32, out *vec.Vec) {
	r := resultFloats(out, len(groups))
	for i, g := range groups {
		v, ok := a.st[g].value()
		r[i] = v
		if !ok {
			out.SetNull(i)
		}
	}
}

// StateKinds implements Acc.
func (a *percentileAcc) StateKinds() []types.Kind {
	return []types.Kind{types.Bytes, types.Float, types.Int, types.Int, types.Int, types.Int}
}

// Save implements Acc.
func (a *percentileAcc) Save(groups []uint32, out []vec.Vec) {
	for _, g := range groups {
		s := &a.st[g]
		var b []byte
		if s.s != nil {
			s.s.Encode(&b, false)
		}
		out[0].Strs = append(out[0].Strs, string(b))
		appendFloats(out[1:], s.fraction)
		has := int64(0)
		if s.has {
			has = 1
		}
		appendInts(out[2:], has, s.negInf, s.posInf, s.nans)
	}
}

// Merge implements Acc.
func (a *percentileAcc) Merge(c *Ctx, groups []uint32, state []vec.Vec) {
	for i, g := range groups {
		s := &a.st[g]
		if !s.has && state[2].Ints[i] != 0 {
			s.has, s.fraction = true, state[1].Floats[i]
		}
		s.negInf += state[3].Ints[i]
		s.posInf += state[4].Ints[i]
		s.nans += state[5].Ints[i]
		if saved := state[0].Strs[i]; saved != "" {
			if s.s == nil {
				s.s, _ = ddsketch.NewDefaultDDSketch(approxAccuracy)
			}
			if err := s.s.DecodeAndMergeWith([]byte(saved)); err != nil {
				c.Bad.Set(i, errSketch(err))
			}
		}
	}
}
