package planner

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Row-level security. Where it is on for a role, a table gives only the rows that the
// table's policies let pass, in front of everything that the query says of them (a
// Project.Barrier keeps it so), and new rows are checked by plans over them.

// SecurityCheck finds new rows that a policy does not admit: Root gives those of WorkScan
// InputID, whose columns are the live columns of the table.
type SecurityCheck struct {
	Table   string
	Policy  string // of a restrictive policy
	InputID int
	Root    plan.Node
}

var inPolicy = &place{name: "policy expressions"}

// securityRole is the role that row-level security is for where a relation is used as
// another role (0: the current one).
func (b *binder) securityRole(as catalog.OID) catalog.OID {
	if as == 0 || b.Context.Role == 0 {
		return b.Context.Role
	}
	return as
}

// restricted tells whether row-level security is on for a relation that is used as a role.
func (b *binder) restricted(rel *catalog.Relation, as catalog.OID) (bool, error) {
	on, owner := b.Catalog.Restricts(rel, b.securityRole(as))
	if !on || !b.NoRowSecurity {
		return on, nil
	}
	e := pgerr.New(pgerr.InsufficientPrivilege, "query would be affected by row-level security policy for table \"%s\"", rel.Name)
	if owner {
		e.WithHint("To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.")
	}
	return false, e
}

// noSecurity refuses a statement on what row-level security is on for.
func (b *binder) noSecurity(to *written, what string) error {
	on, err := b.restricted(to.rel, b.baseRole(to))
	if on {
		err = pgerr.NotSupported("%s a table with row-level security, \"%s\",", what, to.rel.Name)
	}
	return err
}

// baseRole is the role that the stored relation of a target is used as.
func (b *binder) baseRole(to *written) catalog.OID {
	if n := len(to.views); n > 0 && !to.views[n-1].part {
		return to.views[n-1].rel.ReadsAs()
	}
	return b.acc.as
}

// securedItem lets only the rows of a relation's item pass that the role may see.
func (b *binder) securedItem(rel *catalog.Relation, f *fromItem) error {
	on, err := b.restricted(rel, b.acc.as)
	if !on || err != nil {
		return err
	}
	if b.View {
		return pgerr.NotSupported("a materialized view over table \"%s\", whose row-level security limits its owner,", rel.Name)
	}
	it := f.items[0]
	cols := make([]plan.ColID, len(it.cols))
	for i, c := range it.cols {
		cols[i] = c.id
	}
	x, err := b.policies(rel, cols, b.acc.as, 'r', false)
	if err != nil {
		return err
	}
	f.node = b.behindBarrier(f.node, x)
	it.pass = f.node.(*plan.Project)
	return nil
}

// secureLocked lets only the rows of an item pass that the role may change, too: those are
// what it may lock.
func (b *binder) secureLocked(it *item) error {
	if it.pass == nil {
		return nil
	}
	cols := make([]plan.ColID, len(it.cols))
	for i, c := range it.cols {
		cols[i] = c.id
	}
	conds, err := b.policies(it.rel, cols, b.acc.as, 'w', false)
	for _, c := range conds {
		it.pass.In = filter(it.pass.In, c.x)
	}
	return err
}

func (b *binder) behindBarrier(n plan.Node, conds []policyCond) plan.Node {
	for _, c := range conds {
		n = filter(n, c.x)
	}
	p := passThrough(b.meta, n)
	p.Barrier = true
	return p
}

// securedTarget gives the rows of the target of UPDATE (w) or DELETE (d) that the role may
// change; those that it may see, too, where the statement reads them.
func (b *binder) securedTarget(to *changing, cmd byte) (plan.Node, error) {
	if len(to.views) > 0 || to.instead() { // done below the views
		return to.node, b.noPartitions(to.written)
	}
	on, err := b.restricted(to.rel, b.acc.as)
	if !on || err != nil {
		return to.node, err
	}
	conds, err := b.policies(to.rel, to.old, b.acc.as, cmd, false)
	if err == nil && b.reads(to.rel) {
		var more []policyCond
		more, err = b.policies(to.rel, to.old, b.acc.as, 'r', false)
		conds = append(conds, more...)
	}
	if err != nil {
		return nil, err
	}
	return b.behindBarrier(to.node, conds), nil
}

// noPartitions refuses to write to partitions under policies of the partitioned table.
func (b *binder) noPartitions(to *written) error {
	if to.root == nil {
		return nil
	}
	return b.noSecurity(&written{rel: to.root}, "changing rows of")
}

// reads tells whether the statement reads columns of a relation.
func (b *binder) reads(rel *catalog.Relation) bool {
	a := b.acc.by[accessKey{rel.OID, b.acc.as}]
	return a != nil && slices.Contains([]byte(a.Privs), 'r')
}

// securedBase is securedTarget for the rows below the views of a target.
func (b *binder) securedBase(to *changing, n plan.Node, verb string) (plan.Node, error) {
	as := b.baseRole(to.written)
	on, err := b.restricted(to.rel, as)
	if !on || err != nil || to.instead() || to.root != nil {
		return n, err
	}
	conds, err := b.policies(to.rel, to.old, as, privilegeOf[verb][0], false)
	if err != nil {
		return nil, err
	}
	more, err := b.policies(to.rel, to.old, as, 'r', false)
	return b.behindBarrier(n, append(conds, more...)), err
}

