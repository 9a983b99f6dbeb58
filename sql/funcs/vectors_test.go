package funcs

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The vectors in testdata/vectors hold what PostgreSQL answers; testdata/gen
// says how they are made and what their lines mean. Each call is tried three
// ways: many rows at once, alone, and alone with all arguments constant.

type vecBlock struct {
	file, kind, sig string
	line            int
	args            []*types.Type
	ret             *types.Type
	rows            [][]string
	env             *Env
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			r := vecRunner{T: t}
			for _, b := range readVectors(t, f) {
				r.run(b)
			}
			t.Logf("%d calls, %d skipped, %d signatures fail", r.calls, r.skipped, len(r.failed))
		})
	}
}

func readVectors(t *testing.T, file string) []*vecBlock {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	env := testEnv()
	var out []*vecBlock
	for n := 1; in.Scan(); n++ {
		f := strings.Split(in.Text(), "\t")
		switch {
		case f[0] == "!set":
			e := *env
			setSetting(t, &e, f[1], f[2])
			env = &e
		case f[0] == "!sql":
			runTestSQL(t, f[1])
		case len(f) == 4 && strings.HasPrefix(f[0], "@"):
			b := &vecBlock{file: file, line: n, kind: f[0][1:], sig: f[1], env: env}
			if f[2] != "" {
				for _, name := range strings.Split(f[2], ",") {
					b.args = append(b.args, testType(name))
				}
			}
			if f[3] != "" {
				b.ret = testType(f[3])
			}
			out = append(out, b)
		default:
			b := out[len(out)-1]
			b.rows = append(b.rows, f)
		}
	}
	return out
}

// testType gives a type by name, the types of testdata's "sql" lines included.
func testType(name string) *types.Type {
	if name == "any" {
		return types.TUnknown
	}
	if t := types.ByName(name); t != nil {
		return t
	}
	return testTypes[name]
}

type vecRunner struct {
	*testing.T
	calls, skipped int
	failed         map[string]int // by signature
}

// skip counts a block that cannot run.
func (r *vecRunner) skip(b *vecBlock, why string) {
	r.skipped += len(b.rows)
	if testing.Verbose() {
		r.Logf("%s: %s skipped: %s", b.file, b.sig, why)
	}
}

func (r *vecRunner) run(b *vecBlock) {
	f := findSignature(b)
	if f == nil {
		r.Errorf("%s:%d: no function %s", b.file, b.line, b.sig)
		return
	}
	if !f.Supported() {
		if !ofSystem(f) && !internalFunction(f.Name) {
			r.Errorf("%s:%d: %s has no implementation", b.file, b.line, b.sig)
		}
		r.skip(b, "computed elsewhere, or part of an aggregate")
		return
	}
	for _, t := range append([]*types.Type{}, b.args...) {
		if t == nil || !t.Supported() {
			r.skip(b, "argument type")
			return
		}
	}
	if b.ret == nil {
		b.ret = f.Ret
	}
	if !b.ret.Supported() && b.ret != types.TVoid {
		r.skip(b, "result type "+b.ret.Name)
		return
	}
	switch b.kind {
	case "call", "callv":
		r.scalar(b, f)
	case "set":
		r.set(b, f)
	case "agg":
		r.aggregate(b, f)
	}
}

func findSignature(b *vecBlock) *Func {
	sig, _, _ := strings.Cut(b.sig, "):")
	sig = strings.TrimSuffix(sig, ")") + ")"
	name, _, _ := strings.Cut(sig, "(")
	for _, f := range ByName(name) {
		if f.Signature() == sig && (f.Kind == Aggregate) == (b.kind == "agg") {
			return f
		}
	}
	return nil
}

