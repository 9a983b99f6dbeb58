package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// comment runs COMMENT ON.
func (r *run) comment(st *ast.Comment) error {
	key, err := r.commented(st)
	if err != nil {
		return err
	}
	text := st.Text
	if text != nil && *text == "" {
		text = nil
	}
	r.e.PutComment(key, text)
	return nil
}

// commented finds what the comment is on, and checks that the role owns it.
func (r *run) commented(st *ast.Comment) (catalog.CommentKey, error) {
	key := catalog.CommentKey{}
	switch st.Kind {
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjIndex, ast.ObjSequence:
		rel, err := r.ofKind(st.Name, st.Kind, ShareUpdateExclusive)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: rel.OID, Class: catalog.ClassRelation}, nil
	case ast.ObjColumn:
		return r.commentedColumn(st)
	case ast.ObjConstraint:
		rel, err := r.locked(st.Table, false, ShareUpdateExclusive)
		if err != nil {
			return key, err
		}
		if err := r.mustOwn(rel); err != nil {
			return key, err
		}
		con := rel.Constraint(st.Sub)
		if con == nil {
			return key, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", st.Sub, rel.Name)
		}
		return catalog.CommentKey{Object: con.OID, Class: catalog.ClassConstraint}, nil
	case ast.ObjSchema:
		s, err := r.schemaNamed(st.Name.Object)
		if err == nil && !r.owns(s.Owner) {
			err = notOwner("schema", s.Name)
		}
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: s.OID, Class: catalog.ClassSchema}, nil
	}
	return r.commentedOther(st)
}

func (r *run) commentedColumn(st *ast.Comment) (catalog.CommentKey, error) {
	rel, err := r.locked(st.Name, false, ShareUpdateExclusive)
	if err != nil {
		return catalog.CommentKey{}, err
	}
	if err := r.mustOwn(rel); err != nil {
		return catalog.CommentKey{}, err
	}
	_, attr := rel.Column(st.Sub)
	if attr == 0 {
		return catalog.CommentKey{}, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", st.Sub, st.Name)
	}
	switch rel.Kind {
	case catalog.Index, catalog.Sequence:
		return catalog.CommentKey{}, pgerr.New(pgerr.WrongObjectType, "cannot set comment on relation \"%s\"", rel.Name).WithDetail("%s", unsupportedKind(rel))
	}
	return catalog.CommentKey{Object: rel.OID, Class: catalog.ClassRelation, Sub: int32(attr)}, nil
}

func (r *run) commentedOther(st *ast.Comment) (catalog.CommentKey, error) {
	key := catalog.CommentKey{}
	switch st.Kind {
	case ast.ObjType, ast.ObjDomain:
		t, err := r.findType(st.Name)
		switch {
		case err != nil:
			return key, err
		case t == nil:
			return key, undefinedType(st.Name)
		case st.Kind == ast.ObjDomain && t.Class != types.Domain:
			return key, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a domain", st.Name.String())
		}
		return catalog.CommentKey{Object: t.OID, Class: catalog.ClassType}, r.mustOwnType(t)
	case ast.ObjDomainConstraint:
		return r.commentedDomain(st)
	case ast.ObjFunction, ast.ObjProcedure, ast.ObjRoutine, ast.ObjAggregate:
		f, err := r.ownFunction(st.Kind, st.Name)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: f.OID, Class: catalog.ClassFunction}, nil
	case ast.ObjRule:
		return r.commentedRule(st)
	case ast.ObjTrigger:
		_, t, err := r.triggerOn(ast.Name{Catalog: st.Table.Schema, Schema: st.Table.Object, Object: st.Sub}, false)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: t.OID, Class: catalog.ClassTrigger}, nil
	case ast.ObjPolicy:
		_, p, err := r.policyOn(ast.Name{Catalog: st.Table.Schema, Schema: st.Table.Object, Object: st.Sub, Pos: st.Table.Pos}, false, false)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: p.OID, Class: catalog.ClassPolicy}, nil
	case ast.ObjStatistics:
		x, _, err := r.ownStatistics(st.Name, false)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: x.OID, Class: catalog.ClassStatistics}, nil
	case ast.ObjRole:
		role := r.e.Role(st.Name.Object)
		if role == nil {
			return key, pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", st.Name.Object)
		}
		if !r.s.Super() && !r.e.RoleByOID(r.s.Role()).CreateRole {
			return key, pgerr.New(pgerr.InsufficientPrivilege, "must have CREATEROLE privilege")
		}
		return catalog.CommentKey{Object: role.OID, Class: catalog.ClassRole}, nil
	case ast.ObjExtension:
		return r.commentedExtension(st.Name.Object)
	case ast.ObjDatabase:
		d, err := r.databaseNamed(st.Name.Object)
		if err != nil {
			return key, err
		}
		return catalog.CommentKey{Object: d.OID, Class: catalog.ClassDatabase}, r.mustOwnDatabase(d)
	}
	return key, pgerr.NotSupported("COMMENT ON %s", kindName(st.Kind))
}

func (r *run) commentedDomain(st *ast.Comment) (catalog.CommentKey, error) {
	t, err := r.findType(st.Table)
	if err != nil {
		return catalog.CommentKey{}, err
	}
	if t == nil {
		return catalog.CommentKey{}, undefinedType(st.Table)
	}
	if err := r.mustOwnType(t); err != nil {
		return catalog.CommentKey{}, err
	}
	if def := r.e.Domain(t.OID); def != nil {
		for _, c := range def.Constraints {
			if c.Name == st.Sub {
				return catalog.CommentKey{Object: c.OID, Class: catalog.ClassConstraint}, nil
			}
		}
	}
	return catalog.CommentKey{}, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for domain %s does not exist", st.Sub, r.typeName(t))
}

// ofKind finds, locks and checks a relation that has to be of a kind and the role's.
func (r *run) ofKind(n ast.Name, kind ast.ObjectKind, mode LockMode) (*catalog.Relation, error) {
	rel, err := r.locked(n, false, mode)
	if err != nil {
		return nil, err
	}
	if err := r.mustOwn(rel); err != nil {
		return nil, err
	}
	if rel.Kind != droppable[kind] && !(rel.Kind == catalog.Virtual && kind == ast.ObjTable) {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not %s %s", rel.Name, article(relationWords[kind]), relationWords[kind])
	}
	return rel, nil
}
