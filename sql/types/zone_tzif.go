package types

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// parseTZif reads a compiled zone file (RFC 8536, version 2 or later).
func parseTZif(b []byte) (*zoneRules, bool) {
	const headLen = 44
	h, ok := tzifHead(b)
	if !ok {
		return nil, false
	}
	skip := headLen + h.size(4)
	if len(b) < skip {
		return nil, false
	}
	b = b[skip:]
	if h, ok = tzifHead(b); !ok || len(b) < headLen+h.size(8) {
		return nil, false
	}
	body, footer := b[headLen:headLen+h.size(8)], b[headLen+h.size(8):]
	return h.rules(body, footer)
}

// tzifCounts are the counts of a header.
type tzifCounts struct{ isut, isstd, leap, time, typ, char int }

func tzifHead(b []byte) (h tzifCounts, ok bool) {
	if len(b) < 44 || string(b[:4]) != "TZif" || b[4] < '2' {
		return h, false
	}
	n := func(i int) int { return int(binary.BigEndian.Uint32(b[20+4*i:])) }
	h = tzifCounts{n(0), n(1), n(2), n(3), n(4), n(5)}
	const limit = 1 << 20
	return h, h.time < limit && h.typ > 0 && h.typ <= 256 && h.char < limit && h.leap < limit && h.isstd < limit && h.isut < limit
}

// size is the length of the block with times of the given width.
func (h tzifCounts) size(width int) int {
	return h.time*(width+1) + h.typ*6 + h.char + h.leap*(width+4) + h.isstd + h.isut
}

func (h tzifCounts) rules(b, footer []byte) (*zoneRules, bool) {
	times, b := b[:h.time*8], b[h.time*8:]
	kinds, b := b[:h.time], b[h.time:]
	types, chars := b[:h.typ*6], b[h.typ*6:h.typ*6+h.char]
	r := &zoneRules{}
	for i := 0; i < h.typ; i++ {
		t := types[i*6:]
		at := int(t[5])
		if at >= len(chars) {
			return nil, false
		}
		name, _, _ := bytes.Cut(chars[at:], []byte{0})
		r.types = append(r.types, zoneType{int32(binary.BigEndian.Uint32(t)), t[4] != 0, string(name)})
	}
	for i := 0; i < h.time; i++ {
		if int(kinds[i]) >= h.typ {
			return nil, false
		}
		r.at = append(r.at, int64(binary.BigEndian.Uint64(times[i*8:])))
		r.kind = append(r.kind, kinds[i])
	}
	spec := strings.Trim(string(footer), "\n")
	if rest, ok := parsePosix(spec); ok && rest.rule != nil {
		r.rule = rest.rule
		r.extend(2100)
	}
	return r, true
}

// extend writes the rule's transitions up to the end of a year out, so that
// common times are found without it.
func (r *zoneRules) extend(year int) {
	limit := (daysFromCivil(year, 1, 1) + daysPG2Unix) * 86400
	sec := int64(0)
	if n := len(r.at); n > 0 {
		sec = r.at[n-1]
	}
	// The rule's types get positions of their own.
	std := uint8(len(r.types))
	if len(r.types) > 250 {
		return
	}
	r.types = append(r.types, r.rule.std, r.rule.dst)
	for {
		_, _, end := r.rule.find(sec)
		if end >= limit {
			return
		}
		t, _, _ := r.rule.find(end)
		kind := std
		if t.dst {
			kind++
		}
		r.at, r.kind = append(r.at, end), append(r.kind, kind)
		sec = end
	}
}
