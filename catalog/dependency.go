package catalog

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// Object names an object by the relation of pg_catalog that it is in (pg_class,
// pg_type …) and its OID there; Sub is the number of a column, 0 for the whole.
type Object struct {
	Class, OID OID
	Sub        int16
}

// The relations of pg_catalog that objects are in.
const (
	ClassType     = classType
	ClassRelation = classClass
	// ClassDefaultPrivs is pg_default_acl.
	ClassDefaultPrivs OID = 826
	ClassRole             = classAuthid
	ClassDatabase         = classDatabase
	ClassDefault          = classAttrdef
	ClassConstraint       = classConstraint
	ClassSchema           = classNamespace
	ClassRule             = classRewrite
	ClassFunction         = classProc
)

// Dependencies calls fn for every dependency of a on b among the users' objects,
// as pg_depend holds them: once each, without those on what PostgreSQL comes with.
func (s *Snapshot) Dependencies(fn func(a, b Object, kind DepKind)) {
	d := &dependWriter{s: s, fn: fn, seen: map[dependency]bool{}}
	for _, r := range s.Relations() {
		d.relation(r)
	}
	for _, t := range s.Types() {
		d.typ(t)
	}
	for _, def := range sorted(s.domains) {
		d.domain(def)
	}
	for _, f := range s.Functions() {
		d.function(f)
	}
}

// dependWriter gives dependencies, each once.
type dependWriter struct {
	s    *Snapshot
	fn   func(a, b Object, kind DepKind)
	seen map[dependency]bool
}

type dependency struct {
	a, b Object
	kind DepKind
}

// on says that a depends on b. PostgreSQL does not record dependencies on what it
// comes with, except on the schema public, which can be dropped.
func (d *dependWriter) on(a, b Object, kind DepKind) {
	if b.OID == 0 || b.OID < types.FirstUserOID && !(b.Class == classNamespace && b.OID == PublicOID) || d.seen[dependency{a, b, kind}] {
		return
	}
	d.seen[dependency{a, b, kind}] = true
	d.fn(a, b, kind)
}

// expr says that a depends on what an expression names.
func (d *dependWriter) expr(a Object, deps []Dep) {
	for _, dep := range deps {
		d.on(a, Object{d.classOf(dep.Object), dep.Object, dep.Column}, DepNormal)
	}
}

func rel(oid OID, col int16) Object { return Object{classClass, oid, col} }

func (d *dependWriter) relation(r *Relation) {
	self := rel(r.OID, 0)
	if r.Kind == Index {
		d.index(r)
		return
	}
	if r.Kind == Composite {
		d.on(self, Object{classType, r.RowType, 0}, DepInternal)
	} else {
		d.on(self, Object{classNamespace, r.Schema, 0}, DepNormal)
	}
	for i := range r.Columns {
		d.column(r, int16(i+1), &r.Columns[i])
	}
	for _, c := range r.Constraints {
		d.constraint(r, c)
	}
	for _, t := range r.Triggers {
		d.trigger(r, t)
	}
	for _, x := range r.Stats {
		d.stats(r, x)
	}
	for _, p := range r.Policies {
		d.policy(r, p)
	}
	for _, x := range r.Rules {
		d.rule(r, x)
	}
	if r.View != nil {
		rule := Object{classRewrite, r.OID, 0}
		d.on(rule, self, DepInternal)
		d.on(rule, self, DepNormal)
		for _, dep := range r.Deps {
			d.on(rule, Object{d.classOf(dep.Object), dep.Object, dep.Column}, dep.Kind)
		}
		return
	}
	if q := r.Seq; q != nil && q.OwnerTable != 0 {
		d.on(self, rel(q.OwnerTable, q.OwnerColumn), d.ownership(r))
	}
	if r.Stream != nil && r.Stream.LateOf != 0 {
		d.on(self, rel(r.Stream.LateOf, 0), DepInternal)
	}
	if r.PartKey != nil {
		for i := range r.PartKey.Exprs {
			for _, dep := range r.PartKey.Exprs[i].Deps {
				if dep.Object != r.OID {
					d.on(self, Object{d.classOf(dep.Object), dep.Object, dep.Column}, DepNormal)
				}
			}
		}
	}
	for _, dep := range r.Deps {
		if class := d.classOf(dep.Object); class == classClass && r.Seq == nil {
			d.on(self, rel(dep.Object, dep.Column), dep.Kind)
		}
	}
}

