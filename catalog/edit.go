package catalog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Edit is a snapshot being changed by one transaction. It reads as a Snapshot,
// its own changes included. It is used by one goroutine.
type Edit struct {
	*Snapshot
	base    *Snapshot
	changes []Change
	alloc   func() OID
}

// Change is one put or delete of an object: what the commit log holds.
type Change struct {
	Kind ChangeKind
	OID  OID             `json:",omitempty"`
	Key  *CommentKey     `json:",omitempty"`
	Data json.RawMessage `json:",omitempty"` // nil: the object is gone
}

// ChangeKind says what a Change is of.
type ChangeKind byte

// The kinds of Change.
const (
	ChangeSchema       ChangeKind = 'n'
	ChangeRelation     ChangeKind = 'r'
	ChangeType         ChangeKind = 't'
	ChangeDomain       ChangeKind = 'd'
	ChangeRole         ChangeKind = 'u'
	ChangeComment      ChangeKind = 'c'
	ChangeFunction     ChangeKind = 'f'
	ChangeDefaultPrivs ChangeKind = 'p'
	ChangeTypeACL      ChangeKind = 'a' // of the type OID
	ChangeDatabase     ChangeKind = 'D'
)

// NextOID is the lowest OID that no object of the snapshot has had.
func (s *Snapshot) NextOID() OID { return s.nextOID }

// Edit begins to change the snapshot. alloc gives fresh OIDs (C2).
func (s *Snapshot) Edit(alloc func() OID) *Edit {
	c := *s
	c.schemas, c.schemaByName = clone(s.schemas), clone(s.schemaByName)
	c.rels, c.relByName = clone(s.rels), clone(s.relByName)
	c.types, c.typeByName, c.domains = clone(s.types), clone(s.typeByName), clone(s.domains)
	c.procs, c.procByName = clone(s.procs), clone(s.procByName)
	c.roles, c.comments, c.dependents = clone(s.roles), clone(s.comments), clone(s.dependents)
	c.dbs, c.inside = clone(s.dbs), nil
	c.defaults, c.typeACLs = clone(s.defaults), clone(s.typeACLs)
	c.cache = newRowCache()
	return &Edit{Snapshot: &c, base: s, alloc: alloc}
}

func clone[K comparable, V any](m map[K]V) map[K]V {
	c := make(map[K]V, len(m)+1)
	for k, v := range m {
		c[k] = v
	}
	return c
}

// NewOID gives a fresh OID.
func (e *Edit) NewOID() OID {
	oid := e.alloc()
	e.nextOID = max(e.nextOID, oid+1)
	return oid
}

// Dirty tells whether anything was changed.
func (e *Edit) Dirty() bool { return len(e.changes) > 0 }

// Changes gives what was changed, in order. The caller changes nothing in it.
func (e *Edit) Changes() []Change { return e.changes }

// Mark and Rollback undo the changes since a savepoint: Rollback gives the
// edit as it was.
func (e *Edit) Mark() int { return len(e.changes) }

// Rollback undoes everything after Mark gave n.
func (e *Edit) Rollback(n int) error {
	kept := e.changes[:n]
	f := e.base.Edit(e.alloc)
	if err := f.Apply(kept); err != nil {
		return err
	}
	f.nextOID = e.nextOID
	*e = *f
	return nil
}

// Publish gives the snapshot with the changes. The Edit is not used after it.
func (e *Edit) Publish() *Snapshot {
	e.Snapshot.Version = e.base.Version + 1
	e.Snapshot.inside = &insides{all: e.Snapshot}
	return e.Snapshot
}

// Apply applies changes that another Edit made.
func (e *Edit) Apply(changes []Change) error {
	for _, c := range changes {
		if err := e.apply(c); err != nil {
			return fmt.Errorf("catalog change of object %d: %w", c.OID, err)
		}
	}
	return nil
}

func (e *Edit) apply(c Change) error {
	if c.Kind == ChangeComment {
		var text *string
		if c.Data != nil {
			if err := json.Unmarshal(c.Data, &text); err != nil {
				return err
			}
		}
		e.PutComment(*c.Key, text)
		return nil
	}
	if c.Kind == ChangeTypeACL {
		var acl []ACLItem
		if c.Data != nil {
			if err := json.Unmarshal(c.Data, &acl); err != nil {
				return err
			}
		}
		e.PutTypeACL(c.OID, acl)
		return nil
	}
	if c.Data == nil {
		e.remove(c.Kind, c.OID)
		return nil
	}
	return e.put(c.Kind, c.Data)
}

