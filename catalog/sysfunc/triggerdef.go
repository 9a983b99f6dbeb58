package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	def := func(c *call) (types.Datum, error) {
		t, r := c.TriggerByOID(c.oid(0))
		if t == nil {
			return types.Null, nil
		}
		return text(triggerDef(c.Context, t, r, len(c.args) > 1 && c.flag(1))), nil
	}
	add(map[string]scalar{"pg_get_triggerdef": def, "pg_get_triggerdef_ext": def})
}

// triggerDef gives a trigger as the statement that makes it (pg_get_triggerdef_worker).
func triggerDef(c *catalog.Context, t *catalog.Trigger, r *catalog.Relation, pretty bool) string {
	var b strings.Builder
	var of []string
	for _, n := range t.Columns {
		of = append(of, r.Columns[n-1].Name)
	}
	table := qualifiedName(c, r)
	if pretty {
		table = relationName(c, r)
	}
	b.WriteString(map[bool]string{true: "CREATE CONSTRAINT TRIGGER ", false: "CREATE TRIGGER "}[t.Constraint != 0] + catalog.QuoteIdent(t.Name) + " " + catalog.TriggerTime(t.Type) + " " + catalog.TriggerEvents(t.Type, of) + " ON " + table + " ")
	if t.Constraint != 0 {
		b.WriteString(map[bool]string{true: "DEFERRABLE INITIALLY ", false: "NOT DEFERRABLE INITIALLY "}[t.Deferrable])
		b.WriteString(map[bool]string{true: "DEFERRED ", false: "IMMEDIATE "}[t.Deferred])
	}
	if t.OldTable != "" || t.NewTable != "" {
		b.WriteString("REFERENCING ")
		if t.OldTable != "" {
			b.WriteString("OLD TABLE AS " + catalog.QuoteIdent(t.OldTable) + " ")
		}
		if t.NewTable != "" {
			b.WriteString("NEW TABLE AS " + catalog.QuoteIdent(t.NewTable) + " ")
		}
	}
	b.WriteString("FOR EACH " + catalog.TriggerLevel(t.Type) + " ")
	if t.When != "" {
		b.WriteString("WHEN (" + deparsed(c, t.When, pretty) + ") ")
	}
	b.WriteString("EXECUTE FUNCTION " + triggerFunction(c, t.Func) + "(")
	for i, a := range t.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(catalog.QuoteLiteral(a))
	}
	b.WriteString(")")
	return b.String()
}

// triggerFunction names a trigger's function as the search path wants it.
func triggerFunction(c *catalog.Context, oid OID) string {
	f := c.FuncByOID(oid)
	for name, system := range catalog.SystemTriggers {
		if oid == system {
			return name
		}
	}
	if f == nil {
		return ""
	}
	name := catalog.QuoteIdent(f.Name)
	if !onPath(c, f.Schema) {
		return schemaName(c, f.Schema) + "." + name
	}
	return name
}

// triggerDepth is pg_trigger_depth(): how many triggers are under way.
func triggerDepth(c *call) (types.Datum, error) {
	if s, ok := c.Session.(interface{ TriggerDepth() int }); ok {
		return integer(s.TriggerDepth()), nil
	}
	return integer(0), nil
}
