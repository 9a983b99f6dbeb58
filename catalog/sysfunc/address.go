package sysfunc

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// objectAddress is an object by the rows of the catalogue.
type objectAddress struct {
	class, oid OID
	sub        int64
}

// lookup is what pg_get_object_address is asked for.
type lookup struct {
	*call
	kind        string
	names, args []string
	types       []*types.Type // of args, where those are types
}

// addressKind is one of the kinds of object that have addresses.
type addressKind struct {
	find func(l *lookup) (objectAddress, error)
	// least and exactly bound the number of names, exactArgs that of args; 0: nothing does.
	least, exactly, exactArgs int
	types                     bool // args are types
}

var addressKinds = map[string]addressKind{
	"table": {find: (*lookup).relation}, "index": {find: (*lookup).relation}, "sequence": {find: (*lookup).relation}, "view": {find: (*lookup).relation},
	"materialized view": {find: (*lookup).relation}, "table column": {find: (*lookup).column}, "default value": {find: (*lookup).defaultValue},
	"rule": {find: (*lookup).ofRelation}, "trigger": {find: (*lookup).ofRelation}, "policy": {find: (*lookup).ofRelation}, "table constraint": {find: (*lookup).ofRelation},
	"type": {find: (*lookup).typ, exactly: 1}, "domain constraint": {find: (*lookup).domainConstraint, exactly: 1, exactArgs: 1},
	"function": {find: (*lookup).function, types: true}, "procedure": {find: (*lookup).function, types: true},
	"aggregate": {find: (*lookup).function, types: true}, "operator": {find: (*lookup).operator, types: true, exactArgs: 2},
	"cast": {find: (*lookup).cast, exactly: 1, exactArgs: 1, types: true}, "operator class": {find: (*lookup).operatorClass, least: 2},
	"schema": {find: (*lookup).schema, exactly: 1}, "role": {find: (*lookup).role, exactly: 1}, "database": {find: (*lookup).databaseNamed, exactly: 1},
	"extension": {find: (*lookup).extension, exactly: 1}, "language": {find: (*lookup).dumped, exactly: 1}, "tablespace": {find: (*lookup).dumped, exactly: 1},
	"access method": {find: (*lookup).dumped, exactly: 1}, "collation": {find: (*lookup).dumped}, "conversion": {find: (*lookup).dumped},
	"text search parser": {find: (*lookup).dumped}, "text search dictionary": {find: (*lookup).dumped}, "text search template": {find: (*lookup).dumped},
	"text search configuration": {find: (*lookup).dumped}, "statistics object": {find: (*lookup).statistics},
}

// notAddressed are kinds that PostgreSQL knows by name, but that have no address of their
// own, and missingKinds those whose objects do not exist here.
var (
	notAddressed = []string{"toast table", "index column", "sequence column", "toast table column", "view column", "materialized view column", "composite type", "foreign table"}
	missingKinds = []string{"foreign table column", "foreign-data wrapper", "server", "user mapping", "default acl", "event trigger", "transform", "large object",
		"operator family", "operator of access method", "function of access method", "publication", "publication relation", "publication namespace", "subscription"}
)

