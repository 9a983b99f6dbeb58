package sysfunc

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// docChapter is a section of PostgreSQL's manual, chapter 9.
type docChapter struct {
	number, title string
	// constructs are what the grammar has of its own, beside functions and operators.
	constructs string
	// different are the known differences, each with its reason.
	different []string
}

var docChapters = []docChapter{
	{number: "9.1", title: "Logical operators", constructs: "`AND`, `OR`, `NOT`"},
	{number: "9.2", title: "Comparison functions and operators",
		constructs: "`BETWEEN [SYMMETRIC]`, `IS [NOT] DISTINCT FROM`, `IS [NOT] NULL`, `ISNULL`, `NOTNULL`, `IS [NOT] TRUE/FALSE/UNKNOWN`",
		different: []string{
			"`jsonb_cmp` called by name gives -1, 0 or 1 where PostgreSQL may give another number of the same sign: that number is a difference of bytes inside its storage form.",
		}},
	{number: "9.3", title: "Mathematical functions and operators",
		different: []string{
			"`exp`, `ln`, `log`, `power`, and the trigonometric and hyperbolic functions of `double precision` are rounded correctly; the C library under a PostgreSQL server is off by one in the last place now and then (of random arguments, one in some thousands).",
		}},
	{number: "9.4", title: "String functions and operators", constructs: "`OVERLAY`, `POSITION`, `SUBSTRING`, `TRIM`, `NORMALIZE`, `IS NORMALIZED`, `COLLATION FOR`",
		different: []string{
			"There is one collation, C.UTF-8: `COLLATE` with another name is refused. Texts are stored in UTF8; clients may speak another encoding (`client_encoding`, `COPY … ENCODING`), but for EUC_TW, EUC_JIS_2004, SHIFT_JIS_2004, JOHAB and MULE_INTERNAL.",
			"A result that does not fit into memory or a message is 54000; the DETAIL has other numbers than PostgreSQL's.",
		}},
	{number: "9.5", title: "Binary string functions and operators", constructs: "`OVERLAY`, `POSITION`, `SUBSTRING`, `TRIM`"},
	{number: "9.6", title: "Bit string functions and operators"},
	{number: "9.7", title: "Pattern matching", constructs: "`LIKE`, `ILIKE`, `SIMILAR TO`, each with `ESCAPE`; `SUBSTRING … SIMILAR … ESCAPE`"},
	{number: "9.8", title: "Data type formatting functions",
		different: []string{
			"`TM` prefixes give English names, as `lc_time = 'C'` does: there are no other locales.",
		}},
	{number: "9.9", title: "Date/time functions and operators", constructs: "`EXTRACT`, `OVERLAPS`, `AT TIME ZONE`, `CURRENT_DATE`, `CURRENT_TIME[STAMP]`, `LOCALTIME[STAMP]`",
		different: []string{
			"`timezone(interval, timetz)` with more than twelve days from UTC is 0A000: an offset is kept in 21 bits.",
			"Time zones come from the tz database inside the binary, not from the machine's.",
		}},
	{number: "9.10", title: "Enum support functions"},
	{number: "9.11", title: "Geometric functions and operators"},
	{number: "9.12", title: "Network address functions and operators"},
	{number: "9.13", title: "Text search functions and operators",
		different: []string{
			"Configurations, dictionaries, the parser and templates are those of a fresh PostgreSQL; `CREATE`, `ALTER` and `DROP TEXT SEARCH …` are refused.",
			"There are no stemmers for armenian, basque, catalan, greek, hindi, indonesian, lithuanian, nepali, serbian and yiddish: words that need one are 0A000.",
			"The finnish and danish stemmers make one letter of two at the end of a word also of letters that the language has not (é).",
			"There are no notices about queries without lexemes and words that are too long; GIN and GiST indexes are refused, `@@` scans.",
		}},
	{number: "9.14", title: "UUID functions"},
	{number: "9.15", title: "XML functions"},
	{number: "9.16", title: "JSON functions and operators", constructs: "subscripts of `jsonb`"},
	{number: "9.17", title: "Sequence manipulation functions"},
	{number: "9.18", title: "Conditional expressions", constructs: "`CASE`, `COALESCE`, `NULLIF`, `GREATEST`, `LEAST`"},
	{number: "9.19", title: "Array functions and operators", constructs: "`ARRAY[…]`, `ARRAY(query)`, subscripts, slices"},
	{number: "9.20", title: "Range and multirange functions and operators",
		different: []string{
			"`CREATE TYPE … AS RANGE` takes the subtype's default operator class only, and no domain as subtype; when the type is renamed, so are the functions that make its values.",
			"GiST and SP-GiST indexes, and EXCLUDE, are refused: a btree index finds equal ranges and orders them.",
		}},
	{number: "9.21", title: "Aggregate functions", constructs: "`DISTINCT`, `ORDER BY`, `FILTER`, `WITHIN GROUP`, `GROUPING`",
		different: []string{
			"Sums, means and variances of `double precision` are kept in twice the precision, so that a row can be taken out again: the last digits are the exact result's, and what overflows only on the way (the square of a value under `avg`) is no error.",
			"`sum(real)` over `DISTINCT … ORDER BY` may differ in its last digit: the rows are added in another order.",
			"`sum` and `avg` of `interval` fail with 22008 when the result is out of range, not when a partial sum was.",
			"Of equal values with different texts (1.0 and 1.00), `DISTINCT`, `mode` and `percentile_disc` may give another one.",
		}},
	{number: "9.22", title: "Window functions", constructs: "`OVER`, named windows, all frame modes and `EXCLUDE`"},
	{number: "9.23", title: "Subquery expressions", constructs: "`EXISTS`, `IN`, `NOT IN`, `ANY`, `SOME`, `ALL`, row comparisons"},
	{number: "9.24", title: "Row and array comparisons", constructs: "`IN`, `NOT IN`, `ANY`, `SOME`, `ALL`, row constructors, comparison of composite values"},
	{number: "9.25", title: "Set returning functions", constructs: "`ROWS FROM`, `WITH ORDINALITY`, functions in the select list, in lock-step"},
	{number: "9.26", title: "System information functions and operators",
		different: []string{
			"What describes PostgreSQL's own processes and files (transaction ids, log positions, block counts) describes this server's, or is a constant where there is no counterpart.",
		}},
	{number: "9.27", title: "System administration functions"},
	{number: "9.28", title: "Trigger functions"},
	{number: "9.29", title: "Event trigger functions"},
	{number: "9.30", title: "Statistics information functions"},
	{number: "", title: "Input and output of types"},
	{number: "", title: "Hashes and support of indexes"},
	{number: "", title: "Parts of aggregates, of index methods, planner and server", different: []string{
		"Not for users to call: PostgreSQL's aggregates, indexes and planner are made of them, and this server's are made otherwise.",
	}},
	{number: "", title: "Beyond PostgreSQL"},
}