// parse reads the argument texts of a row. Texts that the type refuses end the
// call with that error, as in PostgreSQL.
func (b *vecBlock) parse(row []string) ([]types.Datum, error) {
	out := make([]types.Datum, len(b.args))
	for i, t := range b.args {
		if row[i] == `\N` {
			continue
		}
		d, err := t.In(&b.env.Env, unescape(row[i]), types.NoMod)
		if err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

func (b *vecBlock) call(f *Func, consts []types.Datum) *Call {
	c := &Call{Func: f, Args: b.args, Ret: b.ret, Env: b.env, Const: make([]*types.Datum, len(b.args)), Mods: make([]int32, len(b.args))}
	for i := range c.Mods {
		c.Mods[i] = types.NoMod
	}
	for i := range consts {
		c.Const[i] = &consts[i]
	}
	c.Variadic = b.kind == "callv" && f.Variadic == types.TAny
	return c
}

func (r *vecRunner) scalar(b *vecBlock, f *Func) {
	var rows [][]types.Datum
	var want []string
	for i, row := range b.rows {
		args, err := b.parse(row)
		if err != nil {
			r.expect(b, i, "input", "!"+errText(err))
			continue
		}
		rows, want = append(rows, args), append(want, row[len(b.args)])
		res := callOnce(b.call(f, nil), [][]types.Datum{args})
		r.expect(b, i, "alone", res[0])
		if i%3 == 0 {
			res = callOnce(b.call(f, args), [][]types.Datum{args, args})
			r.expect(b, i, "constant", res[1])
		}
		r.calls++
	}
	for i, got := range callOnce(b.call(f, nil), rows) {
		if !sameResult(want[i], got) {
			r.fail(b, "together", strings.Join(b.rows[i], " | "), got)
		}
	}
}

func (r *vecRunner) expect(b *vecBlock, i int, how, got string) {
	if want := b.rows[i][len(b.args)]; !sameResult(want, got) {
		r.fail(b, how, strings.Join(b.rows[i], " | "), got)
	}
}

func (r *vecRunner) fail(b *vecBlock, how, row, got string) {
	r.Fail()
	if r.failed == nil {
		r.failed = map[string]int{}
	}
	if r.failed[b.sig]++; r.failed[b.sig] <= 3 {
		r.Logf("%s: %s: %s, got %s", b.sig, how, row, got)
	}
}

// sameResult compares results. What is an internal error (XX000) in PostgreSQL has a code
// of its own here.
func sameResult(want, got string) bool {
	const code = len("!XX000")
	if strings.HasPrefix(want, "!XX000") && len(got) > code && got[0] == '!' && !strings.HasPrefix(got, "!XX000") {
		want, got = want[code:], got[code:]
	}
	return unescape(want) == unescape(got)
}

// callOnce calls a scalar function for rows of arguments and shows the results.
func callOnce(call *Call, rows [][]types.Datum) (out []string) {
	n := len(rows)
	out = make([]string, n)
	k, err := call.Bind()
	if err != nil {
		for i := range out {
			out[i] = "!" + errText(err)
		}
		return out
	}
	args := make([]*vec.Vec, len(call.Args))
	ctx := &Ctx{Context: context.Background(), Env: call.Env, Bad: &vec.RowErrors{}}
	for i, t := range call.Args {
		v := &vec.Vec{Kind: t.Kind}
		for _, row := range rows {
			v.AppendDatum(row[i])
		}
		args[i] = v
		if call.Func.Strict && v.Nulls != nil {
			if ctx.Null == nil {
				ctx.Null = make([]bool, n)
			}
			for j := range n {
				ctx.Null[j] = ctx.Null[j] || v.Nulls[j]
			}
		}
	}
	var res vec.Vec
	k(ctx, args, n, &res)
	for i, row := range ctx.Bad.Rows {
		out[row] = "!" + escape(errText(ctx.Bad.Errs[i]))
	}
	for i := range out {
		switch {
		case out[i] != "":
		case ctx.Null != nil && ctx.Null[i] || res.IsNull(i):
			out[i] = `\N`
		case call.Ret == types.TVoid:
		default:
			out[i] = escape(call.Ret.Text(&call.Env.Env, res.Datum(i)))
		}
	}
	return out
}

func errText(err error) string {
	e := pgerr.From(err)
	return fmt.Sprintf("%s %s", e.Code, e.Message)
}

// escape and unescape are COPY's; unescape also knows \xHH and \uXXXX, which
// the server reads in E” strings.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\v", `\v`, "\r", `\r`, "\b", `\b`, "\f", `\f`).Replace(s)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'x':
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b.WriteByte(byte(n))
			i += 2
		case 'u':
			n, _ := strconv.ParseUint(s[i+1:i+5], 16, 32)
			b.WriteRune(rune(n))
			i += 4
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func testEnv() *Env {
	return &Env{Env: types.Env{ExtraFloatDigits: 1}, Clock: func() int64 { return time.Now().UnixMicro() - 946684800000000 }}
}
