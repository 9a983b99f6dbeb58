package funcs

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	registerRelations("cash_", compareInts)
	register("cash_cmp", threeWay(cmpInt))
	register("cashlarger", extreme(1, true, cmpInt))
	register("cashsmaller", extreme(-1, true, cmpInt))
	register("cash_pl", cashOp(addInt8))
	register("cash_mi", cashOp(subInt8))
	register("cash_div_cash", &Impl{Kernel: fn2e(func(a, b int64) (float64, error) {
		if b == 0 {
			return 0, errDivZero
		}
		return float64(a) / float64(b), nil
	})})
	for _, t := range []string{"2", "4", "8"} {
		register("cash_mul_int"+t, cashOp(mulInt8))
		register("int"+t+"_mul_cash", cashOp(mulInt8))
		register("cash_div_int"+t, &Impl{Kernel: fn2e(func(a, b int64) (int64, error) {
			if b == 0 {
				return 0, errDivZero
			}
			return a / b, nil
		})})
	}
	for _, t := range []string{"4", "8"} {
		mul := fn2e(func(a int64, f float64) (int64, error) {
			p := float64(a) * f
			if math.IsInf(p, 0) && !math.IsInf(f, 0) {
				return 0, errOverflow
			}
			return roundCash(p)
		})
		register("cash_mul_flt"+t, &Impl{Kernel: mul})
		register("flt"+t+"_mul_cash", swapped(mul))
		register("cash_div_flt"+t, &Impl{Kernel: fn2e(func(a int64, f float64) (int64, error) {
			if f == 0 {
				return 0, errDivZero
			}
			q := float64(a) / f
			if math.IsInf(q, 0) {
				return 0, errOverflow
			}
			return roundCash(q)
		})})
	}
	register("int4_cash", &Impl{Kernel: fn1e(types.IntMoney)})
	register("int8_cash", &Impl{Kernel: fn1e(types.IntMoney)})
	register("numeric_cash", &Impl{Kernel: fn1e(types.NumericMoney)})
	register("cash_numeric", &Impl{Kernel: fn1(types.MoneyNumeric)})
	register("cash_words", &Impl{Kernel: fn1(cashWords)})
	register("sum(money)", accOf(linear, func() Acc { return &moneyAcc{} }))
}

var errMoneyRange = pgerr.New(pgerr.NumericValueOutOfRange, "money out of range")

// cashOp makes the Impl of checked arithmetic.
func cashOp(f func(a, b int64) (int64, bool)) *Impl {
	return &Impl{Kernel: fn2e(func(a, b int64) (int64, error) {
		r, ok := f(a, b)
		if !ok {
			return 0, errMoneyRange
		}
		return r, nil
	})}
}

func roundCash(f float64) (int64, error) {
	if f = math.RoundToEven(f); !(f >= -0x1p63 && f < 0x1p63) {
		return 0, errMoneyRange
	}
	return int64(f), nil
}

// moneyAcc is sum(money): as sum(bigint), but of type money.
type moneyAcc struct{ sum128Acc }

// Result implements Acc.
func (a *moneyAcc) Result(c *Ctx, groups []uint32, out *vec.Vec) {
	r := resultInts(out, len(groups))
	for i, g := range groups {
		s := &a.st[g]
		r[i] = int64(s.sum.lo)
		switch {
		case s.n == 0:
			out.SetNull(i)
		case s.sum.hi != r[i]>>63:
			c.Bad.Set(i, errMoneyRange)
		}
	}
}

var smallNumbers = strings.Fields(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
	seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety`)

// numberWords says a number below 1000, with the irregularities of PostgreSQL's
// num_word.
func numberWords(n uint64) string {
	rest := n % 100
	switch {
	case n <= 20:
		return smallNumbers[n]
	case rest == 0:
		return smallNumbers[n/100] + " hundred"
	case n < 100:
		return belowHundred(rest)
	case rest < 20 && rest != 0 && (rest%10 != 0 || rest <= 10):
		return smallNumbers[n/100] + " hundred and " + smallNumbers[rest]
	}
	return smallNumbers[n/100] + " hundred " + belowHundred(rest)
}

// belowHundred says a number from 11 to 99.
func belowHundred(n uint64) string {
	switch {
	case n < 20:
		return smallNumbers[n]
	case n%10 == 0:
		return smallNumbers[18+n/10]
	}
	return smallNumbers[18+n/10] + " " + smallNumbers[n%10]
}

// cashWords says an amount in words.
func cashWords(v int64) string {
	var b strings.Builder
	x := uint64(v)
	if v < 0 {
		b.WriteString("minus ")
		x = -x
	}
	for _, u := range []struct {
		div  uint64
		name string
	}{{100_000_000_000_000_000, " quadrillion "}, {100_000_000_000_000, " trillion "}, {100_000_000_000, " billion "}, {100_000_000, " million "}, {100_000, " thousand "}} {
		if n := x / u.div % 1000; n > 0 {
			b.WriteString(numberWords(n) + u.name)
		}
	}
	if n := x / 100 % 1000; n > 0 {
		b.WriteString(numberWords(n))
	}
	if x/100 == 0 {
		b.WriteString("zero")
	}
	dollars := " dollars and "
	if x/100 == 1 {
		dollars = " dollar and "
	}
	cents := " cents"
	if x%100 == 1 {
		cents = " cent"
	}
	b.WriteString(dollars)
	if c := x % 100; c == 0 {
		b.WriteString("zero")
	} else {
		b.WriteString(numberWords(c))
	}
	b.WriteString(cents)
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}
