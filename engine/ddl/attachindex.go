package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// indexPartitions makes the index of a partitioned table on its partitions too.
func (r *run) indexPartitions(st *ast.CreateIndex, rel, ix *catalog.Relation) error {
	if st.Table.Only {
		if len(r.e.Partitions(rel)) > 0 {
			r.change(ix.OID, func(x *catalog.Relation) { x.Index.Valid = false })
		}
		return nil
	}
	for _, p := range r.e.Partitions(rel) {
		if _, err := r.lock(p, Share); err != nil {
			return err
		}
		if err := r.descendIndex(ix, rel, p.OID); err != nil {
			return err
		}
	}
	return nil
}

// alterIndexPartition runs ALTER INDEX … ATTACH PARTITION (ATExecAttachPartitionIdx).
func (r *run) alterIndexPartition(st *ast.AlterPartition) error {
	ix, err := r.locked(st.Table, st.IfExists, AccessExclusive)
	if ix == nil || err != nil {
		return err
	}
	if err := r.alterable(ix, ast.ObjIndex); err != nil {
		return err
	}
	if !ix.Index.Partitioned {
		return pgerr.New(pgerr.WrongObjectType, "ALTER action ATTACH PARTITION cannot be performed on relation \"%s\"", ix.Name).
			WithDetail("%s", unsupportedKind(ix))
	}
	child, err := r.locked(st.Partition, false, AccessExclusive)
	if err != nil {
		return err
	}
	if child.Kind != catalog.Index {
		return pgerr.New(pgerr.InvalidObjectDefinition, "\"%s\" is not an index", child.Name)
	}
	if err := r.mustOwn(child); err != nil {
		return err
	}
	if child.Index.Parent == ix.OID {
		return nil
	}
	if err := r.indexFits(ix, child); err != nil {
		return err
	}
	r.change(child.OID, func(x *catalog.Relation) { x.Index.Parent = ix.OID })
	r.put(r.e.RelationByOID(child.Index.Table).Clone())
	r.validateIndex(ix.OID)
	return nil
}

// indexFits checks that an index is one that a partition can have for another one.
func (r *run) indexFits(ix, child *catalog.Relation) error {
	fail := func(code pgerr.Code, detail string, args ...any) error {
		return pgerr.New(code, "cannot attach index \"%s\" as a partition of index \"%s\"", child.Name, ix.Name).WithDetail(detail, args...)
	}
	parent, rel := r.e.RelationByOID(ix.Index.Table), r.e.RelationByOID(child.Index.Table)
	if child.Index.Parent != 0 {
		return fail(pgerr.ObjectNotInPrerequisiteState, "Index \"%s\" is already attached to another index.", child.Name)
	}
	if rel.Part == nil || rel.Part.Parent != parent.OID {
		return fail(pgerr.ObjectNotInPrerequisiteState, "Index \"%s\" is not an index on any partition of table \"%s\".", child.Name, parent.Name)
	}
	if !sameIndex(child.Index, ix.Index, attrsByName(parent, rel)) {
		return fail(pgerr.InvalidObjectDefinition, "The index definitions do not match.")
	}
	if ix.Index.Constraint != 0 && child.Index.Constraint == 0 {
		return fail(pgerr.InvalidObjectDefinition, "The index \"%s\" belongs to a constraint in table \"%s\" but no constraint exists for index \"%s\".",
			ix.Name, parent.Name, child.Name)
	}
	for _, oid := range rel.Indexes {
		if r.e.RelationByOID(oid).Index.Parent == ix.OID {
			return fail(pgerr.ObjectNotInPrerequisiteState, "Another index is already attached for partition \"%s\".", rel.Name)
		}
	}
	return nil
}

// validateIndex makes the index of a partitioned table valid when each partition has a
// valid one for it, and those above it too (validatePartitionedIndex).
func (r *run) validateIndex(oid OID) {
	for oid != 0 {
		ix := r.e.RelationByOID(oid)
		attached := 0
		for _, c := range r.e.PartChildren(ix) {
			if c.Index.Valid {
				attached++
			}
		}
		if ix.Index.Valid || attached < len(r.e.Partitions(r.e.RelationByOID(ix.Index.Table))) {
			return
		}
		r.change(oid, func(x *catalog.Relation) { x.Index.Valid = true })
		oid = ix.Index.Parent
	}
}
