// Command gen makes the test vectors of package funcs: it reads specs
// (testdata/specs/*.txt), asks a PostgreSQL server for the value of every call,
// and writes testdata/vectors/*.txt. Tests read the vectors only.
//
//	go run ./sql/funcs/testdata/gen -psql "psql -h 127.0.0.1 -p 5432 -U postgres" [chapter …]
//
// # Specs
//
// A spec is lines of fields separated by tabs; fields escape as in COPY text,
// and \N is NULL. Lines that begin with # are comments.
//
//	pool  NAME  value …             the values a type (or a named pool) is tried with
//	pool+ NAME  value …             more of them
//	max   N                         calls made per following "call" line (default 300)
//	set   PARAMETER  value          a setting of the session from here on; setup has the same form
//	sql   STATEMENT                 something to run first (create type …), also kept in the vectors
//	variadic NAME …                 functions whose last argument is given with VARIADIC from here on
//	call  SIGNATURE  [pool …]       calls with combinations of the pools, by default those of the argument types
//	row   SIGNATURE  value …        one call
//	set-call, set-row               the same for set-returning functions
//	agg   SIGNATURE  [pool …]       an aggregate over random columns drawn from the pools
//	aggrow SIGNATURE values …       an aggregate over given columns, values separated by \v
//
// A signature is name(argument types), followed by ":actual types" when the
// declared ones are polymorphic; an ordered-set aggregate's direct arguments
// come first and are constant.
//
// # Vectors
//
//	!set	PARAMETER	value
//	@kind	SIGNATURE	actual argument types	result type
//	arg	arg	…	expected
//
// kind is call, callv (with VARIADIC), set or agg. What is expected is the text of the value, or
// !SQLSTATE message. Rows of a set, and values of an aggregate's columns, are
// separated by \v; none at all are \b.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var psql = flag.String("psql", "psql", "the psql command, with its options")

