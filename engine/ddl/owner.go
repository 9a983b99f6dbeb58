package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// kindWords are the kinds of relation in messages.
var kindWords = map[catalog.RelKind]string{
	catalog.Table: "table", catalog.Stream: "stream", catalog.View: "view", catalog.MatView: "materialized view", catalog.Index: "index",
	catalog.Sequence: "sequence", catalog.Composite: "type",
}

// kindWord is the kind of a relation in messages.
func kindWord(rel *catalog.Relation) string {
	if w, ok := kindWords[rel.Kind]; ok {
		return w
	}
	if rel.Shown == 'v' {
		return "view"
	}
	return "table"
}

// notOpened refuses a relation that has no rows at all.
func notOpened(rel *catalog.Relation) error {
	kind := map[catalog.RelKind]string{catalog.Index: "an index", catalog.Composite: "a composite type"}[rel.Kind]
	return pgerr.New(pgerr.WrongObjectType, "\"%s\" is %s", rel.Name, kind)
}

// owns tells whether the role may do what an owner may: it is a superuser, or has
// the owner's privileges.
func (r *run) owns(owner OID) bool {
	return r.s.Super() || r.e.MemberOf(r.s.Role(), owner, true)
}

// mustOwn refuses to change a relation of somebody else's.
func (r *run) mustOwn(rel *catalog.Relation) error {
	if r.owns(rel.Owner) {
		return nil
	}
	return notOwner(kindWord(rel), rel.Name)
}

func notOwner(kind, name string) error {
	return pgerr.New(pgerr.InsufficientPrivilege, "must be owner of %s %s", kind, name)
}

// mustOwnType refuses to change a type of somebody else's.
func (r *run) mustOwnType(t *types.Type) error {
	if r.owns(t.Owner) {
		return nil
	}
	return notOwner("type", r.typeName(t))
}

// checkSystem refuses to change a system relation.
func checkSystem(rel *catalog.Relation) error {
	if rel.Kind == catalog.Virtual || rel.OID < types.FirstUserOID {
		return pgerr.New(pgerr.InsufficientPrivilege, "permission denied: \"%s\" is a system catalog", rel.Name)
	}
	return nil
}
