package catalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The system relations and the types that belong to them: row types, the domains
// of information_schema. They are the same in every snapshot and are set up
// once, before any snapshot is made.
var (
	systemByOID      = map[OID]*Relation{}
	systemByName     = map[name]*Relation{}
	systemRels       []*Relation // by OID
	systemTypeByOID  = map[OID]*types.Type{}
	systemTypeByName = map[name]*types.Type{}
	systemDomains    = map[OID]*DomainDef{}
)

func init() {
	loadDomains()
	rowTypes := rowTypesByRelation()
	t := pgdata.Load("relations")
	col := t.Column
	oid, relname, ns, kind, reltype, acl := col("oid"), col("relname"), col("relnamespace"), col("relkind"), col("reltype"), col("relacl")
	columns, options := col("columns"), col("reloptions")
	for _, r := range t.Rows {
		rel := &Relation{
			OID: OID(pgdata.Uint(r[oid])), Schema: OID(pgdata.Uint(r[ns])), Name: r[relname], Kind: Virtual, Shown: r[kind][0],
			Owner: BootstrapRole, Persistence: 'p', RowType: OID(pgdata.Uint(r[reltype])), ACL: systemACL(r[acl]), Columns: systemColumns(r[columns]),
			Options: pgdata.Strings(r[options]),
		}
		addSystem(rel, rowTypes[rel.OID])
	}
	for _, rel := range streamsqlRelations() {
		addSystem(rel, nil)
	}
	for _, x := range systemIndexes() {
		systemByOID[x.OID], systemByName[name{x.Schema, x.Name}] = x, x
	}
	defineSystem()
	funcs.AddRowFunctions(systemTypeByName[name{PgCatalogOID, "pg_attribute"}], systemTypeByName[name{PgCatalogOID, "pg_type"}])
}

// SystemRelations gives the system relations, the same for all snapshots, by OID
// within each schema; the caller changes nothing in them. Indexes are left out.
func SystemRelations() []*Relation { return systemRels }

// addSystem adds a system relation with its row type, array being the row
// type's array type where PostgreSQL has one.
func addSystem(r *Relation, array *types.Type) {
	systemByOID[r.OID], systemByName[name{r.Schema, r.Name}] = r, r
	systemRels = append(systemRels, r)
	row := &types.Type{
		OID: r.RowType, Name: r.Name, Schema: r.Schema, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1, Align: 'd',
		Storage: 'x', Delim: ',', Rel: r.OID, BaseMod: types.NoMod, Owner: r.Owner, Array: array,
	}
	for i := range r.Columns {
		c := &r.Columns[i]
		row.Fields = append(row.Fields, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod})
	}
	if array != nil {
		array.Elem = row
		addSystemType(array)
	}
	addSystemType(row)
}

func addSystemType(t *types.Type) {
	systemTypeByOID[t.OID], systemTypeByName[name{t.Schema, t.Name}] = t, t
	types.Register(t)
}

// systemColumns reads the columns of a row of relations.csv: name:type, then !
// for NOT NULL, ~collation where it is not the type's, and ^ACL.
func systemColumns(s string) []Column {
	var cols []Column
	for _, f := range strings.Fields(s) {
		colName, rest, _ := strings.Cut(f, ":")
		rest, acl, _ := strings.Cut(rest, "^")
		rest, coll, hasColl := strings.Cut(rest, "~")
		rest, notNull := strings.CutSuffix(rest, "!")
		c := systemColumn(colName, OID(pgdata.Uint(rest)))
		c.NotNull, c.ACL = notNull, systemACL(acl)
		if hasColl {
			c.Collation = OID(pgdata.Uint(coll))
		}
		cols = append(cols, c)
	}
	return cols
}

// systemColumn makes a column of a built-in or system type.
func systemColumn(colName string, oid OID) Column {
	t := systemTypeByOID[oid]
	if t == nil {
		t = types.ByOID(oid)
	}
	return Column{Name: colName, TypeOID: oid, Mod: types.NoMod, Type: t, Collation: t.Collation}
}

// rowTypesByRelation finds the array types over the row types of PostgreSQL's
// system relations, by relation.
func rowTypesByRelation() map[OID]*types.Type {
	t := pgdata.Load("pg_type")
	oid, typname, ns, rel, array := t.Column("oid"), t.Column("typname"), t.Column("typnamespace"), t.Column("typrelid"), t.Column("typarray")
	arrays := map[OID]OID{} // array type → relation
	for _, r := range t.Rows {
		if r[rel] != "0" {
			arrays[OID(pgdata.Uint(r[array]))] = OID(pgdata.Uint(r[rel]))
		}
	}
	out := map[OID]*types.Type{}
	for _, r := range t.Rows {
		o := OID(pgdata.Uint(r[oid]))
		of, ok := arrays[o]
		if !ok || o == 0 {
			continue
		}
		a := types.ByOID(o) // those of pg_catalog are there, without their element
		if a == nil {
			a = ArrayType(&types.Type{Align: 'd', Schema: OID(pgdata.Uint(r[ns])), Owner: BootstrapRole}, o, r[typname])
		}
		out[of] = a
	}
	return out
}

// loadDomains makes the domains of information_schema.
func loadDomains() {
	t := pgdata.Load("pg_type")
	col := t.Column
	oid, typname, ns, class, base, mod, array, coll := col("oid"), col("typname"), col("typnamespace"), col("typtype"), col("typbasetype"),
		col("typtypmod"), col("typarray"), col("typcollation")
	for _, r := range t.Rows {
		if r[class] != "d" {
			continue
		}
		b := types.ByOID(OID(pgdata.Uint(r[base])))
		d := &types.Type{
			OID: OID(pgdata.Uint(r[oid])), Name: r[typname], Schema: OID(pgdata.Uint(r[ns])), Kind: b.Kind, Class: types.Domain,
			Category: b.Category, Len: b.Len, ByVal: b.ByVal, Align: b.Align, Storage: b.Storage, Delim: b.Delim,
			Collation: OID(pgdata.Uint(r[coll])), Base: b, BaseMod: int32(pgdata.Int(r[mod])), Owner: BootstrapRole,
		}
		d.Array = ArrayType(d, OID(pgdata.Uint(r[array])), "_"+d.Name)
		addSystemType(d)
		addSystemType(d.Array)
		systemDomains[d.OID] = domainDef(d)
	}
}

// domainDef gives what the domains of information_schema have besides a type.
func domainDef(t *types.Type) *DomainDef {
	d := &DomainDef{OID: t.OID}
	check := func(oid OID, name, expr string) {
		d.Constraints = []*Constraint{{OID: oid, Name: name, Kind: Check, Expr: expr, Valid: true}}
	}
	switch t.Name {
	case "cardinal_number":
		check(13222, "cardinal_number_domain_check", "(VALUE >= 0)")
	case "yes_or_no":
		check(13235, "yes_or_no_check", "((VALUE)::text = ANY ((ARRAY['YES'::character varying, 'NO'::character varying])::text[]))")
	case "time_stamp":
		d.Default = "CURRENT_TIMESTAMP(2)"
	}
	return d
}

// systemACL reads the ACL of a system relation; NULL, no grants, is nil.
func systemACL(s string) []ACLItem {
	var acl []ACLItem
	for _, item := range pgdata.Strings(s) {
		grantee, rest, _ := strings.Cut(item, "=")
		privs, _, _ := strings.Cut(rest, "/")
		acl = append(acl, ACLItem{Grantee: predefinedRole(grantee), Grantor: BootstrapRole, Privs: privs})
	}
	return acl
}