func main() {
	log.SetFlags(0)
	flag.Parse()
	dir := "sql/funcs/testdata"
	specs := flag.Args()
	if len(specs) == 0 {
		files, err := filepath.Glob(dir + "/specs/*.txt")
		check(err)
		for _, f := range files {
			specs = append(specs, strings.TrimSuffix(filepath.Base(f), ".txt"))
		}
	}
	for _, s := range specs {
		if s == "pools" {
			continue
		}
		g := &gen{pools: map[string][]string{}, max: 300}
		g.read(dir + "/specs/pools.txt")
		g.read(dir + "/specs/" + s + ".txt")
		g.write(dir + "/vectors/" + s + ".txt")
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

const null = `\N`

// block is the calls of one function.
type block struct {
	kind, sig string
	types     []string
	rows      [][]string
	set       [2]string // a setting instead of calls
}

type gen struct {
	pools    map[string][]string
	max      int
	variadic map[string]bool
	blocks   []*block
	sql      []string
}

func (g *gen) read(file string) {
	f, err := os.Open(file)
	check(err)
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for n := 1; in.Scan(); n++ {
		if line := in.Text(); line != "" && line[0] != '#' {
			if err := g.line(strings.Split(line, "\t")); err != nil {
				log.Fatalf("%s:%d: %v", file, n, err)
			}
		}
	}
	check(in.Err())
}

func (g *gen) line(f []string) error {
	switch f[0] {
	case "pool":
		g.pools[f[1]] = f[2:]
	case "pool+":
		g.pools[f[1]] = append(g.pools[f[1]], f[2:]...)
	case "max":
		_, err := fmt.Sscan(f[1], &g.max)
		return err
	case "variadic":
		g.variadic = map[string]bool{}
		for _, n := range f[1:] {
			g.variadic[n] = true
		}
	case "set":
		g.blocks = append(g.blocks, &block{set: [2]string{f[1], f[2]}})
	case "sql":
		g.sql = append(g.sql, f[1])
	case "call", "set-call":
		return g.calls(strings.TrimSuffix(strings.TrimSuffix(f[0], "call"), "-"), f[1], f[2:])
	case "row", "set-row", "aggrow":
		kind := map[string]string{"row": "call", "set-row": "set", "aggrow": "agg"}[f[0]]
		b := g.block(kind, f[1])
		if len(b.types) != len(f)-2 {
			return fmt.Errorf("%s: %d values", f[1], len(f)-2)
		}
		for i := range f {
			f[i] = strings.NewReplacer(`\v`, "\v", `\b`, "\b").Replace(f[i])
		}
		b.rows = append(b.rows, f[2:])
	case "agg":
		return g.aggs(f[1], f[2:])
	default:
		return fmt.Errorf("unknown line %q", f[0])
	}
	return nil
}

// block gives the block for calls of a function; consecutive ones share it.
func (g *gen) block(kind, sig string) *block {
	if kind == "call" && g.variadic[sig[:strings.Index(sig, "(")]] {
		kind = "callv"
	}
	if n := len(g.blocks); n > 0 && g.blocks[n-1].kind == kind && g.blocks[n-1].sig == sig {
		return g.blocks[n-1]
	}
	b := &block{kind: kind, sig: sig}
	ts := sig
	if i := strings.Index(sig, "):"); i >= 0 {
		ts = sig[i+2:]
	} else {
		ts = strings.TrimSuffix(sig[strings.Index(sig, "(")+1:], ")")
	}
	if ts != "" {
		b.types = strings.Split(ts, ",")
	}
	g.blocks = append(g.blocks, b)
	return b
}

func (g *gen) argPools(b *block, names []string) ([][]string, error) {
	out := make([][]string, len(b.types))
	for i, t := range b.types {
		name := t
		if i < len(names) && names[i] != "" {
			name = names[i]
		}
		if out[i] = g.pools[name]; out[i] == nil {
			return nil, fmt.Errorf("no pool %s", name)
		}
	}
	return out, nil
}

// calls adds all combinations of the pools, or a random choice of them.
func (g *gen) calls(kind, sig string, names []string) error {
	if kind == "" {
		kind = "call"
	}
	b := g.block(kind, sig)
	pools, err := g.argPools(b, names)
	if err != nil {
		return err
	}
	total := 1
	for _, p := range pools {
		total = min(total*len(p), 1<<30)
	}
	r := random(sig)
	for n := range min(total, g.max) {
		row, k := make([]string, len(pools)), n
		if total > g.max {
			k = r.Intn(total)
		}
		for i, p := range pools {
			row[i], k = p[k%len(p)], k/len(p)
		}
		b.rows = append(b.rows, row)
	}
	return nil
}

func random(sig string) *rand.Rand {
	h := fnv.New64()
	h.Write([]byte(sig))
	return rand.New(rand.NewSource(int64(h.Sum64())))
}

// aggs adds columns of 0 … 12 values drawn from the pools.
func (g *gen) aggs(sig string, names []string) error {
	b := g.block("agg", sig)
	pools, err := g.argPools(b, names)
	if err != nil {
		return err
	}
	r, direct := random(sig), directArgs(b)
	for n := range min(g.max, 60) {
		size := n % 13
		row := make([]string, len(pools))
		for i, p := range pools {
			vals := make([]string, size)
			for j := range vals {
				vals[j] = p[r.Intn(len(p))]
				if n%2 == 0 && vals[j] == null {
					vals[j] = p[0]
				}
				if i < direct && j > 0 {
					vals[j] = vals[0]
				}
			}
			if row[i] = strings.Join(vals, "\v"); size == 0 {
				row[i] = "\b"
			}
		}
		b.rows = append(b.rows, row)
	}
	return nil
}

func directArgs(b *block) int {
	switch name := b.sig[:strings.Index(b.sig, "(")]; name {
	case "percentile_cont", "percentile_disc":
		return 1
	case "rank", "dense_rank", "percent_rank", "cume_dist":
		return len(b.types) / 2
	}
	return 0
}

func literal(v, typ string) string {
	if v == null {
		return "NULL::" + quoteType(typ)
	}
	return "E'" + strings.ReplaceAll(v, "'", "''") + "'::" + quoteType(typ)
}

func quoteType(t string) string {
	if t == "any" || t == "unknown" {
		return "unknown"
	}
	return `"` + t + `"`
}

// value is an SQL expression that shows x, evaluated once.
const value = "SELECT CASE WHEN num_nulls(x) = 1 THEN NULL ELSE (SELECT typname FROM pg_type t WHERE t.oid = pg_typeof(x)) || ' ' || format('%%s', x) END FROM (SELECT %s AS x OFFSET 0) s"

func (b *block) query(row []string) string {
	name := b.sig[:strings.Index(b.sig, "(")]
	if b.kind == "agg" {
		return fmt.Sprintf(value, b.aggQuery(name, row))
	}
	args := make([]string, len(row))
	for i, v := range row {
		args[i] = literal(v, b.types[i])
	}
	if b.kind == "callv" {
		args[len(args)-1] = "VARIADIC " + args[len(args)-1]
	}
	call := fmt.Sprintf(`pg_catalog.%q(%s)`, name, strings.Join(args, ", "))
	if b.kind == "set" {
		return fmt.Sprintf(`SELECT coalesce(max((SELECT typname::text FROM pg_type t WHERE t.oid = pg_typeof(x))), '-') || ' ' || coalesce(string_agg(CASE WHEN num_nulls(x) = 1 THEN E'\\N' ELSE format('%%s', x) END, E'\x0b' ORDER BY o), E'\b') FROM (SELECT row_number() OVER () o, x FROM (SELECT %s AS x) t OFFSET 0) s`, call)
	}
	return fmt.Sprintf(value, call)
}

func (b *block) aggQuery(name string, row []string) string {
	cols := make([][]string, len(row))
	for i, v := range row {
		if v != "\b" {
			cols[i] = strings.Split(v, "\v")
		}
	}
	d := directArgs(b)
	var from []string
	if len(cols) > 0 {
		for j := range cols[0] {
			vals := make([]string, len(cols))
			for i := range cols {
				vals[i] = literal(cols[i][j], b.types[i])
			}
			from = append(from, "("+strings.Join(vals, ",")+")")
		}
	}
	names, direct, nulls := []string{}, []string{}, []string{}
	for i := range cols {
		nulls = append(nulls, "NULL::"+quoteType(b.types[i]))
		if i < d {
			v := null
			if len(cols[i]) > 0 {
				v = cols[i][0]
			}
			direct = append(direct, literal(v, b.types[i]))
		} else {
			names = append(names, fmt.Sprintf("c%d", i))
		}
	}
	where := ""
	if len(from) == 0 {
		from, where = []string{"(" + strings.Join(nulls, ",") + ")"}, " WHERE false"
	}
	all := []string{}
	for i := range cols {
		all = append(all, fmt.Sprintf("c%d", i))
	}
	call := fmt.Sprintf("pg_catalog.%q(%s)", name, strings.Join(names, ", "))
	if d > 0 || name == "mode" {
		call = fmt.Sprintf("pg_catalog.%q(%s) WITHIN GROUP (ORDER BY %s)", name, strings.Join(direct, ", "), strings.Join(names, ", "))
	}
	return fmt.Sprintf("(SELECT %s FROM (VALUES %s) v(%s)%s)", call, strings.Join(from, ","), strings.Join(all, ","), where)
}

const eval = `
SET client_min_messages = error;
DROP SCHEMA IF EXISTS vec CASCADE; CREATE SCHEMA vec; SET search_path = vec, pg_catalog;
CREATE FUNCTION vec_eval(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  EXECUTE q INTO r;
  RETURN r;
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TABLE q (id serial, q text);
`

// write asks the server for everything at once and writes the vectors.
func (g *gen) write(file string) {
	var in bytes.Buffer
	in.WriteString(eval)
	for _, s := range g.sql {
		in.WriteString(s + ";\n")
	}
	for _, b := range g.blocks {
		if b.set[0] != "" {
			fmt.Fprintf(&in, "SET %s = '%s';\n", b.set[0], b.set[1])
			continue
		}
		in.WriteString("TRUNCATE q; COPY q(q) FROM STDIN;\n")
		for _, r := range b.rows {
			in.WriteString(copyText(b.query(r)) + "\n")
		}
		in.WriteString("\\.\nCOPY (SELECT vec_eval(q) FROM q ORDER BY id) TO STDOUT;\n")
	}
	f := strings.Fields(*psql)
	cmd := exec.Command(f[0], append(f[1:], "-X", "-q", "-v", "ON_ERROR_STOP=1")...)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	check(err)
	check(os.WriteFile(file, g.render(strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")), 0o644))
}

// copyText escapes a text for COPY; the text holds spec values, whose escapes
// are kept for the server's E” strings to read.
func copyText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\v", `\v`).Replace(s)
}

func (g *gen) render(results []string) []byte {
	var out bytes.Buffer
	for _, s := range g.sql {
		fmt.Fprintf(&out, "!sql\t%s\n", s)
	}
	n := 0
	for _, b := range g.blocks {
		if b.set[0] != "" {
			fmt.Fprintf(&out, "!set\t%s\t%s\n", b.set[0], b.set[1])
			continue
		}
		lines, ret := []string{}, ""
		for _, r := range b.rows {
			res := results[n]
			n++
			if res != null && !strings.HasPrefix(res, "!") {
				t, rest, _ := strings.Cut(res, " ")
				if t != "-" {
					ret = t
				}
				res = rest
			}
			esc := make([]string, len(r))
			for i, v := range r {
				esc[i] = strings.NewReplacer("\v", `\v`, "\b", `\b`).Replace(v)
			}
			lines = append(lines, strings.Join(append(esc, res), "\t"))
		}
		fmt.Fprintf(&out, "@%s\t%s\t%s\t%s\n%s\n", b.kind, b.sig, strings.Join(b.types, ","), ret, strings.Join(lines, "\n"))
	}
	return out.Bytes()
}
