package types

import (
	"math/bits"
	"strconv"
)

// Inet is a value of inet or cidr: an address and the length of its network
// part.
//
// The physical form is the family (4 or 6), the address with its host part
// cleared, the length of the network part and, unless the host part is zero,
// the whole address. So the bytes of two values sort as network_cmp sorts them:
// by family, by the common network bits, by the length, by the host part.
type Inet struct {
	Addr [16]byte // the first Size bytes; the others are zero
	Bits int      // of the network part
	V6   bool
}

// Size is the number of bytes of the address: 4 or 16.
func (a *Inet) Size() int {
	if a.V6 {
		return 16
	}
	return 4
}

// MaxBits is the length of a host's address in bits: 32 or 128.
func (a *Inet) MaxBits() int { return a.Size() * 8 }

// Family is 4 or 6.
func (a *Inet) Family() int {
	if a.V6 {
		return 6
	}
	return 4
}

// Bytes gives the address.
func (a *Inet) Bytes() []byte { return a.Addr[:a.Size()] }

// Mask gives the address whose network part is ones and the rest zeros.
func (a *Inet) Mask() (m [16]byte) {
	for i := range a.Size() {
		switch n := a.Bits - 8*i; {
		case n >= 8:
			m[i] = 0xff
		case n > 0:
			m[i] = 0xff << (8 - n)
		}
	}
	return m
}

// Network gives the value with its host part cleared.
func (a Inet) Network() Inet {
	m := a.Mask()
	for i := range a.Addr {
		a.Addr[i] &= m[i]
	}
	return a
}

// CommonBits counts the leading bits, up to n, that two addresses of one family
// share.
func (a *Inet) CommonBits(b *Inet, n int) int {
	for i := range a.Size() {
		if x := a.Addr[i] ^ b.Addr[i]; x != 0 {
			return min(n, 8*i+bits.LeadingZeros8(x))
		}
	}
	return n
}

// Encode gives the physical form.
func (a *Inet) Encode() string {
	net := a.Network()
	b := make([]byte, 0, 2+2*a.Size())
	b = append(append(b, byte(a.Family())), net.Bytes()...)
	b = append(b, byte(a.Bits))
	if net.Addr != a.Addr {
		b = append(b, a.Bytes()...)
	}
	return string(b)
}

// DecodeInet reads the physical form.
func DecodeInet(s string) (a Inet) {
	if s == "" {
		return a
	}
	a.V6 = s[0] == 6
	n := a.Size()
	if len(s) < n+2 {
		return Inet{}
	}
	a.Bits = int(s[n+1])
	if copy(a.Addr[:], s[n+2:]) == 0 {
		copy(a.Addr[:], s[1:n+1])
	}
	return a
}

// AppendAbbrev appends the value as abbrev(cidr) shows it: without the octets or
// words behind the network part.
func (a Inet) AppendAbbrev(dst []byte) []byte {
	switch {
	case a.V6:
		dst = a.appendAbbrev6(dst)
	case a.Bits == 0:
		dst = append(dst, '0')
	default:
		net := a.Network()
		dst = appendDotted(dst, net.Addr[:(a.Bits+7)/8])
	}
	return strconv.AppendInt(append(dst, '/'), int64(a.Bits), 10)
}

// appendAbbrev6 appends the words of the network part, two at least, with one
// run of zeros left out: PostgreSQL's choice, which is not that of AppendHost.
func (a Inet) appendAbbrev6(dst []byte) []byte {
	if a.Bits == 0 {
		return append(dst, "::"...)
	}
	bits := a.Bits
	a = a.Network()
	words := max(2, (bits+15)/16)
	start, length := a.abbrevGap(words)
	dotted := length != words && length > 0 && start == 0 &&
		(length == 6 || length == 5 && a.word(5) == 0xffff || length == 7 && a.Addr[14] != 0 && a.Addr[15] != 1)
	first := len(dst)
	for p := range words {
		switch {
		case length > 0 && p >= start && p < start+length:
			if p == start {
				dst = append(dst, ':')
			}
			if p == words-1 {
				dst = append(dst, ':')
			}
		case dotted && p > 5:
			sep := byte('.')
			if p == 6 {
				sep = ':'
			}
			dst = strconv.AppendUint(append(dst, sep), uint64(a.Addr[2*p]), 10)
			if p != 7 || bits > 120 {
				dst = strconv.AppendUint(append(dst, '.'), uint64(a.Addr[2*p+1]), 10)
			}
		default:
			if len(dst) > first {
				dst = append(dst, ':')
			}
			dst = strconv.AppendUint(dst, uint64(a.word(p)), 16)
		}
	}
	return dst
}

// abbrevGap finds the run of zero words to leave out. A run that is no longer
// than the one found goes on counting, as it does in PostgreSQL.
func (a *Inet) abbrevGap(words int) (start, length int) {
	at, n := 0, 0
	for i := range words {
		if a.word(i) == 0 {
			if n == 0 {
				at = i
			}
			n++
			continue
		}
		if n > length {
			start, length, n = at, n, 0
		}
	}
	if n > length {
		start, length = at, n
	}
	return start, length
}
