package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func registerSizes() {
	register("pg_size_pretty", &Impl{Kernel: fn1(prettySize)})
	register("pg_size_pretty_numeric", &Impl{Kernel: fn1e(prettyNumeric)})
	register("pg_size_bytes", &Impl{Kernel: fn1e(sizeBytes)})
}

// sizeUnits are the units of pg_size_pretty: a size below limit is shown in
// the unit, which is 2^bits bytes; one of rounded is halved with rounding.
var sizeUnits = []struct {
	name  string
	limit int64
	round bool
	bits  uint
}{
	{"bytes", 10 * 1024, false, 0}, {"kB", 20*1024 - 1, true, 10}, {"MB", 20*1024 - 1, true, 20},
	{"GB", 20*1024 - 1, true, 30}, {"TB", 20*1024 - 1, true, 40}, {"PB", 20*1024 - 1, true, 50},
}

// prettySize is pg_size_pretty of a bigint: each step to a larger unit keeps a
// bit for rounding.
func prettySize(size int64) string {
	for i, u := range sizeUnits {
		last := i == len(sizeUnits)-1
		abs := uint64(size)
		if size < 0 {
			abs = -abs
		}
		if last || abs < uint64(u.limit) {
			if u.round {
				size = halfRounded(size)
			}
			return string(types.AppendInt(nil, size)) + " " + u.name
		}
		next := sizeUnits[i+1]
		bits := next.bits - u.bits
		if next.round {
			bits--
		}
		if u.round {
			bits++
		}
		size /= 1 << bits
	}
	return ""
}

// halfRounded halves, rounding halves away from zero.
func halfRounded(x int64) int64 {
	if x < 0 {
		return (x - 1) / 2
	}
	return (x + 1) / 2
}

// prettyNumeric is prettySize of a numeric.
func prettyNumeric(n types.Numeric) (string, error) {
	two := types.NumericFromInt(2)
	for i, u := range sizeUnits {
		if i == len(sizeUnits)-1 || types.NumericAbs(n).Cmp(types.NumericFromInt(u.limit)) < 0 {
			if u.round {
				one := types.NumericFromInt(1)
				if n.Sign() < 0 {
					one = types.NumericFromInt(-1)
				}
				n, _ = types.NumericAdd(n, one)
				n, _ = types.NumericDivTrunc(n, two)
			}
			return n.String() + " " + u.name, nil
		}
		next := sizeUnits[i+1]
		bits := next.bits - u.bits
		if next.round {
			bits--
		}
		if u.round {
			bits++
		}
		n, _ = types.NumericDivTrunc(n, types.NumericFromInt(1<<bits))
	}
	return "", nil
}

// sizeBytes reads a size with a unit.
func sizeBytes(s string) (int64, error) {
	bad := func() error { return errInvalid("invalid size: \"%s\"", s) }
	str := skipSpace(s)
	n := numberPrefix(str)
	if n == 0 {
		return 0, bad()
	}
	num, err := types.ParseNumeric(str[:n])
	if err != nil {
		return 0, err
	}
	unit := strings.TrimRight(skipSpace(str[n:]), " \t\n\r\f\v")
	if unit != "" {
		mult, ok := int64(0), false
		for _, u := range sizeUnits {
			if strings.EqualFold(unit, u.name) {
				mult, ok = 1<<u.bits, true
			}
		}
		if !ok {
			return 0, errInvalid("invalid size: \"%s\"", s).(*pgerr.Error).
				WithDetail("Invalid size unit: \"%s\".", unit).
				WithHint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".")
		}
		if num, err = types.NumericMul(num, types.NumericFromInt(mult)); err != nil {
			return 0, err
		}
	}
	return types.NumericInt(num, 64)
}

// numberPrefix is the length of the number that s begins with, 0 for none.
func numberPrefix(s string) int {
	i := 0
	digits := func() bool {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	have := digits()
	if i < len(s) && s[i] == '.' {
		i++
		have = digits() || have
	}
	if !have {
		return 0
	}
	if end := i; i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if !digits() {
			i = end // the e begins the unit
		}
	}
	return i
}
