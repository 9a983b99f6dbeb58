package engine

import (
	"context"
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// round runs the body of a loop once; stop tells that the loop ends, with j.
func (a *plRun) round(body []plpgsql.Stmt, label string) (j plJump, stop bool, err error) {
	if a.ctx.Err() != nil {
		return j, true, context.Cause(a.ctx)
	}
	if j, err = a.run(body); err != nil {
		return j, true, err
	}
	mine := j.label == "" || j.label == label
	switch {
	case j.flow == plNext, j.flow == plContinue && mine:
		return plJump{}, false, nil
	case j.flow == plExit && mine:
		return plJump{}, true, nil
	}
	return j, true, nil
}

func (a *plRun) loop(st *plpgsql.Loop) (plJump, error) {
	for {
		if st.Cond != nil {
			if ok, err := a.evalBool(st.Cond); err != nil || !ok {
				return plJump{}, err
			}
		}
		if j, stop, err := a.round(st.Body, st.Label); stop {
			return j, err
		}
	}
}

// bound evaluates a bound of FOR.
func (a *plRun) bound(e *plpgsql.Expr, what string) (int64, error) {
	d, t, err := a.eval(e)
	if err != nil {
		return 0, err
	}
	if d, err = a.cast(d, t, types.TInt4, types.NoMod); err != nil {
		return 0, err
	}
	if d.IsNull() {
		return 0, pgerr.New(pgerr.NullValueNotAllowed, "%s of FOR loop cannot be null", what)
	}
	return d.Int(), nil
}

func (a *plRun) forInt(st *plpgsql.ForInt) (plJump, error) {
	from, err := a.bound(st.From, "lower bound")
	if err != nil {
		return plJump{}, err
	}
	to, err := a.bound(st.To, "upper bound")
	if err != nil {
		return plJump{}, err
	}
	step := int64(1)
	if st.Step != nil {
		if step, err = a.bound(st.Step, "BY value"); err != nil {
			return plJump{}, err
		}
		if step <= 0 {
			return plJump{}, pgerr.New(pgerr.InvalidParameterValue, "BY value of FOR loop must be greater than zero")
		}
	}
	found := false
	defer func() { a.setFound(found) }()
	for i := from; ; {
		if !st.Reverse && i > to || st.Reverse && i < to {
			return plJump{}, nil
		}
		found = true
		a.vals[st.Var].d = types.NewInt(i)
		if j, stop, err := a.round(st.Body, st.Label); stop {
			return j, err
		}
		if st.Reverse {
			i -= step
		} else {
			i += step
		}
		if i > math.MaxInt32 || i < math.MinInt32 {
			return plJump{}, nil
		}
	}
}

// overRows runs a loop's body for each row.
func (a *plRun) overRows(rows *plRows, into []plpgsql.Target, body []plpgsql.Stmt, label string) (plJump, error) {
	found := false
	if rows.count() == 0 {
		if err := a.store(into, rows.fields, nil); err != nil {
			return plJump{}, err
		}
	}
	defer func() { a.setFound(found) }()
	for {
		row, ok := rows.next()
		if !ok {
			return plJump{}, nil
		}
		found = true
		if err := a.store(into, rows.fields, row); err != nil {
			return plJump{}, err
		}
		if j, stop, err := a.round(body, label); stop {
			return j, err
		}
	}
}

func (a *plRun) forQuery(st *plpgsql.ForQuery) (plJump, error) {
	a.s.plPortals++ // PostgreSQL opens a portal for it
	if st.Execute {
		_, rows, _, err := a.runDynamic(st.Query, st.Using)
		if err != nil {
			return plJump{}, err
		}
		return a.overRows(rows, st.Into, st.Body, st.Label)
	}
	rows, err := a.queryRows(st.Query)
	if err != nil {
		return plJump{}, err
	}
	return a.overRows(rows, st.Into, st.Body, st.Label)
}

// queryRows runs a query and reads its rows.
func (a *plRun) queryRows(e *plpgsql.Expr) (*plRows, error) {
	x, r, err := a.query(e)
	if err != nil {
		return nil, err
	}
	rows, err := a.rowsOf(x.p, r)
	if err != nil {
		return nil, a.inText(e, err, true)
	}
	if rows.at == nil {
		return nil, pgerr.New(pgerr.InvalidCursorDefinition, "cannot open %s query as cursor", statementWord(x.p.st.Stmt))
	}
	return rows, nil
}

func (a *plRun) forEach(st *plpgsql.ForEach) (plJump, error) {
	d, t, err := a.eval(st.Array)
	if err != nil {
		return plJump{}, err
	}
	u := t.Underlying()
	switch {
	case d.IsNull():
		return plJump{}, pgerr.New(pgerr.NullValueNotAllowed, "FOREACH expression must not be null")
	case u.Elem == nil:
		return plJump{}, pgerr.New(pgerr.DatatypeMismatch, "FOREACH expression must yield an array, not type %s", t.SQLName(types.NoMod))
	}
	array := types.DecodeArray(u, d.Str())
	dims, elems := array.Dims, array.Vals
	if st.Slice < 0 || st.Slice > len(dims) {
		return plJump{}, pgerr.New(pgerr.ArraySubscriptError, "slice dimension (%d) is out of the valid range 0..%d", st.Slice, len(dims))
	}
	if len(st.Into) == 1 && len(st.Into[0].Field) == 0 && len(st.Into[0].Subs) == 0 && !a.f.vars[st.Into[0].Var].rec {
		switch isArray := a.f.vars[st.Into[0].Var].typ.Underlying().Elem != nil; {
		case st.Slice > 0 && !isArray:
			return plJump{}, pgerr.New(pgerr.DatatypeMismatch, "FOREACH ... SLICE loop variable must be of an array type")
		case st.Slice == 0 && isArray:
			return plJump{}, pgerr.New(pgerr.DatatypeMismatch, "FOREACH loop variable must not be of an array type")
		}
	}
	size := 1
	for _, n := range dims[len(dims)-st.Slice:] {
		size *= int(n)
	}
	fields := []types.Field{{Name: "value", Type: u.Elem, Mod: types.NoMod}}
	if st.Slice > 0 {
		fields[0].Type = t
	}
	found := false
	defer func() { a.setFound(found) }()
	for i := 0; i+size <= len(elems) && size > 0; i += size {
		v := elems[i]
		if st.Slice > 0 {
			v = slice(u.Elem, elems[i:i+size], dims[len(dims)-st.Slice:])
		}
		found = true
		if err := a.storeElement(st.Into, fields[0].Type, v); err != nil {
			return plJump{}, err
		}
		if j, stop, err := a.round(st.Body, st.Label); stop {
			return j, err
		}
	}
	return plJump{}, nil
}

// storeElement assigns an element: to one target, or its fields to several.
func (a *plRun) storeElement(to []plpgsql.Target, t *types.Type, d types.Datum) error {
	if len(to) == 1 {
		return a.assign(&to[0], d, t)
	}
	if !isRowType(t) {
		return pgerr.New(pgerr.DatatypeMismatch, "FOREACH loop variable must not be of a list type")
	}
	r := recordOf(d, t)
	return a.store(to, r.fields, r.vals)
}

// slice makes an array of these dimensions.
func slice(elem *types.Type, vals []types.Datum, dims []int32) types.Datum {
	out := types.Array{Elem: elem, Dims: dims, Vals: vals}
	for range dims {
		out.Lower = append(out.Lower, 1)
	}
	return types.NewString(out.Encode())
}
