package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// identity is an object as pg_identify_object tells of it: its kind, schema and
// name where these are enough to find it, and a text that always is. Empty parts
// are NULL.
type identity struct{ kind, schema, name, text string }

// Catalogues that objects are identified in, by OID.
const (
	classType       OID = 1247
	classProc       OID = 1255
	classRel        OID = 1259
	classRole       OID = 1260
	classDatabase   OID = 1262
	classTablespace OID = 1213
	classAM         OID = 2601
	classAttrdef    OID = 2604
	classCast       OID = 2605
	classConstraint OID = 2606
	classLanguage   OID = 2612
	classNamespace  OID = 2615
	classOpclass    OID = 2616
	classOperator   OID = 2617
	classRewrite    OID = 2618
	classExtension  OID = 3079
	classCollation  OID = 3456
)

// relKinds are the names of kinds of relation.
var relKinds = map[byte]string{
	'r': "table", 'v': "view", 'm': "materialized view", 'i': "index", 'p': "table", 'I': "index", 'S': "sequence", 'c': "composite type",
}

// identify finds an object; ok is false when there is none.
func identify(c *call, class, oid OID, sub int64) (id identity, ok bool) {
	switch class {
	case classRel:
		return identifyRelation(c, oid, sub)
	case classType:
		if t := c.TypeByOID(oid); t != nil {
			return identifyType(c, t), true
		}
	case classProc:
		if f := c.FuncByOID(oid); f != nil {
			kind := map[funcs.Kind]string{funcs.Scalar: "function", funcs.Window: "function", funcs.Aggregate: "aggregate", funcs.Procedure: "procedure"}[f.Kind]
			return identity{kind: kind, schema: schemaName(c.Context, f.Schema), text: unpathed(c, func(c *catalog.Context) string { return procedureName(c, f) })}, true
		}
	case classNamespace:
		if n := c.SchemaByOID(oid); n != nil {
			q := catalog.QuoteIdent(n.Name)
			return identity{"schema", "", q, q}, true
		}
	case classRole:
		if r := c.RoleByOID(oid); r != nil {
			q := catalog.QuoteIdent(r.Name)
			return identity{"role", "", q, q}, true
		}
	case classConstraint:
		return identifyConstraint(c, oid)
	case catalog.ClassTrigger:
		if t, r := c.TriggerByOID(oid); t != nil {
			return identity{kind: "trigger", text: catalog.QuoteIdent(t.Name) + " on " + qualifiedName(c.Context, r)}, true
		}
	case catalog.ClassPolicy:
		if p, r := c.PolicyByOID(oid); p != nil {
			return identity{kind: "policy", text: catalog.QuoteIdent(p.Name) + " on " + qualifiedName(c.Context, r)}, true
		}
	case catalog.ClassStatistics:
		if x, _ := c.ExtStatsByOID(oid); x != nil {
			schema, name := schemaName(c.Context, x.Schema), catalog.QuoteIdent(x.Name)
			return identity{"statistics object", schema, name, schema + "." + name}, true
		}
	case classAttrdef:
		if r, col, ok := defaultOf(c, oid); ok {
			return identity{kind: "default value", text: "for " + qualifiedName(c.Context, r) + "." + catalog.QuoteIdent(col)}, true
		}
	case classRewrite:
		if x, r := c.RuleByOID(oid); x != nil {
			return identity{kind: "rule", text: catalog.QuoteIdent(x.Name) + " on " + qualifiedName(c.Context, r)}, true
		}
		if r := c.RelationByOID(oid); r != nil && r.View != nil {
			return identity{kind: "rule", text: "\"_RETURN\" on " + qualifiedName(c.Context, r)}, true
		}
	case classOperator:
		if o := funcs.OperatorByOID(oid); o != nil {
			return identity{kind: "operator", schema: "pg_catalog", name: "", text: unpathed(c, func(c *catalog.Context) string { return operatorSignature(c, o) })}, true
		}
	case classDatabase:
		if d := c.DatabaseByOID(oid); d != nil {
			q := catalog.QuoteIdent(d.Name)
			return identity{"database", "", q, q}, true
		}
	case classCast:
		if from, to, ok := castTypes(oid); ok {
			bare := func(oid OID) string {
				return unpathed(c, func(c *catalog.Context) string { return FormatType(c, oid, types.NoMod, false) })
			}
			return identity{kind: "cast", text: "(" + bare(from) + " AS " + bare(to) + ")"}, true
		}
	case classOpclass:
		if x := catalog.OpClassByOID(oid); x != nil {
			n := catalog.QuoteIdent(x.Name)
			return identity{"operator class", "pg_catalog", n, "pg_catalog." + n + " USING " + catalog.AccessMethodName(x.Method)}, true
		}
	case classExtension:
		for _, n := range []string{catalog.ExtensionName, "plpgsql"} {
			if catalog.ExtensionNamed(n) == oid {
				return identity{"extension", "", n, n}, true
			}
		}
	}
	return identifyDumped(class, oid)
}

