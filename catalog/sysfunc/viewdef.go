package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	byOID := func(c *call) (types.Datum, error) { return viewDef(c.Context, c.RelationByOID(c.oid(0))), nil }
	byName := func(c *call) (types.Datum, error) {
		r, err := relationNamed(c.Context, c.str(0))
		if err != nil {
			return types.Null, err
		}
		return viewDef(c.Context, r), nil
	}
	rule := func(c *call) (types.Datum, error) {
		if x, r := c.RuleByOID(c.oid(0)); x != nil {
			return text(ruleDef(c.Context, x, r, len(c.args) > 1 && c.flag(1))), nil
		}
		r := c.RelationByOID(c.oid(0)) // a view's rule has the view's OID
		if r == nil || r.View == nil {
			return types.Null, nil
		}
		return text("CREATE RULE \"_RETURN\" AS\n    ON SELECT TO " + qualifiedName(c.Context, r) + " DO INSTEAD " + ViewDef(c.Context, r)), nil
	}
	add(map[string]scalar{
		"pg_get_viewdef": byOID, "pg_get_viewdef_ext": byOID, "pg_get_viewdef_wrap": byOID,
		"pg_get_viewdef_name": byName, "pg_get_viewdef_name_ext": byName,
		"pg_get_ruledef": rule, "pg_get_ruledef_ext": rule,
	})
}

// viewDef is ViewDef, NULL for what is no view.
func viewDef(c *catalog.Context, r *catalog.Relation) types.Datum {
	if r == nil || r.View == nil {
		return types.Null
	}
	return text(ViewDef(c, r))
}

// ViewDef gives the query of a view as its user wrote it, as far as that means the
// same along the session's path, set between a blank and a semicolon as PostgreSQL's
// texts are. A view that waits for its windows to close says so, for that is part
// of what it shows.
func ViewDef(c *catalog.Context, r *catalog.Relation) string {
	sql := r.View.SQL
	if w, ok := c.Session.(catalog.ViewWriter); ok {
		if q, err := w.ViewQuery(r); err == nil { // what cannot be bound is shown as it is kept
			sql = q
		}
	}
	s := " " + strings.TrimSpace(strings.TrimRight(sql, "; \t\n"))
	if r.View.Emit == "window_close" {
		s += "\n  EMIT ON WINDOW CLOSE"
	}
	return s + ";"
}
