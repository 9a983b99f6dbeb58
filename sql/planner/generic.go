package planner

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// generics is what the polymorphic arguments of a call stand for.
type generics struct {
	elem, array *types.Type // anyelement's family
	ranges      *types.Type // what anyrange stands for
	multirange  *types.Type // what anymultirange stands for
	compat      []*types.Type
	compatArray bool
	common      *types.Type // anycompatible's family, when settled
	unknowns    bool        // an argument of anyelement's family was an untyped literal
	anyArray    bool
	nonArray    bool
	anyEnum     bool
	compatNon   bool
}

// collect looks at every argument; conflict is the error wording when two
// disagree.
func (g *generics) collect(actual, declared []*types.Type) *pgerr.Error {
	for i, d := range declared {
		a := actual[i]
		switch d.OID {
		case types.AnyElementOID, types.AnyNonArrayOID, types.AnyEnumOID:
			g.nonArray = g.nonArray || d.OID == types.AnyNonArrayOID
			g.anyEnum = g.anyEnum || d.OID == types.AnyEnumOID
			if a.OID == types.UnknownOID {
				g.unknowns = true
				continue
			}
			if g.elem != nil && !types.Same(g.elem, a) {
				return alike("anyelement", g.elem, a)
			}
			g.elem = a
		case types.AnyArrayOID:
			g.anyArray = true
			if a.OID == types.UnknownOID {
				g.unknowns = true
				continue
			}
			a = a.Underlying()
			if g.array != nil && !types.Same(g.array, a) {
				return alike("anyarray", g.array, a)
			}
			g.array = a
		case types.AnyRangeOID, types.AnyMultirangeOID:
			if a.OID == types.UnknownOID {
				g.unknowns = true
				continue
			}
			if err := g.collectRange(a.Underlying(), d); err != nil {
				return err
			}
		case types.AnyCompatibleRangeOID, types.AnyCompatibleMultirangeOID:
			if a.OID != types.UnknownOID {
				return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not a range type but type %s", d.Name, formatType(a, types.NoMod))
			}
		case types.AnyCompatibleOID, types.AnyCompatibleNonArrayOID:
			g.compatNon = g.compatNon || d.OID == types.AnyCompatibleNonArrayOID
			g.compat = append(g.compat, a)
		case types.AnyCompatibleArrayOID:
			g.compatArray = true
			if a.OID == types.UnknownOID {
				g.compat = append(g.compat, a)
				continue
			}
			e := elemType(a)
			if e == nil {
				return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not an array but type %s", "anycompatiblearray", formatType(a, types.NoMod))
			}
			g.compat = append(g.compat, e)
		}
	}
	return g.settle()
}

func alike(family string, a, b *types.Type) *pgerr.Error {
	return pgerr.New(pgerr.DatatypeMismatch, "arguments declared \"%s\" are not all alike", family).
		WithDetail("%s versus %s", formatType(a, types.NoMod), formatType(b, types.NoMod))
}

// elemType is the element type of arrays and of int2vector and oidvector.
func elemType(t *types.Type) *types.Type {
	t = t.Underlying()
	if t.IsArray() || t.IsVector {
		return t.Elem
	}
	return nil
}

// partType is the type of what a subscript gives; nil when t takes none.
func partType(t *types.Type) *types.Type {
	if e, _ := t.FixedArray(); e != nil {
		return e
	}
	return elemType(t)
}

// settle derives element from array and array from element, and the common type
// of anycompatible.
func (g *generics) settle() *pgerr.Error {
	if g.array != nil && g.array.OID != types.AnyArrayOID {
		e := elemType(g.array)
		if e == nil {
			return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not an array but type %s", "anyarray", formatType(g.array, types.NoMod))
		}
		if g.elem == nil {
			g.elem = e
		} else if !types.Same(g.elem, e) && !types.Same(g.elem.Underlying(), e) {
			return pgerr.New(pgerr.DatatypeMismatch, "argument declared %s is not consistent with argument declared %s", "anyarray", "anyelement").
				WithDetail("%s versus %s", formatType(g.array, types.NoMod), formatType(g.elem, types.NoMod))
		} else {
			g.elem = e
		}
	}
	if err := g.settleRanges(); err != nil {
		return err
	}
	if g.elem != nil && g.nonArray && elemType(g.elem) != nil {
		return pgerr.New(pgerr.DatatypeMismatch, "type matched to anynonarray is an array type: %s", formatType(g.elem, types.NoMod))
	}
	if g.elem != nil && g.anyEnum && g.elem.Underlying().Class != types.Enum {
		return pgerr.New(pgerr.DatatypeMismatch, "type matched to anyenum is not an enum type: %s", formatType(g.elem, types.NoMod))
	}
	return g.settleCompatible()
}

