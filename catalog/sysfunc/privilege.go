package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// wanted is a privilege that is asked for.
type wanted struct {
	letters string
	grant   bool
}

// readPrivileges reads "SELECT, UPDATE WITH GRANT OPTION", of which any will do.
// known are the letters that the kind of object has.
func readPrivileges(s, known string) ([]wanted, error) {
	var out []wanted
	for _, p := range strings.Split(s, ",") {
		p = strings.Trim(p, blanks)
		name, grant := p, false
		if n, ok := cutSuffixFold(p, " WITH GRANT OPTION"); ok {
			name, grant = n, true
		}
		l := catalog.PrivLetter(name)
		if strings.EqualFold(name, "RULE") && strings.Contains(known, "t") { // a privilege of old
			continue
		}
		if l == 0 || strings.IndexByte(known, l) < 0 {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "unrecognized privilege type: \"%s\"", p)
		}
		out = append(out, wanted{string(l), grant})
	}
	return out, nil
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}

// target is an object that privileges are on: allowed answers for one of them.
type target func(role OID, w wanted) bool

// inquiry is a family of has_…_privilege functions.
type inquiry struct {
	known string
	// byName and byOID find the object; a nil target is one that is not there.
	byName func(c *call, name string) (target, error)
	byOID  func(c *call, oid OID) (target, error)
	// first: the privileges are read before the object is looked for.
	first bool
}

// register adds the six forms of a family: the role by name, by OID or the
// current one; the object by name or by OID.
func (q inquiry) register(prefix string) {
	fs := map[string]scalar{}
	for user, roleOf := range roleForms {
		n := 1
		if user == "" {
			n = 0
		}
		sep := user
		if user != "" {
			sep += "_"
		}
		fs[prefix+"_"+sep+"name"] = q.ask(roleOf, n, false)
		fs[prefix+"_"+sep+"id"] = q.ask(roleOf, n, true)
	}
	add(fs)
}

// roleForms are the ways the first argument names a role; "" is that there is
// none. A name may be public.
var roleForms = map[string]func(c *call) (OID, error){
	"":     func(c *call) (OID, error) { return c.Role, nil },
	"id":   func(c *call) (OID, error) { return c.oid(0), nil },
	"name": func(c *call) (OID, error) { return roleOrPublic(c.Context, c.str(0)) },
}

func roleOrPublic(c *catalog.Context, n string) (OID, error) {
	if n == "public" {
		return 0, nil
	}
	return roleNamed(c, n)
}

// ask makes one form; the object is argument n and the privileges are the last.
func (q inquiry) ask(roleOf func(c *call) (OID, error), n int, byOID bool) scalar {
	return func(c *call) (types.Datum, error) {
		role, err := roleOf(c)
		if err != nil {
			return types.Null, err
		}
		ws, badPrivilege := readPrivileges(c.str(len(c.args)-1), q.known)
		if q.first && badPrivilege != nil {
			return types.Null, badPrivilege
		}
		var t target
		if byOID {
			t, err = q.byOID(c, c.oid(n))
		} else {
			t, err = q.byName(c, c.str(n))
		}
		switch {
		case err != nil:
			return types.Null, err
		case badPrivilege != nil || t == nil:
			return types.Null, badPrivilege
		}
		return boolean(any(t, role, ws)), nil
	}
}

func any(t target, role OID, ws []wanted) bool {
	for _, w := range ws {
		if t(role, w) {
			return true
		}
	}
	return false
}

func relationTarget(c *call, r *catalog.Relation) target {
	if r == nil {
		return nil
	}
	return func(role OID, w wanted) bool { return c.RelationAllowed(role, r, w.letters, w.grant) }
}

// anyColumnTarget is satisfied by the privilege on the table or on any column.
func anyColumnTarget(c *call, r *catalog.Relation) target {
	if r == nil {
		return nil
	}
	return func(role OID, w wanted) bool {
		if c.RelationAllowed(role, r, w.letters, w.grant) {
			return true
		}
		for i := range r.Columns {
			if !r.Columns[i].Dropped && c.ColumnAllowed(role, r, int16(i+1), w.letters, w.grant) {
				return true
			}
		}
		return false
	}
}

// fixed is an object of the system: owned by the superuser, with the default
// privileges of its kind.
func fixed(c *call, kind catalog.ObjectKind) target {
	return func(role OID, w wanted) bool {
		return c.Allowed(role, kind, catalog.BootstrapRole, nil, w.letters, w.grant)
	}
}

// dumpedObject finds a system object in a dump, by name or OID.
func dumpedObject(kind catalog.ObjectKind, table, column, what string) inquiry {
	find := func(in, s string) bool {
		t := pgdata.Load(table)
		for _, r := range t.Rows {
			if r[t.Column(in)] == s {
				return true
			}
		}
		return false
	}
	return inquiry{
		known: catalog.PrivsOf(kind),
		byName: func(c *call, n string) (target, error) {
			if !find(column, n) {
				return nil, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" does not exist", what, n)
			}
			return fixed(c, kind), nil
		},
		byOID: func(c *call, oid OID) (target, error) {
			if !find("oid", oidText(oid)) {
				return nil, nil
			}
			return fixed(c, kind), nil
		},
	}
}

