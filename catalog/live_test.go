package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/catalogtest"
	"github.com/streamsqld/streamsqld/sql/types"
)

func find(t *testing.T, rows []map[string]types.Datum, column, value string) map[string]types.Datum {
	t.Helper()
	for _, r := range rows {
		if r[column].Str() == value {
			return r
		}
	}
	t.Fatalf("no row with %s = %s", column, value)
	return nil
}

// TestStreams: a stream is a table of the access method stream, with a companion
// that is part of it (semantics §18).
func TestStreams(t *testing.T) {
	s := catalogtest.Fixture()
	c := &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Env: types.DefaultEnv}
	class := rows(t, c, "pg_class")
	stream, late := find(t, class, "relname", "readings"), find(t, class, "relname", "readings_late")
	am := find(t, rows(t, c, "pg_am"), "amname", "stream")
	if stream["relkind"].Str() != "r" || stream["relam"].Int() != am["oid"].Int() {
		t.Errorf("stream: relkind %q relam %d", stream["relkind"].Str(), stream["relam"].Int())
	}
	if late["relkind"].Str() != "r" || late["relam"].Int() != int64(catalog.HeapAM) {
		t.Errorf("companion: relkind %q relam %d", late["relkind"].Str(), late["relam"].Int())
	}
	found := false
	for _, d := range rows(t, c, "pg_depend") {
		found = found || d["objid"].Int() == late["oid"].Int() && d["refobjid"].Int() == stream["oid"].Int() && d["deptype"].Str() == "i"
	}
	if !found {
		t.Error("the companion does not depend on its stream")
	}
}

// TestSizes: pg_class shows what is stored now, also where the rest was made
// before.
func TestSizes(t *testing.T) {
	s := catalogtest.Fixture()
	orders := s.Relation(catalog.PublicOID, "orders")
	srv := &catalogtest.Server{Relations: map[catalog.OID]catalog.RelationStats{}}
	c := &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Env: types.DefaultEnv, Server: srv}
	for _, n := range []int64{0, 5, 500} {
		srv.Relations[orders.OID] = catalog.RelationStats{Rows: n, Bytes: n * 100}
		r := find(t, rows(t, c, "pg_class"), "relname", "orders")
		if r["reltuples"].Float() != float64(n) || r["relpages"].Int() != (n*100+8191)/8192 {
			t.Errorf("%d rows: reltuples %v relpages %d", n, r["reltuples"].Float(), r["relpages"].Int())
		}
	}
}

// TestEditIsRead: rows of a catalogue that is being edited are not those from
// before, and leave the published ones alone.
func TestEditIsRead(t *testing.T) {
	base := catalogtest.Fixture()
	e := base.Edit(func() catalog.OID { return base.NextOID() })
	count := func(s *catalog.Snapshot) int {
		return len(rows(t, &catalog.Context{Snapshot: s, Env: types.DefaultEnv}, "pg_namespace"))
	}
	n := count(base)
	if count(e.Snapshot) != n {
		t.Error("an edit without changes differs")
	}
	e.PutSchema(&catalog.Schema{OID: e.NewOID(), Name: "more", Owner: catalog.BootstrapRole})
	if count(e.Snapshot) != n+1 || count(base) != n {
		t.Errorf("%d in the edit, %d published, %d before", count(e.Snapshot), count(base), n)
	}
	if s := e.Publish(); count(s) != n+1 {
		t.Error("published without the change")
	}
}

