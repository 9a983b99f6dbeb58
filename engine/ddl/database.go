package ddl

import (
	"maps"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// A database is made empty and dropped with all that is in it: it is copied from a
// template only as long as that is empty, too.

func (r *run) databaseNamed(name string) (*catalog.Database, error) {
	if d := r.e.DatabaseNamed(name); d != nil {
		return d, nil
	}
	return nil, pgerr.New(pgerr.UndefinedDatabase, "database \"%s\" does not exist", name)
}

func (r *run) mustOwnDatabase(d *catalog.Database) error {
	if r.owns(d.Owner) {
		return nil
	}
	return notOwner("database", d.Name)
}

// alone refuses a statement in a transaction block.
func (r *run) alone(what string) error {
	if r.s.InBlock() {
		return pgerr.New(pgerr.ActiveSQLTransaction, "%s cannot run inside a transaction block", what)
	}
	return nil
}

func (r *run) mayCreateDatabases() bool {
	me := r.e.RoleByOID(r.s.Role())
	return r.s.Super() || me != nil && me.CreateDB
}

// databaseOptions are the options of CREATE and ALTER DATABASE, each once; known
// holds the names.
func databaseOptions(list []ast.Option, known string) (map[string]*ast.Option, error) {
	by, err := roleOptions(list)
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if !strings.Contains(" "+known+" ", " "+o.Name+" ") {
			return nil, pgerr.New(pgerr.SyntaxError, "option \"%s\" not recognized", o.Name).At(o.Pos)
		}
	}
	return by, nil
}

const (
	alterOptions  = "is_template allow_connections connection_limit tablespace"
	createOptions = alterOptions + " owner template encoding locale lc_collate lc_ctype icu_locale locale_provider collation_version oid strategy location"
)

// createDatabase runs CREATE DATABASE.
func (r *run) createDatabase(st *ast.CreateDatabase) error {
	if err := r.alone("CREATE DATABASE"); err != nil {
		return err
	}
	by, err := databaseOptions(st.Options, createOptions)
	if err != nil {
		return err
	}
	d := &catalog.Database{Name: st.Name, Owner: r.s.Role(), ConnLimit: -1}
	if err := r.databaseSwitches(d, by); err != nil {
		return err
	}
	if err := r.databaseLocale(by); err != nil {
		return err
	}
	if o := given(by, "owner"); o != nil {
		role, err := r.roleNamed(optionText(*o))
		if err != nil {
			return err
		}
		if d.Owner = role.OID; !r.s.Super() {
			if err := r.checkMember(role); err != nil {
				return err
			}
		}
	}
	if !r.mayCreateDatabases() {
		return forbidden("permission denied to create database")
	}
	if err := r.checkTemplate(by); err != nil {
		return err
	}
	if err := r.freeDatabaseName(st.Name); err != nil {
		return err
	}
	r.e.CreateDatabase(d)
	return nil
}

func (r *run) freeDatabaseName(name string) error {
	if err := r.lockName(0, "database "+name); err != nil {
		return err
	}
	if r.e.DatabaseNamed(name) != nil {
		return pgerr.New(pgerr.DuplicateDatabase, "database \"%s\" already exists", name)
	}
	return nil
}

// given is an option that has a value other than DEFAULT.
func given(by map[string]*ast.Option, name string) *ast.Option {
	if o := by[name]; o != nil && o.Value != nil {
		return o
	}
	return nil
}

// databaseSwitches reads the options that ALTER DATABASE has, too.
func (r *run) databaseSwitches(d *catalog.Database, by map[string]*ast.Option) error {
	var err error
	truth := func(name string, put func(bool)) {
		o := given(by, name)
		if o == nil || err != nil {
			return
		}
		switch v := strings.ToLower(optionText(*o)); v {
		case "true", "on", "1":
			put(true)
		case "false", "off", "0":
			put(false)
		default:
			err = pgerr.New(pgerr.SyntaxError, "%s requires a Boolean value", name)
		}
	}
	truth("is_template", func(on bool) { d.Template = on })
	truth("allow_connections", func(on bool) { d.Closed = !on })
	if o := given(by, "connection_limit"); o != nil && err == nil {
		n, parse := strconv.Atoi(optionText(*o))
		if parse != nil {
			return pgerr.New(pgerr.SyntaxError, "connection_limit requires an integer value")
		}
		if d.ConnLimit = n; n < -1 {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid connection limit: %d", n)
		}
	}
	if o := given(by, "tablespace"); o != nil && err == nil && optionText(*o) != "pg_default" {
		if optionText(*o) == "pg_global" {
			return pgerr.New(pgerr.InvalidParameterValue, "pg_global cannot be used as default tablespace")
		}
		return pgerr.New(pgerr.UndefinedObject, "tablespace \"%s\" does not exist", optionText(*o))
	}
	return err
}

