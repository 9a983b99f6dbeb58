package types

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The tz database is compiled in, so that the same times mean the same on every
// machine: what is derived from a log by one binary is derived alike by all.

//go:embed tzdata/zoneinfo.zip
var zoneinfo []byte

//go:embed tzdata/abbrevs.txt
var abbrevText string

// zoneFiles holds the files of the database by upper-case name.
var zoneFiles = sync.OnceValue(func() map[string]*zip.File {
	r, err := zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	if err != nil {
		panic("types: damaged zoneinfo.zip: " + err.Error())
	}
	files := make(map[string]*zip.File, len(r.File))
	for _, f := range r.File {
		if !strings.HasSuffix(f.Name, "/") {
			files[strings.ToUpper(f.Name)] = f
		}
	}
	return files
})

// zones caches what zoneByName has found, by upper-case name.
var zones sync.Map

const maxZoneName = 255

// zoneByName finds a zone as SET timezone does: a name of the tz database in
// any case, or a POSIX specification.
func zoneByName(name string) (*Zone, bool) {
	if len(name) > maxZoneName {
		return nil, false
	}
	key := strings.ToUpper(name)
	if z, ok := zones.Load(key); ok {
		return z.(*Zone), true
	}
	z := loadZone(key)
	if z == nil {
		return nil, false
	}
	if zoneFiles()[key] == nil { // specifications are many; they are cheap to read again
		return z, true
	}
	got, _ := zones.LoadOrStore(key, z)
	return got.(*Zone), true
}

func loadZone(key string) *Zone {
	if key == "UTC" {
		return UTC
	}
	if key == "GMT" {
		return &Zone{Name: "GMT", Loc: time.FixedZone("GMT", 0), rules: fixedRules(0, "GMT")}
	}
	if f := zoneFiles()[key]; f != nil {
		data, err := readZip(f)
		if err != nil {
			return nil
		}
		rules, ok := parseTZif(data)
		if !ok {
			return nil
		}
		loc, _ := time.LoadLocationFromTZData(f.Name, data)
		return &Zone{Name: f.Name, Loc: loc, rules: rules}
	}
	if rules, ok := parsePosix(key); ok {
		loc := time.FixedZone(key, int(rules.types[0].offset))
		return &Zone{Name: key, Loc: loc, rules: rules}
	}
	return nil
}

func readZip(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// abbreviation is one of the Default set: an offset, or a zone that says.
type abbreviation struct {
	offset int32 // seconds east
	dst    bool
	zone   string
}

// abbrevs holds the set by lower-case abbreviation.
var abbrevs = sync.OnceValue(func() map[string]abbreviation {
	m := make(map[string]abbreviation)
	for line := range strings.Lines(abbrevText) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		a := abbreviation{dst: len(f) > 2}
		if n, err := strconv.Atoi(f[1]); err == nil {
			a.offset = int32(n)
		} else {
			a.zone = f[1]
		}
		m[strings.ToLower(f[0])] = a
	}
	return m
})

// LoadZone finds a zone by the rules of AT TIME ZONE: an abbreviation ("EST"),
// a name of the tz database in any case, or a POSIX specification ("EST5EDT",
// "<+03>-3"); 22023 when it is none of them.
func LoadZone(name string) (*Zone, error) {
	if a, ok := abbrevs()[strings.ToLower(name)]; ok {
		if z := a.asZone(name); z != nil {
			return z, nil
		}
	}
	if z, ok := zoneByName(name); ok {
		return z, nil
	}
	return nil, errZone(name)
}

// abbrevZones caches the zones that abbreviations make.
var abbrevZones sync.Map

func (a abbreviation) asZone(name string) *Zone {
	up := strings.ToUpper(name)
	if z, ok := abbrevZones.Load(up); ok {
		return z.(*Zone)
	}
	var z *Zone
	if a.zone == "" {
		z = &Zone{Name: up, Loc: time.FixedZone(up, int(a.offset)), rules: fixedRules(a.offset, up)}
		z.rules.types[0].dst = a.dst
	} else {
		base, ok := zoneByName(a.zone)
		if !ok {
			return nil
		}
		z = &Zone{Name: up, Loc: base.Loc, rules: base.rules, abbrev: up}
	}
	got, _ := abbrevZones.LoadOrStore(up, z)
	return got.(*Zone)
}

