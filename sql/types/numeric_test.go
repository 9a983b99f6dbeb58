package types

import (
	"strconv"
	"strings"
	"testing"
)

func num(s string) Numeric {
	n, err := ParseNumeric(s)
	if err != nil {
		panic(err)
	}
	return n
}

func numResult(n Numeric, err error) (string, bool, error) { return n.String(), false, err }

func numFunc2(f func(a, b Numeric) (Numeric, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return numResult(f(num(a[0]), num(a[1]))) }
}

func numFunc1(f func(Numeric) (Numeric, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return numResult(f(num(a[0]))) }
}

func noErr(f func(Numeric) Numeric) func(Numeric) (Numeric, error) {
	return func(n Numeric) (Numeric, error) { return f(n), nil }
}

func scaleFunc(f func(Numeric) (int32, bool)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) {
		n, ok := f(num(a[0]))
		return strconv.Itoa(int(n)), !ok, nil
	}
}

func intResult(n int64, err error) (string, bool, error) { return strconv.FormatInt(n, 10), false, err }

func floatResult(f float64, bits int, err error) (string, bool, error) {
	return string(AppendFloat(nil, f, bits, 1)), false, err
}

func toInt(bits int) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return intResult(NumericInt(num(a[0]), bits)) }
}

func toFloat(bits int) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) {
		f, err := NumericFloat(num(a[0]), bits)
		return floatResult(f, bits, err)
	}
}

func mustFloat(s string, bits int) float64 {
	f, err := ParseFloatText(s, bits)
	if err != nil {
		panic(err)
	}
	return f
}

func fromFloat(bits int) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) {
		return numResult(FloatNumeric(mustFloat(a[0], bits), bits))
	}
}

func floatInt(from, to int) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return intResult(FloatInt(mustFloat(a[0], from), to)) }
}

func typeBits(name string) int { return map[string]int{"int2": 16, "int4": 32, "int8": 64}[name] }

func atoi64(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// aggregate adds the elements of an array, and some others that it takes away
// again.
func aggregate(f func(sum, squares *NumSum) (Numeric, bool, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) {
		var sum, squares NumSum
		list := strings.Trim(a[0], "{}")
		if list == "" {
			return "", true, nil
		}
		noise := []Numeric{num("1e40"), num("-0.123456789012345678901"), num("NaN"), num("77"), num("Infinity")}
		for _, n := range noise {
			sum.Add(n, 2)
			squares.Add(NumericSquare(n), 2)
		}
		for _, s := range strings.Split(list, ",") {
			sum.Add(num(s), 1)
			squares.Add(NumericSquare(num(s)), 1)
		}
		for _, n := range noise {
			sum.Add(n, -2)
			squares.Add(NumericSquare(n), -2)
		}
		var again NumSum
		if rest, err := again.Load(sum.Append(nil)); err != nil || len(rest) != 0 {
			return "", false, err
		}
		n, ok, err := f(&again, &squares)
		return n.String(), !ok, err
	}
}

func spread(kind Spread) vecFunc {
	return aggregate(func(sum, squares *NumSum) (Numeric, bool, error) {
		s, _ := sum.Sum()
		q, _ := squares.Sum()
		return NumericSpread(s, q, sum.Count(), kind)
	})
}

func TestNumericVectors(t *testing.T) {
	runVectors(t, "numeric", map[string]vecFunc{
		"add": numFunc2(NumericAdd), "sub": numFunc2(NumericSub), "mul": numFunc2(NumericMul), "div": numFunc2(NumericDiv),
		"mod": numFunc2(NumericMod), "divtrunc": numFunc2(NumericDivTrunc), "lcm": numFunc2(NumericLcm), "log": numFunc2(NumericLog),
		"power": numFunc2(NumericPower),
		"gcd":   numFunc2(func(a, b Numeric) (Numeric, error) { return NumericGcd(a, b), nil }),
		"cmp": func(_ *Env, a []string) (string, bool, error) {
			x, y := num(a[0]), num(a[1])
			if x.Cmp(y) == 0 && x.Hash() != y.Hash() {
				t.Errorf("%s and %s are equal with different hashes", x, y)
			}
			return strconv.Itoa(x.Cmp(y)), false, nil
		},
		"sqrt": numFunc1(NumericSqrt), "exp": numFunc1(NumericExp), "ln": numFunc1(NumericLn), "log10": numFunc1(NumericLog10),
		"abs": numFunc1(noErr(NumericAbs)), "neg": numFunc1(noErr(NumericNeg)), "sign": numFunc1(noErr(NumericSign)),
		"trim_scale": numFunc1(noErr(NumericTrimScale)), "ceil": numFunc1(NumericCeil), "floor": numFunc1(NumericFloor),
		"scale": scaleFunc(NumericScale), "min_scale": scaleFunc(NumericMinScale),
		"round": func(_ *Env, a []string) (string, bool, error) {
			return numResult(NumericRound(num(a[0]), int32(atoi64(a[1]))))
		},
		"trunc": func(_ *Env, a []string) (string, bool, error) {
			return numResult(NumericTrunc(num(a[0]), int32(atoi64(a[1]))))
		},
		"typmod": func(env *Env, a []string) (string, bool, error) {
			_, mod := typeSpec(a[0])
			return ioText(t, env, TNumeric, mod, a[1])
		},
		"in":        func(env *Env, a []string) (string, bool, error) { return ioText(t, env, TNumeric, NoMod, a[0]) },
		"to_int2":   toInt(16),
		"to_int4":   toInt(32),
		"to_int8":   toInt(64),
		"to_float4": toFloat(32), "to_float8": toFloat(64),
		"to_money": func(env *Env, a []string) (string, bool, error) {
			c, err := NumericMoney(num(a[0]))
			return string(moneyOut(env, nil, nil, NewInt(c))), false, err
		},
		"from_float8": fromFloat(64), "from_float4": fromFloat(32),
		"f8_int2": floatInt(64, 16), "f8_int4": floatInt(64, 32), "f8_int8": floatInt(64, 64), "f4_int4": floatInt(32, 32),
		"f8_f4": func(_ *Env, a []string) (string, bool, error) {
			f, err := FloatFloat4(mustFloat(a[0], 64))
			return floatResult(f, 32, err)
		},
		"fac": func(_ *Env, a []string) (string, bool, error) { return numResult(NumericFac(atoi64(a[0]))) },
		"gcdint": func(_ *Env, a []string) (string, bool, error) {
			return intResult(GCDInt(atoi64(a[1]), atoi64(a[2]), typeBits(a[0])))
		},
		"lcmint": func(_ *Env, a []string) (string, bool, error) {
			return intResult(LCMInt(atoi64(a[1]), atoi64(a[2]), typeBits(a[0])))
		},
		"bucket": func(_ *Env, a []string) (string, bool, error) {
			return intResult(WidthBucketNumeric(num(a[0]), num(a[1]), num(a[2]), int32(atoi64(a[3]))))
		},
		"bucketf": func(_ *Env, a []string) (string, bool, error) {
			return intResult(WidthBucketFloat(mustFloat(a[0], 64), mustFloat(a[1], 64), mustFloat(a[2], 64), int32(atoi64(a[3]))))
		},
		"sum":     aggregate(func(sum, _ *NumSum) (Numeric, bool, error) { n, err := sum.Sum(); return n, true, err }),
		"avg":     aggregate(func(sum, _ *NumSum) (Numeric, bool, error) { n, err := sum.Avg(); return n, true, err }),
		"var_pop": spread(VarPop), "var_samp": spread(VarSamp), "stddev_pop": spread(StddevPop), "stddev_samp": spread(StddevSamp),
	})
}
