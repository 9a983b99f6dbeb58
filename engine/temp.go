package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
)

// Temporary tables are tables in a schema of the session's, which goes when the
// session ends; what a crash leaves of them goes at the next start.

// tempName is the name of a session's temporary schema.
func (s *Session) tempName() string { return fmt.Sprintf("pg_temp_%d", s.pid) }

// beforeCommit does what ON COMMIT says of temporary tables.
func (s *Session) beforeCommit(ctx context.Context) error {
	if !s.hasTemp {
		return nil
	}
	schema := s.tempOID(false)
	var empty, drop []OID
	for _, r := range s.tx.catalog().Relations() {
		if r.Schema != schema || r.OnCommit == 0 {
			continue
		}
		if r.OnCommit == 'x' {
			drop = append(drop, r.OID)
		} else if st := s.tx.read.relation(r.OID); s.tx.writes[r.OID] != nil || st != nil && st.rows != nil && st.rows.Rows() > 0 {
			empty = append(empty, r.OID)
		}
	}
	if drop != nil {
		if err := ddl.DropQuietly(ctx, ddlSession{s}, drop); err != nil {
			return err
		}
		// Those that inherit from a table that goes are gone with it.
		empty = slices.DeleteFunc(empty, func(oid OID) bool { return s.tx.catalog().RelationByOID(oid) == nil })
	}
	if len(empty) == 0 {
		return nil
	}
	return ddlSession{s}.truncateRows(empty)
}

// tempPrefix begins the names of temporary schemas.
const tempPrefix = "pg_temp_"

// tempOID gives the session's temporary schema as the transaction sees it, 0 when
// there is none; one is made if make is set.
func (s *Session) tempOID(make bool) OID {
	snap := s.sys.Snapshot
	if s.tx != nil && s.tx.read != nil {
		snap = s.tx.catalog()
	}
	if sc := snap.Schema(s.tempName()); sc != nil {
		return sc.OID
	}
	if !make {
		return 0
	}
	s.hasTemp = true
	e := s.tx.ddl()
	sc := &catalog.Schema{OID: e.NewOID(), Name: s.tempName(), Owner: catalog.BootstrapRole, Temp: true}
	e.PutSchema(sc)
	return sc.OID
}

// dropTemp drops the session's temporary objects, in the transaction under way or
// one of its own.
func (s *Session) dropTemp() error {
	if s.tempOID(false) == 0 {
		return nil
	}
	own := s.tx == nil
	if own {
		s.begin(false)
		s.tx.statement()
	}
	dropSchemaObjects(s.tx.ddl(), s.tempOID(false))
	if own {
		return s.commit(context.Background())
	}
	return nil
}

// dropSchemaObjects drops a temporary schema with everything in it.
func dropSchemaObjects(e *catalog.Edit, schema OID) {
	for _, r := range e.Relations() {
		if r.Schema == schema {
			e.DropRelation(r.OID)
		}
	}
	for _, t := range e.Types() {
		if t.Schema == schema && e.TypeByOID(t.OID) != nil {
			e.DropType(t.OID)
		}
	}
	e.DropSchema(schema)
}

// dropLeftovers drops the temporary objects that sessions of an earlier run have
// left.
func (e *Engine) dropLeftovers() error {
	edit := e.catalog().Edit(e.newOID)
	for _, sc := range edit.Schemas() {
		if sc.Temp && strings.HasPrefix(sc.Name, tempPrefix) {
			dropSchemaObjects(edit, sc.OID)
		}
	}
	if !edit.Dirty() {
		return nil
	}
	c := &commit{tx: e.newTx(), cat: edit.Changes(), sync: true}
	if err := e.line.commit(c); err != nil {
		return err
	}
	<-c.done
	return c.err
}