func (e *Edit) put(kind ChangeKind, data json.RawMessage) error {
	switch kind {
	case ChangeSchema:
		return decode(data, e.PutSchema)
	case ChangeRelation:
		return decode(data, e.PutRelation)
	case ChangeType:
		return decode(data, func(t *typeRow) { e.PutType(t.typ(e.Snapshot)) })
	case ChangeDomain:
		return decode(data, e.PutDomain)
	case ChangeRole:
		return decode(data, e.PutRole)
	case ChangeFunction:
		return decode(data, e.PutFunction)
	case ChangeDatabase:
		return decode(data, e.PutDatabase)
	case ChangeDefaultPrivs:
		return decode(data, e.PutDefaultPrivs)
	}
	return fmt.Errorf("unknown kind %q", kind)
}

func decode[T any](data json.RawMessage, put func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	put(v)
	return nil
}

func (e *Edit) remove(kind ChangeKind, oid OID) {
	switch kind {
	case ChangeSchema:
		e.DropSchema(oid)
	case ChangeRelation:
		e.DropRelation(oid)
	case ChangeType, ChangeDomain:
		e.DropType(oid)
	case ChangeRole:
		e.DropRole(oid)
	case ChangeFunction:
		e.DropFunction(oid)
	case ChangeDatabase:
		e.DropDatabase(oid)
	case ChangeDefaultPrivs:
		e.DropDefaultPrivs(oid)
	}
}

func (e *Edit) record(kind ChangeKind, oid OID, v any) {
	c := Change{Kind: kind, OID: oid}
	if v != nil {
		c.Data = mustJSON(v)
	}
	e.nextOID = max(e.nextOID, oid+1)
	e.log(c)
}

// log notes a change; what was read before it is stale.
func (e *Edit) log(c Change) {
	e.changes = append(e.changes, c)
	e.cache = newRowCache()
}

// PutSchema adds or replaces a schema. A new one is in the database of the edit.
func (e *Edit) PutSchema(s *Schema) {
	if old := e.schemas[s.OID]; old != nil {
		delete(e.schemaByName, old.key())
	} else if s.DB == 0 && e.db != DatabaseOID {
		s.DB = e.db
	}
	e.schemas[s.OID], e.schemaByName[s.key()] = s, s
	e.record(ChangeSchema, s.OID, s)
}

// DropSchema removes a schema.
func (e *Edit) DropSchema(oid OID) {
	if old := e.schemas[oid]; old != nil {
		delete(e.schemaByName, old.key())
		delete(e.schemas, oid)
	}
	e.record(ChangeSchema, oid, nil)
}

// PutRelation adds or replaces a relation. The caller gives it up (C1).
func (e *Edit) PutRelation(r *Relation) {
	if old := e.rels[r.OID]; old != nil {
		delete(e.relByName, name{old.Schema, old.Name})
		e.undepend(r.OID, old.Deps)
	}
	for i := range r.Columns {
		r.Columns[i].Type = e.TypeByOID(r.Columns[i].TypeOID)
	}
	e.rels[r.OID], e.relByName[name{r.Schema, r.Name}] = r, r
	for _, d := range r.Deps {
		e.depend(r.OID, d.Object)
	}
	e.record(ChangeRelation, r.OID, r)
}

// DropRelation removes a relation; what depends on it is the caller's business.
func (e *Edit) DropRelation(oid OID) {
	if old := e.rels[oid]; old != nil {
		delete(e.relByName, name{old.Schema, old.Name})
		delete(e.rels, oid)
		e.undepend(oid, old.Deps)
		delete(e.dependents, oid)
	}
	e.record(ChangeRelation, oid, nil)
}

func (e *Edit) depend(oid, on OID) {
	for _, d := range e.dependents[on] {
		if d == oid {
			return
		}
	}
	list := append(append([]OID(nil), e.dependents[on]...), oid)
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	e.dependents[on] = list
}

func (e *Edit) undepend(oid OID, deps []Dep) {
	for _, d := range deps {
		var list []OID
		for _, x := range e.dependents[d.Object] {
			if x != oid {
				list = append(list, x)
			}
		}
		e.dependents[d.Object] = list
	}
}

// PutType adds or replaces a user's type, with those that are made along with it,
// and registers them for reading values.
func (e *Edit) PutType(t *types.Type) {
	e.forgetType(t.OID)
	for _, x := range Derived(t) {
		e.types[x.OID], e.typeByName[name{x.Schema, x.Name}] = x, x
		types.Register(x)
		e.nextOID = max(e.nextOID, x.OID+1)
	}
	for _, oid := range t.Makers {
		e.nextOID = max(e.nextOID, oid+1)
	}
	e.record(ChangeType, t.OID, rowOfType(t))
}

