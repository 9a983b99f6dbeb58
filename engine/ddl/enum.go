package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeSchema finds the schema that a type is to be made in, and reserves the name.
func (r *run) typeSchema(n ast.Name) (*catalog.Schema, error) {
	s, err := r.creationSchema(n)
	if err != nil {
		return nil, err
	}
	if err := checkNotSystem(s, n.Object); err != nil {
		return nil, err
	}
	if err := r.lockName(s.OID, n.Object); err != nil {
		return nil, err
	}
	if t := r.e.Type(s.OID, n.Object); t != nil && !r.moveArrayType(t) {
		return nil, pgerr.New(pgerr.DuplicateObject, "type \"%s\" already exists", n.Object)
	}
	return s, nil
}

// createEnum runs CREATE TYPE … AS ENUM.
func (r *run) createEnum(st *ast.CreateEnum) error {
	s, err := r.typeSchema(st.Name)
	if err != nil {
		return err
	}
	t := &types.Type{
		OID: r.e.NewOID(), Name: st.Name.Object, Schema: s.OID, Kind: types.Int, Class: types.Enum, Category: 'E', Len: 4, ByVal: true, Align: 'i',
		Storage: 'p', Delim: ',', BaseMod: types.NoMod, Owner: r.s.Role(),
	}
	for i, l := range st.Labels {
		if err := checkLabel(l); err != nil {
			return err
		}
		if labelAt(t, l) >= 0 {
			return pgerr.New(pgerr.UniqueViolation, "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"").
				WithDetail("Key (enumtypid, enumlabel)=(%d, %s) already exists.", t.OID, l).
				WithTable("pg_catalog", "pg_enum", "", "pg_enum_typid_label_index")
		}
		t.Labels = append(t.Labels, types.Label{Name: l, Key: int64(i+1) * types.LabelGap, OID: r.e.NewOID()})
	}
	r.putType(t)
	r.initialTypeACL(t)
	return nil
}

func checkLabel(l string) error {
	if len(l) <= maxName {
		return nil
	}
	return pgerr.New(pgerr.InvalidName, "invalid enum label \"%s\"", l).WithDetail("Labels must be %d bytes or less.", maxName)
}

func labelAt(t *types.Type, name string) int {
	return slices.IndexFunc(t.Labels, func(l types.Label) bool { return l.Name == name })
}

// alterEnum runs ALTER TYPE … ADD VALUE and RENAME VALUE.
func (r *run) alterEnum(st *ast.AlterEnum) error {
	t, err := r.findType(st.Name)
	switch {
	case err != nil:
		return err
	case t == nil:
		return undefinedType(st.Name)
	case t.Class != types.Enum:
		return pgerr.New(pgerr.WrongObjectType, "%s is not an enum", r.typeName(t))
	}
	if err := r.mustOwnType(t); err != nil {
		return err
	}
	if err := checkLabel(st.Value); err != nil {
		return err
	}
	exists := pgerr.New(pgerr.DuplicateObject, "enum label \"%s\" already exists", st.Value)
	missing := func(l string) error {
		return pgerr.New(pgerr.InvalidParameterValue, "\"%s\" is not an existing enum label", l)
	}
	if st.Rename {
		at := labelAt(t, st.Old)
		switch {
		case at < 0:
			return missing(st.Old)
		case labelAt(t, st.Value) >= 0:
			return exists
		}
		return r.restate(r.namingType(t), func() error {
			r.changeType(t.OID, func(n *types.Type) {
				n.Labels = slices.Clone(n.Labels)
				n.Labels[at].Name = st.Value
			})
			return nil
		})
	}
	if labelAt(t, st.Value) >= 0 {
		if st.IfNotExists {
			r.notice(pgerr.DuplicateObject, "enum label \"%s\" already exists, skipping", st.Value)
			return nil
		}
		return exists
	}
	at := len(t.Labels)
	if st.Neighbor != "" {
		if at = labelAt(t, st.Neighbor); at < 0 {
			return missing(st.Neighbor)
		}
		if st.After {
			at++
		}
	}
	key, err := keyBetween(t, at)
	if err != nil {
		return err
	}
	l := types.Label{Name: st.Value, Key: key, OID: r.e.NewOID()}
	r.changeType(t.OID, func(n *types.Type) { n.Labels = slices.Insert(slices.Clone(n.Labels), at, l) })
	return nil
}

// keyBetween gives the key of a label that comes before the one at a place.
func keyBetween(t *types.Type, at int) (int64, error) {
	switch n := len(t.Labels); {
	case n == 0:
		return types.LabelGap, nil
	case at == n:
		return t.Labels[n-1].Key + types.LabelGap, nil
	case at == 0:
		return t.Labels[0].Key - types.LabelGap, nil
	}
	lo, hi := t.Labels[at-1].Key, t.Labels[at].Key
	if hi-lo < 2 {
		return 0, pgerr.New(pgerr.ProgramLimitExceeded, "too many values were added between \"%s\" and \"%s\"", t.Labels[at-1].Name, t.Labels[at].Name)
	}
	return lo + (hi-lo)/2, nil
}

// namingType says which dependencies name a type or its array type.
func (r *run) namingType(t *types.Type) func(d catalog.Dep) bool {
	return func(d catalog.Dep) bool { return d.Object == t.OID || t.Array != nil && d.Object == t.Array.OID }
}
