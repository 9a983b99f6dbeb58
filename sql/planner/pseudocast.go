package planner

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// castToPseudo casts to a type that only functions are declared with: what it stands
// for stays what it is, and a literal can at most be NULL. It gives nil where there
// is no such cast.
func castToPseudo(x plan.Expr, t *types.Type) (plan.Expr, error) {
	switch t.OID {
	case types.AnyOID, types.AnyElementOID, types.AnyNonArrayOID, types.AnyCompatibleOID, types.AnyCompatibleNonArrayOID:
		return x, nil
	}
	c, ok := x.(*plan.Const)
	switch {
	case t.OID == types.AnyEnumOID && x.Type().OID == types.UnknownOID:
		return nil, nil
	case ok && c.Typ.OID == types.UnknownOID && c.Val.IsNull() && !readsNull(t):
		return &plan.Const{Typ: t, TypMod: types.NoMod}, nil
	case ok && c.Typ.OID == types.UnknownOID:
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cannot accept a value of type %s", t.Name)
	case canCoerce([]*types.Type{x.Type()}, []*types.Type{t}, explicit):
		return x, nil
	}
	return nil, nil
}

// readsNull tells the types whose input functions are called for NULL too, and
// refuse it as all else.
func readsNull(t *types.Type) bool {
	return t.OID == types.InternalOID || t.OID == types.TriggerOID || t.Name == "event_trigger" || strings.HasSuffix(t.Name, "_handler")
}

func castablePseudo(t *types.Type) bool {
	return t.OID == types.RecordOID || t.OID == types.CstringOID || t.OID == types.RecordArrayOID || t.OID == types.VoidOID || t.OID == types.UnknownOID
}
