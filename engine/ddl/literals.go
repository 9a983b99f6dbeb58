package ddl

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// fixLiterals writes the literals of dates, times and intervals in a query so that
// they mean under all settings, and at any time, what they mean now (PostgreSQL keeps
// the values). Literals that do so anyway stay as they are; it tells whether there
// were others.
func fixLiterals(names *planner.Names, env *types.Env) bool {
	plain := &types.Env{Zone: env.Zone, ExtraFloatDigits: 1}
	fixed := false
	for l, v := range names.Formatted {
		if l.Kind != ast.LitString || isFixed(l.Text, v) {
			continue
		}
		l.Text, fixed = v.Type.Text(plain, v.Value), true
	}
	return fixed
}

// oddEnvs read whatever depends on settings or on the time differently from each
// other.
func oddEnvs() []*types.Env {
	east, west := types.FixedZone(9*3600), types.FixedZone(-5*3600)
	const century = 36525 * 86400 * 1000000
	return []*types.Env{
		{DateOrder: types.OrderMDY, Zone: types.UTC},
		{DateOrder: types.OrderDMY, Zone: east, IntervalStyle: types.IntervalSQLStandard, Now: century},
		{DateOrder: types.OrderYMD, Zone: west, Now: 2 * century},
	}
}

// isFixed tells whether a text means the same under all settings.
func isFixed(text string, v planner.NamedValue) bool {
	for _, env := range oddEnvs() {
		d, err := v.Type.In(env, text, v.Mod)
		if err != nil || !d.SameImage(v.Value) {
			return false
		}
	}
	return true
}
