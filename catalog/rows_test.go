package catalog_test

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/catalogtest"
	"github.com/streamsqld/streamsqld/sql/types"
)

// sections says how rows.sql shows each catalogue: the columns in order, with
// how a column's OIDs are named behind a colon.
var sections = map[string]string{
	"pg_class": `relname relnamespace:ns relowner:role relam reltype:type relhasindex relisshared relpersistence relkind relnatts relchecks relhasrules
		relhastriggers relhassubclass relrowsecurity relispopulated relreplident relispartition relacl reloptions`,
	"pg_attribute": `attrelid:rel attname atttypid:type attstattarget attlen attnum attndims atttypmod attbyval attalign attstorage attnotnull atthasdef
		attidentity attgenerated attisdropped attislocal attinhcount attcollation attacl`,
	"pg_attrdef": "adrelid:rel adnum adbin",
	"pg_index": `indexrelid:rel indrelid:rel indnatts indnkeyatts indisunique indnullsnotdistinct indisprimary indisexclusion indimmediate indisvalid
		indisready indislive indkey indcollation indclass indoption indexprs indpred`,
	"pg_constraint": `conname connamespace:ns contype condeferrable condeferred convalidated conrelid:rel contypid:type conindid:rel confrelid:rel
		confupdtype confdeltype confmatchtype connoinherit conkey confkey conpfeqop conppeqop conffeqop confdelsetcols conbin`,
	"pg_type": `oid:type typowner:role typlen typbyval typtype typcategory typispreferred typisdefined typdelim typrelid:rel typsubscript typelem:type
		typarray:type typinput typoutput typreceive typsend typanalyze typalign typstorage typnotnull typbasetype:type typtypmod typndims typcollation
		typdefault`,
	"pg_enum":            "enumtypid:type enumsortorder enumlabel",
	"pg_sequence":        "seqrelid:rel seqtypid:type seqstart seqincrement seqmax seqmin seqcache seqcycle",
	"pg_namespace":       "nspname nspowner:role nspacl",
	"pg_authid":          "rolname rolsuper rolinherit rolcreaterole rolcreatedb rolcanlogin rolreplication rolbypassrls rolconnlimit",
	"pg_auth_members":    "roleid:role member:role",
	"pg_db_role_setting": "setdatabase setrole:role setconfig",
	"pg_description":     "classoid,objoid,objsubid:obj description",
	"pg_shdescription":   "classoid,objoid:obj description",
	"pg_depend":          "classid,objid,objsubid:obj refclassid,refobjid,refobjsubid:obj deptype",
	"pg_shdepend":        "classid,objid,objsubid:obj refclassid,refobjid:obj deptype",
	"pg_rewrite":         "ev_class:rel rulename ev_type ev_enabled is_instead",
}

// ours names the objects of the fixture that PostgreSQL has not.
func ours(line string) bool { return strings.Contains(line, "readings") }

// TestRowsOfFixture compares the rows that a catalogue with something of
// everything makes with those of PostgreSQL for the same statements.
func TestRowsOfFixture(t *testing.T) {
	data, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		section, _, _ := strings.Cut(line, "|")
		want[section] = append(want[section], line)
	}
	s := catalogtest.Fixture()
	c := &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Env: types.DefaultEnv}
	for section, spec := range sections {
		got := show(t, c, section, spec)
		if len(want[section]) == 0 {
			t.Fatalf("nothing expected of %s", section)
		}
		sort.Strings(got)
		compare(t, section, got, want[section])
	}
}

func compare(t *testing.T, section string, got, want []string) {
	t.Helper()
	has := map[string]bool{}
	for _, g := range got {
		has[g] = true
	}
	expected := map[string]bool{}
	for _, w := range want {
		expected[w] = true
		if !has[w] {
			t.Errorf("missing:    %s", w)
		}
	}
	for _, g := range got {
		if !expected[g] && !ours(g) {
			t.Errorf("not wanted: %s", g)
		}
	}
}

func show(t *testing.T, c *catalog.Context, rel, spec string) []string {
	t.Helper()
	var lines []string
	seen := map[string]bool{}
	for _, row := range rows(t, c, rel) {
		if !fromFixture(rel, row) {
			continue
		}
		line := rel
		for _, f := range strings.Fields(spec) {
			cols, how, _ := strings.Cut(f, ":")
			line += "|" + cell(c, row, strings.Split(cols, ","), how)
		}
		if !seen[line] {
			lines = append(lines, line)
		}
		seen[line] = true
	}
	return lines
}

