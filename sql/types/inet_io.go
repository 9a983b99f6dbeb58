package types

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var (
	inetCodec = &codec{in: inetIn, out: inetOut, recv: inetRecv, send: inetSend}
	cidrCodec = &codec{in: inetIn, out: cidrOut, recv: inetRecv, send: inetSend}
)

const hostBitsDetail = "Value has bits set to right of mask."

// inetIn reads inet and cidr. A cidr may leave out octets and its length, which
// then comes from the class of the network, and has no host part.
func inetIn(_ *Env, t *Type, s string, _ int32) (Datum, error) {
	a, ok := Inet{V6: strings.IndexByte(s, ':') >= 0}, false
	switch {
	case a.V6:
		ok = a.parse6(s)
	case t.OID == CidrOID:
		ok = a.parseNet4(s)
	default:
		ok = a.parse4(s)
	}
	if !ok {
		return Null, errSyntaxFor(t.Name, s)
	}
	if t.OID == CidrOID && a.Network() != a {
		return Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid cidr value: \"%s\"", s).WithDetail(hostBitsDetail)
	}
	return NewString(a.Encode()), nil
}

// octetInt reads decimal digits up to a limit; n is 0 without any, ok is false
// above the limit.
func octetInt(s string, limit int) (v, n int, ok bool) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		if n++; v > limit {
			return 0, n, false
		}
	}
	return v, n, true
}

// parse4 reads an IPv4 address with a length behind it, which is needed when
// octets are left out.
func (a *Inet) parse4(s string) bool {
	octets := 0
	for {
		v, n, ok := octetInt(s, 255)
		if n == 0 {
			break
		}
		if !ok || octets == 4 {
			return false
		}
		a.Addr[octets] = byte(v)
		octets++
		if s = s[n:]; s == "" || s[0] == '/' {
			break
		}
		if s[0] != '.' {
			return false
		}
		s = s[1:]
	}
	if octets == 0 || !a.suffix4(s) {
		return false
	}
	if a.Bits < 0 && octets == 4 {
		a.Bits = 32
	}
	return a.Bits >= 0 && a.Bits/8 <= octets
}

// suffix4 reads what may stand behind the octets: nothing, which leaves -1 bits,
// or a slash and a length.
func (a *Inet) suffix4(s string) bool {
	a.Bits = -1
	if s == "" {
		return true
	}
	if s[0] != '/' {
		return false
	}
	v, n, ok := octetInt(s[1:], 32)
	a.Bits = v
	return ok && n > 0 && n == len(s)-1
}

// parseNet4 reads an IPv4 network: octets, or 0x and hexadecimal digits.
func (a *Inet) parseNet4(s string) bool {
	var octets int
	var ok bool
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && hexVal(s[2]) >= 0 {
		s, octets, ok = a.hexOctets(s[2:])
	} else {
		s, octets, ok = a.netOctets(s)
	}
	if !ok || !a.suffix4(s) {
		return false
	}
	if a.Bits < 0 {
		a.Bits = classBits(a.Addr[0], octets)
	}
	return true
}

func (a *Inet) hexOctets(s string) (rest string, octets int, ok bool) {
	i := 0
	for ; i < len(s) && hexVal(s[i]) >= 0; i++ {
		if i >= 8 {
			return s, 0, false
		}
		a.Addr[i/2] |= byte(hexVal(s[i])) << (4 * (1 - i%2))
	}
	return s[i:], (i + 1) / 2, true
}

func (a *Inet) netOctets(s string) (rest string, octets int, ok bool) {
	for {
		v, n, ok := octetInt(s, 255)
		if n == 0 || !ok || octets == 4 {
			return s, 0, false
		}
		a.Addr[octets] = byte(v)
		octets++
		if s = s[n:]; s == "" || s[0] == '/' {
			return s, octets, true
		}
		if s[0] != '.' {
			return s, 0, false
		}
		s = s[1:]
	}
}

// classBits is the length of a network by the class of its first octet, but not
// less than the octets given.
func classBits(first byte, octets int) int {
	n := 8
	switch {
	case first >= 240:
		n = 32
	case first >= 224:
		n = 8
	case first >= 192:
		n = 24
	case first >= 128:
		n = 16
	}
	if n = max(n, octets*8); n == 8 && first == 224 {
		return 4
	}
	return n
}

// parse6 reads an IPv6 address, which may end in an IPv4 one, and a length.
func (a *Inet) parse6(s string) bool {
	if s[0] == ':' {
		if s = s[1:]; s == "" || s[0] != ':' {
			return false
		}
	}
	var out [16]byte
	a.Bits = 128
	n, gap := 0, -1 // bytes written, and where :: stands among them
	for s != "" {
		if s[0] == ':' {
			if gap >= 0 {
				return false
			}
			gap, s = n, s[1:]
			continue
		}
		word, digits := 0, 0
		for ; digits < len(s) && hexVal(s[digits]) >= 0; digits++ {
			if digits == 4 {
				return false
			}
			word = word<<4 | hexVal(s[digits])
		}
		switch rest := s[digits:]; {
		case rest != "" && rest[0] == '.':
			if n+4 > 16 || !a.embedded4(s, out[n:n+4]) {
				return false
			}
			n, s = n+4, ""
			continue
		case rest == "":
			s = ""
		case rest[0] == '/':
			if !a.suffix6(rest[1:]) {
				return false
			}
			if s = ""; digits == 0 {
				continue
			}
		case rest[0] == ':' && len(rest) > 1:
			s = rest[1:]
		default:
			return false
		}
		if n+2 > 16 {
			return false
		}
		out[n], out[n+1] = byte(word>>8), byte(word)
		n += 2
	}
	return a.spread(out[:n], gap)
}

