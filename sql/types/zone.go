package types

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Zone is a time zone: one of the tz database, a fixed offset, a POSIX
// specification, or an abbreviation whose meaning a zone says (LoadZone).
type Zone struct {
	// Name is how SHOW timezone tells it.
	Name string
	// Loc is the same zone for Go's time package, where there is one.
	Loc *time.Location

	rules *zoneRules // nil in a Zone that was not made by this package
	// abbrev, in a zone for AT TIME ZONE, asks for the offset that this
	// abbreviation stands for at a time.
	abbrev string
}

// UTC is the default zone.
var UTC = &Zone{Name: "UTC", Loc: time.UTC, rules: fixedRules(0, "UTC")}

// FixedZone is the zone of an offset in seconds east of UTC, named as SET
// timezone names it.
func FixedZone(east int) *Zone {
	spec := offsetSpec(-east)
	return &Zone{Name: spec, Loc: time.FixedZone(spec, east), rules: fixedRules(int32(east), posixAbbrev(spec))}
}

// zoneType is what holds between two transitions.
type zoneType struct {
	offset int32 // seconds east of UTC
	dst    bool
	abbrev string
}

// zoneRules is the history and the future of a zone. Times are seconds since
// 1970 UTC.
//
// Z1: at is sorted; types[kind[i]] holds from at[i] on. Before at[0] holds
// types[0]; from the last on, rule says if there is one.
type zoneRules struct {
	types []zoneType
	at    []int64
	kind  []uint8
	rule  *posixRule
	// last caches the position in at that was found last, as successive values
	// mostly lie close together.
	last atomic.Int64
}

func fixedRules(offset int32, abbrev string) *zoneRules {
	return &zoneRules{types: []zoneType{{offset: offset, abbrev: abbrev}}}
}

// foreign holds the rules of zones made elsewhere, by their Location.
var foreign sync.Map // *time.Location → *zoneRules

func (z *Zone) zoneRules() *zoneRules {
	if z.rules != nil {
		return z.rules
	}
	if z.Loc == nil || z.Loc == time.UTC {
		return UTC.rules
	}
	if r, ok := foreign.Load(z.Loc); ok {
		return r.(*zoneRules)
	}
	r := rulesOfLocation(z.Loc)
	foreign.Store(z.Loc, r)
	return r
}

// rulesOfLocation finds the rules behind a Go location by its name, or takes
// it for a fixed offset.
func rulesOfLocation(l *time.Location) *zoneRules {
	if z, ok := zoneByName(l.String()); ok {
		return z.rules
	}
	name, off := time.Unix(0, 0).In(l).Zone()
	return fixedRules(int32(off), name)
}

// Fixed gives the offset in seconds east of UTC of a zone that has only one.
func (z *Zone) Fixed() (east int32, ok bool) {
	r := z.zoneRules()
	for i := range r.types[1:] {
		if r.types[i+1].offset != r.types[0].offset {
			return 0, false
		}
	}
	return r.types[0].offset, z.abbrev == ""
}

// find gives what holds at a time, and the times between which it holds; the
// bounds are open where nothing changes any more.
func (r *zoneRules) find(sec int64) (t *zoneType, start, end int64) {
	n := len(r.at)
	if n == 0 && r.rule == nil {
		return &r.types[0], minSec, maxSec
	}
	if n == 0 || sec >= r.at[n-1] && r.rule != nil {
		return r.findByRule(sec)
	}
	i := int(r.last.Load())
	if i < n && r.at[i] <= sec && (i+1 == n || sec < r.at[i+1]) {
		return r.span(i)
	}
	i = sort.Search(n, func(k int) bool { return r.at[k] > sec }) - 1
	if i < 0 {
		return &r.types[0], minSec, r.at[0]
	}
	r.last.Store(int64(i))
	return r.span(i)
}

const (
	minSec = -1 << 62
	maxSec = 1 << 62
)

func (r *zoneRules) span(i int) (t *zoneType, start, end int64) {
	end = maxSec
	if i+1 < len(r.at) {
		end = r.at[i+1]
	}
	return &r.types[r.kind[i]], r.at[i], end
}

// findByRule is find for times that the rule decides.
func (r *zoneRules) findByRule(sec int64) (t *zoneType, start, end int64) {
	t, start, end = r.rule.find(sec)
	if n := len(r.at); n > 0 && start < r.at[n-1] {
		start = r.at[n-1]
	}
	return t, start, end
}

// At tells what holds at a time, in seconds since 1970 UTC: the offset in
// seconds east, whether it is daylight-saving time, and the abbreviation.
func (z *Zone) At(sec int64) (east int32, dst bool, abbrev string) {
	if z.abbrev != "" {
		if t, ok := z.zoneRules().meaning(z.abbrev, sec); ok {
			return t.offset, t.dst, z.abbrev
		}
	}
	t, _, _ := z.zoneRules().find(sec)
	return t.offset, t.dst, t.abbrev
}

// LocalOffset tells the offset, in seconds east, of a local time given as
// seconds since 1970. A local time that a transition skips is taken by the
// offset before it, one that occurs twice by the offset after it.
func (z *Zone) LocalOffset(local int64) int32 {
	t := z.localType(local)
	if z.abbrev != "" {
		if m, ok := z.zoneRules().meaning(z.abbrev, local-int64(t.offset)); ok {
			return m.offset
		}
	}
	return t.offset
}

func (z *Zone) localType(local int64) *zoneType {
	r := z.zoneRules()
	const day = 24 * 60 * 60
	before, _, boundary := r.find(local - day)
	if boundary > local+day { // no offset is as large as a day
		return before
	}
	after, _, _ := r.find(boundary)
	b, a := local-int64(before.offset), local-int64(after.offset)
	switch {
	case b < boundary && a < boundary:
		return before
	case b > boundary && a >= boundary:
		return after
	case b > a:
		return before
	}
	return after
}

// meaning tells what an abbreviation stands for in a zone: what it stood for
// last at the time given, or stands for first after that.
func (r *zoneRules) meaning(abbrev string, sec int64) (*zoneType, bool) {
	cut := sort.Search(len(r.at), func(k int) bool { return r.at[k] > sec })
	if r.rule != nil && cut == len(r.at) {
		for _, t := range [...]*zoneType{&r.rule.std, &r.rule.dst} {
			if t.abbrev == abbrev {
				return t, true
			}
		}
	}
	for i := cut - 1; i >= 0; i-- {
		if t := &r.types[r.kind[i]]; t.abbrev == abbrev {
			return t, true
		}
	}
	for i := cut; i < len(r.at); i++ {
		if t := &r.types[r.kind[i]]; t.abbrev == abbrev {
			return t, true
		}
	}
	return nil, false
}

// errZone is what AT TIME ZONE and kin say of a name that means no zone.
func errZone(name string) error {
	return pgerr.New(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
}

// sortedNames gives the keys of a set in order.
func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
