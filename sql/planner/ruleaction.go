package planner

import (
	"reflect"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// ruleSource is what OLD and NEW are in a rule's action: the columns of node, one per
// live attribute of rel; nil where there is no such row.
type ruleSource struct {
	rel      *catalog.Relation
	node     plan.Node
	old, new []plan.ColID
	// again are the columns of new that every mention computes again, volatile those of
	// the FROM item that stand for them.
	again, volatile map[plan.ColID]plan.Expr
	// always: the rule has no condition.
	always bool
	// defined: the rule is only being made, and depends on the columns that it names.
	defined bool
	// as is the role whose privileges count for what the rule names: the owner of rel.
	as catalog.OID
}

// bindChange binds an INSERT, UPDATE or DELETE, or an action of a rule. With at, the OID
// of its target or of a relation below that view, only its source is asked for.
func (b *binder) bindChange(c *change, at catalog.OID) (m *Modify, err error) {
	if c.rule == nil {
		if m, err = b.bindStatement(c, c.stmt, at); err != nil {
			return nil, err
		}
		return m, b.withoutReplaced(c, m, at)
	}
	stmt := c.stmt
	if at != 0 || !c.returns {
		stmt = withoutReturning(stmt)
	}
	err = b.inRule(c, stmt, func(s ast.Stmt, src *ruleSource) error {
		if m, err = b.bindStatement(c, s, at); err == nil {
			src.repeat(m)
			err = b.withoutReplaced(c, m, at)
		}
		return err
	})
	if err != nil || at != 0 || m.Returning == nil {
		return m, err
	}
	return m, b.returnThrough(c, m)
}

// bindStatement binds a statement's own text.
func (b *binder) bindStatement(c *change, s ast.Stmt, at catalog.OID) (*Modify, error) {
	was := b.asRows
	b.asRows = at
	defer func() { b.asRows = was }()
	if at != 0 && c.rule == nil {
		s = withoutReturning(s)
	}
	switch s := s.(type) {
	case *ast.Insert:
		return b.insert(s, c.scope)
	case *ast.Update:
		return b.update(s, c.scope)
	case *ast.Delete:
		return b.delete(s, c.scope)
	}
	return nil, pgerr.New(pgerr.InternalError, "%T is no change of rows", s)
}

func withoutReturning(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.Insert:
		x := *s
		x.Returning = nil
		return &x
	case *ast.Update:
		x := *s
		x.Returning = nil
		return &x
	case *ast.Delete:
		x := *s
		x.Returning = nil
		return &x
	}
	return s
}

// inRule binds an action, stmt, whose FROM list bind finds joined with OLD and NEW.
func (b *binder) inRule(c *change, stmt ast.Stmt, bind func(s ast.Stmt, src *ruleSource) error) error {
	src, err := b.sourceOf(c)
	if err != nil {
		return err
	}
	ctx, as := b.Context, b.acc.as
	defer func() { b.Context, b.acc.as = ctx, as }()
	b.Context, b.acc.as = c.context(ctx), src.as
	s, err := b.host(stmt, src)
	if err == nil {
		err = bind(s, src)
	}
	return stripPos(err)
}

// sourceOf binds what OLD and NEW are for an action.
func (b *binder) sourceOf(c *change) (*ruleSource, error) {
	src := &ruleSource{rel: c.on, node: oneRow(), as: c.on.Owner, always: c.rule.Where == ""}
	if !c.once(b.ParseExpr) {
		m, err := b.bindChange(&change{stmt: c.from.stmt, rule: c.from.rule, on: c.from.on, from: c.from.from}, c.on.OID)
		if err != nil {
			return nil, err
		}
		src.node, src.old, src.new, src.again = m.Source, m.Old, m.New, repeated(m)
	}
	if c.rule.Where == "" {
		return src, nil
	}
	e, err := b.ParseExpr(c.rule.Where)
	if err != nil {
		return nil, err
	}
	q := b.newQuery(nil)
	f := b.ruleItems(src, q)
	q.scope.items = bareRows(f.items)
	ctx, as := b.Context, b.acc.as
	defer func() { b.Context, b.acc.as = ctx, as }()
	b.Context, b.acc.as = c.context(ctx), src.as
	x, err := b.condition(e, "WHERE", q.at(inWhere))
	if err != nil {
		return nil, stripPos(err)
	}
	src.node = filter(f.node, inTermsOf(x, src.volatile))
	src.again = src.volatile
	for _, it := range f.items {
		ids := make([]plan.ColID, len(it.cols))
		for i, col := range it.cols {
			ids[i] = col.id
		}
		if it.alias == "old" {
			src.old = ids
		} else {
			src.new = ids
		}
	}
	return src, nil
}