// TestStreamsqlRelations reads the relations of our own schema.
func TestStreamsqlRelations(t *testing.T) {
	s := catalogtest.Fixture()
	app := s.Schema("app").OID
	stream, view := s.Relation(app, "readings").OID, s.Relation(catalog.PublicOID, "mv_totals").OID
	srv := &catalogtest.Server{
		StreamList: []catalog.StreamStats{{OID: stream, Rows: 10, Late: 2, Watermark: 60000000, MaxTime: 65000000, OpenWindows: 1, HeldBack: "its delay"}},
		ViewList:   []catalog.ViewStats{{OID: view, State: "running", Commit: 40, Rows: 3, Watermark: catalog.NoTime}},
		DDL:        []catalog.DDLProgress{{PID: 7, Command: "CREATE INDEX", Relation: view, Phase: "reading", Done: 25, Total: 100}},
	}
	env := *types.DefaultEnv
	env.Now = 90000000
	c := &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Env: &env, Server: srv}
	for rel, want := range map[string]string{
		"watermarks":   "app readings ts 60000000 65000000 00:00:05 lag 00:00:30 open 1 its delay",
		"streams":      "app readings 10 2",
		"views":        "public mv_totals update running 40 behind 1 rows 3 NULL",
		"ddl_progress": "CREATE INDEX public mv_totals reading 25",
	} {
		r := read(t, c, catalog.StreamsqlOID, rel)
		if len(r) != 1 {
			t.Fatalf("%s: %d rows", rel, len(r))
		}
		if got := streamsqlLine(rel, r[0]); got != want {
			t.Errorf("%s: %s, want %s", rel, got, want)
		}
	}
}

func streamsqlLine(rel string, r map[string]types.Datum) string {
	span := func(col string) string { return types.TInterval.Text(types.DefaultEnv, r[col]) }
	switch rel {
	case "watermarks":
		return fmt.Sprintf("%s %s %s %d %d %s lag %s open %d %s", r["schema_name"].Str(), r["stream_name"].Str(), r["time_column"].Str(),
			r["watermark"].Int(), r["max_time"].Int(), span("delay"), span("lag"), r["open_windows"].Int(), r["held_back_by"].Str())
	case "streams":
		return fmt.Sprintf("%s %s %d %d", r["schema_name"].Str(), r["stream_name"].Str(), r["rows"].Int(), r["late"].Int())
	case "views":
		mark := "set"
		if r["watermark"].IsNull() {
			mark = "NULL"
		}
		return fmt.Sprintf("%s %s %s %s %d behind %d rows %d %s", r["schema_name"].Str(), r["view_name"].Str(), r["emit"].Str(), r["state"].Str(),
			r["commit"].Int(), r["commits_behind"].Int(), r["rows"].Int(), mark)
	}
	return fmt.Sprintf("%s %s %s %s %g", r["command"].Str(), r["schema_name"].Str(), r["relation_name"].Str(), r["phase"].Str(), r["percent"].Float())
}

// TestSystemViews: what had to be changed in PostgreSQL's views is changed.
func TestSystemViews(t *testing.T) {
	s := catalog.New()
	def := func(name string) string {
		r := s.Relation(catalog.InfoSchemaOID, name)
		if r == nil || r.Kind != catalog.View {
			t.Fatalf("%s is no view", name)
		}
		return r.View.SQL
	}
	for _, name := range []string{"tables", "columns", "element_types", "table_privileges", "column_privileges", "column_udt_usage", "column_domain_usage"} {
		if !strings.Contains(def(name), catalog.MatViewsSetting) {
			t.Errorf("%s hides materialized views", name)
		}
	}
	if !strings.Contains(def("tables"), "'MATERIALIZED VIEW'") || strings.Contains(def("views"), catalog.MatViewsSetting) {
		t.Error("tables and views")
	}
	for _, name := range []string{"columns", "attributes"} {
		if strings.Contains(def(name), "a.*") {
			t.Errorf("%s makes whole rows", name)
		}
	}
	n := 0
	for _, schema := range []catalog.OID{catalog.PgCatalogOID, catalog.InfoSchemaOID} {
		for _, r := range catalog.SystemRelations() {
			if r.Schema != schema || r.PgKind() != 'v' {
				continue
			}
			if n++; r.View == nil {
				t.Errorf("%s has no query", r.Name)
			}
		}
	}
	if n != 140 {
		t.Errorf("%d views", n)
	}
}