// ownership is how a sequence depends on its column: an identity's is part of it.
func (d *dependWriter) ownership(seq *Relation) DepKind {
	q := seq.Seq
	if t := d.s.rels[q.OwnerTable]; t != nil && int(q.OwnerColumn) <= len(t.Columns) {
		if c := &t.Columns[q.OwnerColumn-1]; c.Identity != 0 && c.Seq == seq.OID {
			return DepInternal
		}
	}
	return DepAuto
}

func (d *dependWriter) column(r *Relation, num int16, c *Column) {
	if c.Dropped {
		return
	}
	d.on(rel(r.OID, num), Object{classType, c.TypeOID, 0}, DepNormal)
	if c.defaultExpr() == "" {
		return
	}
	def := Object{classAttrdef, attrdefOID(r.OID, num), 0}
	kind := DepAuto
	if c.Generated != "" {
		kind = DepInternal
	}
	d.on(def, rel(r.OID, num), kind)
	d.expr(def, c.Deps)
}

func (d *dependWriter) constraint(r *Relation, c *Constraint) {
	self := Object{classConstraint, c.OID, 0}
	for _, n := range c.Columns {
		d.on(self, rel(r.OID, n), DepAuto)
	}
	if len(c.Columns) == 0 {
		d.on(self, rel(r.OID, 0), DepAuto)
	}
	d.expr(self, c.Deps)
	if c.Kind == Primary || c.Kind == Unique {
		d.partitionKey(self, c)
	}
	if c.Kind == Foreign {
		for _, n := range c.RefColumns {
			d.on(self, rel(c.RefTable, n), DepNormal)
		}
		d.on(self, rel(c.Index, 0), DepNormal)
		for i := range c.Parts {
			p := d.s.partForeign(c, &c.Parts[i])
			for _, n := range p.RefColumns {
				d.on(self, rel(p.RefTable, n), DepNormal)
			}
		}
	}
}

// partitionKey writes that a partition's key goes with that of its table.
func (d *dependWriter) partitionKey(self Object, c *Constraint) {
	ix := d.s.RelationByOID(c.Index)
	if ix == nil || ix.Index.Parent == 0 {
		return
	}
	on := rel(ix.Index.Parent, 0)
	if above := d.s.RelationByOID(ix.Index.Parent); above != nil && above.Index.Constraint != 0 {
		on = Object{classConstraint, above.Index.Constraint, 0}
	}
	d.on(self, on, DepAuto)
}

// index writes the dependencies of an index: on its constraint, or on what it
// indexes.
func (d *dependWriter) index(r *Relation) {
	self := rel(r.OID, 0)
	if con := r.Index.Constraint; con != 0 {
		d.on(self, Object{classConstraint, con, 0}, DepInternal)
		return
	}
	d.on(self, rel(r.Index.Parent, 0), DepAuto)
	table := d.s.RelationByOID(r.Index.Table)
	if table == nil {
		return
	}
	whole := true
	for _, k := range r.Index.Keys {
		if k.Column > 0 {
			d.on(self, rel(table.OID, k.Column), DepAuto)
			whole = false
		}
	}
	if whole {
		d.on(self, rel(table.OID, 0), DepAuto)
	}
	for _, dep := range r.Deps {
		kind := DepNormal
		if dep.Object == table.OID {
			kind = DepAuto
		}
		d.on(self, Object{d.classOf(dep.Object), dep.Object, dep.Column}, kind)
	}
}

// domain writes the dependencies of what a domain has besides its type.
func (d *dependWriter) domain(def *DomainDef) {
	self := Object{classType, def.OID, 0}
	d.expr(self, def.Deps)
	for _, c := range def.Constraints {
		d.on(Object{classConstraint, c.OID, 0}, self, DepAuto)
		d.expr(Object{classConstraint, c.OID, 0}, c.Deps)
	}
}

