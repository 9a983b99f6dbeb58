package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions of inet and cidr, PostgreSQL's chapter 9.12.
func init() {
	registerRelations("network_", compareStrs)
	register("network_cmp", threeWay(func(a, b string) int { return networkCmp(types.DecodeInet(a), types.DecodeInet(b)) }))
	register("network_larger", extreme(1, false, cmpString))
	register("network_smaller", extreme(-1, false, cmpString))
	for name, f := range map[string]func(a, b types.Inet) bool{
		"network_sub":      func(a, b types.Inet) bool { return a.Bits > b.Bits && within(a, b) },
		"network_subeq":    within,
		"network_sup":      func(a, b types.Inet) bool { return a.Bits < b.Bits && within(b, a) },
		"network_supeq":    func(a, b types.Inet) bool { return within(b, a) },
		"network_overlap":  func(a, b types.Inet) bool { return within(a, b) || within(b, a) },
		"inet_same_family": func(a, b types.Inet) bool { return a.V6 == b.V6 },
	} {
		register(name, &Impl{Kernel: fn2(func(a, b string) bool { return f(types.DecodeInet(a), types.DecodeInet(b)) })})
	}
	for name, f := range map[string]func(a types.Inet) types.Inet{
		"inet_to_cidr":    types.Inet.Network,
		"network_network": types.Inet.Network,
		"network_netmask": func(a types.Inet) types.Inet { return types.Inet{V6: a.V6, Bits: a.MaxBits(), Addr: a.Mask()} },
		"network_hostmask": func(a types.Inet) types.Inet {
			return inetNot(types.Inet{V6: a.V6, Bits: a.MaxBits(), Addr: a.Mask()})
		},
		"network_broadcast": func(a types.Inet) types.Inet {
			m := a.Mask()
			for i := range a.Size() {
				a.Addr[i] |= ^m[i]
			}
			return a
		},
		"inetnot": inetNot,
	} {
		register(name, &Impl{Kernel: fn1(func(s string) string {
			a := f(types.DecodeInet(s))
			return a.Encode()
		})})
	}
	registerNetworkTexts()
	register("network_family", &Impl{Kernel: fn1(func(s string) int64 {
		a := types.DecodeInet(s)
		return int64(a.Family())
	})})
	register("network_masklen", &Impl{Kernel: fn1(func(s string) int64 { return int64(types.DecodeInet(s).Bits) })})
	register("inet_set_masklen", &Impl{Kernel: fn2e(setMaskLen)})
	register("cidr_set_masklen", &Impl{Kernel: fn2e(func(s string, n int64) (string, error) {
		s, err := setMaskLen(s, n)
		if err != nil {
			return "", err
		}
		a := types.DecodeInet(s).Network()
		return a.Encode(), nil
	})})
	register("inet_merge", &Impl{Kernel: fn2e(inetMerge)})
	register("inetand", inetBits("AND", func(a, b byte) byte { return a & b }))
	register("inetor", inetBits("OR", func(a, b byte) byte { return a | b }))
	register("inetpl", &Impl{Kernel: fn2e(inetAdd)})
	register("int8pl_inet(int8,inet)", &Impl{Kernel: fn2e(func(n int64, s string) (string, error) { return inetAdd(s, n) })})
	register("inetmi_int8", &Impl{Kernel: fn2e(func(s string, n int64) (string, error) { return inetAdd(s, -n) })})
	register("inetmi", &Impl{Kernel: fn2e(inetDiff)})
}

func registerNetworkTexts() {
	for name, f := range map[string]func(a types.Inet) []byte{
		"network_host": func(a types.Inet) []byte { return a.AppendHost(nil) },
		"network_show": func(a types.Inet) []byte { return a.AppendFull(nil) },
		"inet_abbrev": func(a types.Inet) []byte {
			if a.Bits == a.MaxBits() {
				return a.AppendHost(nil)
			}
			return a.AppendFull(nil)
		},
		"cidr_abbrev": func(a types.Inet) []byte { return a.AppendAbbrev(nil) },
	} {
		register(name, &Impl{Kernel: fn1(func(s string) string { return string(f(types.DecodeInet(s))) })})
	}
}

// within tells whether the network of b holds that of a.
func within(a, b types.Inet) bool {
	return a.V6 == b.V6 && a.Bits >= b.Bits && a.CommonBits(&b, b.Bits) == b.Bits
}