func (g *generics) settleCompatible() *pgerr.Error {
	if len(g.compat) == 0 {
		return nil
	}
	list := make([]plan.Expr, len(g.compat))
	for i, t := range g.compat {
		list[i] = &plan.CaseArg{Typ: t, TypMod: types.NoMod}
	}
	t, err := commonType(list, "", nil)
	if err != nil || t == nil {
		return pgerr.New(pgerr.DatatypeMismatch, "arguments of anycompatible family cannot be cast to a common type")
	}
	for _, a := range g.compat {
		if !canCoerce([]*types.Type{a}, []*types.Type{t}, implicit) {
			return pgerr.New(pgerr.DatatypeMismatch, "arguments of anycompatible family cannot be cast to a common type")
		}
	}
	if g.compatNon && elemType(t) != nil {
		return pgerr.New(pgerr.DatatypeMismatch, "type matched to anycompatiblenonarray is an array type: %s", formatType(t, types.NoMod))
	}
	g.common = t
	return nil
}

// genericsConsistent tells whether the actual types fit the polymorphic ones.
func genericsConsistent(actual, declared []*types.Type) bool {
	var g generics
	return g.collect(actual, declared) == nil
}

// resolve replaces the polymorphic types of a signature by actual ones and
// gives the actual result type.
func resolveGenerics(actual, declared []*types.Type, ret *types.Type) ([]*types.Type, *types.Type, error) {
	poly := ret.IsPolymorphic()
	for _, d := range declared {
		poly = poly || d.IsPolymorphic()
	}
	if !poly {
		return declared, ret, nil
	}
	var g generics
	if err := g.collect(actual, declared); err != nil {
		return nil, nil, err
	}
	if g.elem == nil && g.unknowns && g.array == nil && !rangesAmong(declared) {
		if g.anyArray && !hasElement(declared) {
			return nil, nil, pgerr.New(pgerr.DatatypeMismatch, "could not determine polymorphic type because input has type %s", "unknown")
		}
		if !g.anyEnum {
			return nil, nil, pgerr.New(pgerr.DatatypeMismatch, "could not determine polymorphic type because input has type %s", "unknown")
		}
	}
	out := make([]*types.Type, len(declared))
	for i, d := range declared {
		t, err := g.actual(d, actual[i])
		if err != nil {
			return nil, nil, err
		}
		out[i] = t
	}
	rt, err := g.actual(ret, nil)
	return out, rt, err
}

func hasElement(declared []*types.Type) bool {
	for _, d := range declared {
		if d.OID == types.AnyElementOID || d.OID == types.AnyNonArrayOID || d.OID == types.AnyEnumOID {
			return true
		}
	}
	return false
}

// actual gives what a declared type stands for; arg is the actual argument, nil
// for the result.
func (g *generics) actual(d, arg *types.Type) (*types.Type, error) {
	switch d.OID {
	case types.AnyElementOID, types.AnyNonArrayOID, types.AnyEnumOID:
		if g.elem != nil {
			return g.elem, nil
		}
		return nil, undetermined("unknown")
	case types.AnyArrayOID:
		if g.array != nil {
			return g.array, nil
		}
		return arrayOver(g.elem)
	case types.AnyRangeOID:
		if g.ranges != nil {
			return g.ranges, nil
		}
		return nil, undeterminedAs(d)
	case types.AnyMultirangeOID:
		if g.multirange != nil {
			return g.multirange, nil
		}
		return nil, undeterminedAs(d)
	case types.AnyCompatibleOID, types.AnyCompatibleNonArrayOID:
		if g.common != nil {
			return g.common, nil
		}
		return nil, undetermined("unknown")
	case types.AnyCompatibleArrayOID:
		// An int2vector argument stays what it is when nothing else is involved.
		if arg != nil && arg.IsVector && types.Same(arg.Elem, g.common) {
			return arg, nil
		}
		return arrayOver(g.common)
	}
	return d, nil
}

func arrayOver(elem *types.Type) (*types.Type, error) {
	if elem == nil {
		return nil, undetermined("unknown")
	}
	if elem.Array == nil {
		return nil, pgerr.New(pgerr.UndefinedObject, "could not find array type for data type %s", formatType(elem, types.NoMod))
	}
	return elem.Array, nil
}

func undetermined(what string) *pgerr.Error {
	return pgerr.New(pgerr.DatatypeMismatch, "could not determine polymorphic type because input has type %s", what)
}