// fromFixture tells the rows that users' objects make; of some catalogues all
// are shown.
func fromFixture(rel string, row map[string]types.Datum) bool {
	key := map[string]string{
		"pg_attribute": "attrelid", "pg_index": "indexrelid", "pg_enum": "oid", "pg_sequence": "seqrelid", "pg_attrdef": "adrelid",
		"pg_depend": "objid", "pg_shdepend": "objid", "pg_description": "objoid", "pg_shdescription": "objoid", "pg_rewrite": "ev_class",
		"pg_authid": "", "pg_auth_members": "", "pg_db_role_setting": "",
	}
	k, ok := key[rel]
	if !ok {
		k = "oid"
	}
	return k == "" || row[k].Int() >= int64(types.FirstUserOID)
}

func rows(t *testing.T, c *catalog.Context, rel string) []map[string]types.Datum {
	t.Helper()
	return read(t, c, catalog.PgCatalogOID, rel)
}

func read(t *testing.T, c *catalog.Context, schema catalog.OID, rel string) []map[string]types.Datum {
	t.Helper()
	r := c.Relation(schema, rel)
	batches, err := r.Batches(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, col := range r.Columns {
		typeOf[col.Name] = col.TypeOID
	}
	var out []map[string]types.Datum
	for _, b := range batches {
		for i := range b.N {
			row := map[string]types.Datum{}
			for j := range b.Cols {
				row[r.Columns[j].Name] = b.Cols[j].Datum(i)
			}
			out = append(out, row)
		}
	}
	return out
}

func cell(c *catalog.Context, row map[string]types.Datum, cols []string, how string) string {
	d := row[cols[0]]
	switch how {
	case "":
		return text(types.ByOID(typeOf[cols[0]]), d)
	case "obj":
		sub := int64(0)
		if len(cols) == 3 {
			sub = row[cols[2]].Int()
		}
		return object(c, catalog.OID(d.Int()), catalog.OID(row[cols[1]].Int()), int(sub))
	}
	return named(c, how, catalog.OID(d.Int()))
}

// typeOf holds the types of all catalogues' columns, whose names differ.
var typeOf = map[string]types.OID{}

// text shows a value as psql does.
func text(t *types.Type, d types.Datum) string {
	if t != nil && t.Elem != nil && t.Supported() && !d.IsNull() {
		return t.Text(types.DefaultEnv, d)
	}
	switch d.Kind() {
	case types.Bool:
		return map[bool]string{true: "t", false: "f"}[d.Bool()]
	case types.Int:
		return strconv.FormatInt(d.Int(), 10)
	case types.Float:
		return strconv.FormatFloat(d.Float(), 'g', -1, 64)
	}
	return d.Str()
}

func named(c *catalog.Context, how string, oid catalog.OID) string {
	if oid == 0 {
		return "-"
	}
	switch how {
	case "ns":
		return c.SchemaByOID(oid).Name
	case "role":
		return c.RoleByOID(oid).Name
	case "rel":
		return c.Qualified(c.RelationByOID(oid))
	}
	ty := c.TypeByOID(oid)
	return c.SchemaByOID(ty.Schema).Name + "." + ty.Name
}

func object(c *catalog.Context, class, oid catalog.OID, sub int) string {
	switch class {
	case 1259:
		r := c.RelationByOID(oid)
		if sub != 0 {
			return c.Qualified(r) + "." + r.Columns[sub-1].Name
		}
		return c.Qualified(r)
	case 1247:
		return "type " + named(c, "type", oid)
	case 2615:
		return "schema " + c.SchemaByOID(oid).Name
	case 2606:
		con, _ := c.ConstraintByOID(oid)
		return "constraint " + con.Name
	case 2604:
		return fmt.Sprintf("default %s.%d", c.Qualified(c.RelationByOID(oid&(1<<21-1))), oid>>21)
	case 2618:
		return "rule " + c.Qualified(c.RelationByOID(oid))
	case 1260:
		return "role " + c.RoleByOID(oid).Name
	}
	return fmt.Sprintf("%d:%d", class, oid)
}
