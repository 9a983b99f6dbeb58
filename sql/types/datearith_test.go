package types

import (
	"strconv"
	"strings"
	"testing"
)

// Readers of arguments in the vectors of dates.

func argDate(s string) int64 { return mustInt(ParseDate(DefaultEnv, s)) }
func argTS(s string) int64   { return mustInt(ParseTimestampText(DefaultEnv, s)) }
func argTime(s string) int64 { return mustInt(ParseTime(DefaultEnv, s)) }
func argTimetz(s string) int64 {
	return mustInt(ParseTimetz(DefaultEnv, s))
}

func argIv(s string) Interval {
	v, err := ParseInterval(DefaultEnv, s, NoMod)
	if err != nil {
		panic(err)
	}
	return v
}

func argInt(s string) int32 { return int32(atoi64(s)) }

func mustInt(n int64, err error) int64 {
	if err != nil {
		panic(err)
	}
	return n
}

// outAs shows a value of kind Int as a type.
func outAs(t *Type, env *Env, n int64, err error) (string, bool, error) {
	if err != nil {
		return "", false, err
	}
	return t.Text(env, NewInt(n)), false, nil
}

func outIv(v Interval, err error) (string, bool, error) {
	return TInterval.Text(DefaultEnv, NewInterval(v)), false, err
}

func outNum(n Numeric, ok bool, err error) (string, bool, error) {
	return n.String(), !ok && err == nil, err
}

func outFloat(f float64, ok bool, err error) (string, bool, error) {
	return string(AppendFloat(nil, f, 64, 1)), !ok && err == nil, err
}

func ivFunc2(f func(a, b Interval) (Interval, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return outIv(f(argIv(a[0]), argIv(a[1]))) }
}

func ivFunc1(f func(Interval) (Interval, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return outIv(f(argIv(a[0]))) }
}

func ivScale(f func(Interval, float64) (Interval, error)) vecFunc {
	return func(_ *Env, a []string) (string, bool, error) { return outIv(f(argIv(a[0]), mustFloat(a[1], 64))) }
}

func zoneFunc(f func(env *Env, z *Zone, s string) (string, bool, error)) vecFunc {
	return func(env *Env, a []string) (string, bool, error) {
		z, err := LoadZone(a[0])
		if err != nil {
			return "", false, err
		}
		return f(env, z, a[1])
	}
}

func ivZoneFunc(f func(env *Env, z *Zone, s string) (string, bool, error)) vecFunc {
	return func(env *Env, a []string) (string, bool, error) {
		z, err := IntervalZone(env, argIv(a[0]))
		if err != nil {
			return "", false, err
		}
		return f(env, z, a[1])
	}
}

func atTS(env *Env, z *Zone, s string) (string, bool, error) {
	n, err := TimestampAtZone(z, argTS(s))
	return outAs(TTimestamptz, env, n, err)
}

func atTSTZ(env *Env, z *Zone, s string) (string, bool, error) {
	n, err := TimestamptzAtZone(z, argTS(s))
	return outAs(TTimestamp, env, n, err)
}

func atTimetz(_ *Env, z *Zone, s string) (string, bool, error) {
	env := *DefaultEnv
	env.Now = 836000000000000 // a day in June: the zones in the vectors have no daylight-saving time
	t, err := TimetzAtZone(&env, z, argTimetz(s))
	return outAs(TTimetz, &env, t, err)
}

func cmpResult(n int) (string, bool, error) { return strconv.Itoa(n), false, nil }

