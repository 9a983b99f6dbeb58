package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// newDomain is a domain while it is made.
type newDomain struct {
	*run
	typ                 *types.Type
	def                 *catalog.DomainDef
	sawNull, sawDefault bool
}

// createDomain runs CREATE DOMAIN (DefineDomain).
func (r *run) createDomain(st *ast.CreateDomain) error {
	s, err := r.typeSchema(st.Name)
	if err != nil {
		return err
	}
	base, mod, err := planner.ResolveType(r.planner(), &st.Type)
	if err != nil {
		return err
	}
	if base.Class == types.Pseudo {
		return pgerr.New(pgerr.DatatypeMismatch, "\"%s\" is not a valid base type for a domain", base.SQLName(types.NoMod)).At(st.Type.Pos)
	}
	if err := r.usableType(base); err != nil {
		return err
	}
	t := *base
	t.OID, t.Name, t.Schema, t.Class, t.Base, t.BaseMod, t.Owner = r.e.NewOID(), st.Name.Object, s.OID, types.Domain, base, mod, r.s.Role()
	if st.Collation != nil {
		if _, err := collationOf(*st.Collation, base); err != nil {
			return pgerr.AtPos(err, st.Collation.Pos)
		}
	}
	d := &newDomain{run: r, typ: newType(&t), def: &catalog.DomainDef{OID: t.OID}}
	for i := range st.Constraints {
		if err := d.constraint(&st.Constraints[i]); err != nil {
			return err
		}
	}
	r.putType(d.typ)
	r.initialTypeACL(d.typ)
	for i := range st.Constraints {
		if c := &st.Constraints[i]; c.Kind == ast.ConCheck {
			if _, err := r.addDomainCheck(d.typ, d.def, c, true); err != nil {
				return err
			}
		}
	}
	r.e.PutDomain(d.def)
	return nil
}

// newType is a type without what belongs to the one it was copied from.
func newType(t *types.Type) *types.Type {
	return &types.Type{
		OID: t.OID, Name: t.Name, Schema: t.Schema, Kind: t.Kind, Class: t.Class, Category: t.Category, Len: t.Len, ByVal: t.ByVal, Align: t.Align,
		Storage: t.Storage, Delim: ',', Collation: t.Collation, Base: t.Base, BaseMod: t.BaseMod, Owner: t.Owner,
	}
}

func (d *newDomain) constraint(c *ast.Constraint) error {
	fail := func(text string) error { return pgerr.New(pgerr.SyntaxError, "%s", text) }
	switch c.Kind {
	case ast.ConDefault:
		if d.sawDefault {
			return fail("multiple default expressions")
		}
		d.sawDefault = true
		return d.setDefault(d.typ, d.def, c.Expr)
	case ast.ConNotNull, ast.ConNull:
		not := c.Kind == ast.ConNotNull
		if d.sawNull && d.typ.NotNull != not {
			return fail("conflicting NULL/NOT NULL constraints")
		}
		d.typ.NotNull, d.sawNull = not, true
	case ast.ConCheck:
		if c.NoInherit {
			return pgerr.New(pgerr.InvalidObjectDefinition, "check constraints for domains cannot be marked NO INHERIT")
		}
	case ast.ConUnique:
		return fail("unique constraints not possible for domains")
	case ast.ConPrimary:
		return fail("primary key constraints not possible for domains")
	case ast.ConExclude:
		return fail("exclusion constraints not possible for domains")
	case ast.ConForeign:
		return fail("foreign key constraints not possible for domains")
	default:
		return pgerr.New(pgerr.FeatureNotSupported, "specifying GENERATED not supported for domains")
	}
	return nil
}

// setDefault binds a domain's default; a plain NULL is none.
func (r *run) setDefault(t *types.Type, def *catalog.DomainDef, e ast.Expr) error {
	def.Default, def.Deps = "", nil
	if e == nil {
		return nil
	}
	x, _, deps, err := planner.BindDefault(r.planner(), e, domainColumn(t), false, nil)
	if err != nil {
		return unplaced(err)
	}
	if k, ok := x.(*plan.Const); ok && k.Val.IsNull() {
		return nil
	}
	shown, meta, err := planner.ShownDefault(r.planner(), e, domainColumn(t), false, nil)
	if err != nil {
		return err
	}
	def.Default, def.Deps = r.stored(shown, meta), exprDeps(deps)
	return nil
}

