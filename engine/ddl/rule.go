package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// createRule runs CREATE RULE (DefineRule).
func (r *run) createRule(st *ast.CreateRule) error {
	rel, err := r.locked(st.Table, false, AccessExclusive)
	if err != nil {
		return unpositioned(err)
	}
	if err := r.canHaveRule(rel); err != nil {
		return err
	}
	if st.Event == "SELECT" {
		return pgerr.NotSupported("CREATE RULE ... ON SELECT")
	}
	rule := &catalog.Rule{Name: st.Name, Event: catalog.RuleEvent(st.Event), Instead: st.Instead, Enabled: 'O', Path: r.frozen()["search_path"]}
	var actions []ast.Stmt
	for i, text := range st.Actions {
		list, err := parser.Parse(text)
		if err != nil {
			return pgerr.Shift(err, st.At[i])
		}
		if len(list) == 1 {
			actions, rule.Actions = append(actions, list[0].Stmt), append(rule.Actions, strings.TrimSpace(text))
		}
	}
	text, err := planner.DefineRule(r.planner(), rel, st.Event, st.Where, actions, st.At)
	if err != nil {
		return err
	}
	if st.Where != nil {
		rule.Where = ast.FormatExpr(st.Where)
	}
	rule.Deps = text.Deps
	if err := r.checkReturning(rel, st, text.Returns); err != nil {
		return err
	}
	return r.putRule(rel, rule, st)
}

// canHaveRule checks that a relation is of a kind that has rules, and the role's.
func (r *run) canHaveRule(rel *catalog.Relation) error {
	switch rel.Kind {
	case catalog.Virtual:
		return checkSystem(rel)
	case catalog.Stream:
		return pgerr.NotSupported("CREATE RULE on a stream")
	case catalog.MatView:
		return pgerr.New(pgerr.FeatureNotSupported, "rules on materialized views are not supported")
	case catalog.Table, catalog.View:
	default:
		return pgerr.New(pgerr.WrongObjectType, "relation \"%s\" cannot have rules", rel.Name).WithDetail("%s", unsupportedKind(rel))
	}
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	return checkSystem(rel)
}

// checkReturning checks the RETURNING lists of a rule's actions against its relation.
func (r *run) checkReturning(rel *catalog.Relation, st *ast.CreateRule, lists [][]planner.OutCol) error {
	unsupported := func(text string) error { return pgerr.New(pgerr.FeatureNotSupported, "%s", text) }
	switch {
	case len(lists) == 0:
		return nil
	case len(lists) > 1:
		return unsupported("cannot have multiple RETURNING lists in a rule")
	case st.Where != nil:
		return unsupported("RETURNING lists are not supported in conditional rules")
	case !st.Instead:
		return unsupported("RETURNING lists are not supported in non-INSTEAD rules")
	}
	bad := func(format string, args ...any) *pgerr.Error {
		return pgerr.New(pgerr.InvalidObjectDefinition, format, args...)
	}
	list, i := lists[0], 0
	for n := range rel.Columns {
		c := &rel.Columns[n]
		switch {
		case c.Dropped:
			continue
		case i >= len(list):
			return bad("RETURNING list has too few entries")
		case !types.Same(list[i].Type, r.typeOf(c)):
			return bad("RETURNING list's entry %d has different type from column \"%s\"", i+1, c.Name).
				WithDetail("RETURNING list entry has type %s, but column has type %s.", planner.FormatType(r.planner(), list[i].Type, types.NoMod), planner.FormatType(r.planner(), r.typeOf(c), types.NoMod))
		}
		i++
	}
	if i < len(list) {
		return bad("RETURNING list has too many entries")
	}
	return nil
}

// putRule keeps the rule (InsertRule).
func (r *run) putRule(rel *catalog.Relation, rule *catalog.Rule, st *ast.CreateRule) error {
	old := rel.Rule(rule.Name)
	switch {
	case rule.Name == "_RETURN":
		return pgerr.New(pgerr.InvalidObjectDefinition, "non-view rule for \"%s\" must not be named \"%s\"", rel.Name, rule.Name)
	case old != nil && !st.OrReplace:
		return pgerr.New(pgerr.DuplicateObject, "rule \"%s\" for relation \"%s\" already exists", rule.Name, rel.Name)
	case old != nil:
		rule.OID = old.OID
	default:
		rule.OID = r.e.NewOID()
	}
	r.change(rel.OID, func(now *catalog.Relation) { now.PutRule(rule) })
	return nil
}