// typ writes the dependencies of a type: a row type is part of its relation, an
// array type of its element type.
func (d *dependWriter) typ(t *types.Type) {
	self := Object{classType, t.OID, 0}
	switch {
	case t.IsArray():
		d.on(self, Object{classType, t.Elem.OID, 0}, DepInternal)
	case t.Class == types.Multirange:
		d.on(self, Object{classType, t.Over.OID, 0}, DepInternal)
	case t.Class == types.Composite:
		if r := d.s.rels[t.Rel]; r == nil || r.Kind != Composite {
			d.on(self, rel(t.Rel, 0), DepInternal)
			return
		}
		fallthrough
	default:
		d.on(self, Object{classNamespace, t.Schema, 0}, DepNormal)
	}
	switch t.Class {
	case types.Domain:
		d.on(self, Object{classType, t.Base.OID, 0}, DepNormal)
	case types.Range:
		d.on(self, Object{classType, t.Sub.OID, 0}, DepNormal)
		d.makers(t)
	}
}

// classOf finds the catalogue that an object is in.
func (d *dependWriter) classOf(oid OID) OID {
	s := d.s
	switch {
	case s.rels[oid] != nil || systemByOID[oid] != nil:
		return classClass
	case s.types[oid] != nil:
		return classType
	case s.schemas[oid] != nil:
		return classNamespace
	}
	if c, _ := s.ConstraintByOID(oid); c != nil {
		return classConstraint
	}
	return classProc
}

// RoleDep is how an object depends on a role, as pg_shdepend.deptype.
type RoleDep byte

// The kinds of dependency on roles.
const (
	RoleOwns    RoleDep = 'o'
	RoleGranted RoleDep = 'a'
	RolePolicy  RoleDep = 'r'
)

// RoleDependencies calls fn for every user's object that belongs to a role or is
// granted to one, for roles that users have made.
func (s *Snapshot) RoleDependencies(fn func(o Object, role OID, kind RoleDep)) {
	add := func(o Object, role OID, kind RoleDep) {
		if role >= types.FirstUserOID {
			fn(o, role, kind)
		}
	}
	grants := func(o Object, owner OID, acl []ACLItem) {
		seen := map[OID]bool{owner: true}
		for _, a := range acl {
			for _, role := range []OID{a.Grantee, a.Grantor} {
				if !seen[role] {
					seen[role] = true
					add(o, role, RoleGranted)
				}
			}
		}
	}
	for _, d := range s.Databases() {
		o := Object{classDatabase, d.OID, 0}
		add(o, d.Owner, RoleOwns)
		grants(o, d.Owner, d.ACL)
	}
	for _, n := range s.Schemas() {
		o := Object{classNamespace, n.OID, 0}
		add(o, n.Owner, RoleOwns)
		grants(o, n.Owner, n.ACL)
	}
	for _, r := range s.Relations() {
		if r.Kind == Index || r.Kind == Composite {
			continue
		}
		add(rel(r.OID, 0), r.Owner, RoleOwns)
		grants(rel(r.OID, 0), r.Owner, r.ACL)
		for i := range r.Columns {
			grants(rel(r.OID, int16(i+1)), r.Owner, r.Columns[i].ACL)
		}
		for _, x := range r.Stats {
			add(Object{ClassStatistics, x.OID, 0}, x.Owner, RoleOwns)
		}
		for _, p := range r.Policies {
			for _, role := range p.Roles {
				add(Object{ClassPolicy, p.OID, 0}, role, RolePolicy)
			}
		}
	}
	for _, f := range s.Functions() {
		add(Object{classProc, f.OID, 0}, f.Owner, RoleOwns)
		grants(Object{classProc, f.OID, 0}, f.Owner, f.ACL)
	}
	for _, t := range s.Types() {
		if r := s.rels[t.Rel]; !t.IsArray() && (t.Class != types.Composite || r != nil && r.Kind == Composite) {
			add(Object{classType, t.OID, 0}, t.Owner, RoleOwns)
		}
	}
	s.grantDependencies(func(o Object, role OID) { add(o, role, RoleOwns) }, grants)
}
