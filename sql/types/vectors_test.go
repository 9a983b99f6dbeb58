package types

import (
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/vectest"
)

// vecFunc computes the result of a vector: the text of a value, or null.
type vecFunc func(env *Env, a []string) (s string, null bool, err error)

// runVectors checks every line of a file in testdata.
func runVectors(t *testing.T, file string, funcs map[string]vecFunc) {
	t.Helper()
	vectest.Run(t, filepath.Join("testdata", file+".txt"), func(fn, settings string, args []string) (string, bool, error) {
		f := funcs[fn]
		if f == nil {
			t.Fatalf("%s: no function %s", file, fn)
		}
		return f(vectorEnv(t, settings), args)
	})
}

var vectorEnvs = map[string]*Env{"": DefaultEnv}

// vectorEnv makes the Env of settings as name=value;….
func vectorEnv(t *testing.T, settings string) *Env {
	if e := vectorEnvs[settings]; e != nil {
		return e
	}
	e := *DefaultEnv
	for _, kv := range strings.Split(settings, ";") {
		k, v, _ := strings.Cut(kv, "=")
		if _, known, ok := e.ApplySetting(k, v); !known || !ok {
			t.Fatalf("setting %q", kv)
		}
	}
	vectorEnvs[settings] = &e
	return &e
}

// typeSpec reads "numeric(10,2)" and kin: the type and its modifier.
func typeSpec(s string) (*Type, int32) {
	s = strings.Trim(s, `"`)
	name, args, ok := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	t := ByName(name)
	if name == "char" && ok {
		t = TBpchar
	}
	if t == nil && strings.HasSuffix(name, "[]") {
		t = ByName(strings.TrimSuffix(name, "[]")).Array
	}
	if !ok {
		return t, NoMod
	}
	var n [2]int
	for i, a := range strings.SplitN(args, ",", 2) {
		n[i], _ = strconv.Atoi(a)
	}
	switch t.OID {
	case NumericOID:
		return t, int32(n[0]<<16|n[1]&0x7ff) + varHdrSize
	case VarcharOID, BpcharOID:
		return t, int32(n[0]) + varHdrSize
	case IntervalOID:
		return t, intervalFullRange<<16 | int32(n[0])
	}
	return t, int32(n[0])
}

// ioText reads a text form and writes it again, and checks that text and binary
// forms bring back the same value.
func ioText(t *testing.T, env *Env, typ *Type, mod int32, s string) (string, bool, error) {
	d, err := typ.In(env, s, mod)
	if err != nil {
		return "", false, err
	}
	out := typ.Text(env, d)
	if typ.HasBinary() {
		b, err := typ.Recv(env, typ.Send(env, nil, d), mod)
		if err != nil || !b.SameImage(d) {
			t.Errorf("%s %q: binary form brings back %v, %v", typ.Name, s, typ.Text(env, b), err)
		}
	}
	return out, false, nil
}

// ioOfSpec reads a value of the type in the first argument and writes it.
func ioOfSpec(t *testing.T) vecFunc {
	return func(env *Env, a []string) (string, bool, error) {
		typ, mod := typeSpec(a[0])
		return ioText(t, env, typ, mod, a[1])
	}
}

func TestMutatedVectors(t *testing.T) {
	runVectors(t, "mutated", map[string]vecFunc{"io": ioOfSpec(t)})
}

func sendText(env *Env, typ *Type, s string) (string, bool, error) {
	d, err := typ.In(env, s, NoMod)
	if err != nil {
		return "", false, err
	}
	return `\x` + hex.EncodeToString(typ.Send(env, nil, d)), false, nil
}
