package catalog_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

var systemSections = map[string]string{
	"pg_class": `oid relname relnamespace relowner relam reltablespace reltype relhasindex relisshared relpersistence relkind relnatts relchecks relhasrules
		relhastriggers relhassubclass relrowsecurity relispopulated relacl reloptions`,
	"pg_attribute": `attrelid attname atttypid attstattarget attlen attnum attndims atttypmod attbyval attalign attstorage attnotnull atthasdef
		attidentity attgenerated attisdropped attislocal attinhcount attcollation`,
	"pg_index": `indexrelid indrelid indnatts indnkeyatts indisunique indnullsnotdistinct indisprimary indisexclusion indimmediate indisvalid indisready
		indislive indkey indcollation indclass indoption indexprs indpred`,
	"pg_constraint": `oid conname connamespace contype condeferrable condeferred convalidated conrelid contypid conindid confrelid confupdtype
		confdeltype confmatchtype connoinherit conkey confkey`,
	"pg_namespace":  "oid nspname nspowner nspacl",
	"pg_init_privs": "objoid classoid objsubid privtype initprivs",
	"pg_database": `oid datname datdba encoding datlocprovider datistemplate datconnlimit dattablespace datcollate datctype daticulocale
		datcollversion datacl`,
	"pg_type": "oid typname typnamespace typlen typrelid typelem typarray typinput typsubscript typcollation typdefault",
}

// TestSystemRows compares the rows about the system relations with those that
// PostgreSQL has. Only what belongs to schema streamsql may come on top.
func TestSystemRows(t *testing.T) {
	f, err := os.Open("testdata/system_rows.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for sc := bufio.NewScanner(z); sc.Scan(); {
		section, _, _ := strings.Cut(sc.Text(), "|")
		want[section] = append(want[section], sc.Text())
	}
	c := &catalog.Context{Snapshot: catalog.New(), Role: catalog.BootstrapRole, Env: types.DefaultEnv}
	for section, spec := range systemSections {
		var got []string
		for _, row := range rows(t, c, section) {
			line := section
			for _, col := range strings.Fields(spec) {
				line += "|" + text(types.ByOID(typeOf[col]), row[col])
			}
			if !streamsql(line) {
				got = append(got, line)
			}
		}
		if len(want[section]) == 0 {
			t.Fatalf("nothing expected of %s", section)
		}
		compare(t, section, got, want[section])
	}
}

// streamsql tells rows of our own relations, which have OIDs from 9100.
func streamsql(line string) bool {
	f := strings.Split(line, "|")
	return strings.HasPrefix(f[1], "91") && len(f[1]) == 4
}