// spread writes the address with the zeros that :: stands for.
func (a *Inet) spread(out []byte, gap int) bool {
	if gap < 0 {
		return copy(a.Addr[:], out) == 16
	}
	copy(a.Addr[:], out[:gap])
	copy(a.Addr[16-(len(out)-gap):], out[gap:])
	return len(out) < 16
}

// embedded4 reads the IPv4 address, and the length, that end an IPv6 one. Octets
// that are left out are zero, as in PostgreSQL.
func (a *Inet) embedded4(s string, out []byte) bool {
	for i := range 4 {
		v, n, ok := octetInt(s, 255)
		if !ok || n > 1 && s[0] == '0' {
			return false
		}
		out[i] = byte(v)
		switch s = s[n:]; {
		case s == "":
			return n > 0
		case s[0] == '/':
			return a.suffix6(s[1:])
		case s[0] != '.':
			return false
		}
		s = s[1:]
	}
	return false
}

// suffix6 reads the length: no zeros lead it.
func (a *Inet) suffix6(s string) bool {
	v, n, ok := octetInt(s, 128)
	a.Bits = v
	return ok && n > 0 && n == len(s) && (n == 1 || s[0] != '0')
}

func inetOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	a := DecodeInet(d.s)
	if dst = a.AppendHost(dst); a.Bits != a.MaxBits() {
		dst = strconv.AppendInt(append(dst, '/'), int64(a.Bits), 10)
	}
	return dst
}

func cidrOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return DecodeInet(d.s).AppendFull(dst) }

// AppendFull appends the address and the length of its network part.
func (a Inet) AppendFull(dst []byte) []byte {
	return strconv.AppendInt(append(a.AppendHost(dst), '/'), int64(a.Bits), 10)
}

// AppendHost appends the address alone.
func (a *Inet) AppendHost(dst []byte) []byte {
	if !a.V6 {
		return appendDotted(dst, a.Addr[:4])
	}
	start, length := a.longestGap()
	for i := 0; i < 8; i++ {
		if length > 0 && i >= start && i < start+length {
			if i == start {
				dst = append(dst, ':')
			}
			continue
		}
		if i != 0 {
			dst = append(dst, ':')
		}
		if i == 6 && length > 0 && start == 0 && (length == 6 || length == 5 && a.word(5) == 0xffff) {
			return appendDotted(dst, a.Addr[12:])
		}
		dst = strconv.AppendUint(dst, uint64(a.word(i)), 16)
	}
	if length > 0 && start+length == 8 {
		dst = append(dst, ':')
	}
	return dst
}

func (a *Inet) word(i int) int { return int(a.Addr[2*i])<<8 | int(a.Addr[2*i+1]) }

// longestGap finds the first of the longest runs of two or more zero words; the
// length is 0 when there is none.
func (a *Inet) longestGap() (start, length int) {
	for i := 0; i < 8; i++ {
		n := 0
		for i+n < 8 && a.word(i+n) == 0 {
			n++
		}
		if n > length && n > 1 {
			start, length = i, n
		}
		i += n
	}
	return start, length
}

func appendDotted(dst []byte, b []byte) []byte {
	for i, o := range b {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendUint(dst, uint64(o), 10)
	}
	return dst
}

// The families in the binary form.
const (
	wireInet4 = 2
	wireInet6 = 3
)

// inetRecv reads family, length, whether it is a cidr, number of bytes, address.
func inetRecv(_ *Env, t *Type, r *reader, _ int32) (Datum, error) {
	family := r.u8()
	if family != wireInet4 && family != wireInet6 && !r.short {
		return Null, errBinary("invalid address family in external \"%s\" value", t.Name)
	}
	a := Inet{V6: family == wireInet6, Bits: int(r.u8())}
	if a.Bits > a.MaxBits() {
		return Null, errBinary("invalid bits in external \"%s\" value", t.Name)
	}
	r.u8()
	if n := int(r.u8()); n != a.Size() && !r.short {
		return Null, errBinary("invalid length in external \"%s\" value", t.Name)
	}
	copy(a.Addr[:], r.take(a.Size()))
	if t.OID == CidrOID && a.Network() != a {
		return Null, pgerr.New(pgerr.InvalidBinaryRepresentation, "invalid external \"cidr\" value").WithDetail(hostBitsDetail)
	}
	return NewString(a.Encode()), nil
}

func inetSend(_ *Env, t *Type, dst []byte, d Datum) []byte {
	a := DecodeInet(d.s)
	return append(append(dst, a.Wire(t.OID == CidrOID)...), a.Bytes()...)
}

// Wire gives what stands in front of the address in the binary form.
func (a *Inet) Wire(cidr bool) []byte {
	b := []byte{wireInet4, byte(a.Bits), 0, byte(a.Size())}
	if a.V6 {
		b[0] = wireInet6
	}
	if cidr {
		b[2] = 1
	}
	return b
}