// nothing is a kind of object of which there are none.
func nothing(kind catalog.ObjectKind, what string) inquiry {
	return inquiry{
		known: catalog.PrivsOf(kind),
		byName: func(_ *call, n string) (target, error) {
			return nil, pgerr.New(pgerr.UndefinedObject, "%s \"%s\" does not exist", what, n)
		},
		byOID: func(*call, OID) (target, error) { return nil, nil },
	}
}

func init() {
	relations := func(of func(*call, *catalog.Relation) target, known string) inquiry {
		return inquiry{
			known: known,
			byName: func(c *call, n string) (target, error) {
				r, err := relationNamed(c.Context, n)
				return of(c, r), err
			},
			byOID: func(c *call, oid OID) (target, error) { return of(c, c.RelationByOID(oid)), nil },
		}
	}
	relations(relationTarget, "arwdDxt").register("has_table_privilege")
	relations(anyColumnTarget, "arwx").register("has_any_column_privilege")
	sequences().register("has_sequence_privilege")
	databases().register("has_database_privilege")
	schemas().register("has_schema_privilege")
	functions().register("has_function_privilege")
	typesInquiry().register("has_type_privilege")
	dumpedObject(catalog.OnLanguage, "pg_language", "lanname", "language").register("has_language_privilege")
	dumpedObject(catalog.OnTablespace, "pg_tablespace", "spcname", "tablespace").register("has_tablespace_privilege")
	nothing(catalog.OnWrapper, "foreign-data wrapper").register("has_foreign_data_wrapper_privilege")
	nothing(catalog.OnServer, "server").register("has_server_privilege")
	parameters().register("has_parameter_privilege")
	for _, form := range []string{"id", "name_id", "id_id"} { // a parameter has no OID
		delete(scalars, "has_parameter_privilege_"+form)
	}
}

func sequences() inquiry {
	check := func(c *call, r *catalog.Relation) (target, error) {
		if r != nil && r.Kind != catalog.Sequence {
			return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a sequence", r.Name)
		}
		return relationTarget(c, r), nil
	}
	return inquiry{
		known: "rwU", first: true,
		byName: func(c *call, n string) (target, error) {
			r, err := relationNamed(c.Context, n)
			if err != nil {
				return nil, err
			}
			return check(c, r)
		},
		byOID: func(c *call, oid OID) (target, error) { return check(c, c.RelationByOID(oid)) },
	}
}

func databases() inquiry {
	of := func(c *call, d *catalog.Database) target {
		return func(role OID, w wanted) bool {
			return c.Allowed(role, catalog.OnDatabase, d.Owner, d.ACL, w.letters, w.grant)
		}
	}
	return inquiry{
		known: "CTc",
		byName: func(c *call, n string) (target, error) {
			d := c.DatabaseNamed(n)
			if d == nil {
				return nil, pgerr.New(pgerr.InvalidCatalogName, "database \"%s\" does not exist", n)
			}
			return of(c, d), nil
		},
		byOID: func(c *call, oid OID) (target, error) {
			d := c.DatabaseByOID(oid)
			if d == nil {
				return nil, nil
			}
			return of(c, d), nil
		},
	}
}

func schemas() inquiry {
	of := func(c *call, n *catalog.Schema) target {
		if n == nil {
			return nil
		}
		return func(role OID, w wanted) bool { return c.SchemaAllowed(role, n, w.letters, w.grant) }
	}
	return inquiry{
		known: "UC",
		byName: func(c *call, n string) (target, error) {
			sc, err := schemaNamed(c.Context, n)
			return of(c, sc), err
		},
		byOID: func(c *call, oid OID) (target, error) { return of(c, c.SchemaByOID(oid)), nil },
	}
}

func functions() inquiry {
	of := func(c *call, oid OID) target {
		if f := c.FunctionByOID(oid); f != nil {
			return func(role OID, w wanted) bool {
				return c.Allowed(role, catalog.OnFunction, f.Owner, f.ACL, w.letters, w.grant)
			}
		}
		row := dumpedProcs()[oid]
		if row == nil {
			if c.FuncByOID(oid) == nil {
				return nil
			}
			return fixed(c, catalog.OnFunction)
		}
		acl := row[procColumns()["proacl"]]
		return func(role OID, w wanted) bool {
			return c.Allowed(role, catalog.OnFunction, catalog.BootstrapRole, readACL(c, acl), w.letters, w.grant)
		}
	}
	return inquiry{
		known: "X",
		byName: func(c *call, n string) (target, error) {
			oid, err := regprocedure(c.Context, n)
			if err != nil {
				return nil, err
			}
			return of(c, oid), nil
		},
		byOID: func(c *call, oid OID) (target, error) { return of(c, oid), nil },
	}
}

func typesInquiry() inquiry {
	of := func(c *call, t *types.Type) target {
		if t == nil {
			return nil
		}
		return func(role OID, w wanted) bool {
			return c.Allowed(role, catalog.OnType, t.Owner, c.TypeACL(t.OID), w.letters, w.grant)
		}
	}
	return inquiry{
		known: "U",
		byName: func(c *call, n string) (target, error) {
			t, err := readType(c.Context, n)
			return of(c, t), err
		},
		byOID: func(c *call, oid OID) (target, error) { return of(c, c.TypeByOID(oid)), nil },
	}
}

// parameters are free to set for the superuser only, but by name there is no
// wrong one.
func parameters() inquiry {
	return inquiry{
		known:  "sA",
		byName: func(c *call, _ string) (target, error) { return fixed(c, catalog.OnParameter), nil },
		byOID:  func(*call, OID) (target, error) { return nil, nil },
	}
}