func TestDatearithVectors(t *testing.T) {
	runVectors(t, "datearith", map[string]vecFunc{
		"date_pli": func(env *Env, a []string) (string, bool, error) {
			n, err := DateAdd(argDate(a[0]), atoi64(a[1]))
			return outAs(TDate, env, n, err)
		},
		"date_mii": func(env *Env, a []string) (string, bool, error) {
			n, err := DateSub(argDate(a[0]), atoi64(a[1]))
			return outAs(TDate, env, n, err)
		},
		"date_mi": func(_ *Env, a []string) (string, bool, error) {
			return intResult(DateDiff(argDate(a[0]), argDate(a[1])))
		},
		"date_ts": func(env *Env, a []string) (string, bool, error) {
			n, err := DateTimestamp(argDate(a[0]))
			return outAs(TTimestamp, env, n, err)
		},
		"date_tstz": func(env *Env, a []string) (string, bool, error) {
			n, err := DateTimestamptz(env.zone(), argDate(a[0]))
			return outAs(TTimestamptz, env, n, err)
		},
		"ts_date": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestampDate(argTS(a[0]))
			return outAs(TDate, env, n, err)
		},
		"ts_time": func(env *Env, a []string) (string, bool, error) {
			n, ok := TimestampTime(argTS(a[0]))
			return TTime.Text(env, NewInt(n)), !ok, nil
		},
		"tstz_date": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestamptzDate(env.zone(), argTS(a[0]))
			return outAs(TDate, env, n, err)
		},
		"tstz_time": func(env *Env, a []string) (string, bool, error) {
			n, ok := TimestamptzTime(env.zone(), argTS(a[0]))
			return TTime.Text(env, NewInt(n)), !ok, nil
		},
		"tstz_timetz": func(env *Env, a []string) (string, bool, error) {
			n, ok := TimestamptzTimetz(env.zone(), argTS(a[0]))
			return TTimetz.Text(env, NewInt(n)), !ok, nil
		},
		"tstz_ts": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestamptzTimestamp(env, argTS(a[0]))
			return outAs(TTimestamp, env, n, err)
		},
		"ts_tstz": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestampTimestamptz(env, argTS(a[0]))
			return outAs(TTimestamptz, env, n, err)
		},
		"date_time": func(env *Env, a []string) (string, bool, error) {
			n, err := DatePlusTime(argDate(a[0]), argTime(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"date_timetz": func(env *Env, a []string) (string, bool, error) {
			n, err := DatePlusTimetz(argDate(a[0]), argTimetz(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"date_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := DatePlusInterval(argDate(a[0]), argIv(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"date_mi_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := DateMinusInterval(argDate(a[0]), argIv(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"ts_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestampPlus(argTS(a[0]), argIv(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"ts_mi_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestampMinus(argTS(a[0]), argIv(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"tstz_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestamptzPlus(env.zone(), argTS(a[0]), argIv(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"tstz_mi_iv": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestamptzMinus(env.zone(), argTS(a[0]), argIv(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"ts_mi": func(_ *Env, a []string) (string, bool, error) { return outIv(TimestampDiff(argTS(a[0]), argTS(a[1]))) },
		"age":   func(_ *Env, a []string) (string, bool, error) { return outIv(TimestampAge(argTS(a[0]), argTS(a[1]))) },
		"age_tz": func(env *Env, a []string) (string, bool, error) {
			return outIv(TimestamptzAge(env.zone(), argTS(a[0]), argTS(a[1])))
		},
		"iv_add": ivFunc2(IntervalAdd), "iv_sub": ivFunc2(IntervalSub), "iv_mul": ivScale(IntervalMul), "iv_div": ivScale(IntervalDiv),
		"neg": ivFunc1(IntervalNeg), "justify_hours": ivFunc1(JustifyHours), "justify_days": ivFunc1(JustifyDays), "justify_interval": ivFunc1(JustifyInterval),
		"iv_cmp": func(_ *Env, a []string) (string, bool, error) {
			x, y := argIv(a[0]), argIv(a[1])
			if x.Cmp(y) == 0 && x.Hash() != y.Hash() {
				t.Errorf("%v and %v are equal with different hashes", a[0], a[1])
			}
			return cmpResult(x.Cmp(y))
		},
		"iv_time": func(env *Env, a []string) (string, bool, error) {
			return outAs(TTime, env, IntervalTime(argIv(a[0])), nil)
		},
		"time_iv": func(_ *Env, a []string) (string, bool, error) { return outIv(TimeInterval(argTime(a[0])), nil) },
		"time_pl": func(env *Env, a []string) (string, bool, error) {
			return outAs(TTime, env, TimePlus(argTime(a[0]), argIv(a[1])), nil)
		},
		"time_mi_iv": func(env *Env, a []string) (string, bool, error) {
			return outAs(TTime, env, TimeMinus(argTime(a[0]), argIv(a[1])), nil)
		},
		"timetz_pl": func(env *Env, a []string) (string, bool, error) {
			return outAs(TTimetz, env, TimetzPlus(argTimetz(a[0]), argIv(a[1])), nil)
		},
		"timetz_mi_iv": func(env *Env, a []string) (string, bool, error) {
			return outAs(TTimetz, env, TimetzMinus(argTimetz(a[0]), argIv(a[1])), nil)
		},
		"time_mi": func(_ *Env, a []string) (string, bool, error) {
			return outIv(TimeDiff(argTime(a[0]), argTime(a[1])), nil)
		},
		"timetz_cmp": func(_ *Env, a []string) (string, bool, error) {
			return cmpResult(cmpInt(argTimetz(a[0]), argTimetz(a[1])))
		},
		"trunc": func(env *Env, a []string) (string, bool, error) {
			n, err := ParseUnit(a[0]).TruncTimestamp(argTS(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"trunc_tz": func(env *Env, a []string) (string, bool, error) {
			n, err := ParseUnit(a[0]).TruncTimestamptz(env.zone(), argTS(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"trunc_zone": func(env *Env, a []string) (string, bool, error) {
			z, err := LoadZone(a[2])
			if err != nil {
				return "", false, err
			}
			n, err := ParseUnit(a[0]).TruncTimestamptz(z, argTS(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"trunc_iv": func(_ *Env, a []string) (string, bool, error) {
			return outIv(ParseUnit(a[0]).TruncInterval(argIv(a[1])))
		},
		"extract": func(_ *Env, a []string) (string, bool, error) {
			return outNum(ParseUnit(a[0]).ExtractTimestamp(argTS(a[1])))
		},
		"part": func(_ *Env, a []string) (string, bool, error) {
			return outFloat(ParseUnit(a[0]).PartTimestamp(argTS(a[1])))
		},
		"extract_tz": func(env *Env, a []string) (string, bool, error) {
			return outNum(ParseUnit(a[0]).ExtractTimestamptz(env.zone(), argTS(a[1])))
		},
		"part_tz": func(env *Env, a []string) (string, bool, error) {
			return outFloat(ParseUnit(a[0]).PartTimestamptz(env.zone(), argTS(a[1])))
		},
		"extract_date": func(_ *Env, a []string) (string, bool, error) {
			return outNum(ParseUnit(a[0]).ExtractDate(argDate(a[1])))
		},
		"extract_time": func(_ *Env, a []string) (string, bool, error) {
			return numResult(ParseUnit(a[0]).ExtractTime(argTime(a[1])))
		},
		"extract_timetz": func(_ *Env, a []string) (string, bool, error) {
			return numResult(ParseUnit(a[0]).ExtractTimetz(argTimetz(a[1])))
		},
		"extract_iv": func(_ *Env, a []string) (string, bool, error) {
			return numResult(ParseUnit(a[0]).ExtractInterval(argIv(a[1])))
		},
		"part_time": func(_ *Env, a []string) (string, bool, error) {
			f, err := ParseUnit(a[0]).PartTime(argTime(a[1]))
			return outFloat(f, true, err)
		},
		"part_timetz": func(_ *Env, a []string) (string, bool, error) {
			f, err := ParseUnit(a[0]).PartTimetz(argTimetz(a[1]))
			return outFloat(f, true, err)
		},
		"part_iv": func(_ *Env, a []string) (string, bool, error) {
			f, err := ParseUnit(a[0]).PartInterval(argIv(a[1]))
			return outFloat(f, true, err)
		},
		"bin": func(env *Env, a []string) (string, bool, error) {
			n, err := DateBin(argIv(a[0]), argTS(a[1]), argTS(a[2]))
			return outAs(TTimestamp, env, n, err)
		},
		"make_date": func(env *Env, a []string) (string, bool, error) {
			n, err := MakeDate(argInt(a[0]), argInt(a[1]), argInt(a[2]))
			return outAs(TDate, env, n, err)
		},
		"make_time": func(env *Env, a []string) (string, bool, error) {
			n, err := MakeTime(argInt(a[0]), argInt(a[1]), mustFloat(a[2], 64))
			return outAs(TTime, env, n, err)
		},
		"make_ts": func(env *Env, a []string) (string, bool, error) {
			n, err := MakeTimestamp(argInt(a[0]), argInt(a[1]), argInt(a[2]), argInt(a[3]), argInt(a[4]), mustFloat(a[5], 64))
			return outAs(TTimestamp, env, n, err)
		},
		"make_tstz": func(env *Env, a []string) (string, bool, error) {
			z, err := SaneZone(a[6])
			if err != nil {
				return "", false, err
			}
			n, err := MakeTimestamptz(z, argInt(a[0]), argInt(a[1]), argInt(a[2]), argInt(a[3]), argInt(a[4]), mustFloat(a[5], 64))
			return outAs(TTimestamptz, env, n, err)
		},
		"make_iv": func(_ *Env, a []string) (string, bool, error) {
			return outIv(MakeInterval(argInt(a[0]), argInt(a[1]), argInt(a[2]), argInt(a[3]), argInt(a[4]), argInt(a[5]), mustFloat(a[6], 64)))
		},
		"to_timestamp": func(env *Env, a []string) (string, bool, error) {
			n, err := ToTimestamp(mustFloat(a[0], 64))
			return outAs(TTimestamptz, env, n, err)
		},
		"at_ts": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestampAtZoneName(a[0], argTS(a[1]))
			return outAs(TTimestamptz, env, n, err)
		},
		"at_tstz": func(env *Env, a []string) (string, bool, error) {
			n, err := TimestamptzAtZoneName(a[0], argTS(a[1]))
			return outAs(TTimestamp, env, n, err)
		},
		"at_timetz": zoneFunc(atTimetz),
		"at_ts_iv":  ivZoneFunc(atTS), "at_tstz_iv": ivZoneFunc(atTSTZ), "at_timetz_iv": ivZoneFunc(atTimetz),
		"cmp_date_ts": func(_ *Env, a []string) (string, bool, error) {
			return cmpResult(CmpDateTimestamp(argDate(a[0]), argTS(a[1])))
		},
		"cmp_date_tstz": func(env *Env, a []string) (string, bool, error) {
			return cmpResult(CmpDateTimestamptz(env.zone(), argDate(a[0]), argTS(a[1])))
		},
		"cmp_ts_tstz": func(env *Env, a []string) (string, bool, error) {
			return cmpResult(CmpTimestampTimestamptz(env.zone(), argTS(a[0]), argTS(a[1])))
		},
		"overlaps": func(_ *Env, a []string) (string, bool, error) {
			var d [4]Datum
			for i, s := range a {
				if s != `\N` {
					d[i] = NewInt(argDate(s))
				}
			}
			b, null := Overlaps(TDate, d[0], d[1], d[2], d[3])
			return strings.TrimSpace(TBool.Text(DefaultEnv, NewBool(b))), null, nil
		},
	})
}
