package catalog

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// object is what a dependency is of: an object of the catalogue class, and a
// column of it.
type object struct {
	class, oid OID
	sub        int16
}

// dependWriter writes rows of pg_depend, each once.
type dependWriter struct {
	*rowWriter
	s    *Snapshot
	seen map[dependency]bool
}

type dependency struct {
	a, b object
	kind DepKind
}

// on says that a depends on b. PostgreSQL does not record dependencies on what it
// comes with, except on the schema public, which can be dropped.
func (d *dependWriter) on(a, b object, kind DepKind) {
	if b.oid == 0 || b.oid < types.FirstUserOID && !(b.class == classNamespace && b.oid == PublicOID) || d.seen[dependency{a, b, kind}] {
		return
	}
	d.seen[dependency{a, b, kind}] = true
	d.add(vOID(a.class), vOID(a.oid), vInt(a.sub), vOID(b.class), vOID(b.oid), vInt(b.sub), vChar(kind))
}

func rel(oid OID, col int16) object { return object{classClass, oid, col} }

// dependRows writes what the users' objects depend on.
func dependRows(s *Snapshot, w *rowWriter) {
	d := &dependWriter{rowWriter: w, s: s, seen: map[dependency]bool{}}
	for _, r := range s.Relations() {
		d.relation(r)
	}
	for _, t := range s.Types() {
		d.typ(t)
	}
	for _, def := range sorted(s.domains) {
		for _, c := range def.Constraints {
			d.on(object{classConstraint, c.OID, 0}, object{classType, def.OID, 0}, DepAuto)
		}
	}
}

// systemDependRows makes the objects of our system schema part of its extension.
func systemDependRows(w *rowWriter) {
	add := func(class, oid OID) {
		w.add(vOID(class), vOID(oid), vInt(0), vOID(3079), vOID(extensionOID), vInt(0), vStr("e"))
	}
	add(classNamespace, StreamsqlOID)
	add(2601, StreamAM)
	for _, r := range systemRels {
		if r.Schema == StreamsqlOID {
			add(classClass, r.OID)
			add(classType, r.RowType)
		}
	}
}

func (d *dependWriter) relation(r *Relation) {
	self := rel(r.OID, 0)
	if r.Kind == Index {
		d.index(r)
		return
	}
	if r.Kind == Composite {
		d.on(self, object{classType, r.RowType, 0}, DepInternal)
	} else {
		d.on(self, object{classNamespace, r.Schema, 0}, DepNormal)
	}
	for i := range r.Columns {
		d.column(r, int16(i+1), &r.Columns[i])
	}
	for _, c := range r.Constraints {
		d.constraint(r, c)
	}
	if r.View != nil {
		rule := object{classRewrite, r.OID, 0}
		d.on(rule, self, DepInternal)
		d.on(rule, self, DepNormal)
		for _, dep := range r.Deps {
			d.on(rule, object{d.classOf(dep.Object), dep.Object, dep.Column}, dep.Kind)
		}
		return
	}
	if q := r.Seq; q != nil && q.OwnerTable != 0 {
		d.on(self, rel(q.OwnerTable, q.OwnerColumn), d.ownership(q))
	}
	if r.Stream != nil && r.Stream.LateOf != 0 {
		d.on(self, rel(r.Stream.LateOf, 0), DepInternal)
	}
	for _, dep := range r.Deps {
		if class := d.classOf(dep.Object); class == classClass && r.Seq == nil {
			d.on(self, rel(dep.Object, dep.Column), dep.Kind)
		}
	}
}

// ownership is how a sequence depends on its column: an identity's is part of it.
func (d *dependWriter) ownership(q *SequenceDef) DepKind {
	if t := d.s.rels[q.OwnerTable]; t != nil && int(q.OwnerColumn) <= len(t.Columns) && t.Columns[q.OwnerColumn-1].Identity != 0 {
		return DepInternal
	}
	return DepAuto
}

func (d *dependWriter) column(r *Relation, num int16, c *Column) {
	if c.Dropped {
		return
	}
	d.on(rel(r.OID, num), object{classType, c.TypeOID, 0}, DepNormal)
	if c.defaultExpr() == "" {
		return
	}
	def := object{classAttrdef, attrdefOID(r.OID, num), 0}
	if c.Generated != "" {
		d.on(def, rel(r.OID, num), DepInternal)
		d.columnsIn(c.Generated, r, func(n int16) { d.on(def, rel(r.OID, n), DepNormal) })
		return
	}
	d.on(def, rel(r.OID, num), DepAuto)
	d.on(def, rel(c.Seq, 0), DepNormal)
}

