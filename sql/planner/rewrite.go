package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Rules (CREATE RULE) are a matter of this room alone: an INSERT, UPDATE or DELETE becomes
// a list of statements, which are planned each by itself and run in order (rewriteHandler.c).
// In a rule's action OLD and NEW are the rows of a derived relation that joins the action's
// FROM list: the source of the statement that set the rule off, bound as if its target
// were a view with INSTEAD OF triggers, so that it gives the rows and changes nothing.

// Step is one of the statements that rules have made of one: one of Modify, Query and
// Notify is set.
type Step struct {
	Modify *Modify
	Query  *Query
	Notify *ast.Notify
	// Tells is set for the one whose command tag, and RETURNING list, the client gets.
	Tells bool
}

// change is a statement that rules may rewrite: one of the client's, or an action.
type change struct {
	stmt ast.Stmt
	// rule is the rule that it is an action of, on its relation, and from the statement
	// that set the rule off; nil for the client's own.
	rule *catalog.Rule
	on   *catalog.Relation
	from *change
	// unless are the rules of rels that take its place for the rows they qualify.
	unless []*catalog.Rule
	rels   []*catalog.Relation
	// scope is what stands around it, for one in WITH.
	scope *scope
	// returns: it answers the RETURNING list of the client's statement.
	returns bool
}

// target is the reference to what a statement changes; nil: it changes nothing.
func (c *change) target() *ast.TableRef {
	switch s := c.stmt.(type) {
	case *ast.Insert:
		return &s.Target
	case *ast.Update:
		return &s.Target
	case *ast.Delete:
		return &s.Target
	}
	return nil
}

func (c *change) verb() string {
	switch c.stmt.(type) {
	case *ast.Insert:
		return "INSERT"
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	}
	return ""
}

// returning is the statement's RETURNING list.
func (c *change) returning() []ast.Target {
	switch s := c.stmt.(type) {
	case *ast.Insert:
		return s.Returning
	case *ast.Update:
		return s.Returning
	case *ast.Delete:
		return s.Returning
	}
	return nil
}

func (c *change) with() *ast.With {
	switch s := c.stmt.(type) {
	case *ast.Insert:
		return s.With
	case *ast.Update:
		return s.With
	case *ast.Delete:
		return s.With
	}
	return nil
}

// rewriting is the rewriting of one statement.
type rewriting struct {
	c *Context
	// events are the rules' relations and events that are under way.
	events []ruleEvent
}

type ruleEvent struct {
	rel  catalog.OID
	verb string
}

// ApplyRules applies rules to an INSERT, UPDATE, DELETE or MERGE. ruled tells that there are
// any: the statement then is the list of steps, which may be empty. The parameters are
// those of all steps.
func ApplyRules(c *Context, s ast.Stmt) (steps []Step, params *Modify, ruled bool, err error) {
	if m, ok := s.(*ast.Merge); ok {
		return nil, nil, false, refuseMerge(c, m)
	}
	top := &change{stmt: s}
	if top.target() == nil {
		return nil, nil, false, nil
	}
	if _, err := newBinder(c).relation(top.target().Name); err != nil { // whoever plans it says so
		return nil, nil, false, nil
	}
	w := &rewriting{c: c}
	list, err := w.rewrite(top)
	if err != nil || len(list) == 1 && list[0] == top && len(top.unless) == 0 {
		return nil, nil, false, err
	}
	if err := selectsWith(list, top); err != nil {
		return nil, nil, true, err
	}
	first, err := w.analyzed(top)
	if err != nil {
		return nil, nil, true, err
	}
	ctx := *c
	ctx.Params = first.Params
	tells := teller(list, top)
	for i, x := range list {
		step, err := planStep(&ctx, x)
		if err != nil {
			return nil, nil, true, err
		}
		step.Tells = i == tells
		steps = append(steps, *step)
	}
	return steps, first, true, nil
}

// selectsWith refuses INSERT ... SELECT actions of statements with others in WITH.
func selectsWith(list []*change, top *change) error {
	if top.with() == nil || !slices.ContainsFunc(top.with().CTEs, func(c ast.CTE) bool { return c.DML != nil }) {
		return nil
	}
	for _, c := range list {
		if ins, ok := c.stmt.(*ast.Insert); ok && c != top && ins.Query != nil && ins.Query.Values == nil {
			return pgerr.New(pgerr.FeatureNotSupported, "INSERT...SELECT rule actions are not supported for queries having data-modifying statements in WITH")
		}
	}
	return nil
}

