package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// drop runs DROP.
func (r *run) drop(st *ast.Drop) error {
	switch st.Kind {
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjIndex, ast.ObjSequence:
		return r.dropRelations(st)
	case ast.ObjSchema:
		return r.dropSchemas(st)
	case ast.ObjType, ast.ObjDomain:
		return r.dropTypes(st)
	case ast.ObjRole:
		return r.dropRoles(st)
	case ast.ObjDatabase:
		return r.dropDatabase(st)
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate:
		return r.dropFunctions(st)
	case ast.ObjRule:
		return r.dropRules(st)
	case ast.ObjTrigger:
		return r.dropTriggers(st)
	case ast.ObjPolicy:
		return r.dropPolicies(st)
	case ast.ObjStatistics:
		return r.dropStatistics(st)
	}
	return r.dropOther(st)
}

// droppable tells what a kind of DROP is for.
var droppable = map[ast.ObjectKind]catalog.RelKind{
	ast.ObjTable: catalog.Table, ast.ObjStream: catalog.Stream, ast.ObjView: catalog.View, ast.ObjMatView: catalog.MatView,
	ast.ObjIndex: catalog.Index, ast.ObjSequence: catalog.Sequence,
}

func (r *run) dropRelations(st *ast.Drop) error {
	if st.Concurrently {
		switch {
		case r.s.InBlock():
			return pgerr.New(pgerr.ActiveSQLTransaction, "DROP INDEX CONCURRENTLY cannot run inside a transaction block")
		case len(st.Names) != 1:
			return pgerr.New(pgerr.FeatureNotSupported, "DROP INDEX CONCURRENTLY does not support dropping multiple objects")
		case st.Cascade:
			return pgerr.New(pgerr.FeatureNotSupported, "DROP INDEX CONCURRENTLY does not support CASCADE")
		}
	}
	var list []Object
	for _, n := range st.Names {
		rel, err := r.dropped(st, n)
		if err != nil {
			return err
		}
		if rel != nil {
			list = append(list, Object{Class: catalog.ClassRelation, OID: rel.OID})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, st.Cascade, Name(st))
}

// dropped finds a relation that is to be dropped, nil when it is missing and that is
// fine.
func (r *run) dropped(st *ast.Drop, n ast.Name) (*catalog.Relation, error) {
	if err := r.checkDatabase(n); err != nil {
		return nil, err
	}
	if n.Schema != "" {
		if _, err := r.usable(n.Schema); err != nil {
			return nil, r.missing(err, st.IfExists, "schema", n.Schema)
		}
	}
	rel, err := r.find(n)
	if err != nil {
		kind := relationWords[st.Kind]
		code := pgerr.UndefinedTable
		if st.Kind == ast.ObjIndex {
			code = pgerr.UndefinedObject
		}
		return nil, r.missing(pgerr.New(code, "%s \"%s\" does not exist", kind, n.Object), st.IfExists, kind, n.Object)
	}
	if rel, err = r.lock(rel, AccessExclusive); err != nil {
		return nil, err
	}
	if rel.Kind != droppable[st.Kind] && !(st.Kind == ast.ObjTable && rel.Kind == catalog.Virtual) {
		return nil, wrongKind(rel, relationWords[st.Kind], "DROP", "to remove")
	}
	if s := r.e.SchemaByOID(rel.Schema); !r.owns(rel.Owner) && (s == nil || !r.owns(s.Owner)) {
		return nil, notOwner(kindWord(rel), rel.Name)
	}
	if rel.Index != nil && rel.Index.Parent != 0 {
		what, owner := r.describe(Object{Class: catalog.ClassRelation, OID: rel.OID}), r.describe(Object{Class: catalog.ClassRelation, OID: rel.Index.Parent})
		return nil, pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s because %s requires it", what, owner).
			WithHint("You can drop %s instead.", owner)
	}
	return rel, checkSystem(rel)
}

// missing makes of an error a notice if the user said IF EXISTS.
func (r *run) missing(err error, ifExists bool, kind, name string) error {
	e, ok := err.(*pgerr.Error)
	if !ok || !ifExists || e.Code == pgerr.InsufficientPrivilege {
		return err
	}
	r.notice(pgerr.SuccessfulCompletion, "%s \"%s\" does not exist, skipping", kind, name)
	return nil
}

// relationWords are the kinds of relation in statements.
var relationWords = map[ast.ObjectKind]string{
	ast.ObjTable: "table", ast.ObjStream: "stream", ast.ObjView: "view", ast.ObjMatView: "materialized view", ast.ObjIndex: "index",
	ast.ObjSequence: "sequence",
}

// articles begin "… is not a table".
func article(kind string) string {
	if kind == "index" {
		return "an"
	}
	return "a"
}

// wrongKind says that a relation is not of the kind that the statement is for, and
// which statement is for it.
func wrongKind(rel *catalog.Relation, want, command, to string) error {
	e := pgerr.New(pgerr.WrongObjectType, "\"%s\" is not %s %s", rel.Name, article(want), want)
	if rel.Kind == catalog.Virtual {
		return e
	}
	kind := kindWord(rel)
	return e.WithHint("Use %s %s %s %s %s.", command, upper(kind), to, article(kind), kind)
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func (r *run) dropSchemas(st *ast.Drop) error {
	var list []Object
	for _, n := range st.Names {
		s, err := r.schemaNamed(n.Object)
		if err != nil {
			if err := r.missing(err, st.IfExists, "schema", n.Object); err != nil {
				return err
			}
			continue
		}
		if !r.owns(s.Owner) {
			return notOwner("schema", s.Name)
		}
		if s.System() {
			return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop schema %s because it is required by the database system", s.Name)
		}
		list = append(list, Object{Class: catalog.ClassSchema, OID: s.OID})
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, st.Cascade, Name(st))
}

func (r *run) dropTypes(st *ast.Drop) error {
	var list []Object
	for _, n := range st.Names {
		t, err := r.typeToDrop(st, n)
		if err != nil {
			return err
		}
		if t != nil {
			list = append(list, Object{Class: catalog.ClassType, OID: t.OID})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, st.Cascade, Name(st))
}

// findType finds the type that a name means, nil when there is none.
func (r *run) findType(n ast.Name) (*types.Type, error) {
	if err := r.checkQualified(n); err != nil {
		return nil, err
	}
	if n.Schema == "" {
		return r.e.FindType(r.path(), n.Object), nil
	}
	s, err := r.usable(n.Schema)
	if err != nil {
		return nil, err
	}
	return r.e.Type(s.OID, n.Object), nil
}

func undefinedType(n ast.Name) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", n.String())
}

func (r *run) typeToDrop(st *ast.Drop, n ast.Name) (*types.Type, error) {
	t, err := r.findType(n)
	if err != nil {
		return nil, r.missing(err, st.IfExists, "schema", n.Schema)
	}
	if t == nil {
		return nil, r.missing(undefinedType(n), st.IfExists, "type", n.String())
	}
	if st.Kind == ast.ObjDomain && t.Class != types.Domain {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a domain", n.String())
	}
	if s := r.e.SchemaByOID(t.Schema); !r.owns(t.Owner) && (s == nil || !r.owns(s.Owner)) {
		return nil, notOwner("type", r.typeName(t))
	}
	if t.OID < types.FirstUserOID {
		return nil, pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop type %s because it is required by the database system", r.typeName(t))
	}
	return t, nil
}
