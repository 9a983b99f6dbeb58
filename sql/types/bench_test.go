package types

import (
	"math/big"
	"testing"
)

func BenchmarkParseRow(b *testing.B) {
	ts, n, f := []byte("2024-05-06 07:08:09.123456"), []byte("12345"), []byte("123.45")
	for b.Loop() {
		if _, _, _, ok := ParseTimestamp(ts); !ok {
			b.Fatal()
		}
		if _, ok := ParseInt(n); !ok {
			b.Fatal()
		}
		if _, ok := ParseFloat(f); !ok {
			b.Fatal()
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkTimestampIn(b *testing.B) {
	for _, s := range []string{"2024-05-06 07:08:09.123456", "2024-05-06 07:08:09.123456+02", "May 6 2024 07:08:09 PST"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				if _, err := TTimestamptz.In(DefaultEnv, s, NoMod); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNumeric(b *testing.B) {
	x, y := NumericScaled(1234567, 2), NumericScaled(7654321, 3)
	wide := NumericBig(new(big.Int).Exp(big.NewInt(7), big.NewInt(40), nil), 10)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	run("add", func() { _, _ = NumericAdd(x, x) })
	run("add_scales", func() { _, _ = NumericAdd(x, y) })
	run("add_wide", func() { _, _ = NumericAdd(x, wide) })
	run("mul", func() { _, _ = NumericMul(x, y) })
	run("div", func() { _, _ = NumericDiv(x, y) })
	run("round", func() { _, _ = NumericRound(y, 1) })
	run("cmp_scales", func() { x.Cmp(y) })
	run("hash", func() { x.Hash() })
	run("key", func() { benchBuf = AppendNumericKey(benchBuf[:0], x) })
	run("text", func() { benchBuf = x.Append(benchBuf[:0]) })
	run("parse", func() { _, _ = ParseNumeric("12345.67") })
	run("sqrt", func() { _, _ = NumericSqrt(x) })
	run("ln", func() { _, _ = NumericLn(x) })
	run("exp", func() { _, _ = NumericExp(NumericScaled(25, 1)) })
	var s NumSum
	run("sum", func() { s.AddScaled(1234567, 2, 1) })
}

var benchBuf []byte

func BenchmarkDates(b *testing.B) {
	ny, err := LoadZone("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	env := *DefaultEnv
	env.Zone = ny
	day, hour := ParseUnit("day"), ParseUnit("hour")
	ts := int64(800000000123456)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ts += 1000003
				f()
			}
		})
	}
	run("trunc_hour", func() { _, _ = hour.TruncTimestamp(ts) })
	run("trunc_day_zone", func() { _, _ = day.TruncTimestamptz(ny, ts) })
	run("extract_day", func() { _, _, _ = day.ExtractTimestamp(ts) })
	run("plus_month", func() { _, _ = TimestampPlus(ts, Interval{Months: 1}) })
	run("zone_offset", func() { ny.At(unixSeconds(ts)) })
	run("local_to_utc", func() { _, _ = LocalToUTC(ny, ts) })
	run("out_utc", func() { benchBuf = AppendTimestamptz(benchBuf[:0], DefaultEnv, ts) })
	run("out_zone", func() { benchBuf = AppendTimestamptz(benchBuf[:0], &env, ts) })
	run("in_zone", func() { _, _ = TTimestamptz.In(&env, "2024-05-06 07:08:09.123456", NoMod) })
}

func BenchmarkFloatOut(b *testing.B) {
	for name, f := range map[string]float64{"decimal": 123.45, "long": 0.1234567890123, "integer": 42, "large": 1.2345e30} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				benchBuf = AppendFloat(benchBuf[:0], f, 64, 1)
			}
		})
	}
}

func BenchmarkArray(b *testing.B) {
	d, _ := TInt4.Array.In(DefaultEnv, "{1,2,3,4,5,6,7,8,9,10}", NoMod)
	b.Run("in", func(b *testing.B) {
		for b.Loop() {
			_, _ = TInt4.Array.In(DefaultEnv, "{1,2,3,4,5,6,7,8,9,10}", NoMod)
		}
	})
	b.Run("out", func(b *testing.B) {
		for b.Loop() {
			benchBuf = TInt4.Array.Out(DefaultEnv, benchBuf[:0], d)
		}
	})
	b.Run("iterate", func(b *testing.B) {
		for b.Loop() {
			it := IterArray(TInt4, d.s)
			for {
				if _, ok := it.Next(); !ok {
					break
				}
			}
		}
	})
}

func BenchmarkJSONB(b *testing.B) {
	const text = `{"id": 12345, "name": "sensor-17", "tags": ["a", "b", "c"], "pos": {"lat": 48.137, "lon": 11.575}, "ok": true, "note": null}`
	j, err := ParseJSONB(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = ParseJSONB(text)
		}
	})
	b.Run("check", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			_, _ = jsonIn(DefaultEnv, TJSON, text, NoMod)
		}
	})
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			benchBuf = j.Append(benchBuf[:0])
		}
	})
	b.Run("field", func(b *testing.B) {
		for b.Loop() {
			j.Field("pos")
		}
	})
}