// teller is the statement whose tag the client gets: its own, else the last INSTEAD action
// of the same kind (QueryRewrite); -1: none.
func teller(list []*change, top *change) int {
	at := slices.Index(list, top)
	for i := len(list) - 1; i >= 0 && at < 0; i-- {
		if list[i].rule.Instead && list[i].verb() == top.verb() {
			at = i
		}
	}
	return at
}

func refuseMerge(c *Context, m *ast.Merge) error {
	rel, err := newBinder(c).relation(m.Target.Name)
	if err == nil && len(rel.Rules) > 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot execute MERGE on relation \"%s\"", rel.Name).
			WithDetail("MERGE is not supported for relations with rules.")
	}
	return nil
}

// analyzed binds the client's statement as it is, for its parameters and errors.
func (w *rewriting) analyzed(c *change) (*Modify, error) {
	b := newBinder(w.c)
	rel, err := b.relation(c.target().Name)
	if err != nil {
		return nil, err
	}
	m, err := b.bindChange(c, rel.OID)
	if err != nil {
		return nil, err
	}
	m.Params, m.Access = b.params, b.accessList()
	return m, b.finishParams()
}

// rewrite gives the statements that become of one, in the order in which they run.
func (w *rewriting) rewrite(c *change) ([]*change, error) {
	t := c.target()
	if t == nil {
		return []*change{c}, nil
	}
	ctx := c.context(w.c)
	rel, err := newBinder(ctx).relation(t.Name)
	if err != nil {
		return nil, err
	}
	list, err := w.level(c, ctx, rel)
	if err == nil && c.with() != nil && len(list) > 1 {
		err = pgerr.New(pgerr.FeatureNotSupported, "WITH cannot be used in a query that is rewritten by rules into multiple queries")
	}
	return list, err
}

// level applies the rules of one of the relations that the statement changes: the one
// that it names, or one below that view.
func (w *rewriting) level(c *change, ctx *Context, rel *catalog.Relation) ([]*change, error) {
	verb := c.verb()
	products, kept, err := w.fire(c, rel, verb)
	if err != nil {
		return nil, err
	}
	own := []*change(nil)
	if kept {
		if own, err = w.below(c, ctx, rel, verb); err != nil {
			return nil, err
		}
	}
	if len(products) == 0 {
		return own, nil
	}
	if slices.Contains(w.events, ruleEvent{rel.OID, verb}) {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "infinite recursion detected in rules for relation \"%s\"", rel.Name)
	}
	w.events = append(w.events, ruleEvent{rel.OID, verb})
	defer func() { w.events = w.events[:len(w.events)-1] }()
	var actions []*change
	for _, p := range products {
		list, err := w.rewrite(p)
		if err != nil {
			return nil, err
		}
		actions = append(actions, list...)
	}
	if verb == "INSERT" {
		return append(own, actions...), nil
	}
	return append(actions, own...), nil
}

// below gives what becomes of a statement that the rules of a relation have kept.
func (w *rewriting) below(c *change, ctx *Context, rel *catalog.Relation, verb string) ([]*change, error) {
	if rel.Kind != catalog.View || rel.HasInstead(verb) {
		return []*change{c}, nil
	}
	b := newBinder(ctx)
	l, err := b.viewLevel(rel, verb)
	if err != nil { // whoever plans it says so
		return []*change{c}, nil
	}
	if slices.Contains(c.rels, rel) {
		return nil, notUpdatable(rel, verb, "Views with conditional DO INSTEAD rules are not automatically updatable.")
	}
	inner := *ctx
	inner.Follow(b.viewPath(rel))
	base, err := newBinder(&inner).relation(l.ref.Name)
	if err != nil {
		return nil, stripPos(err)
	}
	return w.level(c, &inner, base)
}

// fire gives the actions of a relation's rules (fireRules); kept tells that the statement
// is done as well.
func (w *rewriting) fire(c *change, rel *catalog.Relation, verb string) (products []*change, kept bool, err error) {
	kept = true
	returned, conditional := false, false
	for _, r := range rel.Rules {
		if r.Event != catalog.RuleEvent(verb) || !r.Fires() {
			continue
		}
		if ins, ok := c.stmt.(*ast.Insert); ok && ins.OnConflict != nil {
			return nil, false, pgerr.New(pgerr.FeatureNotSupported, "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules")
		}
		if r.Instead {
			if r.Where == "" {
				kept = false
			} else if conditional = true; kept {
				c.unless, c.rels = append(c.unless, r), append(c.rels, rel)
			}
		}
		for _, text := range r.Actions {
			stmt, err := w.action(text)
			if err != nil {
				return nil, false, err
			}
			p := &change{stmt: stmt, rule: r, on: rel, from: c}
			if c.returning() != nil && p.returning() != nil {
				if returned {
					return nil, false, pgerr.New(pgerr.FeatureNotSupported, "cannot have RETURNING lists in multiple rules")
				}
				returned, p.returns = true, true
			}
			products = append(products, p)
		}
	}
	if (!kept || conditional) && c.returning() != nil && !returned && (c.from == nil || c.returns) {
		return nil, false, pgerr.New(pgerr.FeatureNotSupported, "cannot perform %s RETURNING on relation \"%s\"", verb, rel.Name).
			WithHint("You need an unconditional ON %s DO INSTEAD rule with a RETURNING clause.", verb)
	}
	return products, kept, w.onUpdateRules(c, rel)
}

