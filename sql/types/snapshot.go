package types

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// Snapshot is a value of pg_snapshot: which transactions had ended. Its physical form
// is PostgreSQL's binary one: the number of Active, Min, Max and Active, big-endian.
type Snapshot struct {
	// Min is the first transaction that had not ended, Max the first that had not begun.
	Min, Max uint64
	// Active are those between them that had not ended, in order.
	Active []uint64
}

var snapshotCodec = &codec{in: snapshotIn, out: snapshotOut, recv: snapshotRecv, send: snapshotSend}

// Encode gives the physical form.
func (s Snapshot) Encode() string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(s.Active)))
	b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, s.Min), s.Max)
	for _, x := range s.Active {
		b = binary.BigEndian.AppendUint64(b, x)
	}
	return string(b)
}

// DecodeSnapshot reads the physical form.
func DecodeSnapshot(s string) (out Snapshot) {
	if s == "" {
		return out
	}
	b := []byte(s)
	out.Active = make([]uint64, binary.BigEndian.Uint32(b))
	out.Min, out.Max = binary.BigEndian.Uint64(b[4:]), binary.BigEndian.Uint64(b[12:])
	for i := range out.Active {
		out.Active[i] = binary.BigEndian.Uint64(b[20+8*i:])
	}
	return out
}

// Sees tells whether a transaction had ended.
func (s Snapshot) Sees(x uint64) bool {
	if x < s.Min || x >= s.Max {
		return x < s.Min
	}
	for _, a := range s.Active {
		if a == x {
			return false
		}
	}
	return true
}

// add adds an active transaction; ok is false for one out of bounds or order.
func (s *Snapshot) add(x uint64) (ok bool) {
	n := len(s.Active)
	if x < s.Min || x >= s.Max || n > 0 && x < s.Active[n-1] {
		return false
	}
	if n == 0 || x != s.Active[n-1] {
		s.Active = append(s.Active, x)
	}
	return true
}

func snapshotIn(_ *Env, _ *Type, text string, _ int32) (Datum, error) {
	var s Snapshot
	rest := text
	number := func() (n uint64) {
		rest = strings.TrimLeft(rest, spaces)
		i := 0
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		n, _ = strconv.ParseUint(rest[:i], 10, 64)
		rest = rest[i:]
		return n
	}
	accept := func(c string) (ok bool) {
		rest, ok = strings.CutPrefix(rest, c)
		return ok
	}
	bad := func() (Datum, error) { return Null, errSyntaxFor("pg_snapshot", text) }
	if s.Min = number(); !accept(":") {
		return bad()
	}
	if s.Max = number(); !accept(":") || s.Min == 0 || s.Max < s.Min {
		return bad()
	}
	for rest != "" {
		if !s.add(number()) || !accept(",") && rest != "" {
			return bad()
		}
	}
	return NewString(s.Encode()), nil
}

func snapshotOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	s := DecodeSnapshot(d.Str())
	dst = append(strconv.AppendUint(dst, s.Min, 10), ':')
	dst = append(strconv.AppendUint(dst, s.Max, 10), ':')
	for i, x := range s.Active {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendUint(dst, x, 10)
	}
	return dst
}

// snapshotSend writes the physical form; that of NULL's stand-in is a snapshot, too.
func snapshotSend(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return append(dst, DecodeSnapshot(d.Str()).Encode()...)
}

func snapshotRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	n := int(r.i32())
	s := Snapshot{Min: r.u64(), Max: r.u64()}
	const most = (1<<30 - 24) / 8
	ok := n >= 0 && n <= most && s.Min != 0 && s.Min <= s.Max && int64(s.Max) > 0
	for i := 0; ok && i < n && !r.short; i++ {
		ok = s.add(r.u64()) || r.short
	}
	if !ok && !r.short {
		return Null, errBinary("invalid external pg_snapshot data")
	}
	return NewString(s.Encode()), nil
}
