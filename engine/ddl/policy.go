package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// policyCommands are the commands of policies as pg_policy has them.
var policyCommands = map[string]byte{"all": '*', "select": 'r', "insert": 'a', "update": 'w', "delete": 'd'}

// policyTable finds the table of a policy (RangeVarCallbackForPolicy).
func (r *run) policyTable(n ast.Name) (*catalog.Relation, error) {
	rel, err := r.locked(n, false, AccessExclusive)
	if err != nil {
		return nil, unpositioned(err)
	}
	if err := r.mustOwn(rel); err != nil {
		return nil, err
	}
	if err := checkSystem(rel); err != nil {
		return nil, err
	}
	if rel.Kind != catalog.Table {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a table", rel.Name)
	}
	return rel, nil
}

// createPolicy runs CREATE POLICY.
func (r *run) createPolicy(st *ast.CreatePolicy) error {
	p := &catalog.Policy{Name: st.Name, Cmd: policyCommands[st.Cmd], Restrictive: st.Restrictive}
	switch {
	case (p.Cmd == 'r' || p.Cmd == 'd') && st.Check != nil:
		return pgerr.New(pgerr.SyntaxError, "WITH CHECK cannot be applied to SELECT or DELETE")
	case p.Cmd == 'a' && st.Using != nil:
		return pgerr.New(pgerr.SyntaxError, "only WITH CHECK expression allowed for INSERT")
	}
	var err error
	if p.Roles, err = r.policyRoles(st.Roles); err != nil {
		return err
	}
	rel, err := r.policyTable(st.Table)
	if err != nil {
		return err
	}
	if err := r.policyConditions(rel, p, st.Using, st.Check); err != nil {
		return err
	}
	if rel.Policy(p.Name) != nil {
		return pgerr.New(pgerr.DuplicateObject, "policy \"%s\" for table \"%s\" already exists", p.Name, rel.Name)
	}
	p.OID = r.e.NewOID()
	r.change(rel.OID, func(now *catalog.Relation) { now.PutPolicy(p) })
	return nil
}

// policyRoles resolves the roles of a policy; PUBLIC is 0 (policy_role_list_to_array).
func (r *run) policyRoles(names []string) ([]OID, error) {
	if len(names) == 0 {
		return []OID{0}, nil
	}
	var out []OID
	for _, n := range names {
		if n == "public" {
			if len(names) > 1 {
				r.s.Notice(pgerr.Warning(pgerr.InvalidParameterValue, "ignoring specified roles other than PUBLIC").
					WithHint("All roles are members of the PUBLIC role."))
			}
			return []OID{0}, nil
		}
		role, err := r.roleNamed(n)
		if err != nil {
			return nil, err
		}
		out = append(out, role.OID)
	}
	return out, nil
}

// policyConditions binds the conditions that a statement gives, and keeps the others.
func (r *run) policyConditions(rel *catalog.Relation, p *catalog.Policy, using, check ast.Expr) error {
	path := r.s.Setting("search_path")
	if p.Using != "" || p.Check != "" {
		if (using == nil) != (p.Using == "") || (check == nil) != (p.Check == "") { // one stays as it was
			path = p.Path
		}
	}
	p.Deps = nil
	for _, c := range []struct {
		given ast.Expr
		text  *string
	}{{using, &p.Using}, {check, &p.Check}} {
		e := c.given
		ctx := r.planner()
		ctx.Names = planner.NewNames()
		if e == nil {
			if *c.text == "" {
				continue
			}
			var err error
			if e, err = parseExpr(*c.text); err != nil {
				return err
			}
			ctx.Follow(r.e.ResolvePath(catalog.SplitPath(p.Path), "", 0))
		}
		x, err := planner.BindPolicy(ctx, e, rel)
		if err != nil {
			return unpositioned(err)
		}
		p.Deps = append(p.Deps, exprDeps(x.Deps)...)
		if c.given == nil {
			continue
		}
		if *c.text = r.policyText(x, e, ctx.Names); plan.HasSubquery(x.X) {
			p.Path = path
		}
	}
	if p.Path == "" {
		p.Path = path
	}
	return nil
}

// policyText is a condition as the catalogue keeps it: where it has subqueries, as it was
// written, with the schemas of what it names.
func (r *run) policyText(x *planner.RowExpr, e ast.Expr, names *planner.Names) string {
	if !plan.HasSubquery(x.X) {
		return r.stored(r.renewed(x.X), x.Meta)
	}
	for ref, rel := range names.Tables {
		if s := r.e.SchemaByOID(rel.Schema); s != nil && rel.Kind != catalog.Virtual {
			ref.Name.Schema = s.Name
		}
	}
	for call, oid := range names.Calls {
		if f := r.e.FunctionByOID(oid); f != nil {
			call.Name.Schema = r.e.SchemaByOID(f.Schema).Name
		}
	}
	for n, t := range names.Types {
		if len(n.ArrayDims) > 0 && t.Elem != nil {
			t = t.Elem
		}
		if s := r.e.SchemaByOID(t.Schema); s != nil && t.OID >= types.FirstUserOID && !n.PctType {
			n.Name.Schema = s.Name
		}
	}
	return ast.FormatExpr(e)
}

