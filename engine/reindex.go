package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// reindex runs REINDEX. Indexes are made of immutable runs that are written anew
// whenever rows are sealed or merged, so there is nothing to rebuild; what
// PostgreSQL's rebuilding finds out is found out here too: whether the rows that
// are there satisfy the unique indexes.
func (s *Session) reindex(ctx context.Context, st *ast.Reindex) (*result, error) {
	concurrently := st.Concurrently
	for i := range st.Options {
		o := &st.Options[i]
		switch o.Name {
		case "verbose", "concurrently", "tablespace":
		default:
			return nil, pgerr.New(pgerr.SyntaxError, "unrecognized REINDEX option \"%s\"", o.Name).At(o.Pos)
		}
		if o.Name == "tablespace" {
			return nil, pgerr.NotSupported("REINDEX with TABLESPACE").At(o.Pos)
		}
		if o.Name == "concurrently" {
			on, err := s.flag(o)
			if err != nil {
				return nil, err
			}
			concurrently = concurrently || on
		}
	}
	block := s.tx.block || s.tx.many
	if block && concurrently {
		return nil, pgerr.New(pgerr.ActiveSQLTransaction, "REINDEX CONCURRENTLY cannot run inside a transaction block")
	}
	var list []*catalog.Relation
	var err error
	switch st.Kind {
	case "index":
		list, err = s.reindexIndex(st)
	case "table":
		list, err = s.reindexTable(st, concurrently)
	default:
		if block {
			return nil, pgerr.New(pgerr.ActiveSQLTransaction, "REINDEX %s cannot run inside a transaction block", strings.ToUpper(st.Kind))
		}
		list, err = s.reindexMany(st, concurrently)
	}
	if err != nil {
		return nil, err
	}
	for _, ix := range list {
		if !ix.Index.Unique || !ix.Index.Valid {
			continue
		}
		if err := s.lockRelation(ctx, ix.Index.Table, share); err != nil {
			return nil, err
		}
		if err := (ddlSession{s}).CheckUnique(ctx, ix.OID); err != nil {
			return nil, err
		}
	}
	return tagged("REINDEX"), nil
}

// flag reads an option that is on or off.
func (s *Session) flag(o *ast.Option) (bool, error) {
	if o.Value == nil {
		return true, nil
	}
	switch strings.ToLower(optionText(o.Value)) {
	case "true", "on", "1":
		return true, nil
	case "false", "off", "0":
		return false, nil
	}
	return false, pgerr.New(pgerr.SyntaxError, "%s requires a Boolean value", o.Name)
}

// utilityRelation finds what a statement of maintenance names: PostgreSQL gives no
// position for these.
func (s *Session) utilityRelation(n ast.Name) (*catalog.Relation, error) {
	n.Pos = ast.NoPos
	if n.Schema != "" && s.systemContext().Schema(n.Schema) == nil {
		return nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", n.Schema)
	}
	return s.relation(n)
}

func (s *Session) reindexIndex(st *ast.Reindex) ([]*catalog.Relation, error) {
	r, err := s.utilityRelation(st.Name)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.Index {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not an index", r.Name)
	}
	return []*catalog.Relation{r}, s.owns("index", r)
}

func (s *Session) reindexTable(st *ast.Reindex, concurrently bool) ([]*catalog.Relation, error) {
	r, err := s.maintained(st.Name)
	if err != nil {
		return nil, err
	}
	list := s.indexesOf(r)
	if len(list) == 0 && !hasToast(r) {
		text := "table \"%s\" has no indexes to reindex"
		if concurrently {
			text = "table \"%s\" has no indexes that can be reindexed concurrently"
		}
		s.notice(pgerr.Notice(pgerr.SuccessfulCompletion, text, r.Name))
	}
	return list, nil
}

// maintained finds a table or materialized view that REINDEX or CLUSTER names.
func (s *Session) maintained(n ast.Name) (*catalog.Relation, error) {
	r, err := s.utilityRelation(n)
	if err != nil {
		return nil, err
	}
	switch r.Kind {
	case catalog.Table, catalog.MatView, catalog.Stream:
		return r, s.owns("table", r)
	}
	return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a table or materialized view", r.Name)
}

// owns refuses what is somebody else's.
func (s *Session) owns(kind string, r *catalog.Relation) error {
	if s.super || s.systemContext().MemberOf(s.role, r.Owner, true) {
		return nil
	}
	if r.Kind == catalog.MatView {
		kind = "materialized view"
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "must be owner of %s %s", kind, r.Name)
}

func (s *Session) indexesOf(r *catalog.Relation) []*catalog.Relation {
	var list []*catalog.Relation
	for _, oid := range r.Indexes {
		if ix := s.systemContext().RelationByOID(oid); ix != nil {
			list = append(list, ix)
		}
	}
	return list
}

// hasToast tells whether PostgreSQL gives a table a place for long values, which
// has an index of its own (needs_toast_table).
func hasToast(r *catalog.Relation) bool {
	const threshold = 2032
	size := 0
	for i := range r.Columns {
		c := &r.Columns[i]
		switch {
		case c.Dropped || c.Type == nil:
		case c.Type.Len > 0:
			size += int(c.Type.Len)
		case c.Mod == types.NoMod || c.Type.Underlying().Category != 'S':
			return true
		default:
			size += 4*int(c.Mod-4) + 4
		}
	}
	return size > threshold
}

// reindexMany lists the indexes of a schema or of the database.
func (s *Session) reindexMany(st *ast.Reindex, concurrently bool) ([]*catalog.Relation, error) {
	snap := s.systemContext().Snapshot
	var schema *catalog.Schema
	switch {
	case st.Kind == "system" && concurrently:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot reindex system catalogs concurrently")
	case st.Kind == "schema":
		if schema = snap.Schema(st.Name.Object); schema == nil {
			return nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", st.Name.Object)
		}
		if !s.super && !snap.MemberOf(s.role, schema.Owner, true) {
			return nil, pgerr.New(pgerr.InsufficientPrivilege, "must be owner of schema %s", schema.Name)
		}
	case st.Name.Object != s.Database():
		return nil, pgerr.New(pgerr.FeatureNotSupported, "can only reindex the currently open database")
	case !s.super && !snap.MemberOf(s.role, snap.DatabaseByOID(s.db).Owner, true):
		return nil, pgerr.New(pgerr.InsufficientPrivilege, "must be owner of database %s", s.Database())
	}
	var list []*catalog.Relation
	for _, r := range snap.Relations() {
		if st.Kind != "system" && r.Kind == catalog.Index && (schema == nil || r.Schema == schema.OID) {
			list = append(list, r)
		}
	}
	return list, nil
}
