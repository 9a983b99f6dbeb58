package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// What ALTER TABLE notes of a table's indexes: which one CLUSTER goes by, and which one
// has the keys that tell its rows apart elsewhere (the replica identity, which nothing
// here reads, but dumps and replicas of other servers).

// indexOf finds an index of a relation.
func (a *alteration) indexOf(rel *catalog.Relation, name string) (*catalog.Relation, error) {
	ix := a.e.Relation(rel.Schema, name)
	switch {
	case ix == nil:
		return nil, pgerr.New(pgerr.UndefinedObject, "index \"%s\" for table \"%s\" does not exist", name, rel.Name)
	case ix.Kind != catalog.Index || ix.Index.Table != rel.OID:
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not an index for table \"%s\"", name, rel.Name)
	}
	return ix, nil
}

// mark sets a mark of just one of a relation's indexes; none if chosen is nil.
func (a *alteration) mark(rel, chosen *catalog.Relation, mark func(*catalog.IndexDef) *bool) {
	for _, oid := range rel.Indexes {
		ix := a.e.RelationByOID(oid).Clone()
		def := *ix.Index
		if on := chosen != nil && oid == chosen.OID; *mark(&def) != on {
			*mark(&def) = on
			ix.Index = &def
			a.e.PutRelation(ix)
		}
	}
}

// cluster runs CLUSTER ON, and SET WITHOUT CLUSTER if the name is "".
func (a *alteration) cluster(rel *catalog.Relation, name string) error {
	if rel.PartKey != nil {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot mark index clustered in partitioned table")
	}
	var ix *catalog.Relation
	if name != "" {
		var err error
		if ix, err = a.indexOf(rel, name); err != nil {
			return err
		}
		switch {
		case ix.Index.Method != "btree":
			return pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on index \"%s\" because access method does not support clustering", name)
		case ix.Index.Predicate != "":
			return pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on partial index \"%s\"", name)
		case !ix.Index.Valid:
			return pgerr.New(pgerr.FeatureNotSupported, "cannot cluster on invalid index \"%s\"", name)
		}
	}
	a.mark(rel, ix, func(d *catalog.IndexDef) *bool { return &d.Clustered })
	return nil
}

// replicaIdentity runs REPLICA IDENTITY.
func (a *alteration) replicaIdentity(rel *catalog.Relation, x *ast.AlterAction) error {
	var ix *catalog.Relation
	kind := byte(x.Text[0])
	if x.Text == "index" {
		var err error
		if ix, err = a.indexOf(rel, x.Name); err != nil {
			return err
		}
		if err := identifies(rel, ix); err != nil {
			return err
		}
	}
	a.mark(rel, ix, func(d *catalog.IndexDef) *bool { return &d.Replident })
	rel.Replident = kind
	a.e.PutRelation(rel)
	return nil
}

// identifies tells why an index cannot be the replica identity.
func identifies(rel, ix *catalog.Relation) error {
	d := ix.Index
	switch {
	case !d.Unique:
		return pgerr.New(pgerr.WrongObjectType, "cannot use non-unique index \"%s\" as replica identity", ix.Name)
	case d.Deferrable(rel):
		return pgerr.New(pgerr.FeatureNotSupported, "cannot use non-immediate index \"%s\" as replica identity", ix.Name)
	}
	for _, k := range d.Keys[:d.NKeys] {
		if k.Column == 0 {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot use expression index \"%s\" as replica identity", ix.Name)
		}
	}
	switch {
	case d.Predicate != "":
		return pgerr.New(pgerr.FeatureNotSupported, "cannot use partial index \"%s\" as replica identity", ix.Name)
	case !d.Valid:
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "cannot use invalid index \"%s\" as replica identity", ix.Name)
	}
	for _, k := range d.Keys[:d.NKeys] {
		if c := &rel.Columns[k.Column-1]; !c.NotNull {
			return pgerr.New(pgerr.WrongObjectType, "index \"%s\" cannot be used as replica identity because column \"%s\" is nullable", ix.Name, c.Name)
		}
	}
	return nil
}
