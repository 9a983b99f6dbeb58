package catalog

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// RangeMakers gives the functions of that name in a schema that make values of a
// user's range type, which has their name, or of its multirange type.
func (s *Snapshot) RangeMakers(schema OID, n string) []*funcs.Func {
	t := s.typeByName[name{schema, n}]
	switch {
	case t == nil:
		return nil
	case t.Class == types.Range:
		return rangeMakers(t)[:2]
	case t.Class == types.Multirange:
		return rangeMakers(t.Over)[2:]
	}
	return nil
}

// rangeMakers gives the functions in the order of Type.Makers.
func rangeMakers(t *types.Type) []*funcs.Func {
	m := t.Multi
	fns := []*funcs.Func{
		{Name: t.Name, Schema: t.Schema, Args: []*types.Type{t.Sub, t.Sub}, Ret: t, Src: "range_constructor2"},
		{Name: t.Name, Schema: t.Schema, Args: []*types.Type{t.Sub, t.Sub, types.TText}, Ret: t, Src: "range_constructor3"},
		{Name: m.Name, Schema: m.Schema, Ret: m, Src: "multirange_constructor0", Strict: true},
		{Name: m.Name, Schema: m.Schema, Args: []*types.Type{t}, Ret: m, Src: "multirange_constructor1", Strict: true},
		{Name: m.Name, Schema: m.Schema, Args: []*types.Type{t.Array}, Variadic: t, Ret: m, Src: "multirange_constructor2", Strict: true},
	}
	for i, f := range fns {
		im := funcs.MultirangeConstructor
		if i < 2 {
			im = funcs.RangeConstructor
		}
		f.OID, f.Kind, f.Volatility = t.Makers[i], funcs.Scalar, funcs.Immutable
		fns[i] = f.With(im)
	}
	return fns
}

// rangeMaker gives the function with that OID that makes values of a user's range or
// multirange type, nil when there is none.
func (s *Snapshot) rangeMaker(oid OID) *funcs.Func {
	if oid < types.FirstUserOID {
		return nil
	}
	for _, t := range s.types {
		if t.Class != types.Range {
			continue
		}
		for i, maker := range t.Makers {
			if maker == oid {
				return rangeMakers(t)[i]
			}
		}
	}
	return nil
}

// makers writes that the functions that make values of a range type and of its
// multirange type are parts of these types: dumps leave them out for that.
func (d *dependWriter) makers(t *types.Type) {
	for _, f := range rangeMakers(t) {
		self := Object{classProc, f.OID, 0}
		d.on(self, Object{classNamespace, f.Schema, 0}, DepNormal)
		for _, a := range append(f.Args, f.Ret) {
			d.on(self, Object{classType, a.OID, 0}, DepNormal)
		}
		d.on(self, Object{classType, f.Ret.OID, 0}, DepInternal)
	}
}

// userRanges gives the range types that users have made.
func (s *Snapshot) userRanges() []*types.Type {
	var out []*types.Type
	for _, t := range s.Types() {
		if t.Class == types.Range {
			out = append(out, t)
		}
	}
	return out
}

// rangeMakerRows writes the functions of the users' range types.
func rangeMakerRows(s *Snapshot, w *rowWriter) {
	for _, t := range s.userRanges() {
		for _, f := range rangeMakers(t) {
			addFunction(w, f)
		}
	}
}

// rangeRows writes the users' range types.
func rangeRows(s *Snapshot, w *rowWriter) {
	const btree = 403
	for _, t := range s.userRanges() {
		w.add(vOID(t.OID), vOID(t.Sub.OID), vOID(t.Multi.OID), vOID(t.SubColl), vOID(DefaultOpClass(btree, t.Sub)), vOID(0), vOID(t.SubDiff))
	}
}
