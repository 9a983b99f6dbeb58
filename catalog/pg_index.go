package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// systemIndexes gives the indexes that PostgreSQL has on its catalogues, by OID.
// Nothing is stored in them here; tools show them and read keys off them.
var systemIndexes = sync.OnceValue(func() []*Relation {
	t := pgdata.Load("indexes")
	col := t.Column
	oid, relname, table, unique, primary := col("indexrelid"), col("relname"), col("indrelid"), col("indisunique"), col("indisprimary")
	key, class, con := col("indkey"), col("indclass"), col("conoid")
	var out []*Relation
	for _, r := range t.Rows {
		rel := systemByOID[OID(pgdata.Uint(r[table]))]
		x := &IndexDef{
			Table: rel.OID, Unique: pgdata.Bool(r[unique]), Primary: pgdata.Bool(r[primary]), Method: "btree",
			Constraint: OID(pgdata.Uint(r[con])), Slot: -1, Valid: true,
		}
		classes := pgdata.OIDs(r[class])
		for i, k := range strings.Fields(r[key]) {
			c := &rel.Columns[pgdata.Int(k)-1]
			x.Keys = append(x.Keys, IndexKey{Column: int16(pgdata.Int(k)), OpClass: OID(classes[i]), TypeOID: c.TypeOID, Mod: c.Mod})
		}
		x.NKeys = len(x.Keys)
		out = append(out, &Relation{
			OID: OID(pgdata.Uint(r[oid])), Schema: rel.Schema, Name: r[relname], Kind: Index, Owner: BootstrapRole, Persistence: 'p', Index: x,
		})
	}
	return out
})

// indexRows writes the users' indexes.
func indexRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		if r.Kind == Index {
			s.addIndex(w, r)
		}
	}
}

func systemIndexRows(w *rowWriter) {
	s := New()
	for _, r := range systemIndexes() {
		s.addIndex(w, r)
	}
}

func (s *Snapshot) addIndex(w *rowWriter, r *Relation) {
	x := r.Index
	table := s.RelationByOID(x.Table)
	keys := make([]int16, len(x.Keys))
	classes, colls, options := make([]OID, x.NKeys), make([]OID, x.NKeys), make([]int16, x.NKeys)
	var exprs []string
	for i, k := range x.Keys {
		keys[i] = k.Column
		if k.Column == 0 {
			exprs = append(exprs, k.Expr)
		}
		if i >= x.NKeys {
			continue
		}
		classes[i], colls[i] = s.opClass(x, k), s.keyCollation(table, k)
		if k.Desc {
			options[i] |= 1
		}
		if k.NullsFirst {
			options[i] |= 2
		}
	}
	immediate := table == nil || !x.Deferrable(table)
	w.add(vOID(r.OID), vOID(x.Table), vInt(len(x.Keys)), vInt(x.NKeys), vBool(x.Unique), vBool(x.NullsNotDistinct), vBool(x.Primary),
		vBool(false), vBool(immediate), vBool(x.Clustered), vBool(x.Valid), vBool(false), vBool(x.Valid), vBool(true), vBool(x.Replident),
		vInt2Vector(keys), vOIDVector(colls), vOIDVector(classes), vInt2Vector(options), vText(strings.Join(exprs, ", ")), vText(x.Predicate))
}

// Deferrable tells whether the index is that of a deferrable constraint of its table.
func (x *IndexDef) Deferrable(table *Relation) bool {
	return x.Constraint != 0 && slices.ContainsFunc(table.Constraints, func(c *Constraint) bool { return c.OID == x.Constraint && c.Deferrable })
}

// keyCollation is the collation that a key of an index is ordered by.
func (s *Snapshot) keyCollation(table *Relation, k IndexKey) OID {
	if k.Collation != 0 {
		return k.Collation
	}
	if k.Column > 0 && table != nil && int(k.Column) <= len(table.Columns) {
		return table.Columns[k.Column-1].collation()
	}
	if t := s.TypeByOID(k.TypeOID); t != nil {
		return t.Collation
	}
	return 0
}

// collation is attcollation: the column's own or its type's.
func (c *Column) collation() OID {
	if c.Collation != 0 || c.Type == nil {
		return c.Collation
	}
	return c.Type.Collation
}

// opClass is the operator class of a key: its own or the default one.
func (s *Snapshot) opClass(x *IndexDef, k IndexKey) OID {
	if k.OpClass != 0 {
		return k.OpClass
	}
	return DefaultOpClass(accessMethods[x.Method], s.TypeByOID(k.TypeOID))
}

// OpClass is a row of pg_opclass.
type OpClass struct {
	OID, Method, Schema, Family, Input OID
	// Stored is the type of the keys in the index where it is not Input.
	Stored  OID
	Name    string
	Default bool
}

var opClasses = sync.OnceValue(func() []OpClass {
	t := pgdata.Load("pg_opclass")
	col := t.Column
	var out []OpClass
	for _, r := range t.Rows {
		id := func(name string) OID { return OID(pgdata.Uint(r[col(name)])) }
		out = append(out, OpClass{
			OID: id("oid"), Method: id("opcmethod"), Schema: id("opcnamespace"), Family: id("opcfamily"), Input: id("opcintype"),
			Stored: id("opckeytype"), Name: r[col("opcname")], Default: pgdata.Bool(r[col("opcdefault")]),
		})
	}
	return out
})

// OpClassByOID gives an operator class, nil when there is none.
func OpClassByOID(oid OID) *OpClass {
	all := opClasses()
	for i := range all {
		if all[i].OID == oid {
			return &all[i]
		}
	}
	return nil
}

// DefaultOpClass gives the operator class that an access method uses for a
// type, 0 when there is none: that of the type itself, of one it is stored as, or
// of the pseudo-type it belongs to.
func DefaultOpClass(method OID, t *types.Type) OID {
	if t == nil {
		return 0
	}
	t = t.Underlying()
	want := []OID{t.OID}
	switch {
	case t.OID == types.VarcharOID:
		want = append(want, types.TextOID)
	case t.Kind == types.Int && strings.HasPrefix(t.Name, "reg"):
		want = append(want, types.OidOID)
	case t.Name == "cidr":
		want = append(want, 869) // inet
	case t.IsArray():
		want = append(want, types.AnyArrayOID)
	case t.Class == types.Enum:
		want = append(want, types.AnyEnumOID)
	case t.Class == types.Range:
		want = append(want, types.AnyRangeOID)
	case t.Class == types.Multirange:
		want = append(want, types.AnyMultirangeOID)
	case t.Class == types.Composite:
		want = append(want, types.RecordOID)
	}
	for _, input := range want {
		for _, c := range opClasses() {
			if c.Method == method && c.Input == input && c.Default {
				return c.OID
			}
		}
	}
	return 0
}