// networkCmp compares as the bytes of the physical form do, but gives the number
// that PostgreSQL's network_cmp gives.
func networkCmp(a, b types.Inet) int {
	if a.V6 != b.V6 {
		return (a.Family() - b.Family()) / 2
	}
	if d := cmpBits(a, b, min(a.Bits, b.Bits)); d != 0 {
		return d
	}
	if a.Bits != b.Bits {
		return a.Bits - b.Bits
	}
	return cmpBits(a, b, a.MaxBits())
}

// cmpBits compares the first n bits: the difference of the first whole bytes
// that differ, or 1 or -1 when that are the bits behind them.
func cmpBits(a, b types.Inet, n int) int {
	c := a.CommonBits(&b, n)
	switch i := c / 8; {
	case c == n:
		return 0
	case i < n/8:
		return int(a.Addr[i]) - int(b.Addr[i])
	case a.Addr[i] > b.Addr[i]:
		return 1
	}
	return -1
}

func inetNot(a types.Inet) types.Inet {
	for i := range a.Size() {
		a.Addr[i] = ^a.Addr[i]
	}
	return a
}

func setMaskLen(s string, n int64) (string, error) {
	a := types.DecodeInet(s)
	if n == -1 {
		n = int64(a.MaxBits())
	}
	if n < 0 || n > int64(a.MaxBits()) {
		return "", pgerr.New(pgerr.InvalidParameterValue, "invalid mask length: %d", n)
	}
	a.Bits = int(n)
	return a.Encode(), nil
}

// inetMerge gives the smallest network that holds both.
func inetMerge(s, t string) (string, error) {
	a, b := types.DecodeInet(s), types.DecodeInet(t)
	if a.V6 != b.V6 {
		return "", pgerr.New(pgerr.InvalidParameterValue, "cannot merge addresses from different families")
	}
	a.Bits = a.CommonBits(&b, min(a.Bits, b.Bits))
	a = a.Network()
	return a.Encode(), nil
}

// inetBits makes & or |.
func inetBits(name string, f func(a, b byte) byte) *Impl {
	return &Impl{Kernel: fn2e(func(s, t string) (string, error) {
		a, b := types.DecodeInet(s), types.DecodeInet(t)
		if a.V6 != b.V6 {
			return "", pgerr.New(pgerr.InvalidParameterValue, "cannot %s inet values of different sizes", name)
		}
		for i := range a.Size() {
			a.Addr[i] = f(a.Addr[i], b.Addr[i])
		}
		a.Bits = max(a.Bits, b.Bits)
		return a.Encode(), nil
	})}
}

var errInetRange = pgerr.New(pgerr.NumericValueOutOfRange, "result is out of range")

// inetAdd adds n to the address; 22003 when it leaves the family's addresses.
func inetAdd(s string, n int64) (string, error) {
	carry := 0
	a := types.DecodeInet(s)
	for i := a.Size() - 1; i >= 0; i-- {
		carry += int(a.Addr[i]) + int(byte(n))
		a.Addr[i] = byte(carry)
		carry >>= 8
		n >>= 8
	}
	if !(n == 0 && carry == 0 || n == -1 && carry == 1) {
		return "", errInetRange
	}
	return a.Encode(), nil
}

// inetDiff is the distance of two addresses.
func inetDiff(s, t string) (int64, error) {
	a, b := types.DecodeInet(s), types.DecodeInet(t)
	if a.V6 != b.V6 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "cannot subtract inet values of different sizes")
	}
	var hi, lo uint64 // of a 128-bit number, after its sign
	borrow := 0
	var diff [16]byte
	for i := 15; i >= 0; i-- {
		x, y := byteFromEnd(a, i), byteFromEnd(b, i)
		d := x - y - borrow
		borrow = 0
		if d < 0 {
			borrow = 1
		}
		diff[i] = byte(d)
	}
	for i := range 8 {
		hi, lo = hi<<8|uint64(diff[i]), lo<<8|uint64(diff[8+i])
	}
	switch {
	case hi == 0 && lo <= math.MaxInt64, hi == math.MaxUint64 && lo > math.MaxInt64:
		return int64(lo), nil
	}
	return 0, errInetRange
}

// byteFromEnd gives byte i of the address written with 16 bytes, aligned at its
// end.
func byteFromEnd(a types.Inet, i int) int {
	if i -= 16 - a.Size(); i < 0 {
		return 0
	}
	return int(a.Addr[i])
}
