package catalog

import (
	"cmp"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Access methods, by OID in pg_am.
const (
	HeapAM   OID = 2
	BtreeAM  OID = 403
	HashAM   OID = 405
	StreamAM OID = 9101 // of streams
)

// accessMethods holds the index access methods by name.
var accessMethods = map[string]OID{"btree": BtreeAM, "hash": HashAM, "gist": 783, "gin": 2742, "spgist": 4000, "brin": 3580}

// AccessMethodName gives the name of an access method, "" when unknown.
func AccessMethodName(oid OID) string {
	switch oid {
	case HeapAM:
		return "heap"
	case StreamAM:
		return "stream"
	}
	for n, o := range accessMethods {
		if o == oid {
			return n
		}
	}
	return ""
}

func amRows(w *rowWriter) {
	dumpedRows("pg_am")(w)
	w.add(vOID(StreamAM), vStr("stream"), vInt(3), vStr("t")) // handler: heap's
}

// PgKind is the relation's letter in pg_class.
func (r *Relation) PgKind() byte {
	switch r.Kind {
	case Virtual:
		return r.Shown
	case Stream:
		return 'r'
	case Table:
		if r.PartKey != nil {
			return 'p'
		}
	case Index:
		if r.Index.Partitioned {
			return 'I'
		}
	}
	return byte(r.Kind)
}

// accessMethod is pg_class.relam.
func (r *Relation) accessMethod() OID {
	switch r.Kind {
	case Table, MatView:
		if r.PartKey != nil {
			return 0
		}
		return HeapAM
	case Stream:
		return StreamAM
	case Index:
		return accessMethods[r.Index.Method]
	case Virtual:
		if r.Shown == 'r' {
			return HeapAM
		}
	}
	return 0
}

// attributes is the number of columns, dropped ones included.
func (r *Relation) attributes() int {
	switch {
	case r.Kind == Sequence:
		return len(sequenceColumns)
	case r.Kind == Index && len(r.Columns) == 0:
		return len(r.Index.Keys)
	}
	return len(r.Columns)
}

func (r *Relation) checks() int {
	n := 0
	for _, c := range r.Constraints {
		if c.Kind == Check {
			n++
		}
	}
	return n
}

// classFlags are columns of pg_class that follow from other relations.
type classFlags struct {
	filenode  OID
	shared    bool
	triggers  bool // has triggers, or has or is the target of a foreign key
	hasIndex  bool
	replident byte
	frozen    int64
}

func (s *Snapshot) addClass(w *rowWriter, r *Relation, f classFlags) {
	minMulti := int64(0)
	if f.frozen != 0 {
		minMulti = 1
	}
	pages, tuples := int32(0), -1.0
	if k := r.PgKind(); k != 'r' && k != 'm' {
		tuples = 0
		if k == 'S' || k == 'i' {
			pages = 1
		}
		if k == 'S' {
			tuples = 1
		}
	}
	w.add(vOID(r.OID), vStr(r.Name), vOID(r.Schema), vOID(r.RowType), vOID(0), vOID(r.Owner), vOID(r.accessMethod()), vOID(f.filenode), vOID(tablespace(f.shared)),
		vInt(pages), vFloat(tuples), vInt(0), vOID(0), vBool(f.hasIndex), vBool(f.shared), vChar(r.persistence()), vChar(r.PgKind()),
		vInt(r.attributes()), vInt(r.checks()), vBool(r.PgKind() == 'v' || r.PgKind() == 'm' || len(r.Rules) > 0), vBool(f.triggers), vBool(len(s.PartChildren(r)) > 0 || len(s.Children(r)) > 0), vBool(r.RowSecurity), vBool(r.ForceRowSecurity),
		vBool(true), vChar(f.replident), vBool(r.Part != nil || r.Index != nil && r.Index.Parent != 0), vOID(0), vInt(f.frozen), vInt(minMulti), s.vACL(r.ACL),
		vArray(textArray, r.Options), s.vBound(r))
}

// tablespace is pg_class.reltablespace: 0 is the database's own.
func tablespace(shared bool) OID {
	const pgGlobal = 1664
	if shared {
		return pgGlobal
	}
	return 0
}

func (r *Relation) persistence() byte {
	if r.Persistence == 0 {
		return 'p'
	}
	return r.Persistence
}

// firstXid is the transaction id that stands where PostgreSQL shows the age of
// rows: nothing here ever grows old.
const firstXid = 3

// classRows writes the users' relations.
func classRows(s *Snapshot, w *rowWriter) {
	inFK := map[OID]bool{}
	rels := s.Relations()
	for _, r := range rels {
		for _, c := range r.Constraints {
			if c.Kind == Foreign {
				inFK[r.OID], inFK[c.RefTable] = true, true
			}
		}
	}
	for _, r := range rels {
		f := classFlags{triggers: inFK[r.OID] || len(r.Triggers) > 0, hasIndex: len(r.Indexes) > 0, replident: 'n'}
		if r.Stored() {
			f.replident, f.frozen = cmp.Or(r.Replident, 'd'), firstXid
		}
		if k := r.PgKind(); r.PartKey == nil && k != 'I' && (r.Stored() || r.Kind == Index || r.Kind == Sequence) {
			f.filenode = r.OID
		}
		s.addClass(w, r, f)
	}
}

// systemClassRows writes the system relations and the indexes that PostgreSQL
// has on them.
func systemClassRows(w *rowWriter) {
	s := New()
	indexed := map[OID]bool{}
	for _, x := range systemIndexes() {
		indexed[x.Index.Table] = true
	}
	shared := sharedRelations()
	for _, r := range systemRels {
		f := classFlags{shared: shared[r.OID], hasIndex: indexed[r.OID], replident: 'n'}
		if r.Shown == 'r' && r.Kind == Virtual {
			f.frozen = firstXid
		}
		s.addClass(w, r, f)
	}
	for _, x := range systemIndexes() {
		s.addClass(w, x, classFlags{shared: shared[x.Index.Table], replident: 'n'})
	}
}

// sharedRelations are those that PostgreSQL shares between databases.
func sharedRelations() map[OID]bool {
	t := pgdata.Load("relations")
	oid, shared := t.Column("oid"), t.Column("relisshared")
	out := map[OID]bool{}
	for _, r := range t.Rows {
		out[OID(pgdata.Uint(r[oid]))] = pgdata.Bool(r[shared])
	}
	return out
}

// refreshClass puts the sizes of stored relations into the rows of pg_class:
// they change with every commit, the rest with the catalogue.
func refreshClass(c *Context, b *vec.Batch) *vec.Batch {
	if c.Server == nil {
		return b
	}
	oid, pages, tuples := systemColumnAt("pg_class", "oid"), systemColumnAt("pg_class", "relpages"), systemColumnAt("pg_class", "reltuples")
	out := *b
	out.Cols = append([]vec.Vec(nil), b.Cols...)
	p := append([]int64(nil), b.Cols[pages].Ints...)
	n := append([]float64(nil), b.Cols[tuples].Floats...)
	for i, o := range b.Cols[oid].Ints {
		r := c.rels[OID(o)]
		if r == nil || !r.Stored() && r.Kind != Index {
			continue
		}
		st := c.Server.RelationStats(OID(o))
		p[i] = (st.Bytes + pageSize - 1) / pageSize
		n[i] = float64(float32(st.Rows))
	}
	out.Cols[pages].Ints, out.Cols[tuples].Floats = p, n
	return &out
}

// pageSize is the size of a page where PostgreSQL counts in pages.
const pageSize = 8192

// systemColumnAt gives the position of a column of a relation of pg_catalog.
func systemColumnAt(rel, column string) int {
	_, n := systemByName[name{PgCatalogOID, rel}].Column(column)
	return int(n) - 1
}

// vBound is pg_class.relpartbound.
func (s *Snapshot) vBound(r *Relation) types.Datum {
	if r.Part == nil {
		return types.Null
	}
	return vStr(s.PartBoundDef(r))
}