// repeated gives the columns of NEW whose values every mention computes again, as
// PostgreSQL's rewriter has it: calls of volatile functions over no column.
func repeated(m *Modify) map[plan.ColID]plan.Expr {
	p, ok := m.Source.(*plan.Project)
	if !ok {
		return nil
	}
	out := map[plan.ColID]plan.Expr{}
	for i, id := range p.Cols {
		at := &p.Vals[i]
		if c, ok := (*at).(*plan.Col); ok {
			v, one := p.In.(*plan.Values)
			if j := slices.Index(p.In.Out(), c.ID); one && j >= 0 && len(v.Rows) == 1 {
				at = &v.Rows[0][j]
			}
		}
		x := *at
		if slices.Contains(m.New, id) && plan.IsVolatile(x) && len(plan.ReadsOf(x)) == 0 && !plan.HasSubquery(x) {
			out[id] = x
			*at = &plan.Const{Typ: x.Type(), TypMod: x.Mod()} // nobody reads it
		}
	}
	return out
}

// repeat puts the values of such columns in the place of these.
func (src *ruleSource) repeat(m *Modify) {
	if len(src.volatile) == 0 {
		return
	}
	put := func(e plan.Expr) plan.Expr { return inTermsOf(e, src.volatile) }
	mapPlan(m.Source, put)
	if m.Recheck != nil {
		mapPlan(m.Recheck, put)
	}
}

// bareRows lets a condition name the columns of OLD and NEW without these words.
func bareRows(list []*item) []*item {
	for _, it := range list {
		it.colsVisible = true
	}
	return list
}

// once tells that an action runs once, however many rows are changed: where neither it
// nor its condition names OLD or NEW, PostgreSQL leaves the target out of the query, unless
// the statement's own condition reads it.
func (c *change) once(parse func(string) (ast.Expr, error)) bool {
	switch s := c.from.stmt.(type) {
	case *ast.Update:
		if s.Where != nil || len(s.From) > 0 || s.CurrentOf != "" {
			return false
		}
	case *ast.Delete:
		if s.Where != nil || len(s.Using) > 0 || s.CurrentOf != "" {
			return false
		}
	default:
		return false
	}
	if c.from.rule != nil {
		return false
	}
	old, now := namesRows(c.stmt)
	if c.rule.Where != "" {
		e, err := parse(c.rule.Where)
		if err != nil {
			return false
		}
		o, n := namesRows(e)
		old, now = old || o, now || n
	}
	return !old && !now
}

// namesRows tells whether a statement or expression names columns of OLD and NEW.
func namesRows(n any) (old, now bool) {
	walkTree(reflect.ValueOf(n), func(x any) {
		if ref, ok := x.(*ast.ColumnRef); ok && len(ref.Parts) > 0 {
			old, now = old || ref.Parts[0] == "old", now || ref.Parts[0] == "new"
		}
	})
	return old, now
}

// ruleItems makes the FROM item of OLD and NEW.
func (b *binder) ruleItems(src *ruleSource, q *query) *fromItem {
	p := &plan.Project{In: src.node}
	f := &fromItem{node: p}
	volatile := map[plan.ColID]plan.Expr{}
	for _, row := range []struct {
		name string
		cols []plan.ColID
	}{{"old", src.old}, {"new", src.new}} {
		if row.cols == nil {
			continue
		}
		it := b.tableItem(src.rel, row.name, q)
		it.colsVisible, it.ruled = false, true
		for i, attr := range live(src.rel) {
			info := *b.meta.Col(row.cols[i])
			info.Name = src.rel.Columns[attr-1].Name
			if !src.defined { // what the rule reads of them asks for no privilege
				info.Rel, info.Attr = 0, 0
			}
			id := b.newCol(q, info)
			if x := src.again[row.cols[i]]; x != nil && row.name == "new" {
				volatile[id] = x
			}
			it.cols = append(it.cols, itemCol{info.Name, id})
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(row.cols[i]))
		}
		f.items = append(f.items, it)
	}
	src.volatile = volatile
	return f
}

