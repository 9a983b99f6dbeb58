package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	stamp := func(*Ctx) *types.Zone { return types.UTC }
	registerPart("timestamp", stamp,
		func(_ *Ctx, u types.Unit, t int64) (types.Numeric, bool, error) { return u.ExtractTimestamp(t) },
		func(_ *Ctx, u types.Unit, t int64) (float64, bool, error) { return u.PartTimestamp(t) })
	registerPart("timestamptz", (*Ctx).zone,
		func(c *Ctx, u types.Unit, t int64) (types.Numeric, bool, error) {
			return u.ExtractTimestamptz(c.zone(), t)
		},
		func(c *Ctx, u types.Unit, t int64) (float64, bool, error) { return u.PartTimestamptz(c.zone(), t) })
	registerPart("time", nil,
		func(_ *Ctx, u types.Unit, t int64) (types.Numeric, bool, error) { return some(u.ExtractTime(t)) },
		func(_ *Ctx, u types.Unit, t int64) (float64, bool, error) { return some(u.PartTime(t)) })
	registerPart("timetz", nil,
		func(_ *Ctx, u types.Unit, t int64) (types.Numeric, bool, error) { return some(u.ExtractTimetz(t)) },
		func(_ *Ctx, u types.Unit, t int64) (float64, bool, error) { return some(u.PartTimetz(t)) })
	registerPart("interval", nil,
		func(_ *Ctx, u types.Unit, v types.Interval) (types.Numeric, bool, error) {
			return some(u.ExtractInterval(v))
		},
		func(_ *Ctx, u types.Unit, v types.Interval) (float64, bool, error) { return some(u.PartInterval(v)) })
	register("extract_date", &Impl{Bind: func(call *Call) (Kernel, error) {
		return partKernel(call, func(_ *Ctx, u types.Unit, d int64) (types.Numeric, bool, error) { return u.ExtractDate(d) }), nil
	}})
	register("date_part(text,date)", &Impl{Bind: func(call *Call) (Kernel, error) {
		return partKernel(call, func(_ *Ctx, u types.Unit, d int64) (float64, bool, error) {
			ts, err := types.DateTimestamp(d)
			if err != nil {
				return 0, false, err
			}
			return u.PartTimestamp(ts)
		}), nil
	}})
}

func some[T any](x T, err error) (T, bool, error) { return x, err == nil, err }

// registerPart registers extract and date_part of a type. zone, for the
// timestamps, is the clock they are read on.
func registerPart[A Value](name string, zone func(*Ctx) *types.Zone, extract func(*Ctx, types.Unit, A) (types.Numeric, bool, error), part func(*Ctx, types.Unit, A) (float64, bool, error)) {
	register("extract_"+name, &Impl{Bind: func(call *Call) (Kernel, error) {
		slow := partKernel(call, extract)
		if f := quickField(call); f != nil && zone != nil {
			return f.kernel(zone, slow), nil
		}
		return slow, nil
	}})
	register(name+"_part", &Impl{Bind: func(call *Call) (Kernel, error) { return partKernel(call, part), nil }})
}

// partKernel is extract or date_part, value by value.
func partKernel[A, R Value](call *Call, f func(*Ctx, types.Unit, A) (R, bool, error)) Kernel {
	var fixed types.Unit
	d := constArg(call, 0)
	if d != nil {
		fixed = types.ParseUnit(d.Str())
	}
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := In[A](args[1]), Out[R](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			u := fixed
			if d == nil {
				u = types.ParseUnit(args[0].Strs[i])
			}
			v, ok, err := f(c, u, a[i])
			r[i] = v
			switch {
			case err != nil:
				c.Bad.Set(i, err)
			case !ok:
				out.SetNull(i)
			}
		}
		if out.Kind == types.Numer {
			narrowDown(c, out)
		}
	}
}

// field is a field of a timestamp that is computed for whole columns: from the
// local time in microseconds, with the scale of its result.
type field struct {
	scale int32
	f     func(local int64) int64
	// epoch is set for the field that is of the instant, not of the local time.
	epoch bool
}

const (
	perSecond = 1_000_000
	perMinute = 60 * perSecond
	perHour   = 60 * perMinute
	perDay    = 24 * perHour
)

var quickFields = map[string]*field{
	"epoch":  {scale: 6, epoch: true, f: func(t int64) int64 { return t + 946_684_800*perSecond }},
	"second": {scale: 6, f: func(t int64) int64 { return floorMod(t, perMinute) }},
	"minute": {f: func(t int64) int64 { return floorMod(t, perHour) / perMinute }},
	"hour":   {f: func(t int64) int64 { return floorMod(t, perDay) / perHour }},
	"dow":    {f: func(t int64) int64 { return floorMod(floorDiv(t, perDay)+6, 7) }},
	"isodow": {f: func(t int64) int64 { return floorMod(floorDiv(t, perDay)+5, 7) + 1 }},
	"day":    {f: func(t int64) int64 { _, _, d := civil(floorDiv(t, perDay)); return d }},
	"month":  {f: func(t int64) int64 { _, m, _ := civil(floorDiv(t, perDay)); return m }},
	"year":   {f: func(t int64) int64 { y, _, _ := civil(floorDiv(t, perDay)); return y }},
}

func floorMod(a, b int64) int64 {
	a %= b
	return a + b&(a>>63)
}

func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }

// civil gives the date of a day counted from 2000-01-01 (Howard Hinnant's
// civil_from_days), of years after 1 AD.
func civil(days int64) (y, m, d int64) {
	z := days + 730425 // from 0000-03-01
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d, m, y = doy-(153*mp+2)/5+1, mp+3, yoe+era*400
	if m > 12 {
		m, y = m-12, y+1
	}
	return y, m, d
}

// quickField gives the field that a constant first argument names.
func quickField(call *Call) *field {
	if d := constArg(call, 0); d != nil {
		return quickFields[d.Str()]
	}
	return nil
}

// kernel extracts the field from columns of times near our own on a clock of one
// offset.
func (f *field) kernel(zone func(*Ctx) *types.Zone, slow Kernel) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a := args[1].Ints[:n]
		east, ok := zone(c).Fixed()
		if f.epoch {
			east, ok = 0, true
		}
		if !ok || !modernTimes(a) {
			slow(c, args, n, out)
			return
		}
		out.ResetNarrow(f.scale, n)
		shift := int64(east) * perSecond
		for i, x := range a {
			out.Ints[i] = f.f(x + shift)
		}
	}
}

// modernTimes tells that all times are between 100 AD and some 4000 years from
// now.
func modernTimes(a []int64) bool {
	const early, late = -1900 * 365 * perDay, 4000 * 365 * perDay
	for _, x := range a {
		if x < early || x > late {
			return false
		}
	}
	return true
}