// secureNew adds the checks of new rows by the policies for INSERT (a) or UPDATE (w).
func (b *binder) secureNew(to *written, m *Modify, cmd byte) error {
	if to.root != nil && to.root != to.rel {
		return b.noPartitions(to)
	}
	as := b.baseRole(to)
	on, err := b.restricted(to.rel, as)
	if !on || err != nil || to.instead() {
		return err
	}
	if to.rel.PartKey != nil {
		return b.noSecurity(to, "INSERT into")
	}
	kinds := []byte{cmd}
	if len(to.views) > 0 && cmd == 'w' || b.reads(to.rel) {
		kinds = append(kinds, 'r')
	}
	for _, kind := range kinds {
		b.nextID++
		ws := &plan.WorkScan{ID: b.nextID, Cols: b.rowColumns(to.rel, b.newQuery(nil))}
		conds, err := b.policies(to.rel, ws.Cols, as, kind, true)
		if err != nil {
			return err
		}
		for _, c := range conds {
			scan := *ws
			bad := filter(&scan, &plan.BoolTest{X: c.x, Want: true, Not: true})
			m.Checks = append(m.Checks, Check{Security: &SecurityCheck{Table: to.rel.Name, Policy: c.policy, InputID: ws.ID, Root: bad}})
		}
	}
	return nil
}

// policyCond is a condition that all rows must fulfil; policy is the restrictive policy
// that it is from, "" for what permissive ones allow together.
type policyCond struct {
	x      plan.Expr
	policy string
}

// policies gives the conditions of a relation's policies for a command over columns; of
// new rows, those of WITH CHECK (get_policies_for_relation, add_security_quals,
// add_with_check_options).
func (b *binder) policies(rel *catalog.Relation, cols []plan.ColID, as catalog.OID, cmd byte, check bool) ([]policyCond, error) {
	if slices.Contains(b.securing, rel.OID) {
		return nil, pgerr.New(pgerr.InvalidObjectDefinition, "infinite recursion detected in policy for relation \"%s\"", rel.Name)
	}
	b.securing = append(b.securing, rel.OID)
	defer func() { b.securing = b.securing[:len(b.securing)-1] }()
	role := b.securityRole(as)
	var permit []plan.Expr
	var out []policyCond
	for _, p := range rel.Policies {
		if p.Cmd != cmd && p.Cmd != '*' || !p.For(b.Catalog, role) {
			continue
		}
		text := p.Using
		if check && p.Check != "" && cmd != 'r' {
			text = p.Check
		}
		if text == "" {
			if !p.Restrictive {
				permit = append(permit, truth(true))
			}
			continue
		}
		x, err := b.policyExpr(rel, p, text, cols, as)
		if err != nil {
			return nil, err
		}
		if p.Restrictive {
			out = append(out, policyCond{x, p.Name})
		} else {
			permit = append(permit, x)
		}
	}
	allowed := policyCond{x: truth(false)}
	switch {
	case len(permit) == 1:
		allowed.x = permit[0]
	case len(permit) > 1:
		allowed.x = &plan.Or{Args: permit}
	}
	return append([]policyCond{allowed}, out...), nil
}

func truth(v bool) plan.Expr {
	return &plan.Const{Val: types.NewBool(v), Typ: types.TBool, TypMod: types.NoMod}
}

// policyExpr binds a condition of a policy over the columns of a row.
func (b *binder) policyExpr(rel *catalog.Relation, p *catalog.Policy, text string, cols []plan.ColID, as catalog.OID) (plan.Expr, error) {
	e, err := b.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	outer, fn, deps, was := b.Context, b.fn, b.deps, b.acc.as
	inner := *outer
	inner.Names = nil
	inner.Follow(b.Catalog.ResolvePath(catalog.SplitPath(p.Path), "", 0))
	b.Context, b.fn, b.deps, b.acc.as = &inner, nil, map[catalog.Dep]struct{}{}, as
	x, base, err := b.overPolicyRow(rel, e)
	b.Context, b.fn, b.deps, b.acc.as = outer, fn, deps, was
	if err != nil {
		return nil, stripPos(err)
	}
	vals := map[plan.ColID]plan.Expr{}
	for i, id := range base {
		vals[id] = b.meta.Ref(cols[i])
	}
	return inTermsOf(x, vals), nil
}

// overPolicyRow binds a condition over columns of its own. Nobody is asked for the
// privilege to read those.
func (b *binder) overPolicyRow(rel *catalog.Relation, e ast.Expr) (plan.Expr, []plan.ColID, error) {
	q := b.newQuery(nil)
	nobodys := *rel
	nobodys.OID = 0
	it := b.tableItem(&nobodys, "", q)
	base := b.rowColumns(rel, q)
	for _, id := range base {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
	}
	q.scope.items = []*item{it}
	x, err := b.condition(e, "POLICY", q.at(inPolicy))
	return x, base, err
}

// BindPolicy binds the condition of a policy, for checking and showing it.
func BindPolicy(ctx *Context, e ast.Expr, rel *catalog.Relation) (*RowExpr, error) {
	b := newBinder(ctx)
	b.securing = append(b.securing, rel.OID)
	q := b.newQuery(nil)
	it := b.tableItem(rel, "", q)
	cols := b.rowColumns(rel, q)
	for _, id := range cols {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
	}
	q.scope.items = []*item{it}
	x, err := b.condition(e, "POLICY", q.at(inPolicy))
	return &RowExpr{X: x, Meta: b.meta, Cols: cols, Deps: b.depList()}, err
}