func getObjectAddress(c *call) (objectAddress, error) {
	l := &lookup{call: c, kind: c.str(0)}
	k, known := addressKinds[l.kind]
	switch {
	case slices.Contains(missingKinds, l.kind):
		return objectAddress{}, pgerr.NotSupported("the address of a %s", l.kind)
	case slices.Contains(notAddressed, l.kind):
		return objectAddress{}, pgerr.New(pgerr.InvalidParameterValue, "unsupported object type \"%s\"", l.kind)
	case !known:
		return objectAddress{}, pgerr.New(pgerr.InvalidParameterValue, "unrecognized object type \"%s\"", l.kind)
	}
	var err error
	if l.names, err = wholeTexts(c.args[1]); err != nil {
		return objectAddress{}, err
	}
	wrong := func(what, how string, n int) error {
		return pgerr.New(pgerr.InvalidParameterValue, "%s list length must be %s %d", what, how, n)
	}
	n := len(l.names)
	if l.kind == "type" || l.kind == "cast" || l.kind == "domain constraint" {
		if n != 1 {
			return objectAddress{}, wrong("name", "exactly", 1)
		}
	} else if n == 0 {
		return objectAddress{}, wrong("name", "at least", 1)
	}
	if l.args, err = wholeTexts(c.args[2]); err != nil {
		return objectAddress{}, err
	}
	if k.types {
		for _, s := range l.args {
			t, err := readType(c.Context, s)
			if err != nil {
				return objectAddress{}, err
			}
			l.types = append(l.types, t)
		}
	}
	switch {
	case k.exactArgs > 0 && len(l.args) != k.exactArgs:
		return objectAddress{}, wrong("argument", "exactly", k.exactArgs)
	case n < k.least:
		return objectAddress{}, wrong("name", "at least", k.least)
	case k.exactly > 0 && n != k.exactly:
		return objectAddress{}, wrong("name", "exactly", k.exactly)
	}
	return k.find(l)
}

// wholeTexts are the elements of a text[], none of them NULL.
func wholeTexts(d types.Datum) ([]string, error) {
	arr := types.DecodeArray(textArray, d.Str())
	out := make([]string, len(arr.Vals))
	for i, v := range arr.Vals {
		if v.IsNull() {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "name or argument lists may not contain nulls")
		}
		out[i] = v.Str()
	}
	return out, nil
}

// rel finds the relation that names mean.
func (l *lookup) rel(names []string) (*catalog.Relation, error) {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = catalog.QuoteIdent(n)
	}
	return relationNamed(l.Context, strings.Join(quoted, "."))
}

func (l *lookup) relation() (objectAddress, error) {
	r, err := l.rel(l.names)
	if err != nil {
		return objectAddress{}, err
	}
	if relKinds[r.PgKind()] != l.kind {
		article := "a"
		if l.kind == "index" {
			article = "an"
		}
		return objectAddress{}, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not %s %s", r.Name, article, l.kind)
	}
	return objectAddress{class: classRel, oid: r.OID}, nil
}

// columnOf parts names into a relation and a column of it.
func (l *lookup) columnOf() (*catalog.Relation, string, int16, error) {
	n := len(l.names)
	if n < 2 {
		return nil, "", 0, pgerr.New(pgerr.SyntaxError, "column name must be qualified")
	}
	r, err := l.rel(l.names[:n-1])
	if err != nil {
		return nil, "", 0, err
	}
	name := l.names[n-1]
	attr := slices.IndexFunc(l.Attributes(r), func(a catalog.Column) bool { return a.Name == name && !a.Dropped })
	if attr < 0 {
		return nil, "", 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, strings.Join(l.names[:n-1], "."))
	}
	return r, name, int16(attr + 1), nil
}

func (l *lookup) column() (objectAddress, error) {
	r, _, attr, err := l.columnOf()
	if err != nil {
		return objectAddress{}, err
	}
	return objectAddress{classRel, r.OID, int64(attr)}, nil
}

func (l *lookup) defaultValue() (objectAddress, error) {
	r, name, attr, err := l.columnOf()
	if err != nil {
		return objectAddress{}, err
	}
	oid, ok := r.DefaultOID(attr)
	if !ok {
		return objectAddress{}, pgerr.New(pgerr.UndefinedColumn, "default value for column \"%s\" of relation \"%s\" does not exist", name, strings.Join(l.names[:len(l.names)-1], "."))
	}
	return objectAddress{class: classAttrdef, oid: oid}, nil
}

