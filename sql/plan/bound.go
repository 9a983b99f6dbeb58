package plan

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// Bound says below which value a column will never change again: once a step is
// done, every row that a later step adds or takes away has in the column NULL or
// a value that is not less than the bound. It is computed from the watermarks of
// the streams: the least of its terms.
//
// The column, like every step on the way to it, is of physical kind Int.
type Bound struct{ Terms []BoundTerm }

// BoundTerm is the bound that one stream gives: its watermark, after Steps.
type BoundTerm struct {
	Rel   catalog.OID
	Steps []BoundStep
}

// BoundStep makes one value of the one before. It never decreases in it.
type BoundStep struct {
	// Expr reads the value as column Arg, and no other column.
	Expr Expr
	Arg  ColID
	// Hop is set in place of Expr: the start, or the End, of the first window that
	// a time at or after the value can be in.
	Hop window.Assigner
	End bool
}

// then gives the bound of what a step makes of the column.
func (b *Bound) then(s BoundStep) *Bound {
	if b == nil {
		return nil
	}
	out := &Bound{Terms: make([]BoundTerm, len(b.Terms))}
	for i, t := range b.Terms {
		out.Terms[i] = BoundTerm{Rel: t.Rel, Steps: append(slices.Clip(t.Steps), s)}
	}
	return out
}

// least gives the bound of a column that changes where either changes.
func least(a, b *Bound) *Bound {
	if a == nil || b == nil {
		return nil
	}
	return &Bound{Terms: append(slices.Clip(a.Terms), b.Terms...)}
}

// Rels gives the streams whose watermarks the bound depends on, without
// repetition.
func (b *Bound) Rels() []catalog.OID {
	var out []catalog.OID
	for _, t := range b.Terms {
		if !slices.Contains(out, t.Rel) {
			out = append(out, t.Rel)
		}
	}
	return out
}

// growing are the functions that never decrease in their first argument (or the
// one named), by signature, when the others are constants that are not NULL.
var growing = map[string]growth{
	"timestamp_pl_interval(timestamp,interval)":     {shift: true},
	"timestamp_mi_interval(timestamp,interval)":     {shift: true},
	"interval_pl_timestamp(interval,timestamp)":     {arg: 1, shift: true},
	"timestamptz_pl_interval(timestamptz,interval)": {shift: true, zoned: true},
	"timestamptz_mi_interval(timestamptz,interval)": {shift: true, zoned: true},
	"interval_pl_timestamptz(interval,timestamptz)": {arg: 1, shift: true, zoned: true},
	"date_pl_interval(date,interval)":               {shift: true},
	"date_mi_interval(date,interval)":               {shift: true},
	"interval_pl_date(interval,date)":               {arg: 1, shift: true},
	"date_pli(date,int4)":                           {},
	"date_mii(date,int4)":                           {},
	"integer_pl_date(int4,date)":                    {arg: 1},
	"date_trunc(text,timestamp)":                    {arg: 1},
	"date_trunc(text,timestamptz)":                  {arg: 1, unit: true},
	"date_trunc(text,timestamptz,text)":             {arg: 1, unit: true},
	"date_bin(interval,timestamp,timestamp)":        {arg: 1},
	"date_bin(interval,timestamptz,timestamptz)":    {arg: 1},
	"tumble_start(timestamp,interval,interval)":     {},
	"tumble_start(timestamptz,interval,interval)":   {},
	"tumble_end(timestamp,interval,interval)":       {},
	"tumble_end(timestamptz,interval,interval)":     {},
	"date(timestamp)":                               {},
	"date(timestamptz)":                             {unit: true},
	"timestamp(date)":                               {},
	"timestamp(timestamp,int4)":                     {},
	"timestamp(timestamptz)":                        {zoned: true},
	"timestamptz(date)":                             {zoned: true},
	"timestamptz(timestamp)":                        {zoned: true},
	"timestamptz(timestamptz,int4)":                 {},
}

// growth says in which argument a function grows, and when.
type growth struct {
	arg int
	// shift: only by an interval without months (the last day of a month comes
	// twice).
	shift bool
	// zoned: only in a zone whose offset never changes (where clocks are put back,
	// local time runs twice). An interval without days does not look at the zone.
	zoned bool
	// unit: in the zones in which the unit, the first argument or else the day, grows.
	// The zone is the third argument, or else the session's.
	unit bool
}

// growsIn gives the one column in which an expression never decreases; ok is
// false when there is none, or when it reads others.
func growsIn(e Expr, zone *types.Zone) (id ColID, ok bool) {
	if e.Type().Kind != types.Int {
		return 0, false
	}
	switch e := e.(type) {
	case *Col:
		return e.ID, true
	case *Relabel:
		if sameOrder(e.X.Type(), e.Typ) {
			return growsIn(e.X, zone)
		}
	case *Call:
		return callGrowsIn(e, zone)
	}
	return 0, false
}

// sameOrder tells whether values keep their order when they are taken for another
// type: domains over the same time type.
func sameOrder(a, b *types.Type) bool { return types.Same(a.Underlying(), b.Underlying()) }

func callGrowsIn(e *Call, zone *types.Zone) (id ColID, ok bool) {
	g, ok := growing[e.Fn.Signature()]
	if !ok || len(e.Args) != len(e.Fn.Args) {
		return 0, false
	}
	days := false
	for i, a := range e.Args {
		if i == g.arg {
			continue
		}
		c, ok := a.(*Const)
		if !ok || c.Val.IsNull() {
			return 0, false
		}
		if g.shift {
			v := c.Val.Interval()
			if v.Months != 0 {
				return 0, false
			}
			days = v.Days != 0
		}
	}
	if _, fixed := zone.Fixed(); g.zoned && !fixed && (!g.shift || days) || g.unit && !unitGrows(e, zone) {
		return 0, false
	}
	return growsIn(e.Args[g.arg], zone)
}

// unitGrows tells whether the unit that a call truncates to grows in its zone. The
// arguments but the time are constants.
func unitGrows(e *Call, zone *types.Zone) bool {
	unit := "day"
	if len(e.Args) > 1 {
		unit = e.Args[0].(*Const).Val.Str()
	}
	if len(e.Args) > 2 {
		var err error
		if zone, err = types.LoadZone(e.Args[2].(*Const).Val.Str()); err != nil {
			return false
		}
	}
	return types.ParseUnit(unit).Grows(zone)
}

// isTime tells the types that bounds begin with.
func isTime(t *types.Type) bool {
	switch t.Underlying().OID {
	case types.TimestampOID, types.TimestamptzOID:
		return true
	}
	return false
}