// onUpdateRules refuses ON CONFLICT of a relation with rules for UPDATE.
func (w *rewriting) onUpdateRules(c *change, rel *catalog.Relation) error {
	if ins, ok := c.stmt.(*ast.Insert); ok && ins.OnConflict != nil && rel.HasRule("UPDATE") {
		return pgerr.New(pgerr.FeatureNotSupported, "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules")
	}
	return nil
}

// action parses an action.
func (w *rewriting) action(text string) (ast.Stmt, error) {
	list, err := w.c.ParseBody(text)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, pgerr.New(pgerr.InternalError, "a rule's action is %d statements", len(list))
	}
	return list[0].Stmt, nil
}

// context is what the names in a statement are looked up under.
func (c *change) context(ctx *Context) *Context {
	if c.rule == nil {
		return ctx
	}
	inner := *ctx
	inner.Follow(ctx.Catalog.ResolvePath(catalog.SplitPath(c.rule.Path), "", 0))
	inner.Vars, inner.Given, inner.Fn, inner.Names = nil, nil, nil, nil
	return &inner
}

// planStep plans one of the statements.
func planStep(ctx *Context, c *change) (*Step, error) {
	switch s := c.stmt.(type) {
	case *ast.Notify:
		return &Step{Notify: s}, nil
	case *ast.Select:
		q, err := planRuleQuery(ctx, c)
		return &Step{Query: q}, err
	}
	bind := func(b *binder) (*Modify, error) { return b.bindChange(c, 0) }
	var m *Modify
	var err error
	if c.verb() == "INSERT" {
		m, err = planModify(ctx, bind)
	} else {
		m, err = planLeaves(ctx, bind)
	}
	return &Step{Modify: m}, err
}

// planRuleQuery plans the query of a rule.
func planRuleQuery(ctx *Context, c *change) (*Query, error) {
	b := newBinder(ctx)
	b.top = true
	var q *Query
	err := b.inRule(c, c.stmt, func(s ast.Stmt, _ *ruleSource) (err error) {
		q, err = b.topSelect(s.(*ast.Select))
		return err
	})
	if err != nil {
		return nil, err
	}
	q.Params, q.Access = b.params, b.accessList()
	q.Root = b.optimize(q.Root)
	q.Parts, q.Reads = b.finishParts([]plan.Node{q.Root})
	return q, nil
}

// rewriteWith applies rules to a data-modifying statement of a WITH clause, which they may
// only replace by another one.
func (b *binder) rewriteWith(c *cte) (*change, error) {
	top := &change{stmt: c.def.DML, scope: c.scope}
	rel, err := b.relation(top.target().Name)
	if err != nil {
		return nil, err
	}
	verb := top.verb()
	only := (*catalog.Rule)(nil)
	refuse := func(what string) error {
		return pgerr.New(pgerr.FeatureNotSupported, "%s rules are not supported for data-modifying statements in WITH", what)
	}
	for _, r := range rel.Rules {
		switch {
		case r.Event != catalog.RuleEvent(verb) || !r.Fires():
			continue
		case !r.Instead:
			return nil, refuse("DO ALSO")
		case r.Where != "":
			return nil, refuse("conditional DO INSTEAD")
		case len(r.Actions) == 0:
			return nil, refuse("DO INSTEAD NOTHING")
		case len(r.Actions) > 1 || only != nil:
			return nil, refuse("multi-statement DO INSTEAD")
		}
		only = r
	}
	w := &rewriting{c: b.Context}
	list, err := w.rewrite(top)
	switch {
	case err != nil:
		return nil, err
	case len(list) != 1 || len(list[0].unless) > 0:
		return nil, refuse("DO ALSO")
	case list[0].verb() == "":
		return nil, refuse("DO INSTEAD NOTIFY")
	}
	return list[0], nil
}