// missingKind is what objects of a catalogue are called that are not there.
func missingKind(class OID) string {
	if d, ok := dumpedClasses[class]; ok {
		return d.kind
	}
	return map[OID]string{
		classRel: "relation", classType: "type", classProc: "routine", classNamespace: "schema", classRole: "role", classDatabase: "database",
		classConstraint: "constraint", classAttrdef: "default value", classCast: "cast", classOpclass: "operator class", classOperator: "operator",
		classRewrite: "rule", classExtension: "extension", catalog.ClassTrigger: "trigger", catalog.ClassPolicy: "policy", catalog.ClassStatistics: "statistics object",
	}[class]
}

// unpathed names something as if nothing were on the search path.
func unpathed(c *call, fn func(c *catalog.Context) string) string {
	bare := *c.Context
	bare.Path = nil
	return fn(&bare)
}

func identifyRelation(c *call, oid OID, sub int64) (id identity, ok bool) {
	r := c.RelationByOID(oid)
	if r == nil {
		return id, false
	}
	id = identity{relKinds[r.PgKind()], schemaName(c.Context, r.Schema), catalog.QuoteIdent(r.Name), qualifiedName(c.Context, r)}
	if sub == 0 {
		return id, true
	}
	id.kind += " column"
	if !liveColumn(r, int16(sub)) || sub < 0 {
		return identity{kind: id.kind}, true
	}
	id.text += "." + catalog.QuoteIdent(c.Attributes(r)[sub-1].Name)
	return id, true
}

func identifyType(c *call, t *types.Type) identity {
	full := unpathed(c, func(c *catalog.Context) string { return FormatType(c, t.OID, types.NoMod, false) })
	return identity{"type", schemaName(c.Context, t.Schema), catalog.QuoteIdent(t.Name), full}
}

func identifyConstraint(c *call, oid OID) (id identity, ok bool) {
	con, r := c.ConstraintByOID(oid)
	switch {
	case con == nil:
		return id, false
	case r != nil:
		return identity{"table constraint", schemaName(c.Context, r.Schema), "", catalog.QuoteIdent(con.Name) + " on " + qualifiedName(c.Context, r)}, true
	}
	d := c.domainOf(oid)
	if d == nil {
		return id, false
	}
	t := identifyType(c, d)
	return identity{"domain constraint", t.schema, "", catalog.QuoteIdent(con.Name) + " on " + t.text}, true
}

// domainOf finds the domain that a constraint is of.
func (c *call) domainOf(con OID) *types.Type {
	for _, t := range c.Types() {
		if d := c.Domain(t.OID); d != nil && t.Class == types.Domain {
			for _, x := range d.Constraints {
				if x.OID == con {
					return t
				}
			}
		}
	}
	return nil
}

// defaultOf finds the column that a row of pg_attrdef is of.
func defaultOf(c *call, oid OID) (r *catalog.Relation, column string, ok bool) {
	for _, r := range c.Relations() {
		for i := range r.Columns {
			if d, found := r.DefaultOID(int16(i + 1)); found && d == oid {
				return r, r.Columns[i].Name, true
			}
		}
	}
	return nil, "", false
}

// dumpedClasses are the catalogues whose rows are PostgreSQL's: where names are,
// what they are called, and whether they are in a schema.
var dumpedClasses = map[OID]struct {
	table, column, kind string
	schema              bool
}{
	classLanguage: {"pg_language", "lanname", "language", false}, classCollation: {"pg_collation", "collname", "collation", true},
	classTablespace: {"pg_tablespace", "spcname", "tablespace", false}, classAM: {"pg_am", "amname", "access method", false},
	3600: {"pg_ts_dict", "dictname", "text search dictionary", true}, 3601: {"pg_ts_parser", "prsname", "text search parser", true},
	3602: {"pg_ts_config", "cfgname", "text search configuration", true}, 3764: {"pg_ts_template", "tmplname", "text search template", true},
	2607: {"pg_conversion", "conname", "conversion", true},
}

func identifyDumped(class, oid OID) (id identity, ok bool) {
	d, known := dumpedClasses[class]
	if !known {
		return id, false
	}
	if class == classAM && oid == catalog.StreamAM {
		return identity{d.kind, "", "stream", "stream"}, true
	}
	name, ok := dumpedName(d.table, d.column, oid)
	if !ok {
		return id, false
	}
	id = identity{d.kind, "", name, name}
	if d.schema {
		id.schema, id.text = "pg_catalog", "pg_catalog."+name
	}
	return id, true
}

// Describe gives an object in words, as messages do ("column a of table t"), "" when
// there is none.
func Describe(c *catalog.Context, o catalog.Object) string {
	s, _ := describe(&call{Context: c}, o.Class, o.OID, int64(o.Sub))
	return s
}