// host gives an action with OLD and NEW in its FROM list.
func (b *binder) host(s ast.Stmt, src *ruleSource) (ast.Stmt, error) {
	ref := &ast.TableRef{Name: ast.Name{Object: "*RULE*", Pos: -1}, Pos: -1}
	if b.ruleRefs == nil {
		b.ruleRefs = map[any]*ruleSource{}
	}
	if err := inWithQuery(s); err != nil {
		return nil, err
	}
	from := func(list []ast.TableExpr) []ast.TableExpr { return append([]ast.TableExpr{ref}, list...) }
	switch s := s.(type) {
	case *ast.Select:
		x, err := b.hostQuery(s, ref, src)
		return x, err
	case *ast.Insert:
		x := *s
		if q := s.Query; q == nil || q.Values != nil && q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil {
			b.ruleRefs[&x] = src
			return &x, nil
		}
		var err error
		x.Query, err = b.hostQuery(s.Query, ref, src)
		return &x, err
	case *ast.Update:
		x := *s
		x.From = from(s.From)
		b.ruleRefs[ref] = src
		return &x, nil
	case *ast.Delete:
		x := *s
		x.Using = from(s.Using)
		b.ruleRefs[ref] = src
		return &x, nil
	}
	return s, nil
}

// inWithQuery refuses OLD and NEW in a WITH clause.
func inWithQuery(s ast.Stmt) error {
	with := (&change{stmt: s}).with()
	if q, ok := s.(*ast.Select); ok {
		with = q.With
	}
	if with == nil {
		return nil
	}
	word := ""
	if old, now := namesRows(with); old {
		word = "OLD"
	} else if now {
		word = "NEW"
	}
	if word == "" {
		return nil
	}
	return pgerr.New(pgerr.FeatureNotSupported, "cannot refer to %s within WITH query", word)
}

func (b *binder) hostQuery(s *ast.Select, ref *ast.TableRef, src *ruleSource) (*ast.Select, error) {
	if s.Values != nil {
		v := &ast.SubqueryRef{Query: s, Lateral: true, Alias: ast.Alias{Name: "*VALUES*"}, Pos: s.Pos}
		star := ast.Target{X: &ast.ColumnRef{Parts: []string{"*VALUES*"}, Star: true, Pos: s.Pos}, Pos: s.Pos}
		b.ruleRefs[ref] = src
		return &ast.Select{Targets: []ast.Target{star}, From: []ast.TableExpr{ref, v}, Pos: s.Pos}, nil
	}
	if s.SetOp != ast.SetNone {
		if src.old == nil && src.new == nil && src.always {
			return s, nil
		}
		return nil, pgerr.New(pgerr.FeatureNotSupported, "conditional UNION/INTERSECT/EXCEPT statements are not implemented")
	}
	x := *s
	x.From = append([]ast.TableExpr{ref}, s.From...)
	b.ruleRefs[ref] = src
	return &x, nil
}

// withoutReplaced takes from a statement the rows for which rules do something else.
func (b *binder) withoutReplaced(c *change, m *Modify, at catalog.OID) error {
	if at != 0 {
		return nil
	}
	for i, r := range c.unless {
		rel := c.rels[i]
		for _, n := range []*plan.Node{&m.Source, &m.Recheck} {
			if *n == nil {
				continue
			}
			x, err := b.replacedRow(c, r, rel, m)
			if err != nil {
				return err
			}
			*n = filter(*n, &plan.BoolTest{X: x, Want: true, Not: true})
		}
	}
	if len(c.unless) > 0 {
		m.Plain = false
	}
	return nil
}

