package funcs

import (
	"flag"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/types"
)

var update = flag.Bool("update", false, "write testdata/missing.txt")

// outOfScope are the types whose functions are not ours.
var outOfScope = map[string]bool{}

func init() {
	for _, n := range strings.Fields(`gtsvector
		xml pg_ndistinct pg_dependencies pg_mcv_list pg_brin_bloom_summary pg_brin_minmax_multi_summary
		internal trigger event_trigger language_handler fdw_handler index_am_handler table_am_handler tsm_handler pg_ddl_command
		anycompatiblerange anycompatiblemultirange`) {
		outOfScope[n], outOfScope["_"+n] = true, true
	}
}

// scope tells the chapter of PostgreSQL's manual that a function belongs to, ""
// for those that are not ours: their types are not, or they are parts of the
// server that users do not call.
func scope(f *Func) string {
	for _, t := range append(append([]*types.Type{f.Ret}, f.Args...), outTypes(f)...) {
		if outOfScope[t.Name] {
			return ""
		}
	}
	for _, p := range []string{
		"lo_", "lo", "binary_upgrade_", "pg_stat_", "pg_logical_", "pg_replication_", "brin_", "gin_", "pg_create_", "pg_copy_", "pg_drop_",
		"pg_extension_", "pg_import_", "pg_event_", "pg_nextoid", "pg_backup_", "fmgr_", "plpgsql_", "postgresql_fdw",
		"amvalidate", "spg_", "satisfies_hash", "xml_", "pg_isolation", "pg_ls_", "pg_read_", "pg_stat_file", "pg_promote", "pg_wal", "pg_switch_wal",
	} {
		if strings.HasPrefix(f.Name, p) && f.Name != "lower" && f.Name != "log" && f.Name != "log10" {
			return ""
		}
	}
	switch {
	case f.Kind == Aggregate:
		return "aggregate"
	case f.Kind == Window:
		return "window"
	case strings.HasSuffix(f.Src, "typmodin") || strings.HasSuffix(f.Src, "typmodout") || strings.HasSuffix(f.Src, "_support"):
		return ""
	case takes(f, types.TCstring) || f.Ret == types.TCstring || strings.HasSuffix(f.Name, "send"):
		return "type input and output"
	case strings.Contains(f.Src, "hash"):
		return "hash"
	case ofSystem(f):
		return ""
	case internalFunction(f.Name):
		return ""
	case strings.HasPrefix(f.Name, "json"):
		return "json"
	case takes(f, types.TAnyArray) || f.Ret == types.TAnyArray || strings.HasPrefix(f.Name, "array"):
		return "array"
	case takes(f, types.TTimestamp) || takes(f, types.TTimestamptz) || takes(f, types.TDate) || takes(f, types.TInterval) || takes(f, types.TTime) || takes(f, types.TTimetz):
		return "date and time"
	case takes(f, types.TText) || takes(f, types.TBytea) || takes(f, types.TBpchar) || takes(f, types.TName):
		return "string"
	case takes(f, types.TNumeric) || takes(f, types.TFloat8) || takes(f, types.TInt4) || takes(f, types.TInt8) || takes(f, types.TInt2) || takes(f, types.TFloat4):
		return "mathematics"
	}
	return "other"
}

// ofSystem tells the functions that Env.System answers (Delegate): those that
// read the catalogue or the server's state.
func ofSystem(f *Func) bool {
	if f.Supported() {
		return false
	}
	for _, p := range strings.Fields(`pg_ has_ txid_ _pg obj_description shobj_description col_description row_security_active inet_ current_query
		current_ session_user format_type oidvectortypes getdatabaseencoding getpgusername set_config nameconcatoid regclass
		version currtid2 age mxid_age acl makeaclitem hash_aclitem hashaclitem`) {
		if strings.HasPrefix(f.Name, p) {
			return true
		}
	}
	return false
}

// internalFunction tells the transition and support functions, which are parts
// of aggregates and of index types.
func internalFunction(name string) bool {
	for _, s := range strings.Fields("_accum _accum_inv _combine _subdiff _agg_transfn equalimage int8inc_any int8dec_any int8inc_float8_float8 int2_sum int4_sum int8_sum int2int4_sum int8_avg interval_avg") {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	for _, p := range strings.Fields("float8_avg float8_corr float8_covar float8_regr float8_stddev float8_var") {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func outTypes(f *Func) (out []*types.Type) {
	for _, c := range f.Out {
		out = append(out, c.Type)
	}
	return out
}

func takes(f *Func, t *types.Type) bool {
	for _, a := range f.Args {
		if a == t {
			return true
		}
	}
	return false
}

// Every function of PostgreSQL's in scope is implemented, but for those that
// testdata/missing.txt lists. The list may only shrink (go test -update).
func TestMissing(t *testing.T) {
	have, all := 0, 0
	missing := map[string][]string{}
	for _, f := range All() {
		chapter := scope(f)
		if chapter == "" {
			continue
		}
		all++
		if f.Supported() {
			have++
		} else {
			missing[chapter] = append(missing[chapter], f.Signature())
		}
	}
	var chapters []string
	for c := range missing {
		chapters = append(chapters, c)
	}
	sort.Strings(chapters)
	var b strings.Builder
	for _, c := range chapters {
		sort.Strings(missing[c])
		b.WriteString("# " + c + "\n" + strings.Join(missing[c], "\n") + "\n")
	}
	t.Logf("%d of %d functions in scope", have, all)
	if *update {
		if err := os.WriteFile("testdata/missing.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	known, err := os.ReadFile("testdata/missing.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, l := range strings.Split(string(known), "\n") {
		listed[l] = true
	}
	for _, c := range chapters {
		for _, s := range missing[c] {
			if !listed[s] {
				t.Errorf("%s: %s is missing and not in testdata/missing.txt", c, s)
			}
			delete(listed, s)
		}
	}
	for l := range listed {
		if l != "" && l[0] != '#' {
			t.Errorf("%s is not missing any more: go test -run TestMissing -update", l)
		}
	}
}
