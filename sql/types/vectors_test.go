package types

import (
	"bufio"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// vecFunc computes the result of a vector: the text of a value, or null. The
// files are described in testdata/README.md.
type vecFunc func(env *Env, a []string) (s string, null bool, err error)

// runVectors checks every line of a file.
func runVectors(t *testing.T, file string, funcs map[string]vecFunc) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<22)
	lines, bad := 0, 0
	for sc.Scan() {
		lines++
		cols := strings.Split(sc.Text(), "\t")
		for i := range cols {
			cols[i] = unescapeVector(cols[i])
		}
		fn := funcs[cols[0]]
		if fn == nil {
			t.Fatalf("%s:%d: no function %s", file, lines, cols[0])
		}
		args, want := cols[2:len(cols)-1], cols[len(cols)-1]
		if got := vectorResult(fn, vectorEnv(t, cols[1]), args); got != want {
			if bad++; bad <= 25 {
				t.Errorf("%s:%d: %s %s %q\n got %.300s\nwant %.300s", file, lines, cols[0], cols[1], args, got, want)
			}
		}
	}
	if sc.Err() != nil || lines == 0 {
		t.Fatalf("%s: %d lines, %v", file, lines, sc.Err())
	}
	t.Logf("%s: %d vectors, %d differ", file, lines, bad)
}

// callVector calls fn; an argument that cannot be read panics with its error.
func callVector(fn vecFunc, env *Env, args []string) (s string, null bool, err error) {
	defer func() {
		if e, ok := recover().(*pgerr.Error); ok {
			err = e
		}
	}()
	return fn(env, args)
}

func vectorResult(fn vecFunc, env *Env, args []string) string {
	s, null, err := callVector(fn, env, args)
	switch {
	case err != nil:
		e := pgerr.From(err)
		out := "!" + string(e.Code) + " " + e.Message
		if e.Detail != "" {
			out += "\nDETAIL: " + e.Detail
		}
		if e.Hint != "" {
			out += "\nHINT: " + e.Hint
		}
		if e.Where != "" {
			out += "\nCONTEXT: " + e.Where
		}
		return out
	case null:
		return "~"
	}
	return "=" + s
}

func unescapeVector(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(s)
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
		switch k {
		case "extra_float_digits":
			e.ExtraFloatDigits, _ = strconv.Atoi(v)
		case "bytea_output":
			e.ByteaEscape = v == "escape"
		case "timezone":
			z, _, ok := ZoneSetting(v)
			if !ok {
				t.Fatalf("zone %q", v)
			}
			e.Zone = z
		case "intervalstyle":
			e.IntervalStyle = map[string]IntervalStyle{"postgres": IntervalPostgres, "postgres_verbose": IntervalPostgresVerbose,
				"sql_standard": IntervalSQLStandard, "iso_8601": IntervalISO8601}[v]
		case "datestyle":
			style, order, _ := strings.Cut(v, ",")
			e.DateStyle = map[string]DateStyle{"ISO": DateISO, "SQL": DateSQL, "Postgres": DatePostgres, "German": DateGerman}[style]
			e.DateOrder = map[string]DateOrder{"MDY": OrderMDY, "DMY": OrderDMY, "YMD": OrderYMD}[strings.TrimSpace(order)]
		default:
			t.Fatalf("setting %q", k)
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

func sendText(env *Env, typ *Type, s string) (string, bool, error) {
	d, err := typ.In(env, s, NoMod)
	if err != nil {
		return "", false, err
	}
	return `\x` + hex.EncodeToString(typ.Send(env, nil, d)), false, nil
}
