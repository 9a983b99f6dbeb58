package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// RegOut gives the name of an object of a reg type, as RegIn would read it. It
// implements types.Names.
func (f Functions) RegOut(t *types.Type, oid OID) (s string, ok bool) {
	c := f.Context
	switch t.OID {
	case types.RegclassOID:
		if r := c.RelationByOID(oid); r != nil {
			return relationName(c, r), true
		}
	case types.RegtypeOID:
		if c.TypeByOID(oid) != nil {
			return FormatType(c, oid, types.NoMod, false), true
		}
	case types.RegprocOID:
		if f := c.FuncByOID(oid); f != nil {
			return procName(c, f), true
		}
		return hiddenProc(oid)
	case types.RegprocedureOID:
		if f := c.FuncByOID(oid); f != nil {
			return procedureName(c, f), true
		}
		return hiddenProc(oid)
	case types.RegoperOID:
		if o := funcs.OperatorByOID(oid); o != nil {
			if len(funcs.Operators(o.Name)) == 1 && onPath(c, catalog.PgCatalogOID) {
				return o.Name, true
			}
			return "pg_catalog." + o.Name, true
		}
	case types.RegoperatorOID:
		if o := funcs.OperatorByOID(oid); o != nil {
			return operatorSignature(c, o), true
		}
	case types.RegnamespaceOID:
		if n := c.SchemaByOID(oid); n != nil {
			return catalog.QuoteIdent(n.Name), true
		}
	case types.RegroleOID:
		if r := c.RoleByOID(oid); r != nil {
			return catalog.QuoteIdent(r.Name), true
		}
	case types.RegcollationOID:
		return dumpedName("pg_collation", "collname", oid)
	case types.RegconfigOID:
		return dumpedName("pg_ts_config", "cfgname", oid)
	case types.RegdictionaryOID:
		return dumpedName("pg_ts_dict", "dictname", oid)
	}
	return "", false
}

// relationName gives a relation's name, qualified when the plain one means
// something else on the search path.
func relationName(c *catalog.Context, r *catalog.Relation) string {
	if c.Visible(c.Path, r) {
		return catalog.QuoteIdent(r.Name)
	}
	return qualifiedName(c, r)
}

// qualifiedName gives schema.name of a relation, quoted where needed.
func qualifiedName(c *catalog.Context, r *catalog.Relation) string {
	return schemaName(c, r.Schema) + "." + catalog.QuoteIdent(r.Name)
}

func onPath(c *catalog.Context, schema OID) bool {
	for _, s := range c.Path {
		if s == schema {
			return true
		}
	}
	return false
}

// procName gives a function's name, qualified unless it is the only function that
// the plain name means.
func procName(c *catalog.Context, f *funcs.Func) string {
	if onPath(c, f.Schema) && len(allNamed(c, f.Schema, f.Name)) == 1 {
		return catalog.QuoteIdent(f.Name)
	}
	return schemaName(c, f.Schema) + "." + catalog.QuoteIdent(f.Name)
}

// procedureName gives name(argument types).
func procedureName(c *catalog.Context, f *funcs.Func) string {
	var b strings.Builder
	if !onPath(c, f.Schema) {
		b.WriteString(schemaName(c, f.Schema) + ".")
	}
	b.WriteString(catalog.QuoteIdent(f.Name) + "(")
	for i, a := range f.Args {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(FormatType(c, a.OID, types.NoMod, false))
	}
	b.WriteByte(')')
	return b.String()
}

func operatorSignature(c *catalog.Context, o *funcs.Operator) string {
	s := o.Name + "("
	if !onPath(c, catalog.PgCatalogOID) {
		s = "pg_catalog." + s
	}
	if o.Left == nil {
		s += "NONE,"
	} else {
		s += FormatType(c, o.Left.OID, types.NoMod, false) + ","
	}
	return s + FormatType(c, o.Right.OID, types.NoMod, false) + ")"
}

// hiddenProc names a function of PostgreSQL that the registry leaves out.
func hiddenProc(oid OID) (string, bool) { return dumpedName("pg_proc", "proname", oid) }

// dumpedName names an object among the rows that PostgreSQL has of a catalogue.
func dumpedName(table, column string, oid OID) (string, bool) {
	t := pgdata.Load(table)
	id, name := t.Column("oid"), t.Column(column)
	want := oidText(oid)
	for _, r := range t.Rows {
		if r[id] == want {
			return catalog.QuoteIdent(r[name]), true
		}
	}
	return "", false
}

func init() {
	// to is to_regclass and its kin: NULL where the cast is an error of look-up.
	to := func(t *types.Type) scalar {
		return func(c *call) (types.Datum, error) {
			oid, err := Functions{c.Context}.RegIn(t, c.str(0))
			if err == nil {
				return integer(oid), nil
			}
			if notFound(t, err) {
				return types.Null, nil
			}
			return types.Null, err
		}
	}
	add(map[string]scalar{
		"to_regclass": to(types.TRegclass), "to_regtype": to(types.TRegtype), "to_regproc": to(types.TRegproc),
		"to_regprocedure": to(types.TRegprocedure), "to_regoper": to(types.TRegoper), "to_regoperator": to(types.TRegoperator),
		"to_regnamespace": to(types.TRegnamespace), "to_regrole": to(types.TRegrole), "to_regcollation": to(types.TRegcollation),
		"text_regclass": func(c *call) (types.Datum, error) {
			oid, err := regclass(c.Context, c.str(0))
			return integer(oid), err
		},
	})
}
