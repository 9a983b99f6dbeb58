package types

import (
	"strconv"
	"testing"
)

func TestScalarVectors(t *testing.T) {
	runVectors(t, "scalar", map[string]vecFunc{
		"io": func(env *Env, a []string) (string, bool, error) {
			typ, mod := typeSpec(a[0])
			switch {
			case mod != NoMod && typ == TVarchar:
				s, err := CoerceVarchar(a[1], mod, true)
				return s, false, err
			case mod != NoMod && typ == TBpchar:
				s, err := CoerceBpchar(a[1], mod, true)
				return s, false, err
			}
			return ioText(t, env, typ, mod, a[1])
		},
		"in": func(env *Env, a []string) (string, bool, error) {
			typ, mod := typeSpec(a[0])
			d, err := typ.In(env, a[1], mod)
			if typ == TBpchar { // the vectors cast to text, which trims
				return TrimBpchar(d.Str()), false, err
			}
			return typ.Text(env, d), false, err
		},
		"cmp": func(env *Env, a []string) (string, bool, error) {
			typ, mod := typeSpec(a[0])
			x, _ := typ.In(env, a[1], mod)
			y, _ := typ.In(env, a[2], mod)
			if typ.Compare(x, y) == 0 && typ.Hash(x) != typ.Hash(y) {
				t.Errorf("%s: %q and %q are equal with different hashes", typ.Name, a[1], a[2])
			}
			return strconv.Itoa(typ.Compare(x, y)), false, nil
		},
		"send": func(env *Env, a []string) (string, bool, error) {
			typ, _ := typeSpec(a[0])
			return sendText(env, typ, a[1])
		},
	})
}