// databaseLocale checks the encoding and the locale: there is one of each, which
// others are told of.
func (r *run) databaseLocale(by map[string]*ast.Option) error {
	if o := given(by, "encoding"); o != nil {
		switch e := strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(optionText(*o))); e {
		case "UTF8", "UNICODE", "6":
		default:
			return pgerr.NotSupported("encoding %s of a database", optionText(*o)).WithHint("Databases are in UTF8.")
		}
	}
	for _, name := range []string{"locale", "lc_collate", "lc_ctype"} {
		o := given(by, name)
		if o == nil {
			continue
		}
		switch strings.ToLower(optionText(*o)) {
		case "c", "posix", "c.utf8", "c.utf-8", "":
		default:
			r.s.Notice(pgerr.Warning(pgerr.WarningCode, "locale \"%s\" is not used: the collation of all databases is C.UTF-8", optionText(*o)))
		}
	}
	if o := given(by, "locale_provider"); o != nil && !strings.EqualFold(optionText(*o), "libc") {
		return pgerr.NotSupported("locale provider %s", optionText(*o))
	}
	for _, name := range []string{"icu_locale", "oid"} {
		if by[name] != nil {
			return pgerr.NotSupported("option \"%s\" of CREATE DATABASE", name)
		}
	}
	return nil
}

// checkTemplate checks the database to be copied, which has to be empty.
func (r *run) checkTemplate(by map[string]*ast.Option) error {
	name := "template1"
	if o := given(by, "template"); o != nil {
		name = optionText(*o)
	}
	t := r.e.DatabaseNamed(name)
	switch {
	case t == nil:
		return pgerr.New(pgerr.UndefinedDatabase, "template database \"%s\" does not exist", name)
	case !t.Template && !r.owns(t.Owner):
		return forbidden("permission denied to copy database \"" + name + "\"")
	}
	in := r.e.In(t.OID)
	for _, s := range in.Schemas() {
		if s.OID >= types.FirstUserOID && s.Name != "public" && !s.Temp {
			return copyingFilled(name)
		}
	}
	if len(in.Relations())+len(in.Types())+len(in.Functions()) > 0 {
		return copyingFilled(name)
	}
	return nil
}

func copyingFilled(name string) error {
	return pgerr.NotSupported("copying database \"%s\", which is not empty,", name).WithHint("Use template0 as template.")
}

// alterDatabase runs ALTER DATABASE with options or SET.
func (r *run) alterDatabase(st *ast.AlterDatabase) error {
	by, err := databaseOptions(st.Options, alterOptions)
	if err != nil {
		return err
	}
	d, err := r.databaseNamed(st.Name)
	if err != nil {
		return err
	}
	if err := r.mustOwnDatabase(d); err != nil {
		return err
	}
	n := *d
	if st.Set != nil {
		if n.Config, err = r.changedConfig(d.Config, st.Set); err != nil {
			return err
		}
	} else if err := r.databaseSwitches(&n, by); err != nil {
		return err
	}
	if n.Closed && n.OID == r.e.Database() {
		return pgerr.New(pgerr.InvalidParameterValue, "cannot disallow connections for current database")
	}
	r.e.PutDatabase(&n)
	return nil
}

// changedConfig is what ALTER ROLE and ALTER DATABASE … SET make of the settings
// that are kept.
func (r *run) changedConfig(config map[string]string, set *ast.SetVar) (map[string]string, error) {
	out := maps.Clone(config)
	if out == nil {
		out = map[string]string{}
	}
	switch {
	case set.All:
		return nil, nil
	case set.Reset, set.Default:
		delete(out, set.Name)
	default:
		value := settingText(set.Values)
		if err := r.s.CheckSetting(set.Name, value); err != nil {
			return nil, err
		}
		out[set.Name] = value
	}
	return out, nil
}

