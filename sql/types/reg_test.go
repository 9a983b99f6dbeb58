package types

import (
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// fakeNames knows one object of every reg type, "x", whose OID is 7.
type fakeNames struct{}

func (fakeNames) RegIn(t *Type, s string) (OID, error) {
	if s != "x" {
		return 0, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" does not exist", t.Name, s)
	}
	return 7, nil
}

func (fakeNames) RegOut(_ *Type, oid OID) (string, bool) { return "x", oid == 7 }

func TestReg(t *testing.T) {
	env := *DefaultEnv
	env.Names = fakeNames{}
	for _, typ := range []*Type{ByName("regclass"), ByName("regtype"), ByName("regproc"), ByName("regprocedure"), ByName("regoper"),
		ByName("regoperator"), ByName("regrole"), ByName("regnamespace"), ByName("regconfig"), ByName("regdictionary"), ByName("regcollation")} {
		zero, in0 := "-", "-"
		if !regDash(typ) {
			zero, in0 = "0", "0"
		}
		for _, c := range []struct{ in, out string }{{"x", "x"}, {"7", "x"}, {"8", "8"}, {in0, zero}, {"0", zero}, {"4294967295", "4294967295"}} {
			d, err := typ.In(&env, c.in, NoMod)
			if err != nil || typ.Text(&env, d) != c.out {
				t.Errorf("%s %q: %s, %v; want %s", typ.Name, c.in, typ.Text(&env, d), err, c.out)
			}
		}
		for _, bad := range []string{"y", "4294967296"} {
			if _, err := typ.In(&env, bad, NoMod); err == nil {
				t.Errorf("%s %q is taken", typ.Name, bad)
			}
		}
		if d, _ := typ.In(DefaultEnv, "7", NoMod); typ.Text(DefaultEnv, d) != "7" {
			t.Errorf("%s 7 without names: %s", typ.Name, typ.Text(DefaultEnv, d))
		}
	}
}
