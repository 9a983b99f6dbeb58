package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The physical form of macaddr and macaddr8 is their 6 or 8 bytes.
var (
	macaddrCodec  = &codec{in: macaddrIn, out: macaddrOut, recv: macaddrRecv, send: textOut}
	macaddr8Codec = &codec{in: macaddr8In, out: macaddrOut, recv: macaddr8Recv, send: textOut}
)

// macaddrForms are the ways to write a macaddr: the digits at most of an octet, 0
// for any number, and what stands between octets.
var macaddrForms = []struct {
	width int
	sep   [5]string
}{
	{0, [5]string{":", ":", ":", ":", ":"}},
	{0, [5]string{"-", "-", "-", "-", "-"}},
	{2, [5]string{"", "", ":", "", ""}},
	{2, [5]string{"", "", "-", "", ""}},
	{2, [5]string{"", ".", "", ".", ""}},
	{2, [5]string{"", "-", "", "-", ""}},
	{2, [5]string{"", "", "", "", ""}},
}

// macaddrIn tries each form in turn, as sscanf reads it.
func macaddrIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	for _, f := range macaddrForms {
		octets, ok := scanOctets(s, f.width, f.sep[:])
		if !ok {
			continue
		}
		out := make([]byte, len(octets))
		for i, o := range octets {
			if o > 255 {
				return Null, pgerr.New(pgerr.NumericValueOutOfRange, "invalid octet value in \"macaddr\" value: \"%s\"", s)
			}
			out[i] = byte(o)
		}
		return NewString(string(out)), nil
	}
	return Null, errSyntaxFor("macaddr", s)
}

func scanOctets(s string, width int, sep []string) (octets [6]uint32, ok bool) {
	for i := range octets {
		v, n := scanHex(s, width)
		if n == 0 {
			return octets, false
		}
		octets[i], s = v, s[n:]
		if i < len(sep) {
			if s, ok = strings.CutPrefix(s, sep[i]); !ok {
				return octets, false
			}
		}
	}
	return octets, strings.TrimLeft(s, spaces) == ""
}

// scanHex reads a number as sscanf's %x does: behind blanks, with sign and 0x,
// of at most width characters (0: any). n counts the blanks, and is 0 without a
// digit.
func scanHex(s string, width int) (v uint32, n int) {
	start := len(s) - len(strings.TrimLeft(s, spaces))
	end := len(s)
	if width > 0 {
		end = min(end, start+width)
	}
	i, neg := start, false
	if i < end && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	if i+1 < end && s[i] == '0' && s[i+1]|0x20 == 'x' {
		i += 2
	}
	first := i
	for ; i < end && hexVal(s[i]) >= 0; i++ {
		v = v<<4 | uint32(hexVal(s[i]))
	}
	if i == first {
		return 0, 0
	}
	if neg {
		v = -v
	}
	return v, i
}

// macaddr8In reads 6 or 8 pairs of digits with one kind of separator, or none,
// behind any of them. 6 bytes are made 8 by FF FE in the middle.
func macaddr8In(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	fail := func() (Datum, error) { return Null, errSyntaxFor("macaddr8", s) }
	rest := strings.TrimLeft(s, spaces)
	var out []byte
	spacer := byte(0)
	for len(rest) > 1 {
		hi, lo := hexVal(rest[0]), hexVal(rest[1])
		if len(out) == 8 || hi < 0 || lo < 0 {
			return fail()
		}
		out = append(out, byte(hi<<4|lo))
		rest = rest[2:]
		if rest != "" && strings.IndexByte(":-.", rest[0]) >= 0 {
			if spacer != 0 && spacer != rest[0] {
				return fail()
			}
			spacer, rest = rest[0], rest[1:]
		}
		if len(out) == 6 || len(out) == 8 {
			if t := strings.TrimLeft(rest, spaces); t != rest {
				if rest = t; rest != "" {
					return fail()
				}
			}
		}
	}
	switch len(out) {
	case 6:
		return NewString(Macaddr8(string(out))), nil
	case 8:
		return NewString(string(out)), nil
	}
	return fail()
}

// Macaddr8 makes a macaddr8 of a macaddr.
func Macaddr8(mac string) string { return mac[:3] + "\xff\xfe" + mac[3:] }

// Macaddr makes a macaddr of a macaddr8 with FF FE in its middle; 22003 for
// others.
func Macaddr(mac8 string) (string, error) {
	if mac8[3:5] != "\xff\xfe" {
		return "", pgerr.New(pgerr.NumericValueOutOfRange, "macaddr8 data out of range to convert to macaddr").
			WithHint("Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.")
	}
	return mac8[:3] + mac8[5:], nil
}

func macaddrOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	for i := range len(d.s) {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, lowerHex[d.s[i]>>4], lowerHex[d.s[i]&15])
	}
	return dst
}

func macaddrRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	return NewString(string(r.take(6))), nil
}

// macaddr8Recv reads 6 or 8 bytes.
func macaddr8Recv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	if len(r.b) == 6 {
		return NewString(Macaddr8(string(r.take(6)))), nil
	}
	return NewString(string(r.take(8))), nil
}
