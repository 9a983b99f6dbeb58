package sysfunc

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// writeSQL makes TestCalls print the calls as SQL, for a PostgreSQL that has run
// fixture.sql to answer: go test -v -run TestCalls -args -sql | grep -v "^[=-P]" | psql -X -q -At >calls.txt
var writeSQL = flag.Bool("sql", false, "print calls.txt as SQL")

// A line of calls.txt is a call and, behind " => ", PostgreSQL's answer or error
// code and message. Arguments are type:value, where the value of an oid may be
// @class:name; the first word may set the role or the search path:
//
//	[alice] pg_get_indexdef(oid:@regclass:orders_user, int4:1, bool:true) => user_id

// sqlOf makes an SQL expression of a call.
func sqlOf(call string) (setup, expr string) {
	if strings.HasPrefix(call, "[") {
		role, rest, _ := strings.Cut(call[1:], "] ")
		call = rest
		setup = "SET ROLE " + role + ";"
		if path, ok := strings.CutPrefix(role, "path="); ok {
			setup = "SET search_path = " + path + ";"
		}
	}
	name, args, ok := parseCall(call)
	if !ok {
		panic(call)
	}
	var sql []string
	for _, a := range args {
		typ, val, _ := strings.Cut(a, ":")
		quoted := "'" + strings.ReplaceAll(val, "'", "''") + "'"
		switch {
		case val == "NULL":
			quoted = "NULL"
		case strings.HasPrefix(val, "@con:"):
			quoted = "(SELECT oid FROM pg_catalog.pg_constraint WHERE conname = '" + val[5:] + "')"
		case strings.HasPrefix(val, "@default:"):
			t, n, _ := strings.Cut(val[9:], "#")
			quoted = "(SELECT oid FROM pg_catalog.pg_attrdef WHERE adrelid = '" + t + "'::regclass AND adnum = " + n + ")"
		case strings.HasPrefix(val, "@rule:"):
			quoted = "(SELECT oid FROM pg_catalog.pg_rewrite WHERE ev_class = '" + val[6:] + "'::regclass)"
		case strings.HasPrefix(val, "@"):
			class, obj, _ := strings.Cut(val[1:], ":")
			quoted = "'" + obj + "'::" + class
		}
		if typ == "char" {
			typ = `"char"`
		}
		sql = append(sql, quoted+"::"+typ)
	}
	return setup, name + "(" + strings.Join(sql, ", ") + ")"
}

func parseCall(call string) (name string, args []string, ok bool) {
	name, rest, ok := strings.Cut(call, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		return "", nil, false
	}
	if rest = rest[:len(rest)-1]; rest != "" {
		args = strings.Split(rest, "; ")
	}
	return name, args, true
}

func printSQL(t *testing.T) {
	fmt.Println(`CREATE FUNCTION pg_temp.try(setup text, q text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE r text; c text; m text; s text := ''; BEGIN
	IF setup <> '' THEN EXECUTE setup; END IF;
	FOR r IN EXECUTE 'SELECT x::text FROM ' || q || ' x' LOOP s := s || CASE WHEN s <> '' THEN ' ;; ' ELSE '' END || coalesce(r, 'NULL'); END LOOP;
	RETURN replace(s, e'\n', '\n');
	EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS c = RETURNED_SQLSTATE, m = MESSAGE_TEXT; RETURN 'ERROR ' || c || ': ' || m; END $$;`)
	for _, line := range lines(t, "calls.txt") {
		call, _, _ := strings.Cut(line, " => ")
		setup, expr := sqlOf(call)
		lit := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
		fmt.Printf("RESET ROLE; RESET search_path; SELECT %s || ' => ' || pg_temp.try(%s, %s);\n", lit(call), lit(setup), lit(expr))
	}
}

// TestCalls compares the functions with PostgreSQL.
func TestCalls(t *testing.T) {
	if *writeSQL {
		printSQL(t)
		return
	}
	for _, line := range lines(t, "calls.txt") {
		call, want, _ := strings.Cut(line, " => ")
		if got := strings.ReplaceAll(answer(t, call), "\n", `\n`); got != want {
			t.Errorf("%s\n got %s\nwant %s", call, got, want)
		}
	}
}