// DropType removes a user's type and its array type; a domain's definition goes
// with it.
func (e *Edit) DropType(oid OID) {
	if t := e.types[oid]; t != nil && t.Multi != nil {
		delete(e.typeACLs, t.Multi.OID)
	}
	e.forgetType(oid)
	delete(e.domains, oid)
	delete(e.typeACLs, oid)
	e.record(ChangeType, oid, nil)
}

func (e *Edit) forgetType(oid OID) {
	t := e.types[oid]
	if t == nil {
		return
	}
	for _, x := range Derived(t) {
		delete(e.types, x.OID)
		delete(e.typeByName, name{x.Schema, x.Name})
	}
}

// Derived gives a type and those that are made along with it: its array type,
// and of a range type the multirange type with its own.
func Derived(t *types.Type) []*types.Type {
	all := []*types.Type{t}
	if t.Array != nil {
		all = append(all, t.Array)
	}
	if t.Multi != nil {
		all = append(all, t.Multi, t.Multi.Array)
	}
	return all
}

// PutDomain adds or replaces what a domain has besides its type.
func (e *Edit) PutDomain(d *DomainDef) {
	e.domains[d.OID] = d
	e.record(ChangeDomain, d.OID, d)
}

// PutRole adds or replaces a role.
func (e *Edit) PutRole(r *Role) {
	e.roles[r.OID] = r
	e.record(ChangeRole, r.OID, r)
}

// DropRole removes a role.
func (e *Edit) DropRole(oid OID) {
	delete(e.roles, oid)
	e.record(ChangeRole, oid, nil)
}

// PutComment sets a comment; nil removes it.
func (e *Edit) PutComment(k CommentKey, text *string) {
	c := Change{Kind: ChangeComment, Key: &k}
	if _, builtin := builtinComments()[k]; builtin && text == nil {
		text = new(string)
	}
	if text == nil {
		delete(e.comments, k)
	} else {
		e.comments[k] = *text
		c.Data = mustJSON(text)
	}
	e.log(c)
}

// Dump gives the changes that make the snapshot from New(): what a checkpoint
// holds. Types come before the relations that use them, and after the types that they
// are made of.
func (s *Snapshot) Dump() []Change {
	var out []Change
	put := func(kind ChangeKind, oid OID, v any) {
		out = append(out, Change{Kind: kind, OID: oid, Data: mustJSON(v)})
	}
	for oid := range New().schemas {
		if s.schemas[oid] == nil {
			out = append(out, Change{Kind: ChangeSchema, OID: oid})
		}
	}
	for _, d := range sorted(s.dbs) {
		put(ChangeDatabase, d.OID, d)
	}
	for _, sc := range sorted(s.schemas) {
		put(ChangeSchema, sc.OID, sc)
	}
	for _, r := range sorted(s.roles) {
		put(ChangeRole, r.OID, r)
	}
	for _, t := range s.typesToMake() {
		put(ChangeType, t.OID, rowOfType(t))
	}
	for _, d := range sorted(s.domains) {
		put(ChangeDomain, d.OID, d)
	}
	for _, r := range sorted(s.rels) {
		put(ChangeRelation, r.OID, r)
	}
	for _, f := range sorted(s.procs) {
		put(ChangeFunction, f.OID, f)
	}
	for _, d := range sorted(s.defaults) {
		put(ChangeDefaultPrivs, d.OID, d)
	}
	for oid, acl := range s.typeACLs {
		put(ChangeTypeACL, oid, acl)
	}
	for k, text := range s.comments {
		out = append(out, Change{Kind: ChangeComment, Key: &k, Data: mustJSON(text)})
	}
	return out
}

// typesToMake gives the types that are not made along with others, each behind those
// that it is made of.
func (s *Snapshot) typesToMake() []*types.Type {
	var out []*types.Type
	seen := map[OID]bool{}
	var visit func(t *types.Type)
	visit = func(t *types.Type) {
		for t != nil && (t.IsArray() || t.Class == types.Multirange) {
			t = cmp.Or(t.Elem, t.Over)
		}
		if t == nil || seen[t.OID] || s.types[t.OID] == nil {
			return
		}
		seen[t.OID] = true
		visit(t.Base)
		visit(t.Sub)
		for _, f := range t.Fields {
			visit(f.Type)
		}
		out = append(out, t)
	}
	for _, t := range sorted(s.types) {
		visit(t)
	}
	return out
}

// mustJSON encodes one of our own structs, which cannot fail.
func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("catalog: %v", err))
	}
	return data
}

// SetNextOID raises the lowest free OID, when a checkpoint is loaded.
func (e *Edit) SetNextOID(oid OID) { e.nextOID = max(e.nextOID, oid) }