// The sections without a number.
const (
	docIO     = "Input and output of types"
	docHash   = "Hashes and support of indexes"
	docParts  = "Parts of aggregates, of index methods, planner and server"
	docBeyond = "Beyond PostgreSQL"
)

// docTypes puts types into sections whatever function takes or gives them.
var docTypes = map[string]string{
	"9.6":  "bit varbit",
	"9.11": "point lseg path box polygon line circle",
	"9.12": "inet cidr macaddr macaddr8",
	"9.13": "tsvector tsquery gtsvector regconfig regdictionary",
	"9.15": "xml",
	"9.20": `anyrange anymultirange anycompatiblerange anycompatiblemultirange int4range int8range numrange tsrange tstzrange daterange
		int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange`,
	"9.26": "pg_snapshot txid_snapshot aclitem",
	"9.28": "trigger",
	"9.29": "event_trigger pg_ddl_command",
}

// docParted are the types that only parts of the server have.
const docParted = `internal language_handler fdw_handler index_am_handler table_am_handler tsm_handler pg_ndistinct pg_dependencies
	pg_brin_bloom_summary pg_brin_minmax_multi_summary`

// docNames puts functions into sections by name, prefixes by a star. The first
// section that knows a name has it.
var docNames = [][2]string{
	{"9.30", "pg_mcv_list_items"},
	{"9.13", "get_current_ts_config ts_*"},
	{"9.8", "to_char to_date to_number to_timestamp"},
	{"9.14", "gen_random_uuid uuid_generate*"},
	{"9.15", "*_to_xml* xml*"},
	{"9.17", "nextval currval lastval setval"},
	{"9.25", "generate_series generate_subscripts"},
	{"9.10", "enum_first enum_last enum_range"},
	{"9.22", "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"},
	{docHash, "*hash* hash* btequalimage btvarstrequalimage bt*cmp in_range"},
	{"9.9", `age clock_timestamp now statement_timestamp transaction_timestamp timeofday pg_sleep* timezone overlaps date_* extract isfinite justify_*
		make_date make_time make_timestamp* make_interval`},
	{"9.7", "like notlike like_escape ilike *like *nlike similar* regexp_* *regexeq *regexne"},
	{docParts, `int*_sum int*_avg* float*_accum float*_combine float*_avg float*_regr_* float*_covar* float*_corr float*_stddev* float*_var*
		interval_accum* interval_avg interval_combine *_inv int2int4_sum int8inc* int8dec* numeric_avg* numeric_combine numeric_accum fmgr_* plpgsql_*
		*_subdiff amvalidate satisfies_hash_partition shell_in shell_out currtid2 binary_upgrade_* pg_stop_making_pinned_objects pg_nextoid
		pg_extension_config_dump pg_isolation_test* postgresql_fdw_validator pg_import_system_collations gin_* *typmodin *typmodout bool_*fn
		string_agg_*fn`},
	{"9.27", `current_setting set_config pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile* pg_log_backend* pg_backup* pg_create_*
		pg_switch_wal pg_walfile* pg_wal* pg_current_wal* pg_last_wal* pg_last_xact_replay* pg_is_in_recovery pg_is_wal* pg_promote pg_export_snapshot
		pg_drop_* pg_copy_* pg_logical_* pg_replication* pg_column_size pg_column_compression pg_database_size pg_indexes_size pg_relation_size
		pg_size_* pg_table_size pg_tablespace_size pg_total_relation_size pg_relation_file* pg_filenode* pg_collation_actual* pg_database_collation*
		pg_partition_* pg_ls_* pg_read_* pg_stat_file pg_advisory_* pg_try_advisory_* brin_* pg_get_wal* lo_* lo loread lowrite pg_start_backup
		pg_stop_backup pg_get_replication* pg_show_replication*`},
	{"9.26", `pg_* has_* txid_* _pg_* obj_description shobj_description col_description row_security_active inet_* current_query current_database
		current_catalog current_role current_schema* current_user session_user user version mxid_age acldefault aclexplode makeaclitem format_type to_reg*
		getdatabaseencoding getpgusername regclass aclinsert aclremove aclcontains`},
	{"9.5", "convert* encode decode get_bit get_byte set_bit set_byte sha* bit_count length_in_encoding"},
	{"9.19", "array* cardinality string_to_array string_to_table trim_array unnest width_bucket_array"},
	{"9.16", "json* row_to_json to_json to_jsonb array_to_json"},
	{"9.2", "num_nulls num_nonnulls booleq boolne boollt boolgt boolle boolge"},
}