func answer(t *testing.T, call string) string {
	t.Helper()
	f := session()
	if strings.HasPrefix(call, "[") {
		who, rest, _ := strings.Cut(call[1:], "] ")
		call = rest
		if path, ok := strings.CutPrefix(who, "path="); ok {
			f = session(strings.Split(path, ",")...)
		} else {
			f.Role = f.Snapshot.Role(who).OID
		}
	}
	name, texts, _ := parseCall(call)
	var args []types.Datum
	var argTypes []*types.Type
	for _, a := range texts {
		typ, val, _ := strings.Cut(a, ":")
		ty := types.ByName(typ)
		d := types.Null
		if val != "NULL" {
			d = argument(t, f, ty, val)
		}
		args, argTypes = append(args, d), append(argTypes, ty)
	}
	fn := funcs.FindFunc(name, argTypes...)
	if fn == nil {
		t.Fatalf("no function %s", call)
	}
	for _, a := range args {
		if fn.Strict && a.IsNull() {
			return "NULL"
		}
	}
	return result(t, f, fn, args)
}

func argument(t *testing.T, f Functions, ty *types.Type, val string) types.Datum {
	t.Helper()
	if strings.HasPrefix(val, "@") {
		class, name, _ := strings.Cut(val[1:], ":")
		switch class {
		case "con":
			return integer(constraintOID(f.Context, name))
		case "default":
			table, n, _ := strings.Cut(name, "#")
			oid, _ := f.RegIn(types.TRegclass, table)
			d, _ := f.RelationByOID(oid).DefaultOID(int16(n[0] - '0'))
			return integer(d)
		case "rule":
			class = "regclass"
		}
		oid, err := f.RegIn(types.ByName(class), name)
		if err != nil {
			t.Fatal(err)
		}
		return integer(oid)
	}
	d, err := ty.In(f.Env, val, types.NoMod)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func constraintOID(c *catalog.Context, name string) OID {
	for _, r := range c.Relations() {
		for _, con := range r.Constraints {
			if con.Name == name {
				return con.OID
			}
		}
	}
	for _, ty := range c.Types() {
		if d := c.Domain(ty.OID); d != nil && ty.Class == types.Domain {
			for _, con := range d.Constraints {
				if con.Name == name {
					return con.OID
				}
			}
		}
	}
	return 0
}

// result calls a function through the registry, as a query does.
func result(t *testing.T, f Functions, fn *funcs.Func, args []types.Datum) string {
	t.Helper()
	env := &funcs.Env{Env: *f.Env, System: f}
	site := &funcs.Call{Func: fn, Args: fn.Args, Ret: fn.Ret, Env: env}
	ctx := &funcs.Ctx{Context: context.Background(), Env: env, Bad: &vec.RowErrors{}}
	if fn.RetSet || len(fn.Out) > 0 {
		set, err := site.BindSet()
		if err != nil {
			t.Fatal(err)
		}
		src, err := set(ctx, args)
		if err != nil {
			return errorText(t, err)
		}
		return strings.Join(rowTexts(t, f, fn, src), " ;; ")
	}
	kernel, err := site.Bind()
	if err != nil {
		t.Fatal(err)
	}
	cols := make([]*vec.Vec, len(args))
	for i, a := range args {
		v := &vec.Vec{}
		v.Const(fn.Args[i].Kind, a, 1)
		cols[i] = v
	}
	var out vec.Vec
	kernel(ctx, cols, 1, &out)
	if err := ctx.Bad.First(); err != nil {
		return errorText(t, err)
	}
	switch d := out.Datum(0); {
	case d.IsNull():
		return "NULL"
	case fn.Ret == types.TBool: // as ::text
		return map[bool]string{true: "true", false: "false"}[d.Bool()]
	default:
		return fn.Ret.Text(f.Env, d)
	}
}

func rowTexts(t *testing.T, f Functions, fn *funcs.Func, src vec.Source) []string {
	t.Helper()
	var texts []string
	for {
		var b vec.Batch
		if err := src.Next(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if b.N == 0 {
			return texts
		}
		for i := range b.N {
			row := make([]types.Datum, len(b.Cols))
			for j := range row {
				row[j] = b.Cols[j].Datum(i)
			}
			texts = append(texts, rowText(f, fn, row))
		}
	}
}

func rowText(f Functions, fn *funcs.Func, row []types.Datum) string {
	if len(fn.Out) == 0 {
		return fn.Ret.Text(f.Env, row[0])
	}
	var ts []*types.Type
	for _, o := range fn.Out {
		ts = append(ts, o.Type)
	}
	return types.TRecord.Text(f.Env, types.NewString(string(types.AppendRecord(nil, ts, row))))
}

func errorText(t *testing.T, err error) string {
	t.Helper()
	f := strings.SplitN(failure(t, err), "|", 4)
	return "ERROR " + f[1] + ": " + f[2]
}
