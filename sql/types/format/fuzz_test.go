package format_test

import (
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/format"
)

// FuzzDate uses a template in every direction.
func FuzzDate(f *testing.F) {
	f.Add("YYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM", "2001-02-03 04:05:06.789012 +05:30", int64(0))
	f.Add("FMMonth FMDDth, Y,YYY BC", "March 5th, 1,999 AD", int64(-1<<60))
	f.Add("YYYY TZH", "2001 ", int64(1<<60))
	f.Add("IYYY-IW-ID J RM Q CC", "2001-01-1 2451545 IV 1 20", int64(123456789))
	f.Fuzz(func(t *testing.T, template, s string, n int64) {
		c := format.CompileDate(template)
		ts := n % (1 << 61)
		_, _, _ = c.Timestamp(ts)
		_, _, _ = c.Timestamptz(types.DefaultEnv, ts)
		_, _, _ = c.Interval(types.Interval{Micros: n, Days: int32(n >> 7), Months: int32(n >> 20)})
		_, _ = c.ToDate(s)
		_, _ = c.ToTimestamp(types.DefaultEnv, s)
	})
}

// FuzzNumber does so with numbers.
func FuzzNumber(f *testing.F) {
	f.Add("FM999,999.99MI", "-1,234.5", int64(-12345))
	f.Add("RN SG 9", "XII", int64(12))
	f.Add("9.99EEEE", "1e5", int64(1<<62))
	f.Add("99V99PR TH$L", "<12>", int64(0))
	f.Fuzz(func(t *testing.T, template, s string, n int64) {
		c, err := format.CompileNumber(template)
		if err != nil {
			return
		}
		_, _ = c.Int(n, 64)
		_, _ = c.Int(int64(int32(n)), 32)
		_, _ = c.Float(float64(n)/3, 64)
		_, _ = c.Float(float64(float32(n)), 32)
		_, _ = c.Numeric(types.NumericFromInt(n))
		_, _, _ = c.ToNumber(s)
	})
}