// columnsIn calls fn for the columns of r that an expression over r names.
func (d *dependWriter) columnsIn(expr string, r *Relation, fn func(num int16)) {
	words := identifiers(expr)
	for i := range r.Columns {
		if c := &r.Columns[i]; !c.Dropped && words[c.Name] {
			fn(int16(i + 1))
		}
	}
}

func (d *dependWriter) constraint(r *Relation, c *Constraint) {
	self := object{classConstraint, c.OID, 0}
	for _, n := range c.Columns {
		d.on(self, rel(r.OID, n), DepAuto)
	}
	if len(c.Columns) == 0 {
		d.on(self, rel(r.OID, 0), DepAuto)
	}
	if c.Kind == Check {
		d.columnsIn(c.Expr, r, func(n int16) { d.on(self, rel(r.OID, n), DepNormal) })
	}
	if c.Kind == Foreign {
		for _, n := range c.RefColumns {
			d.on(self, rel(c.RefTable, n), DepNormal)
		}
		d.on(self, rel(c.Index, 0), DepNormal)
	}
}

// index writes the dependencies of an index: on its constraint, or on what it
// indexes.
func (d *dependWriter) index(r *Relation) {
	self := rel(r.OID, 0)
	if con := r.Index.Constraint; con != 0 {
		d.on(self, object{classConstraint, con, 0}, DepInternal)
		return
	}
	table := d.s.RelationByOID(r.Index.Table)
	if table == nil {
		return
	}
	whole := true
	exprs := r.Index.Predicate
	for _, k := range r.Index.Keys {
		if k.Column > 0 {
			d.on(self, rel(table.OID, k.Column), DepAuto)
			whole = false
		}
		exprs += " " + k.Expr
	}
	if whole {
		d.on(self, rel(table.OID, 0), DepAuto)
	}
	d.columnsIn(exprs, table, func(n int16) { d.on(self, rel(table.OID, n), DepAuto) })
}

// typ writes the dependencies of a type: a row type is part of its relation, an
// array type of its element type.
func (d *dependWriter) typ(t *types.Type) {
	self := object{classType, t.OID, 0}
	switch {
	case t.IsArray():
		d.on(self, object{classType, t.Elem.OID, 0}, DepInternal)
	case t.Class == types.Composite:
		if r := d.s.rels[t.Rel]; r == nil || r.Kind != Composite {
			d.on(self, rel(t.Rel, 0), DepInternal)
			return
		}
		fallthrough
	default:
		d.on(self, object{classNamespace, t.Schema, 0}, DepNormal)
	}
	if t.Class == types.Domain {
		d.on(self, object{classType, t.Base.OID, 0}, DepNormal)
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

// shdependRows writes which roles objects belong to and are granted to.
func shdependRows(s *Snapshot, w *rowWriter) {
	add := func(class, oid OID, sub int, role OID, kind string) {
		if role >= types.FirstUserOID {
			w.add(vOID(DatabaseOID), vOID(class), vOID(oid), vInt(sub), vOID(classAuthid), vOID(role), vStr(kind))
		}
	}
	grants := func(class, oid OID, sub int, owner OID, acl []ACLItem) {
		seen := map[OID]bool{owner: true}
		for _, a := range acl {
			if !seen[a.Grantee] {
				seen[a.Grantee] = true
				add(class, oid, sub, a.Grantee, "a")
			}
		}
	}
	for _, n := range s.Schemas() {
		add(classNamespace, n.OID, 0, n.Owner, "o")
		grants(classNamespace, n.OID, 0, n.Owner, n.ACL)
	}
	for _, r := range s.Relations() {
		if r.Kind == Index || r.Kind == Composite {
			continue
		}
		add(classClass, r.OID, 0, r.Owner, "o")
		grants(classClass, r.OID, 0, r.Owner, r.ACL)
		for i := range r.Columns {
			grants(classClass, r.OID, i+1, r.Owner, r.Columns[i].ACL)
		}
	}
	for _, t := range s.Types() {
		if r := s.rels[t.Rel]; !t.IsArray() && (t.Class != types.Composite || r != nil && r.Kind == Composite) {
			add(classType, t.OID, 0, t.Owner, "o")
		}
	}
}