// ZoneSetting finds the zone that a value of the parameter TimeZone means: a
// number of hours east of UTC, INTERVAL '…', a name of the tz database, or a
// POSIX specification; ok is false when it means none. The detail, if any,
// belongs into the error that the caller makes of that.
func ZoneSetting(value string) (z *Zone, detail string, ok bool) {
	if len(value) >= 8 && strings.EqualFold(value[:8], "interval") {
		return zoneInterval(value[8:])
	}
	if h, ok := scanHours(value); ok {
		if !(h < 168 && h > -168) {
			return nil, "UTC timezone offset is out of range.", false
		}
		return FixedZone(int(h * 3600)), "", true
	}
	z, ok = zoneByName(value)
	if ok && !wholeMinutes(z) {
		return nil, "PostgreSQL does not support leap seconds.", false
	}
	return z, "", ok
}

// wholeMinutes tells a zone that shows full minutes where UTC does, which
// PostgreSQL takes for the sign that it counts no leap seconds.
func wholeMinutes(z *Zone) bool {
	east, _, _ := z.At(unixSeconds(0))
	return east%60 == 0
}

// zoneInterval reads the rest of INTERVAL '-08:00'.
func zoneInterval(s string) (z *Zone, detail string, ok bool) {
	s = strings.TrimLeft(s, spaces)
	if len(s) < 2 || s[0] != '\'' || strings.IndexByte(s[1:], '\'') != len(s)-2 {
		return nil, "", false
	}
	v, err := ParseInterval(DefaultEnv, s[1:len(s)-1], NoMod)
	switch {
	case err != nil:
		return nil, "", false
	case v.Months != 0:
		return nil, "Cannot specify months in time zone interval.", false
	case v.Days != 0:
		return nil, "Cannot specify days in time zone interval.", false
	}
	if sec := v.Micros / 1e6; sec > -168*3600 && sec < 168*3600 {
		return FixedZone(int(sec)), "", true
	}
	return nil, "UTC timezone offset is out of range.", false
}

// scanHours reads what strtod takes to the last character.
func scanHours(s string) (float64, bool) {
	if s == "" || isSpace(s[len(s)-1]) {
		return 0, false
	}
	f, err := ParseFloatText(s, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// offsetSpec names a fixed offset, in seconds west of UTC, as a POSIX
// specification: <-08>+08.
func offsetSpec(west int) string {
	a := west
	if a < 0 {
		a = -a
	}
	s := pad2(a / 3600)
	if a%3600 != 0 {
		s += ":" + pad2(a%3600/60)
		if a%60 != 0 {
			s += ":" + pad2(a%60)
		}
	}
	if west > 0 {
		return "<-" + s + ">+" + s
	}
	return "<+" + s + ">-" + s
}

func pad2(n int) string { return string(appendPadded(nil, uint64(n), 2+btoi(n > 99))) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ZoneNames lists the names of the tz database, for pg_timezone_names.
func ZoneNames() []string {
	files := zoneFiles()
	names := make([]string, 0, len(files))
	for _, key := range sortedNames(files) {
		names = append(names, files[key].Name)
	}
	return names
}

// ZoneAbbrev is a row of pg_timezone_abbrevs.
type ZoneAbbrev struct {
	Abbrev string
	Offset int32 // seconds east of UTC
	DST    bool
}

// ZoneAbbrevs lists the abbreviations with what they stand for at a time in
// microseconds since 2000-01-01 UTC.
func ZoneAbbrevs(now int64) []ZoneAbbrev {
	all := abbrevs()
	out := make([]ZoneAbbrev, 0, len(all))
	for _, low := range sortedNames(all) {
		a := all[low]
		row := ZoneAbbrev{strings.ToUpper(low), a.offset, a.dst}
		if a.zone != "" {
			row.Offset, row.DST, _ = a.asZone(low).At(unixSeconds(now))
		}
		out = append(out, row)
	}
	return out
}
