package catalog

import (
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeProcs are the functions of a type, by OID in pg_proc.
type typeProcs struct{ subscript, in, out, recv, send, analyze OID }

// procsOf gives the functions of a type that users create.
func procsOf(t *types.Type) typeProcs {
	switch {
	case t.IsArray():
		return typeProcs{subscript: 6179, in: 750, out: 751, recv: 2400, send: 2401, analyze: 3816}
	case t.Class == types.Composite:
		return typeProcs{in: 2290, out: 2291, recv: 2402, send: 2403}
	case t.Class == types.Range:
		return typeProcs{in: 3834, out: 3835, recv: 3836, send: 3837, analyze: 3916}
	case t.Class == types.Multirange:
		return typeProcs{in: 4231, out: 4232, recv: 4233, send: 4234, analyze: 4242}
	case t.Class == types.Enum:
		return typeProcs{in: 3506, out: 3507, recv: 3532, send: 3533}
	case t.Class == types.Domain:
		base := t.Underlying()
		p := builtinProcs()[base.OID]
		if base.OID >= types.FirstUserOID {
			p = procsOf(base)
		}
		return typeProcs{in: 2597, out: p.out, recv: 2598, send: p.send, analyze: p.analyze}
	}
	return typeProcs{}
}

// builtinProcs gives the functions of built-in types by the type's OID.
var builtinProcs = sync.OnceValue(func() map[OID]typeProcs {
	t := pgdata.Load("pg_type")
	col := t.Column
	oid, out, send, analyze := col("oid"), col("typoutput"), col("typsend"), col("typanalyze")
	m := make(map[OID]typeProcs, len(t.Rows))
	for _, r := range t.Rows {
		m[OID(pgdata.Uint(r[oid]))] = typeProcs{out: OID(pgdata.Uint(r[out])), send: OID(pgdata.Uint(r[send])), analyze: OID(pgdata.Uint(r[analyze]))}
	}
	return m
})

// systemTypeRows writes the types that every database has: PostgreSQL's, and the
// row types of our own system relations.
func systemTypeRows(w *rowWriter) {
	dumpedRows("pg_type")(w)
	s := New()
	for _, r := range systemRels {
		if r.Schema == StreamsqlOID {
			s.addType(w, systemTypeByOID[r.RowType])
		}
	}
}

// typeRows writes the users' types.
func typeRows(s *Snapshot, w *rowWriter) {
	for _, t := range s.Types() {
		s.addType(w, t)
	}
}

func (s *Snapshot) addType(w *rowWriter, t *types.Type) {
	p := procsOf(t)
	var elem, array, base OID
	var dflt types.Datum
	mod, dims, notNull := types.NoMod, 0, false
	if t.IsArray() {
		elem = t.Elem.OID
	}
	if t.Array != nil {
		array = t.Array.OID
	}
	if t.Class == types.Domain {
		base, mod, notNull = t.Base.OID, t.BaseMod, t.NotNull
		if t.Base.IsArray() {
			dims = 1
		}
		if d := s.Domain(t.OID); d != nil {
			dflt = vText(d.Default)
		}
	}
	delim := t.Delim
	if delim == 0 {
		delim = ','
	}
	w.add(vOID(t.OID), vStr(t.Name), vOID(t.Schema), vOID(t.Owner), vInt(t.Len), vBool(t.ByVal), vChar(t.Class), vChar(t.Category),
		vBool(t.Preferred), vBool(true), vChar(delim), vOID(t.Rel), vOID(p.subscript), vOID(elem), vOID(array), vOID(p.in), vOID(p.out),
		vOID(p.recv), vOID(p.send), vOID(0), vOID(0), vOID(p.analyze), vChar(t.Align), vChar(t.Storage), vBool(notNull), vOID(base),
		vInt(mod), vInt(dims), vOID(t.Collation), dflt, dflt, s.vACL(s.TypeACL(t.OID)))
}

// enumRows writes the labels of the users' enums.
func enumRows(s *Snapshot, w *rowWriter) {
	for _, t := range s.Types() {
		orders := sortOrders(t)
		for i, l := range t.Labels {
			w.add(vOID(l.OID), vOID(t.OID), vFloat(orders[i]), vStr(l.Name))
		}
	}
}

// sortOrders gives enumsortorder of an enum's labels: labels that were put between
// two others have numbers between theirs, as long as a float4 can tell them apart.
func sortOrders(t *types.Type) []float64 {
	out := make([]float64, len(t.Labels))
	for i, l := range t.Labels {
		out[i] = float64(float32(float64(l.Key) / types.LabelGap))
		if i > 0 && out[i] <= out[i-1] {
			for j := range out {
				out[j] = float64(j + 1)
			}
			break
		}
	}
	return out
}

// Domain gives what a domain's type does not hold, nil when oid is no domain.
func (s *Snapshot) Domain(oid OID) *DomainDef {
	if d := s.domains[oid]; d != nil {
		return d
	}
	return systemDomains[oid]
}