// policyOn finds a policy that a statement names as table.policy; nil: there is none,
// which IF EXISTS allows. drop tells what a role that does not own the table is told.
func (r *run) policyOn(n ast.Name, ifExists, drop bool) (*catalog.Relation, *catalog.Policy, error) {
	table := ast.Name{Schema: n.Catalog, Object: n.Schema, Pos: n.Pos}
	if _, err := r.find(table); err != nil && ifExists {
		return nil, nil, r.missing(err, true, "relation", n.Schema)
	}
	rel, err := r.policyTable(table)
	if pgerr.CodeOf(err) == pgerr.InsufficientPrivilege && drop {
		err = notOwner("relation", table.Object)
	}
	if err != nil {
		return nil, nil, err
	}
	p := rel.Policy(n.Object)
	if p == nil && ifExists {
		r.notice(pgerr.SuccessfulCompletion, "policy \"%s\" for relation \"%s\" does not exist, skipping", n.Object, rel.Name)
		return nil, nil, nil
	}
	if p == nil {
		return nil, nil, pgerr.New(pgerr.UndefinedObject, "policy \"%s\" for table \"%s\" does not exist", n.Object, rel.Name)
	}
	return rel, p, nil
}

// alterPolicy runs ALTER POLICY.
func (r *run) alterPolicy(st *ast.AlterPolicy) error {
	var roles []OID
	var err error
	if st.Roles != nil {
		if roles, err = r.policyRoles(st.Roles); err != nil {
			return err
		}
	}
	rel, old, err := r.policyOn(ast.Name{Catalog: st.Table.Schema, Schema: st.Table.Object, Object: st.Name, Pos: st.Table.Pos}, false, false)
	if err != nil {
		return err
	}
	switch {
	case (old.Cmd == 'r' || old.Cmd == 'd') && st.Check != nil:
		return pgerr.New(pgerr.SyntaxError, "only USING expression allowed for SELECT, DELETE")
	case old.Cmd == 'a' && st.Using != nil:
		return pgerr.New(pgerr.SyntaxError, "only WITH CHECK expression allowed for INSERT")
	}
	p := *old
	if roles != nil {
		p.Roles = roles
	}
	if err := r.policyConditions(rel, &p, st.Using, st.Check); err != nil {
		return err
	}
	r.change(rel.OID, func(now *catalog.Relation) { now.PutPolicy(&p) })
	return nil
}

// renamePolicy runs ALTER POLICY … RENAME TO.
func (r *run) renamePolicy(st *ast.Rename) error {
	rel, old, err := r.policyOn(st.Name, false, false)
	if err != nil {
		return err
	}
	if rel.Policy(st.NewName) != nil {
		return pgerr.New(pgerr.DuplicateObject, "policy \"%s\" for table \"%s\" already exists", st.NewName, rel.Name)
	}
	p := *old
	p.Name = st.NewName
	r.change(rel.OID, func(now *catalog.Relation) { now.PutPolicy(&p) })
	return nil
}

// dropPolicies runs DROP POLICY.
func (r *run) dropPolicies(st *ast.Drop) error {
	for _, n := range st.Names {
		rel, p, err := r.policyOn(n, st.IfExists, true)
		if err != nil {
			return err
		}
		if rel == nil {
			continue
		}
		if err := r.dropObjects([]Object{{Class: catalog.ClassPolicy, OID: p.OID}}, st.Cascade, Name(st)); err != nil {
			return err
		}
	}
	return nil
}

// withoutRole takes a role from a policy, which goes when it was for that role alone
// (RemoveRoleFromObjectPolicy).
func (r *run) withoutRole(oid OID, role *catalog.Role) {
	p, rel := r.e.PolicyByOID(oid)
	if p == nil {
		return
	}
	left := *p
	left.Roles = nil
	for _, x := range p.Roles {
		if x != role.OID {
			left.Roles = append(left.Roles, x)
		}
	}
	r.change(rel.OID, func(now *catalog.Relation) {
		if len(left.Roles) == 0 {
			now.DropPolicy(oid)
		} else {
			now.PutPolicy(&left)
		}
	})
}

// rowSecurity runs ENABLE, DISABLE, FORCE and NO FORCE ROW LEVEL SECURITY.
func (a *alteration) rowSecurity(rel *catalog.Relation, text string) error {
	now := rel.Clone()
	set := func(to *catalog.Relation) {
		switch text {
		case "ENABLE", "DISABLE":
			to.RowSecurity = text == "ENABLE"
		default:
			to.ForceRowSecurity = text == "FORCE"
		}
	}
	set(now)
	for _, v := range a.matViewsOver(rel.OID) {
		if on, _ := a.e.Restricts(now, v.Owner); on {
			return pgerr.NotSupported("row-level security that limits the owner of materialized view \"%s\"", v.Name)
		}
	}
	a.change(rel.OID, set)
	return nil
}

// policies has the conditions of a policy written again after what they name was renamed
// (restate); those with subqueries are kept as they were written, and so they hold it up.
func (t *textReader) policy(rel *catalog.Relation, p *catalog.Policy) {
	write := map[string]func(r *run) string{}
	for _, text := range []string{p.Using, p.Check} {
		if text == "" {
			continue
		}
		e := t.parse(text)
		if e == nil {
			return
		}
		ctx := t.planner()
		ctx.Follow(t.e.ResolvePath(catalog.SplitPath(p.Path), "", 0))
		x, err := planner.BindPolicy(ctx, e, rel)
		switch {
		case err != nil:
			t.err = err
			return
		case plan.HasSubquery(x.X):
			t.err = pgerr.NotSupported("renaming what policy \"%s\" on table \"%s\" names", p.Name, rel.Name)
			return
		}
		write[text] = func(r *run) string { return r.stored(r.renewed(x.X), x.Meta) }
	}
	t.out = append(t.out, func(r *run) {
		r.change(rel.OID, func(now *catalog.Relation) {
			for _, n := range now.Policies {
				if n.OID != p.OID {
					continue
				}
				for _, text := range []*string{&n.Using, &n.Check} {
					if fn := write[*text]; fn != nil {
						*text = fn(r)
					}
				}
			}
		})
	})
}
