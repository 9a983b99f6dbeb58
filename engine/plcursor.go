package engine

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Cursors of PL/pgSQL are the session's, by the name that the variable holds.

// open runs OPEN.
func (a *plRun) open(st *plpgsql.Open) error {
	v := a.f.tree.Vars[st.Cursor]
	query, scroll, noScroll := st.Query, st.Scroll, st.NoScroll
	if v.Query != nil {
		if err := a.cursorArgs(v, st.Args); err != nil {
			return err
		}
		query, scroll, noScroll = v.Query, v.Scroll, v.NoScroll
	}
	if st.Execute {
		p, args, err := a.dynamic(st.Query, st.Using)
		if err != nil {
			return err
		}
		return a.openCursor(st.Cursor, p, args, scroll, noScroll)
	}
	x, err := a.expr(query)
	if err != nil {
		return err
	}
	a.snapshot()
	a.s.systemContext()
	if err := a.prepare(x); err != nil {
		return a.inText(query, err, true)
	}
	args := x.vars.values(a, nil)
	p := *x.p
	vars := x.vars
	p.plan, p.vars, p.cols = nil, &vars, nil
	return a.openCursor(st.Cursor, &p, args, scroll, noScroll)
}

// cursorArgs gives a bound cursor's parameters their values.
func (a *plRun) cursorArgs(v *plpgsql.Var, args []*plpgsql.Expr) error {
	ds := make([]types.Datum, len(args))
	ts := make([]*types.Type, len(args))
	for i, e := range args {
		var err error
		if ds[i], ts[i], err = a.eval(e); err != nil {
			return err
		}
	}
	for i := range args {
		if err := a.set(v.CursorArgs[i].Number, ds[i], ts[i]); err != nil {
			return err
		}
	}
	return nil
}

// openCursor opens a portal. A variable without a name gets one.
func (a *plRun) openCursor(v int, p *prepared, args []types.Datum, scroll, noScroll bool) error {
	s := a.s
	name := a.vals[v].d.Str()
	if a.vals[v].d.IsNull() {
		s.plPortals++
		name = "<unnamed portal " + strconv.Itoa(s.plPortals) + ">"
	}
	if s.portals[name] != nil {
		return pgerr.New(pgerr.DuplicateCursor, "cursor \"%s\" already in use", name)
	}
	if p == nil {
		return pgerr.New(pgerr.InvalidCursorDefinition, "cannot open empty query as cursor")
	}
	q, ok := p.st.Stmt.(*ast.Select)
	if !ok {
		return pgerr.New(pgerr.InvalidCursorDefinition, "cannot open %s query as cursor", statementWord(p.st.Stmt))
	}
	inner := *p
	inner.cursor = true
	if err := s.analyzeQuery(&inner); err != nil {
		return err
	}
	if modifies(q) || len(inner.plan.query.Parts) > 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH")
	}
	if err := inner.plan.query.Fails; err != nil {
		return err
	}
	if err := s.permitted(inner.plan.query.Access); err != nil {
		return err
	}
	src, err := s.openQuery(inner.plan, args)
	if err != nil {
		return err
	}
	c := &cursor{src: src, scroll: scroll || !noScroll, keep: !noScroll, sql: p.sql, at: s.e.now()}
	c.follow(inner.plan.query, s.tx)
	inner.vars = nil
	s.portals[name] = &portal{name: name, p: &inner, cols: inner.cols, cursor: c, depth: s.depth()}
	return a.set(v, types.NewString(name), types.TText)
}

// cursorName is the name of the portal that a variable refers to.
func (a *plRun) cursorName(v int) (string, error) {
	d := a.vals[v].d
	if d.IsNull() {
		return "", pgerr.New(pgerr.NullValueNotAllowed, "cursor variable \"%s\" is null", a.f.tree.Vars[v].Name)
	}
	return d.Str(), nil
}

// fetch runs FETCH and MOVE.
func (a *plRun) fetch(st *plpgsql.Fetch) error {
	name, err := a.cursorName(st.Cursor)
	if err != nil {
		return err
	}
	n := &ast.Fetch{Move: st.Move, Dir: st.Dir, Count: st.Count, Cursor: name}
	if st.CountExpr != nil {
		d, t, err := a.eval(st.CountExpr)
		if err == nil {
			d, err = a.cast(d, t, types.TInt4, types.NoMod)
		}
		if err != nil {
			return err
		}
		if d.IsNull() {
			return pgerr.New(pgerr.NullValueNotAllowed, "relative or absolute cursor position is null")
		}
		n.Count = d.Int()
	}
	rows, tag, err := a.fetchRows(n)
	if err != nil {
		return err
	}
	a.rowCount = affected(tag)
	a.setFound(a.rowCount > 0)
	if st.Move {
		return nil
	}
	row, _ := rows.next()
	return a.store(st.Into, rows.fields, row)
}

// fetchRows reads rows of a portal.
func (a *plRun) fetchRows(n *ast.Fetch) (*plRows, string, error) {
	pt, err := a.s.cursorPortal(n.Cursor)
	if err != nil {
		return nil, "", err
	}
	r, err := a.s.fetch(a.ctx, n)
	if err != nil {
		return nil, "", err
	}
	rows := &plRows{}
	for i, c := range pt.cols {
		rows.fields, rows.at = append(rows.fields, types.Field{Name: c.Name, Type: c.Type, Mod: c.Mod}), append(rows.at, i)
	}
	if r.src != nil {
		defer r.close()
		if rows.list, err = readAll(a.ctx, r.src); err != nil {
			return nil, "", err
		}
	}
	return rows, r.tag(rows.count()), nil
}

// close runs CLOSE.
func (a *plRun) close(st *plpgsql.Close) error {
	name, err := a.cursorName(st.Cursor)
	if err != nil {
		return err
	}
	if _, err := a.s.cursorPortal(name); err != nil {
		return err
	}
	a.s.dropPortal(name)
	return nil
}

// forCursor runs FOR … IN cursor.
func (a *plRun) forCursor(st *plpgsql.ForCursor) (plJump, error) {
	was := a.vals[st.Cursor].d
	if err := a.open(&plpgsql.Open{Line: st.Line, Cursor: st.Cursor, Args: st.Args}); err != nil {
		return plJump{}, err
	}
	name, err := a.cursorName(st.Cursor)
	if err != nil {
		return plJump{}, err
	}
	a.vals[st.Rec].rec = plRecord{}
	defer func() {
		a.s.dropPortal(name)
		a.vals[st.Cursor].d = was
	}()
	found := false
	defer func() { a.setFound(found) }()
	for {
		rows, _, err := a.fetchRows(&ast.Fetch{Count: 1, Cursor: name})
		if err != nil {
			return plJump{}, err
		}
		row, ok := rows.next()
		if !ok {
			if !found {
				return plJump{}, a.storeRow(st.Rec, rows.fields, nil)
			}
			return plJump{}, nil
		}
		found = true
		if err := a.storeRow(st.Rec, rows.fields, row); err != nil {
			return plJump{}, err
		}
		if j, stop, err := a.round(st.Body, st.Label); stop {
			return j, err
		}
	}
}