// ofRelation finds what has its name on a relation.
func (l *lookup) ofRelation() (objectAddress, error) {
	n := len(l.names)
	if n < 2 {
		return objectAddress{}, pgerr.New(pgerr.SyntaxError, "must specify relation and object name")
	}
	r, err := l.rel(l.names[:n-1])
	if err != nil {
		return objectAddress{}, err
	}
	name, on := l.names[n-1], "table"
	switch l.kind {
	case "trigger":
		if t := r.Trigger(name); t != nil {
			return objectAddress{class: catalog.ClassTrigger, oid: t.OID}, nil
		}
	case "policy":
		if p := r.Policy(name); p != nil {
			return objectAddress{class: catalog.ClassPolicy, oid: p.OID}, nil
		}
	case "table constraint":
		if c := r.Constraint(name); c != nil {
			return objectAddress{class: classConstraint, oid: c.OID}, nil
		}
	default:
		on = "relation"
		if x := r.Rule(name); x != nil {
			return objectAddress{class: classRewrite, oid: x.OID}, nil
		}
		if r.View != nil && name == "_RETURN" {
			return objectAddress{class: classRewrite, oid: r.OID}, nil
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" for %s \"%s\" does not exist", strings.TrimPrefix(l.kind, "table "), name, on, r.Name)
}

func (l *lookup) typ() (objectAddress, error) {
	t, err := readType(l.Context, l.names[0])
	if err != nil {
		return objectAddress{}, err
	}
	return objectAddress{class: classType, oid: t.OID}, nil
}

func (l *lookup) domainConstraint() (objectAddress, error) {
	t, err := readType(l.Context, l.names[0])
	if err != nil {
		return objectAddress{}, err
	}
	d := l.Domain(t.OID)
	if t.Class != types.Domain {
		return objectAddress{}, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a domain", l.names[0])
	}
	if d != nil {
		for _, c := range d.Constraints {
			if c.Name == l.args[0] {
				return objectAddress{class: classConstraint, oid: c.OID}, nil
			}
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for domain %s does not exist", l.args[0], FormatType(l.Context, t.OID, types.NoMod, false))
}

func (l *lookup) function() (objectAddress, error) {
	list, err := functionsNamed(l.Context, l.names)
	if err != nil && pgerr.CodeOf(err) != pgerr.InvalidSchemaName {
		return objectAddress{}, err
	}
	name := strings.Join(l.names, ".")
	for _, f := range list {
		if !sameArgs(f.Args, l.types) {
			continue
		}
		is := f.Kind == map[string]funcs.Kind{"aggregate": funcs.Aggregate, "procedure": funcs.Procedure}[l.kind]
		if l.kind == "function" {
			is = f.Kind == funcs.Scalar || f.Kind == funcs.Window
		}
		if !is {
			return objectAddress{}, pgerr.New(pgerr.WrongObjectType, "%s is not %s %s", name+l.signature(), map[bool]string{true: "an", false: "a"}[l.kind == "aggregate"], l.kind)
		}
		return objectAddress{class: classProc, oid: f.OID}, nil
	}
	sig := l.signature()
	if l.kind == "aggregate" && len(l.types) == 0 {
		sig = "(*)"
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedFunction, "%s %s%s does not exist", l.kind, name, sig)
}

// signature spells the argument types.
func (l *lookup) signature() string {
	var list []string
	for _, t := range l.types {
		list = append(list, FormatType(l.Context, t.OID, types.NoMod, false))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func (l *lookup) operator() (objectAddress, error) {
	name := l.names[len(l.names)-1]
	if len(l.names) == 1 || len(l.names) == 2 && l.names[0] == "pg_catalog" {
		if o := funcs.FindOperator(name, l.types[0].OID, l.types[1].OID); o != nil {
			return objectAddress{class: classOperator, oid: o.OID}, nil
		}
	}
	side := func(i int) string { return FormatType(l.Context, l.types[i].OID, types.NoMod, false) }
	return objectAddress{}, pgerr.New(pgerr.UndefinedFunction, "operator does not exist: %s %s %s", side(0), strings.Join(l.names, "."), side(1))
}

func (l *lookup) cast() (objectAddress, error) {
	from, err := readType(l.Context, l.names[0])
	if err != nil {
		return objectAddress{}, err
	}
	t := pgdata.Load("pg_cast")
	for _, r := range t.Rows {
		if OID(pgdata.Uint(r[t.Column("castsource")])) == from.OID && OID(pgdata.Uint(r[t.Column("casttarget")])) == l.types[0].OID {
			return objectAddress{class: classCast, oid: OID(pgdata.Uint(r[t.Column("oid")]))}, nil
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "cast from type %s to type %s does not exist", FormatType(l.Context, from.OID, types.NoMod, false),
		FormatType(l.Context, l.types[0].OID, types.NoMod, false))
}

func (l *lookup) operatorClass() (objectAddress, error) {
	am, ok := dumpedOID("pg_am", "amname", l.names[0])
	if !ok {
		return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "access method \"%s\" does not exist", l.names[0])
	}
	rest := l.names[1:]
	t := pgdata.Load("pg_opclass")
	if len(rest) == 1 || rest[0] == "pg_catalog" {
		for _, r := range t.Rows {
			if r[t.Column("opcname")] == rest[len(rest)-1] && OID(pgdata.Uint(r[t.Column("opcmethod")])) == am {
				return objectAddress{class: classOpclass, oid: OID(pgdata.Uint(r[t.Column("oid")]))}, nil
			}
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "operator class \"%s\" does not exist for access method \"%s\"", strings.Join(rest, "."), l.names[0])
}

func (l *lookup) schema() (objectAddress, error) {
	s, err := schemaNamed(l.Context, l.names[0])
	if err != nil {
		return objectAddress{}, err
	}
	return objectAddress{class: classNamespace, oid: s.OID}, nil
}

func (l *lookup) role() (objectAddress, error) {
	for _, r := range l.Roles() {
		if r.Name == l.names[0] {
			return objectAddress{class: classRole, oid: r.OID}, nil
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", l.names[0])
}

func (l *lookup) databaseNamed() (objectAddress, error) {
	for _, d := range l.Databases() {
		if d.Name == l.names[0] {
			return objectAddress{class: classDatabase, oid: d.OID}, nil
		}
	}
	return objectAddress{}, pgerr.New(pgerr.InvalidCatalogName, "database \"%s\" does not exist", l.names[0])
}

func (l *lookup) extension() (objectAddress, error) {
	if oid := catalog.ExtensionNamed(l.names[0]); oid != 0 {
		return objectAddress{class: classExtension, oid: oid}, nil
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "extension \"%s\" does not exist", l.names[0])
}

func (l *lookup) statistics() (objectAddress, error) {
	for _, s := range l.namedIn() {
		if x, _ := l.ExtStatsNamed(s, l.names[len(l.names)-1]); x != nil {
			return objectAddress{class: catalog.ClassStatistics, oid: x.OID}, nil
		}
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "statistics object \"%s\" does not exist", strings.Join(l.names, "."))
}

// namedIn are the schemas that an object of these names may be in.
func (l *lookup) namedIn() []OID {
	if len(l.names) == 1 {
		return l.Path
	}
	if s := findSchema(l.Context, l.names[len(l.names)-2]); s != nil {
		return []OID{s.OID}
	}
	return nil
}

// dumped finds what is PostgreSQL's own.
func (l *lookup) dumped() (objectAddress, error) {
	for class, d := range dumpedClasses {
		if d.kind != l.kind {
			continue
		}
		if slices.Contains(l.namedIn(), catalog.PgCatalogOID) || !d.schema {
			if oid, ok := dumpedOID(d.table, d.column, l.names[len(l.names)-1]); ok {
				return objectAddress{class: class, oid: oid}, nil
			}
		}
	}
	name := strings.Join(l.names, ".")
	if l.kind == "collation" {
		return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", name)
	}
	return objectAddress{}, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" does not exist", l.kind, name)
}

// dumpedOID finds an object among the rows that PostgreSQL has of a catalogue.
func dumpedOID(table, column, name string) (OID, bool) {
	t := pgdata.Load(table)
	id, at := t.Column("oid"), t.Column(column)
	for _, r := range t.Rows {
		if r[at] == name {
			return OID(pgdata.Uint(r[id])), true
		}
	}
	return 0, false
}

// addressOf gives an object that is there as the arguments of pg_get_object_address.
func addressOf(c *call, class, oid OID, sub int64) (names, args []string) {
	in := func(r *catalog.Relation, more ...string) []string {
		return append([]string{schemaBare(c.Context, r.Schema), r.Name}, more...)
	}
	full := func(oid OID) string {
		return unpathed(c, func(c *catalog.Context) string { return FormatType(c, oid, types.NoMod, false) })
	}
	args = []string{}
	switch class {
	case classRel:
		r := c.RelationByOID(oid)
		if sub > 0 {
			return in(r, c.Attributes(r)[sub-1].Name), args
		}
		return in(r), args
	case classType:
		return []string{full(oid)}, args
	case classProc:
		f := c.FuncByOID(oid)
		for _, t := range f.Args {
			args = append(args, full(t.OID))
		}
		return []string{schemaBare(c.Context, f.Schema), f.Name}, args
	case classConstraint:
		con, r := c.ConstraintByOID(oid)
		if r != nil {
			return in(r, con.Name), args
		}
		return []string{full(c.domainOf(oid).OID)}, []string{con.Name}
	case catalog.ClassTrigger:
		t, r := c.TriggerByOID(oid)
		return in(r, t.Name), args
	case catalog.ClassPolicy:
		x, r := c.PolicyByOID(oid)
		return in(r, x.Name), args
	case catalog.ClassStatistics:
		x, _ := c.ExtStatsByOID(oid)
		return []string{schemaBare(c.Context, x.Schema), x.Name}, args
	case classAttrdef:
		r, col, _ := defaultOf(c, oid)
		return in(r, col), args
	case classRewrite:
		if x, r := c.RuleByOID(oid); x != nil {
			return in(r, x.Name), args
		}
		return in(c.RelationByOID(oid), "_RETURN"), args
	case classOperator:
		o := funcs.OperatorByOID(oid)
		for _, t := range []*types.Type{o.Left, o.Right} {
			if t != nil {
				args = append(args, full(t.OID))
			}
		}
		return []string{"pg_catalog", o.Name}, args
	case classCast:
		from, to, _ := castTypes(oid)
		return []string{full(from)}, []string{full(to)}
	case classOpclass:
		x := catalog.OpClassByOID(oid)
		return []string{catalog.AccessMethodName(x.Method), "pg_catalog", x.Name}, args
	}
	id, _ := identify(c, class, oid, sub)
	if id.schema != "" {
		names = []string{unquoted(id.schema)}
	}
	return append(names, unquoted(id.name)), args
}

// schemaBare is a schema's name as it is.
func schemaBare(c *catalog.Context, oid OID) string { return unquoted(schemaName(c, oid)) }

func init() {
	addTables(map[string]table{
		"pg_get_object_address": func(c *call) ([][]types.Datum, error) {
			a, err := getObjectAddress(c)
			if err != nil {
				return nil, err
			}
			return [][]types.Datum{{integer(a.class), integer(a.oid), integer(a.sub)}}, nil
		},
		"pg_identify_object_as_address": func(c *call) ([][]types.Datum, error) {
			id, ok := identify(c, c.oid(0), c.oid(1), c.num(2))
			if !ok {
				return [][]types.Datum{{textOrNull(missingKind(c.oid(0))), types.Null, types.Null}}, nil
			}
			names, args := addressOf(c, c.oid(0), c.oid(1), c.num(2))
			return [][]types.Datum{{text(id.kind), texts(textArray, names), texts(textArray, args)}}, nil
		},
	})
}
