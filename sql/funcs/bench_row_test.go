package funcs

import (
	"fmt"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

// BenchmarkRow measures functions whose rows cost more than a loop's step.
func BenchmarkRow(b *testing.B) {
	i4, f8, num, text, ts, tz, iv := types.TInt4, types.TFloat8, types.TNumeric, types.TText, types.TTimestamp, types.TTimestamptz, types.TInterval
	for _, c := range []struct {
		fn     string
		args   []*types.Type
		consts []string
	}{
		{"numeric_add", []*types.Type{num, num}, []string{"", "123456789012345678901.5"}}, {"numeric_mul", []*types.Type{num, num}, []string{"", "1234567890123.123456"}},
		{"numeric_div", []*types.Type{num, num}, []string{"", "7"}}, {"numeric_mod", []*types.Type{num, num}, []string{"", "7"}},
		{"round", []*types.Type{num, i4}, []string{"", "1"}}, {"numeric", []*types.Type{num, i4}, []string{"", "655366"}}, {"numeric", []*types.Type{i4}, nil}, {"float8", []*types.Type{num}, nil}, {"numeric", []*types.Type{f8}, nil},
		{"power", []*types.Type{f8, f8}, []string{"", "2"}}, {"ln", []*types.Type{f8}, nil}, {"round", []*types.Type{f8}, nil}, {"sqrt", []*types.Type{num}, nil},
		{"date_trunc", []*types.Type{text, tz, text}, []string{"day", "", "America/New_York"}}, {"timestamptz_pl_interval", []*types.Type{tz, iv}, []string{"", "1 day"}},
		{"timestamp_pl_interval", []*types.Type{ts, iv}, []string{"", "1 mon"}}, {"timestamp_mi", []*types.Type{ts, ts}, nil}, {"age", []*types.Type{ts, ts}, nil},
		{"timezone", []*types.Type{text, tz}, []string{"Europe/Berlin", ""}}, {"date", []*types.Type{tz}, nil},
		{"to_char", []*types.Type{tz, text}, []string{"", "YYYY-MM-DD HH24:MI:SS"}}, {"to_char", []*types.Type{num, text}, []string{"", "FM999,990.00"}},
		{"text_lt", []*types.Type{text, text}, nil}, {"replace", []*types.Type{text, text, text}, []string{"", "Building", "B"}},
		{"split_part", []*types.Type{text, text, i4}, []string{"", " ", "2"}}, {"strpos", []*types.Type{text, text}, []string{"", "Building"}},
		{"left", []*types.Type{text, i4}, []string{"", "5"}}, {"lpad", []*types.Type{text, i4, text}, []string{"", "30", "*"}}, {"btrim", []*types.Type{text}, nil},
		{"regexp_replace", []*types.Type{text, text, text}, []string{"", `(\d+)`, `<\1>`}}, {"md5", []*types.Type{text}, nil}, {"initcap", []*types.Type{text}, nil},
		{"reverse", []*types.Type{text}, nil}, {"to_timestamp", []*types.Type{f8}, nil}, {"concat", []*types.Type{types.TAny}, nil},
		{"interval_mul", []*types.Type{iv, f8}, []string{"1 day 01:00", ""}}, {"width_bucket", []*types.Type{f8, f8, f8, i4}, []string{"", "0", "100", "10"}},
		{"text", []*types.Type{i4}, nil}, {"to_hex", []*types.Type{i4}, nil}, {"starts_with", []*types.Type{text, text}, []string{"", "sensor-0"}},
		{"translate", []*types.Type{text, text, text}, []string{"", "abc", "xyz"}}, {"string_to_array", []*types.Type{text, text}, []string{"", " "}},
		{"geohash_encode", []*types.Type{f8, f8, i4}, []string{"", "5", "8"}}, {"hashtext", []*types.Type{text}, nil},
	} {
		if FindFunc(c.fn, c.args...) == nil {
			continue
		}
		b.Run(fmt.Sprint(c.fn, c.consts), func(b *testing.B) { benchKernel(b, c.fn, c.args, c.consts) })
	}
}