// renameDatabase runs ALTER DATABASE … RENAME TO.
func (r *run) renameDatabase(st *ast.Rename) error {
	d, err := r.databaseNamed(st.Name.Object)
	if err != nil {
		return err
	}
	if err := r.mustOwnDatabase(d); err != nil {
		return err
	}
	if !r.mayCreateDatabases() {
		return forbidden("permission denied to rename database")
	}
	if err := r.freeDatabaseName(st.NewName); err != nil {
		return err
	}
	if d.OID == r.e.Database() {
		return pgerr.New(pgerr.FeatureNotSupported, "current database cannot be renamed")
	}
	if d.Initial() {
		return pgerr.NotSupported("renaming database \"%s\", which every server has,", d.Name)
	}
	if err := r.unused(d, false); err != nil {
		return err
	}
	n := *d
	n.Name = st.NewName
	r.e.PutDatabase(&n)
	return nil
}

// databaseOwner runs ALTER DATABASE … OWNER TO.
func (r *run) databaseOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	d, err := r.databaseNamed(st.Name.Object)
	if err != nil || d.Owner == role.OID {
		return err
	}
	if err := r.mustOwnDatabase(d); err != nil {
		return err
	}
	if !r.s.Super() {
		if err := r.checkMember(role); err != nil {
			return err
		}
		if !r.mayCreateDatabases() {
			return forbidden("permission denied to change owner of database")
		}
	}
	n := *d
	n.Owner = role.OID
	n.ACL = newOwner(d.ACL, d.Owner, role.OID)
	r.e.PutDatabase(&n)
	return nil
}

// unused refuses to touch a database that other sessions are connected to.
func (r *run) unused(d *catalog.Database, end bool) error {
	n, err := r.s.DatabaseUsers(r.ctx, d.OID, end)
	if err != nil || n == 0 {
		return err
	}
	e := pgerr.New(pgerr.ObjectInUse, "database \"%s\" is being accessed by other users", d.Name)
	if n == 1 {
		return e.WithDetail("There is 1 other session using the database.")
	}
	return e.WithDetail("There are %d other sessions using the database.", n)
}

// dropDatabase runs DROP DATABASE.
func (r *run) dropDatabase(st *ast.Drop) error {
	if err := r.alone("DROP DATABASE"); err != nil {
		return err
	}
	name := st.Names[0].Object
	d, err := r.databaseNamed(name)
	if err != nil {
		if st.IfExists {
			r.notice(pgerr.SuccessfulCompletion, "database \"%s\" does not exist, skipping", name)
			return nil
		}
		return err
	}
	if err := r.mustOwnDatabase(d); err != nil {
		return err
	}
	switch {
	case d.Template:
		return pgerr.New(pgerr.WrongObjectType, "cannot drop a template database")
	case d.OID == r.e.Database():
		return pgerr.New(pgerr.ObjectInUse, "cannot drop the currently open database")
	case d.Initial():
		return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop database %s because it is required by the database system", name)
	}
	if err := r.unused(d, st.Force); err != nil {
		return err
	}
	if err := r.dropContents(d); err != nil {
		return err
	}
	r.e.PutComment(catalog.CommentKey{Object: d.OID, Class: catalog.ClassDatabase}, nil)
	r.e.DropDatabase(d.OID)
	return nil
}

// dropContents drops the schemas of a database with all that is in them.
func (r *run) dropContents(d *catalog.Database) error {
	own := r.e.Database()
	r.e.Enter(d.OID)
	defer r.e.Enter(own)
	var list []Object
	for _, s := range r.e.Schemas() {
		if s.DB == d.OID {
			list = append(list, Object{Class: catalog.ClassSchema, OID: s.OID})
		}
	}
	for _, p := range r.e.AllDefaultPrivs() {
		r.e.DropDefaultPrivs(p.OID)
	}
	quiet := *r
	quiet.s = silent{r.s}
	return quiet.dropObjects(list, true, "DROP DATABASE")
}

// silent is a session that is told nothing.
type silent struct{ Session }

func (silent) Notice(*pgerr.Error) {}