// replacedRow binds the condition of a rule over a row that a statement changes.
func (b *binder) replacedRow(c *change, r *catalog.Rule, rel *catalog.Relation, m *Modify) (plan.Expr, error) {
	e, err := b.ParseExpr(r.Where)
	if err != nil {
		return nil, err
	}
	q := b.newQuery(nil)
	at := map[string]int{}
	for i, attr := range live(m.Rel) {
		at[m.Rel.Columns[attr-1].Name] = i
	}
	for _, row := range []struct {
		name string
		cols []plan.ColID
	}{{"old", m.Old}, {"new", m.New}} {
		if row.cols == nil {
			continue
		}
		it := b.tableItem(rel, row.name, q)
		for _, attr := range live(rel) {
			name := rel.Columns[attr-1].Name
			it.cols = append(it.cols, itemCol{name, row.cols[at[name]]})
		}
		q.scope.items = append(q.scope.items, it)
	}
	ctx, as := b.Context, b.acc.as
	defer func() { b.Context, b.acc.as = ctx, as }()
	b.Context, b.acc.as = (&change{rule: r}).context(ctx), rel.Owner
	x, err := b.condition(e, "WHERE", q.at(inWhere))
	return x, stripPos(err)
}

// returnThrough has the RETURNING list of an action answer that of the statement that
// set the rule off, and so on up to the client's.
func (b *binder) returnThrough(c *change, m *Modify) error {
	for ; c.from != nil && m.Returning != nil; c = c.from {
		list := c.from.returning()
		if list == nil {
			m.Returning = nil
			return nil
		}
		if err := b.returnOver(c, list, m.Returning); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) returnOver(c *change, list []ast.Target, r *Returning) error {
	q := b.newQuery(nil)
	ctx, as := b.Context, b.acc.as
	defer func() { b.Context, b.acc.as = ctx, as }()
	b.Context = c.from.context(ctx)
	if c.from.rule != nil {
		b.acc.as = c.from.on.Owner
	}
	it := b.tableItem(c.on, c.from.target().Alias.Name, q)
	for i, attr := range live(c.on) {
		if i >= len(r.Cols) {
			return pgerr.New(pgerr.InternalError, "rule \"%s\" returns too few columns", c.rule.Name)
		}
		b.owner[r.Cols[i].ID] = q
		it.cols = append(it.cols, itemCol{c.on.Columns[attr-1].Name, r.Cols[i].ID})
	}
	q.scope.items = []*item{it}
	targets, err := b.targets(list, q.at(inReturning), selOptions{})
	if err != nil {
		return err
	}
	p := &plan.Project{In: r.Root}
	r.Cols = nil
	for _, t := range targets {
		if t.x, err = b.knownType(t.x, t.pos); err != nil {
			return err
		}
		info := plan.ColInfo{Name: t.name, Type: t.x.Type(), Mod: t.x.Mod()}
		id := b.newCol(q, info)
		p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, t.x)
		r.Cols = append(r.Cols, OutCol{Name: t.name, Type: info.Type, Mod: info.Mod, ID: id})
	}
	r.Root = p
	return nil
}

// RuleText is what CREATE RULE has found out about a rule.
type RuleText struct {
	Deps []catalog.Dep
	// Returns is the RETURNING list of an action, nil when there is none.
	Returns [][]OutCol
}

// DefineRule binds the condition and the actions of a rule on rel; at are the places in
// the statement where the texts of the actions begin.
func DefineRule(ctx *Context, rel *catalog.Relation, verb string, where ast.Expr, actions []ast.Stmt, at []ast.Pos) (*RuleText, error) {
	t := &RuleText{}
	deps := map[catalog.Dep]struct{}{}
	take := func(b *binder) {
		for d := range b.deps {
			deps[d] = struct{}{}
		}
	}
	if where != nil {
		b := newBinder(ctx)
		q := b.newQuery(nil)
		for _, it := range b.ruleItems(b.givenRows(rel), q).items {
			it.relVisible = !(it.alias == "old" && verb == "INSERT" || it.alias == "new" && verb == "DELETE")
			it.colsVisible = it.relVisible
			q.scope.items = append(q.scope.items, it)
		}
		if _, err := b.condition(where, "WHERE", q.at(inWhere)); err != nil {
			return nil, err
		}
		take(b)
	}
	for i, s := range actions {
		b := newBinder(ctx)
		r, err := b.defineAction(rel, verb, where != nil, s)
		if err != nil {
			return nil, pgerr.Shift(err, at[i])
		}
		if r != nil {
			t.Returns = append(t.Returns, r)
		}
		take(b)
	}
	for d := range deps {
		t.Deps = append(t.Deps, d)
	}
	sortDeps(t.Deps)
	return t, nil
}

