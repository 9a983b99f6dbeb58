package types

import (
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func TestDatetimeVectors(t *testing.T) {
	runVectors(t, "datetime", map[string]vecFunc{
		"io": func(env *Env, a []string) (string, bool, error) {
			typ, mod := typeSpec(a[0])
			return ioText(t, env, typ, mod, a[1])
		},
		"out": func(env *Env, a []string) (string, bool, error) {
			typ, _ := typeSpec(a[0])
			return typ.Text(env, NewInt(atoi64(a[1]))), false, nil
		},
		"local": func(env *Env, a []string) (string, bool, error) {
			local, err := ParseTimestampText(env, a[0])
			if err != nil {
				return "", false, err
			}
			ts, err := LocalToUTC(env.zone(), local)
			return TTimestamp.Text(DefaultEnv, NewInt(ts)), false, err
		},
		"send": func(env *Env, a []string) (string, bool, error) {
			typ, _ := typeSpec(a[0])
			return sendText(env, typ, a[1])
		},
	})
}

func TestIntervalVectors(t *testing.T) {
	mods := map[string]int32{"year": rangeYear, "month": rangeMonth, "day": rangeDay, "hour": rangeHour, "minute": rangeMinute, "second": rangeSecond,
		"year to month": rangeYear | rangeMonth, "day to hour": rangeDay | rangeHour, "day to minute": rangeDay | rangeHour | rangeMinute,
		"day to second": rangeDay | rangeHour | rangeMinute | rangeSecond, "hour to minute": rangeHour | rangeMinute,
		"hour to second": rangeHour | rangeMinute | rangeSecond, "minute to second": rangeMinute | rangeSecond}
	for name, m := range mods {
		mods[name] = m<<16 | intervalFullPrecision
	}
	mods["second(2)"] = rangeSecond<<16 | 2
	mods["day to second(0)"] = (rangeDay | rangeHour | rangeMinute | rangeSecond) << 16
	mods["(0)"] = intervalFullRange << 16
	mods["(3)"] = intervalFullRange<<16 | 3
	runVectors(t, "interval", map[string]vecFunc{
		"io": func(env *Env, a []string) (string, bool, error) { return ioText(t, env, TInterval, NoMod, a[1]) },
		"mod": func(env *Env, a []string) (string, bool, error) {
			d, err := TInterval.In(env, a[1], mods[a[0]])
			return TInterval.Text(env, d), false, err
		},
	})
}

func TestSettingVectors(t *testing.T) {
	runVectors(t, "setting", map[string]vecFunc{
		"set": func(env *Env, a []string) (string, bool, error) {
			e, param := *env, "DateStyle"
			if a[0] == "timezone" {
				param = "TimeZone"
			}
			detail, _, ok := e.ApplySetting(a[0], a[1])
			if !ok {
				err := pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"%s\": \"%s\"", param, a[1])
				if detail != "" {
					err = err.WithDetail("%s", detail)
				}
				return "", false, err
			}
			if param == "TimeZone" {
				return e.Zone.Name, false, nil
			}
			return e.DateStyleText(), false, nil
		},
	})
}
