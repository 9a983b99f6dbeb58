package catalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// MatViewsSetting is the parameter that makes information_schema list
// materialized views. PostgreSQL hides them there; here they are what most tools
// come for.
const MatViewsSetting = "streamsqld.information_schema_matviews"

// systemViewSettings is what the system views are bound under.
var systemViewSettings = map[string]string{"search_path": "pg_catalog"}

// defineSystem gives every system relation its rows, or as a view its query.
func defineSystem() {
	queries := map[OID]map[string]string{
		PgCatalogOID:  pgdata.Views("pg_catalog"),
		InfoSchemaOID: pgdata.Views("information_schema"),
	}
	for n, q := range queries[InfoSchemaOID] {
		queries[InfoSchemaOID][n] = adaptView(n, q)
	}
	for _, r := range systemRels {
		if q, ok := queries[r.Schema][r.Name]; ok && r.Shown == 'v' {
			r.Kind, r.View = View, &ViewDef{SQL: q, Settings: systemViewSettings}
			continue
		}
		f, ok := fillers[r.Name]
		if !ok && pgdata.Has(r.Name) {
			f = dumped(r.Name)
		}
		r.Batches = f.batches(r)
	}
}

const (
	tableKinds   = `(c.relkind = ANY (ARRAY['r'::"char", 'v'::"char", 'f'::"char", 'p'::"char"]))`
	elementKinds = `(c.relkind = ANY (ARRAY['r'::"char", 'v'::"char", 'f'::"char", 'c'::"char", 'p'::"char"]))`
	plainKinds   = `(pg_class.relkind = ANY (ARRAY['r'::"char", 'v'::"char", 'f'::"char", 'p'::"char"]))`
	withMatViews = ` OR ((c.relkind = 'm'::"char") AND (current_setting('` + MatViewsSetting + `'::text))::boolean))`
	viewCase     = `WHEN (c.relkind = 'v'::"char") THEN 'VIEW'::text`
	matViewCase  = viewCase + "\n            WHEN (c.relkind = 'm'::\"char\") THEN 'MATERIALIZED VIEW'::text"
	insertable   = `((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) OR ((c.relkind = ANY (ARRAY['v'::"char", 'f'::"char"])) AND ((pg_relation_is_updatable((c.oid)::regclass, false) & 8) = 8)))`
	insertable2  = `((pg_relation_is_updatable((c.oid)::regclass, false) & 8) = 8)`
	updatable    = `((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) OR ((c.relkind = ANY (ARRAY['v'::"char", 'f'::"char"])) AND pg_column_is_updatable((c.oid)::regclass, a.attnum, false)))`
	updatable2   = `pg_column_is_updatable((c.oid)::regclass, a.attnum, false)`
)

// viewsWithMatViews are the views of information_schema that list materialized
// views where the setting says so.
var viewsWithMatViews = map[string]bool{
	"tables": true, "columns": true, "element_types": true, "table_privileges": true, "column_privileges": true,
	"column_udt_usage": true, "column_domain_usage": true,
}

// adaptView changes what has to differ from PostgreSQL in a view of
// information_schema: materialized views, and streams, which are relkind 'r' but
// cannot be updated. The functions of whole rows are spelled out, as
// building the rows costs more than the rest of the query.
func adaptView(name, q string) string {
	if viewsWithMatViews[name] {
		for _, kinds := range []string{tableKinds, elementKinds, plainKinds} {
			more := withMatViews
			if kinds == plainKinds {
				more = strings.Replace(more, "c.relkind", "pg_class.relkind", 1)
			}
			q = strings.ReplaceAll(q, kinds, "("+kinds+more)
		}
		q = strings.ReplaceAll(q, viewCase, matViewCase)
	}
	q = strings.NewReplacer(
		insertable, insertable2, updatable, updatable2,
		`information_schema._pg_truetypid(a.*, t.*)`, `CASE WHEN (t.typtype = 'd'::"char") THEN t.typbasetype ELSE a.atttypid END`,
		`information_schema._pg_truetypmod(a.*, t.*)`, `CASE WHEN (t.typtype = 'd'::"char") THEN t.typtypmod ELSE a.atttypmod END`,
	).Replace(q)
	return q
}
