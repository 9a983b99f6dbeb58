package types

import (
	"testing"
)

// Types of users, as the vectors make them.
var testComp, testCompArray, testMood, testMoodArray, testDomain *Type

func init() {
	testComp = &Type{OID: 90001, Name: "comp", Kind: Bytes, Class: Composite, Category: 'C', Len: -1, Delim: ',', BaseMod: NoMod, Fields: []Field{
		{Name: "a", Type: TInt4, Mod: NoMod},
		{Name: "gone", Type: TInt4, Mod: NoMod, Dropped: true},
		{Name: "b", Type: TText, Mod: NoMod},
		{Name: "c", Type: TNumeric, Mod: 5<<16 | 2 + varHdrSize},
		{Name: "d", Type: TInt4.Array, Mod: NoMod}}}
	testCompArray = &Type{OID: 90002, Name: "_comp", Kind: Bytes, Class: Base, Category: 'A', Len: -1, Delim: ',', BaseMod: NoMod, Elem: testComp}
	testMood = &Type{OID: 90003, Name: "mood", Kind: Int, Class: Enum, Category: 'E', Len: 4, Delim: ',', BaseMod: NoMod,
		Labels: []Label{{"sad", 10, 1}, {"ok", 20, 2}, {"happy", 1 << 40, 3}}}
	testMoodArray = &Type{OID: 90004, Name: "_mood", Kind: Bytes, Class: Base, Category: 'A', Len: -1, Delim: ',', BaseMod: NoMod, Elem: testMood}
	testDomain = &Type{OID: 90005, Name: "short", Kind: Bytes, Class: Domain, Category: 'S', Len: -1, Delim: ',', Base: TVarchar, BaseMod: 3 + varHdrSize}
	for _, t := range []*Type{testComp, testCompArray, testMood, testMoodArray, testDomain} {
		Register(t)
	}
}

func ioOf(t *testing.T, typ *Type) vecFunc {
	return func(env *Env, a []string) (string, bool, error) { return ioText(t, env, typ, NoMod, a[0]) }
}

func cmpOf(t *testing.T, typ *Type, a, b string) (string, bool, error) {
	x, err := typ.In(DefaultEnv, a, NoMod)
	if err != nil {
		return "", false, err
	}
	y, err := typ.In(DefaultEnv, b, NoMod)
	if err != nil {
		return "", false, err
	}
	c := typ.Compare(x, y)
	if c == 0 && typ.Hash(x) != typ.Hash(y) {
		t.Errorf("%s: %q and %q are equal with different hashes", typ.Name, a, b)
	}
	return cmpResult(c)
}

func TestArrayVectors(t *testing.T) {
	cmp2 := func(typ *Type) vecFunc {
		return func(_ *Env, a []string) (string, bool, error) { return cmpOf(t, typ, a[0], a[1]) }
	}
	runVectors(t, "array", map[string]vecFunc{
		"io": ioOfSpec(t),
		"cmp": func(_ *Env, a []string) (string, bool, error) {
			typ, _ := typeSpec(a[0])
			return cmpOf(t, typ, a[1], a[2])
		},
		"send": func(env *Env, a []string) (string, bool, error) {
			typ, _ := typeSpec(a[0])
			if a[0] == "comp" {
				typ = testComp
			}
			return sendText(env, typ, a[1])
		},
		"comp": ioOf(t, testComp), "comparr": ioOf(t, testCompArray), "compcmp": cmp2(testComp),
		"mood": ioOf(t, testMood), "moodarr": ioOf(t, testMoodArray), "moodcmp": cmp2(testMood),
		"rec": func(env *Env, a []string) (string, bool, error) {
			in := func(t *Type, s string) Datum { d, _ := t.In(env, s, NoMod); return d }
			inner := Record{Types: []*Type{TInt4, TText}, Vals: []Datum{NewInt(1), NewString(a[0])}}
			r := Record{Types: []*Type{TInt4, TText, TUnknown, TInt4.Array, TBool, TNumeric, TDate, TRecord},
				Vals: []Datum{NewInt(1), NewString(a[0]), Null, in(TInt4.Array, "{1,2}"), NewBool(true), in(TNumeric, "1.5"), in(TDate, "2001-02-03"), NewString(inner.Encode())}}
			s := r.Encode()
			if back := DecodeRecord(s); back.Encode() != s {
				t.Errorf("a record is not what it was: %v", back)
			}
			return TRecord.Text(env, NewString(s)), false, nil
		},
	})
}

func TestDomain(t *testing.T) {
	if _, err := testDomain.In(DefaultEnv, "abcd", NoMod); err == nil {
		t.Error("a domain has the modifier of its base")
	}
	d, err := testDomain.In(DefaultEnv, "abc ", NoMod)
	if err != nil || testDomain.Text(DefaultEnv, d) != "abc" || !testDomain.HasBinary() || !testDomain.PlainBytes() {
		t.Error(err)
	}
	arr := &Type{OID: 90006, Kind: Bytes, Class: Base, Len: -1, Delim: ',', Elem: testDomain}
	d, err = arr.In(DefaultEnv, "{a,b c}", NoMod)
	if err != nil || arr.Text(DefaultEnv, d) != `{a,"b c"}` {
		t.Error(err, arr.Text(DefaultEnv, d))
	}
}
