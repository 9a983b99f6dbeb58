package types

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// money is a number of cents, written as the C locale has it: -$1,234.50.
var moneyCodec = &codec{in: moneyIn, out: moneyOut, recv: int8Recv, send: int8Send}

func moneyIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	c, err := ParseMoney(s)
	return NewInt(c), err
}

// ParseMoney reads an amount as cash_in does.
func ParseMoney(s string) (int64, error) {
	t, neg := skipCurrency(s), false
	switch {
	case strings.HasPrefix(t, "-"), strings.HasPrefix(t, "("):
		neg, t = true, t[1:]
	case strings.HasPrefix(t, "+"):
		t = t[1:]
	}
	t = skipCurrency(t)
	// The amount is kept negative, as the least int64 has no positive.
	value, dec, i, over := int64(0), -1, 0, false
	push := func(d byte) {
		over = over || value < (math.MinInt64+int64(d))/10
		value = value*10 - int64(d)
	}
scan:
	for ; i < len(t); i++ {
		switch c := t[i]; {
		case c >= '0' && c <= '9' && dec < 2:
			push(c - '0')
			if dec >= 0 {
				dec++
			}
		case c == '.' && dec < 0:
			dec = 0
		case c == ',':
		default:
			break scan
		}
	}
	up := i < len(t) && t[i] >= '5' && t[i] <= '9'
	for dec = max(dec, 0); dec < 2; dec++ {
		push(0)
	}
	if up {
		over = over || value == math.MinInt64
		value--
	}
	for i < len(t) && t[i] >= '0' && t[i] <= '9' {
		i++
	}
	for ; i < len(t); i++ {
		switch c := t[i]; {
		case c == '-':
			neg = true
		case isSpace(c) || c == ')' || c == '+' || c == '$':
		default:
			return 0, errSyntaxFor("money", s)
		}
	}
	if over || !neg && value == math.MinInt64 {
		return 0, pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type money", s)
	}
	if !neg {
		value = -value
	}
	return value, nil
}

func skipCurrency(s string) string {
	s = strings.TrimLeft(s, spaces)
	return strings.TrimLeft(strings.TrimPrefix(s, "$"), spaces)
}

func moneyOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	u := magnitude(d.i)
	if d.i < 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, '$')
	var buf [24]byte
	digits := AppendInt(buf[:0], int64(u/100))
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return appendPadded(append(dst, '.'), u%100, 2)
}

func errMoneyRange() error { return pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range") }

// IntMoney is the cast of an integer to money.
func IntMoney(n int64) (int64, error) {
	if n > math.MaxInt64/100 || n < math.MinInt64/100 {
		return 0, errMoneyRange()
	}
	return n * 100, nil
}

// NumericMoney is the cast of numeric to money.
func NumericMoney(n Numeric) (int64, error) {
	c, err := NumericMul(n, NumericFromInt(100))
	if err != nil {
		return 0, err
	}
	return NumericInt(c, 64)
}

// MoneyNumeric is the cast of money to numeric.
func MoneyNumeric(cents int64) Numeric { return NumericScaled(cents, 2) }