// chapterOf tells the section of a function, by number or, where it has none, title.
func chapterOf(f *funcs.Func) string {
	if f.Schema != 11 {
		return "9.26"
	}
	ts := docTypesOf(f)
	for _, t := range ts {
		if slices.Contains(strings.Fields(docParted), t.Name) {
			return docParts
		}
	}
	for _, n := range []string{"9.6", "9.11", "9.12", "9.13", "9.15", "9.20", "9.26", "9.28", "9.29"} {
		for _, t := range ts {
			if slices.Contains(strings.Fields(docTypes[n]), strings.TrimPrefix(t.Name, "_")) {
				return n
			}
		}
	}
	switch {
	case f.OID >= 8000 && f.OID < 10000 && f.Src == f.Name:
		return docBeyond
	case f.Kind == funcs.Aggregate:
		return "9.21"
	case slices.Contains(ts, types.TCstring) || strings.HasSuffix(f.Src, "send") || strings.HasSuffix(f.Src, "_out"):
		return docIO
	}
	for _, r := range docNames {
		if slices.ContainsFunc(strings.Fields(r[1]), func(p string) bool { return docMatch(p, f.Name) }) {
			return r[0]
		}
	}
	return chapterByType(f, ts)
}

// chapterByType tells the section of the functions that no rule names.
func chapterByType(f *funcs.Func, ts []*types.Type) string {
	for _, o := range comparisons {
		if o == f {
			return "9.2"
		}
	}
	has := func(list ...*types.Type) bool {
		return slices.ContainsFunc(list, func(t *types.Type) bool { return slices.Contains(ts, t) })
	}
	switch {
	case has(types.TJSON, types.TJSONB):
		return "9.16"
	case has(types.TTimestamp, types.TTimestamptz, types.TDate, types.TTime, types.TTimetz, types.TInterval):
		return "9.9"
	case has(types.TBytea):
		return "9.5"
	case has(types.TAnyArray):
		return "9.19"
	case has(types.TText, types.TBpchar, types.TName, types.TVarchar):
		return "9.4"
	}
	return "9.3"
}

// comparisons are the functions of =, <>, <, <=, > and >=, and those that give
// the greater or the smaller of two.
var comparisons = func() (out []*funcs.Func) {
	for _, n := range []string{"=", "<>", "<", "<=", ">", ">=", "~<~", "~<=~", "~>~", "~>=~", "*=", "*<>", "*<", "*<=", "*>", "*>="} {
		for _, o := range funcs.Operators(n) {
			out = append(out, o.Func)
		}
	}
	for _, f := range funcs.All() {
		if strings.HasSuffix(f.Name, "larger") || strings.HasSuffix(f.Name, "smaller") {
			out = append(out, f)
		}
	}
	return out
}()

func docMatch(pattern, name string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	if !strings.HasPrefix(name, head) {
		return false
	}
	name = name[len(head):]
	if rest == "" {
		return true
	}
	for i := range len(name) + 1 {
		if docMatch(rest, name[i:]) {
			return true
		}
	}
	return false
}

func docTypesOf(f *funcs.Func) []*types.Type {
	ts := append([]*types.Type{f.Ret}, f.Args...)
	for _, c := range f.Out {
		ts = append(ts, c.Type)
	}
	return ts
}