// givenRows is a source of one OLD and one NEW.
func (b *binder) givenRows(rel *catalog.Relation) *ruleSource {
	n := &plan.Values{Rows: [][]plan.Expr{nil}}
	src := &ruleSource{rel: rel, node: n, defined: true}
	for _, cols := range []*[]plan.ColID{&src.old, &src.new} {
		*cols = b.rowColumns(rel, nil)
		for _, id := range *cols {
			c := b.meta.Col(id)
			c.NotNull = false
			n.Cols, n.Rows[0] = append(n.Cols, id), append(n.Rows[0], &plan.Const{Typ: c.Type, TypMod: c.Mod})
		}
	}
	return src
}

// defineAction binds an action and gives its RETURNING list.
func (b *binder) defineAction(rel *catalog.Relation, verb string, conditional bool, s ast.Stmt) ([]OutCol, error) {
	if _, ok := s.(*ast.Notify); ok {
		if conditional {
			return nil, pgerr.New(pgerr.InvalidObjectDefinition, "rules with WHERE conditions can only have SELECT, INSERT, UPDATE, or DELETE actions")
		}
		return nil, nil
	}
	old, now := namesRows(s)
	if err := ruleRows(verb, old, now); err != nil {
		return nil, err
	}
	src := &ruleSource{rel: rel, node: oneRow(), always: true}
	if old || now {
		src = b.givenRows(rel)
		if err := inSetOp(s); err != nil {
			return nil, err
		}
	}
	hosted, err := b.host(s, src)
	if err != nil {
		return nil, err
	}
	var m *Modify
	switch x := hosted.(type) {
	case *ast.Select:
		_, err = b.topSelect(x)
		return nil, err
	case *ast.Insert:
		m, err = b.insert(x, nil)
	case *ast.Update:
		m, err = b.update(x, nil)
	case *ast.Delete:
		m, err = b.delete(x, nil)
	}
	b.Names.instead((&change{stmt: hosted}).target(), (&change{stmt: s}).target())
	if err != nil || m.Returning == nil {
		return nil, err
	}
	return m.Returning.Cols, nil
}

// inSetOp refuses OLD and NEW in a set operation.
func inSetOp(s ast.Stmt) error {
	q, _ := s.(*ast.Select)
	if ins, ok := s.(*ast.Insert); ok {
		q = ins.Query
	}
	if q == nil || q.SetOp == ast.SetNone {
		return nil
	}
	pos := ast.Pos(-1)
	walkTree(reflect.ValueOf(q), func(x any) {
		if ref, ok := x.(*ast.ColumnRef); ok && len(ref.Parts) > 1 && (ref.Parts[0] == "old" || ref.Parts[0] == "new") && pos < 0 {
			pos = ref.Pos
		}
	})
	return pgerr.New(pgerr.InvalidColumnReference, "UNION/INTERSECT/EXCEPT member statement cannot refer to other relations of same query level").At(pos)
}

// ruleRows refuses OLD and NEW where an event has no such row.
func ruleRows(verb string, old, now bool) error {
	switch {
	case verb == "SELECT" && old:
		return pgerr.New(pgerr.InvalidObjectDefinition, "ON SELECT rule cannot use OLD")
	case verb == "SELECT" && now:
		return pgerr.New(pgerr.InvalidObjectDefinition, "ON SELECT rule cannot use NEW")
	case verb == "INSERT" && old:
		return pgerr.New(pgerr.InvalidObjectDefinition, "ON INSERT rule cannot use OLD")
	case verb == "DELETE" && now:
		return pgerr.New(pgerr.InvalidObjectDefinition, "ON DELETE rule cannot use NEW")
	}
	return nil
}