// addDomainCheck binds a CHECK of a domain and adds it to its definition.
func (r *run) addDomainCheck(t *types.Type, def *catalog.DomainDef, c *ast.Constraint, valid bool) (*catalog.Constraint, error) {
	name := c.Name
	if name == "" {
		var others []string
		for _, k := range def.Constraints {
			others = append(others, k.Name)
		}
		name = r.chooseConstraint(t.Name, "", "check", t.Schema, others)
	} else {
		for _, k := range def.Constraints {
			if k.Name == name {
				return nil, pgerr.New(pgerr.DuplicateObject, "constraint \"%s\" for domain \"%s\" already exists", name, t.Name)
			}
		}
	}
	x, deps, err := planner.BindDomainCheck(r.planner(), c.Expr, t.Base, t.BaseMod)
	if err != nil {
		return nil, err
	}
	con := &catalog.Constraint{
		OID: r.e.NewOID(), Name: name, Kind: catalog.Check, Expr: r.stored(x, &plan.Meta{}), Deps: exprDeps(deps), Valid: valid,
	}
	def.Constraints = append(def.Constraints, con)
	return con, nil
}

// alterDomain runs ALTER DOMAIN with an action.
func (r *run) alterDomain(st *ast.AlterDomain) error {
	t, err := r.ownType(st.Name, true)
	if err != nil {
		return err
	}
	a := &st.Action
	def := r.copyDomain(t.OID)
	switch a.Kind {
	case ast.AlterSetDefault, ast.AlterDropDefault:
		if err := r.setDefault(t, def, a.Using); err != nil {
			return unpositioned(err)
		}
		r.e.PutDomain(def)
	case ast.AlterSetNotNull, ast.AlterDropNotNull:
		not := a.Kind == ast.AlterSetNotNull
		if t.NotNull == not {
			return nil
		}
		if not {
			if err := r.domainNotNull(t); err != nil {
				return err
			}
		}
		r.changeType(t.OID, func(n *types.Type) { n.NotNull = not })
	case ast.AlterAddConstraint:
		return r.addToDomain(t, def, a.Constraint)
	case ast.AlterDropConstraint:
		return r.dropFromDomain(t, def, a)
	case ast.AlterValidateConstraint:
		return r.validateDomain(t, def, a.Name)
	default:
		return pgerr.NotSupported("ALTER DOMAIN %s", a.Text)
	}
	return nil
}

// copyDomain gives a copy of a domain's definition.
func (r *run) copyDomain(oid OID) *catalog.DomainDef {
	def := &catalog.DomainDef{OID: oid}
	if old := r.e.Domain(oid); old != nil {
		def.Default, def.Deps = old.Default, old.Deps
		for _, c := range old.Constraints {
			k := *c
			def.Constraints = append(def.Constraints, &k)
		}
	}
	return def
}

func (r *run) addToDomain(t *types.Type, def *catalog.DomainDef, c *ast.Constraint) error {
	if c.Kind != ast.ConCheck {
		return (&newDomain{run: r, typ: t, def: def}).constraint(c)
	}
	con, err := r.addDomainCheck(t, def, c, !c.NotValid)
	if err != nil {
		return unpositioned(err)
	}
	if !c.NotValid {
		if err := r.checkDomainRows(t, con); err != nil {
			return err
		}
	}
	r.e.PutDomain(def)
	r.refreshUsers(t.OID)
	return nil
}

func (r *run) dropFromDomain(t *types.Type, def *catalog.DomainDef, a *ast.AlterAction) error {
	for _, c := range def.Constraints {
		if c.Name == a.Name {
			return r.dropObjects([]Object{{Class: catalog.ClassConstraint, OID: c.OID}}, a.Cascade, "ALTER DOMAIN")
		}
	}
	if a.IfExists {
		r.notice(pgerr.SuccessfulCompletion, "constraint \"%s\" of domain \"%s\" does not exist, skipping", a.Name, t.Name)
		return nil
	}
	return pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" of domain \"%s\" does not exist", a.Name, t.Name)
}