// describe gives the object in words, as messages do; ok is false when there is
// none.
func describe(c *call, class, oid OID, sub int64) (s string, ok bool) {
	switch class {
	case classRel:
		return describeRelation(c, oid, sub)
	case classType:
		if t := c.TypeByOID(oid); t != nil {
			return "type " + FormatType(c.Context, oid, types.NoMod, false), true
		}
	case classProc:
		if f := c.FuncByOID(oid); f != nil {
			return "function " + procedureName(c.Context, f), true
		}
	case classOperator:
		if o := funcs.OperatorByOID(oid); o != nil {
			return "operator " + operatorSignature(c.Context, o), true
		}
	case classConstraint:
		con, r := c.ConstraintByOID(oid)
		if con == nil {
			return "", false
		}
		if r == nil {
			return "constraint " + con.Name, true
		}
		table, _ := describeRelation(c, r.OID, 0)
		return "constraint " + con.Name + " on " + table, true
	case catalog.ClassTrigger:
		if t, r := c.TriggerByOID(oid); t != nil {
			table, _ := describeRelation(c, r.OID, 0)
			return "trigger " + t.Name + " on " + table, true
		}
	case catalog.ClassPolicy:
		if p, r := c.PolicyByOID(oid); p != nil {
			table, _ := describeRelation(c, r.OID, 0)
			return "policy " + p.Name + " on " + table, true
		}
	case catalog.ClassStatistics:
		if x, _ := c.ExtStatsByOID(oid); x != nil {
			return "statistics object " + statisticsName(c.Context, x), true
		}
	case classAttrdef:
		if r, col, ok := defaultOf(c, oid); ok {
			table, _ := describeRelation(c, r.OID, 0)
			return "default value for column " + col + " of " + table, true
		}
	case classRewrite:
		if x, r := c.RuleByOID(oid); x != nil {
			table, _ := describeRelation(c, r.OID, 0)
			return "rule " + x.Name + " on " + table, true
		}
		if r := c.RelationByOID(oid); r != nil && r.View != nil {
			view, _ := describeRelation(c, oid, 0)
			return "rule _RETURN on " + view, true
		}
	case classCast:
		if from, to, ok := castTypes(oid); ok {
			return "cast from " + FormatType(c.Context, from, types.NoMod, false) + " to " + FormatType(c.Context, to, types.NoMod, false), true
		}
	case catalog.ClassDefaultPrivs:
		return describeDefaultPrivs(c, oid)
	case classOpclass:
		if x := catalog.OpClassByOID(oid); x != nil {
			return "operator class " + catalog.QuoteIdent(x.Name) + " for access method " + catalog.AccessMethodName(x.Method), true
		}
	}
	id, ok := identify(c, class, oid, sub)
	if !ok {
		return "", false
	}
	switch {
	case class == classCollation:
		return id.kind + " " + id.name, true
	case id.name != "":
		return id.kind + " " + unquoted(id.name), true
	}
	return id.kind + " " + id.text, true
}

func describeDefaultPrivs(c *call, oid OID) (string, bool) {
	d := c.DefaultPrivsByOID(oid)
	if d == nil {
		return "", false
	}
	s := "default privileges on new " + d.Objects() + " belonging to role " + c.RoleName(d.Role)
	if n := c.SchemaByOID(d.Schema); n != nil {
		s += " in schema " + n.Name
	}
	return s, true
}

// unquoted takes the double quotes off a name.
func unquoted(s string) string {
	if part, rest, ok := quotedPart(s); ok && rest == "" && s[0] == '"' {
		return part
	}
	return s
}

func describeRelation(c *call, oid OID, sub int64) (string, bool) {
	r := c.RelationByOID(oid)
	if r == nil {
		return "", false
	}
	kind := relKinds[r.PgKind()]
	if r.Kind == catalog.Stream {
		kind = "stream"
	}
	s := kind + " " + relationName(c.Context, r)
	if sub == 0 {
		return s, true
	}
	if !liveColumn(r, int16(sub)) || sub < 0 {
		return "", false
	}
	return "column " + c.Attributes(r)[sub-1].Name + " of " + s, true
}

// castTypes gives the types of a row of pg_cast.
func castTypes(oid OID) (from, to OID, ok bool) {
	t := pgdata.Load("pg_cast")
	for _, r := range t.Rows {
		if r[t.Column("oid")] == oidText(oid) {
			return OID(pgdata.Uint(r[t.Column("castsource")])), OID(pgdata.Uint(r[t.Column("casttarget")])), true
		}
	}
	return 0, 0, false
}

func init() {
	add(map[string]scalar{
		"pg_describe_object": func(c *call) (types.Datum, error) {
			if c.oid(0) == 0 && c.oid(1) == 0 {
				return types.Null, nil
			}
			s, _ := describe(c, c.oid(0), c.oid(1), c.num(2))
			return textOrNull(s), nil
		},
	})
	addTables(map[string]table{
		"pg_identify_object": func(c *call) ([][]types.Datum, error) {
			id, ok := identify(c, c.oid(0), c.oid(1), c.num(2))
			if !ok {
				return [][]types.Datum{{textOrNull(missingKind(c.oid(0))), types.Null, types.Null, types.Null}}, nil
			}
			return [][]types.Datum{{text(id.kind), textOrNull(id.schema), textOrNull(id.name), textOrNull(id.text)}}, nil
		},
	})
}
