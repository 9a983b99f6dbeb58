package format_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/vectest"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/format"
)

func isNumber(fn string) bool {
	switch fn {
	case "num", "int4", "int8", "float4", "float8", "to_number":
		return true
	}
	return false
}

func number(f string) *format.NumberTemplate {
	t, _ := format.CompileNumber(f)
	return t
}

func value(env *types.Env, t *types.Type, s string) types.Datum {
	d, err := t.In(env, s, types.NoMod)
	if err != nil {
		panic(err)
	}
	return d
}

func call(env *types.Env, fn string, a []string) (s string, null bool, err error) {
	shown := func(s string, ok bool, err error) (string, bool, error) { return s, !ok && err == nil, err }
	plain := func(s string, err error) (string, bool, error) { return s, false, err }
	if isNumber(fn) {
		if _, err := format.CompileNumber(a[1]); err != nil {
			return "", false, err
		}
	}
	switch fn {
	case "num":
		return plain(number(a[1]).Numeric(value(env, types.TNumeric, a[0]).Numeric()))
	case "int4", "int8":
		n, _ := strconv.ParseInt(a[0], 10, 64)
		return plain(number(a[1]).Int(n, map[string]int{"int4": 32, "int8": 64}[fn]))
	case "float8":
		return plain(number(a[1]).Float(value(env, types.TFloat8, a[0]).Float(), 64))
	case "float4":
		return plain(number(a[1]).Float(value(env, types.TFloat4, a[0]).Float(), 32))
	case "to_number":
		n, ok, err := number(a[1]).ToNumber(a[0])
		return shown(n.String(), ok, err)
	case "ts":
		return shown(format.CompileDate(a[1]).Timestamp(value(env, types.TTimestamp, a[0]).Int()))
	case "tstz":
		return shown(format.CompileDate(a[1]).Timestamptz(env, value(types.DefaultEnv, types.TTimestamptz, a[0]+" UTC").Int()))
	case "iv":
		return shown(format.CompileDate(a[1]).Interval(value(env, types.TInterval, a[0]).Interval()))
	case "todate":
		n, err := format.CompileDate(a[1]).ToDate(a[0])
		return types.TDate.Text(env, types.NewInt(n)), false, err
	case "tots":
		n, err := format.CompileDate(a[1]).ToTimestamp(env, a[0])
		return types.TTimestamptz.Text(env, types.NewInt(n)), false, err
	}
	panic("no function " + fn)
}

func TestVectors(t *testing.T) {
	for _, file := range []string{"format", "mutated"} {
		vectest.Run(t, "testdata/"+file+".txt", func(fn, settings string, args []string) (string, bool, error) {
			env := *types.DefaultEnv
			if k, v, ok := strings.Cut(settings, "="); ok {
				env.ApplySetting(k, v)
			}
			return call(&env, fn, args)
		})
	}
}