func (r *run) validateDomain(t *types.Type, def *catalog.DomainDef, name string) error {
	for _, c := range def.Constraints {
		if c.Name != name {
			continue
		}
		if c.Valid {
			return nil
		}
		c.Valid = true
		r.e.PutDomain(def)
		return r.checkDomainRows(t, c)
	}
	return pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" of domain \"%s\" does not exist", name, t.Name)
}

// domainIn gives the domain over which t is an array or composite type, and for which
// over holds; nil when there is none.
func domainIn(t *types.Type, over func(*types.Type) bool) *types.Type {
	switch {
	case t == nil:
		return nil
	case over(t):
		return t
	case t.IsArray():
		return domainIn(t.Elem, over)
	case t.Class == types.Domain:
		return domainIn(t.Base, over)
	case t.Class == types.Composite:
		for _, f := range t.Fields {
			if d := domainIn(f.Type, over); !f.Dropped && d != nil {
				return d
			}
		}
	}
	return nil
}

// domainColumns calls fn for the stored columns of a domain's type, or of a domain
// over it. Columns whose values have parts of the domain cannot be looked through,
// as in PostgreSQL.
func (r *run) domainColumns(t *types.Type, fn func(rel *catalog.Relation, c *catalog.Column) error) error {
	over := func(x *types.Type) bool {
		for ; x != nil && x.Class == types.Domain; x = x.Base {
			if x.OID == t.OID {
				return true
			}
		}
		return false
	}
	var calls []func() error
	for _, rel := range r.e.Relations() {
		if !rel.Stored() {
			continue
		}
		for i := range rel.Columns {
			c := &rel.Columns[i]
			if c.Dropped {
				continue
			}
			d := domainIn(r.typeOf(c), over)
			switch {
			case d == nil:
			case !over(r.typeOf(c)):
				return pgerr.New(pgerr.FeatureNotSupported, "cannot alter type \"%s\" because column \"%s.%s\" uses it", d.Name, rel.Name, c.Name)
			default:
				calls = append(calls, func() error { return fn(rel, c) })
			}
		}
	}
	for _, call := range calls {
		if err := call(); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) domainNotNull(t *types.Type) error {
	return r.domainColumns(t, func(rel *catalog.Relation, c *catalog.Column) error {
		found, _, err := r.s.Any(r.ctx, "SELECT 1 FROM "+r.rowsOf(rel)+" WHERE "+catalog.QuoteIdent(c.Name)+" IS NULL LIMIT 1")
		if err != nil || !found {
			return err
		}
		return pgerr.New(pgerr.NotNullViolation, "column \"%s\" of table \"%s\" contains null values", c.Name, rel.Name).
			WithTable(r.e.SchemaByOID(rel.Schema).Name, rel.Name, c.Name, "")
	})
}

// checkDomainRows checks the values there are of a domain by a CHECK.
func (r *run) checkDomainRows(t *types.Type, con *catalog.Constraint) error {
	return r.domainColumns(t, func(rel *catalog.Relation, c *catalog.Column) error {
		e, err := parseExpr(con.Expr)
		if err != nil {
			return err
		}
		for _, ref := range columnRefs(&e) {
			ref.Parts = []string{"x", "value"}
		}
		base := planner.FormatType(&planner.Context{Catalog: r.e.Snapshot, Path: catalog.Path{catalog.PgCatalogOID}}, t.Base, t.BaseMod)
		found, _, err := r.s.Any(r.ctx, "SELECT 1 FROM (SELECT "+catalog.QuoteIdent(c.Name)+"::"+base+" AS value FROM "+r.rowsOf(rel)+") x WHERE NOT ("+
			ast.FormatExpr(e)+") LIMIT 1")
		if err != nil || !found {
			return err
		}
		return pgerr.New(pgerr.CheckViolation, "column \"%s\" of table \"%s\" contains values that violate the new constraint", c.Name, rel.Name).
			WithTable(r.e.SchemaByOID(rel.Schema).Name, rel.Name, c.Name, "")
	})
}