// ruleOn finds a rule of the relation that a statement names; nil: one of the two is not
// there, which IF EXISTS allows.
func (r *run) ruleOn(n ast.Name, ifExists bool) (*catalog.Relation, *catalog.Rule, error) {
	table := ast.Name{Schema: n.Catalog, Object: n.Schema, Pos: n.Pos}
	rel, err := r.find(table)
	if err != nil {
		return nil, nil, unpositioned(r.missing(err, ifExists, "relation", n.Schema))
	}
	if rel, err = r.lock(rel, AccessExclusive); err != nil {
		return nil, nil, err
	}
	rule := rel.Rule(n.Object)
	switch {
	case rule == nil && rel.View != nil && n.Object == "_RETURN":
	case rule == nil && ifExists:
		r.notice(pgerr.SuccessfulCompletion, "rule \"%s\" for relation \"%s\" does not exist, skipping", n.Object, rel.Name)
		return nil, nil, nil
	case rule == nil:
		return nil, nil, pgerr.New(pgerr.UndefinedObject, "rule \"%s\" for relation \"%s\" does not exist", n.Object, rel.Name)
	}
	if !r.owns(rel.Owner) {
		return nil, nil, notOwner("relation", rel.Name)
	}
	return rel, rule, nil
}

// dropRules runs DROP RULE.
func (r *run) dropRules(st *ast.Drop) error {
	for _, n := range st.Names {
		rel, rule, err := r.ruleOn(n, st.IfExists)
		switch {
		case err != nil:
			return err
		case rel == nil:
			continue
		case rule == nil:
			word := map[catalog.RelKind]string{catalog.MatView: "materialized view"}[rel.Kind]
			if word == "" {
				word = "view"
			}
			return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop rule _RETURN on %s %s because %s %s requires it", word, rel.Name, word, rel.Name).
				WithHint("You can drop %s %s instead.", word, rel.Name)
		}
		if err := r.dropObjects([]Object{{Class: catalog.ClassRule, OID: rule.OID}}, st.Cascade, Name(st)); err != nil {
			return err
		}
	}
	return nil
}

// renameRule runs ALTER RULE … RENAME TO (RenameRewriteRule).
func (r *run) renameRule(st *ast.Rename) error {
	rel, rule, err := r.ruleOn(st.Name, false)
	switch {
	case err != nil:
		return err
	case rule == nil:
		return pgerr.New(pgerr.InvalidObjectDefinition, "renaming an ON SELECT rule is not allowed")
	case rel.Rule(st.NewName) != nil || rel.View != nil && st.NewName == "_RETURN":
		return pgerr.New(pgerr.DuplicateObject, "rule \"%s\" for relation \"%s\" already exists", st.NewName, rel.Name)
	}
	c := *rule
	c.Name = st.NewName
	r.change(rel.OID, func(now *catalog.Relation) { now.PutRule(&c) })
	return nil
}

// switchRule runs ENABLE and DISABLE RULE.
func (a *alteration) switchRule(rel *catalog.Relation, x *ast.AlterAction) error {
	rule := rel.Rule(x.Name)
	if rule == nil && rel.View != nil && x.Name == "_RETURN" {
		return pgerr.NotSupported("ALTER VIEW ... %s RULE \"_RETURN\"", x.Text)
	}
	if rule == nil {
		return pgerr.New(pgerr.UndefinedObject, "rule \"%s\" for relation \"%s\" does not exist", x.Name, rel.Name)
	}
	c := *rule
	c.Enabled = map[string]byte{"ENABLE": 'O', "DISABLE": 'D', "ENABLE REPLICA": 'R', "ENABLE ALWAYS": 'A'}[x.Text]
	a.change(rel.OID, func(now *catalog.Relation) { now.PutRule(&c) })
	return nil
}

// commentedRule finds the rule that a comment is on.
func (r *run) commentedRule(st *ast.Comment) (catalog.CommentKey, error) {
	rel, rule, err := r.ruleOn(ast.Name{Catalog: st.Table.Schema, Schema: st.Table.Object, Object: st.Sub, Pos: st.Table.Pos}, false)
	switch {
	case err != nil:
		return catalog.CommentKey{}, err
	case rule == nil:
		return catalog.CommentKey{Object: rel.OID, Class: catalog.ClassRule}, nil
	}
	return catalog.CommentKey{Object: rule.OID, Class: catalog.ClassRule}, nil
}
