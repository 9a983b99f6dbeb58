package ddl

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// createTrigger runs CREATE TRIGGER (CreateTriggerFiringOn).
func (r *run) createTrigger(st *ast.CreateTrigger) error {
	if st.Constraint && st.OrReplace {
		return pgerr.New(pgerr.FeatureNotSupported, "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported")
	}
	rel, err := r.locked(st.Table, false, ShareRowExclusive)
	if err != nil {
		return unpositioned(err)
	}
	if err := r.canHaveTrigger(rel, st); err != nil {
		return err
	}
	if !r.e.RelationAllowed(r.s.Role(), rel, "t", false) {
		return denied("table", rel.Name)
	}
	if err := checkTransitionTables(st); err != nil {
		return err
	}
	t := &catalog.Trigger{Name: st.Name, Type: st.Type, Enabled: 'O', Args: st.Args, OldTable: st.OldTable, NewTable: st.NewTable}
	if st.When != nil {
		x, err := planner.BindTriggerWhen(r.planner(), st.When, rel, st.Type)
		if err != nil {
			return err
		}
		t.When, t.Deps = r.storedWhen(x), exprDeps(x.Deps)
	}
	if t.Func, err = r.triggerFunction(st.Func); err != nil {
		return err
	}
	old := rel.Trigger(st.Name)
	if old != nil && st.OrReplace && old.Constraint != 0 {
		return pgerr.New(pgerr.DuplicateObject, "trigger \"%s\" for relation \"%s\" is a constraint trigger", st.Name, rel.Name)
	}
	if err := r.replaceable(rel, old, st.OrReplace); err != nil {
		return err
	}
	if t.Columns, err = triggerColumns(rel, st.Columns); err != nil {
		return err
	}
	if old != nil {
		t.OID = old.OID
	} else {
		t.OID = r.e.NewOID()
	}
	if st.Constraint {
		t.Constraint, t.ConName, t.Deferrable, t.Deferred = r.e.NewOID(), st.Name, st.Deferrable, st.Deferred
	}
	r.change(rel.OID, func(now *catalog.Relation) { now.PutTrigger(t) })
	if rel.PartKey == nil || t.Type&ast.TriggerRow == 0 {
		return nil
	}
	for _, p := range r.e.Partitions(rel) {
		if err := r.copyTrigger(t, rel, p.OID, st.OrReplace); err != nil {
			return err
		}
	}
	return nil
}

// replaceable checks that there is no trigger of the name, or one that may be replaced.
func (r *run) replaceable(rel *catalog.Relation, old *catalog.Trigger, replace bool) error {
	switch {
	case old == nil:
		return nil
	case !replace:
		return pgerr.New(pgerr.DuplicateObject, "trigger \"%s\" for relation \"%s\" already exists", old.Name, rel.Name)
	case old.Parent != 0:
		return pgerr.New(pgerr.DuplicateObject, "trigger \"%s\" for relation \"%s\" is an internal or a child trigger", old.Name, rel.Name)
	}
	return nil
}

// canHaveTrigger checks that a relation is of a kind that can have the trigger.
func (r *run) canHaveTrigger(rel *catalog.Relation, st *ast.CreateTrigger) error {
	wrong := func(kind, detail string) error {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is a %s", rel.Name, kind).WithDetail("%s", detail)
	}
	switch {
	case rel.Kind == catalog.Stream:
		return pgerr.NotSupported("CREATE TRIGGER on a stream")
	case rel.Kind == catalog.Table && st.Type&ast.TriggerInstead != 0:
		return wrong("table", "Tables cannot have INSTEAD OF triggers.")
	case rel.Kind == catalog.View && st.Type&ast.TriggerInstead == 0 && st.Type&ast.TriggerRow != 0:
		return wrong("view", "Views cannot have row-level BEFORE or AFTER triggers.")
	case rel.Kind == catalog.View && st.Type&ast.TriggerTruncate != 0:
		return wrong("view", "Views cannot have TRUNCATE triggers.")
	case rel.Kind == catalog.Virtual:
		return checkSystem(rel)
	case rel.Kind != catalog.Table && rel.Kind != catalog.View:
		return pgerr.New(pgerr.WrongObjectType, "relation \"%s\" cannot have triggers", rel.Name).WithDetail("%s", unsupportedKind(rel))
	case st.Type&ast.TriggerRow != 0 && st.Type&ast.TriggerTruncate != 0:
		return pgerr.New(pgerr.FeatureNotSupported, "TRUNCATE FOR EACH ROW triggers are not supported")
	}
	if st.Type&ast.TriggerInstead != 0 {
		switch {
		case st.Type&ast.TriggerRow == 0:
			return pgerr.New(pgerr.FeatureNotSupported, "INSTEAD OF triggers must be FOR EACH ROW")
		case st.When != nil:
			return pgerr.New(pgerr.FeatureNotSupported, "INSTEAD OF triggers cannot have WHEN conditions")
		case len(st.Columns) > 0:
			return pgerr.New(pgerr.FeatureNotSupported, "INSTEAD OF triggers cannot have column lists")
		}
	}
	switch {
	case rel.Kind == catalog.View && (st.OldTable != "" || st.NewTable != ""):
		return wrong("view", "Triggers on views cannot have transition tables.")
	case st.From != nil:
		return pgerr.NotSupported("CREATE CONSTRAINT TRIGGER ... FROM")
	case len(rel.Inherits) > 0 && st.Type&ast.TriggerRow != 0 && (st.OldTable != "" || st.NewTable != ""):
		return pgerr.New(pgerr.FeatureNotSupported, "ROW triggers with transition tables are not supported on inheritance children")
	case rel.PartKey != nil && st.Type&ast.TriggerRow != 0 && (st.OldTable != "" || st.NewTable != ""):
		return pgerr.New(pgerr.FeatureNotSupported, "\"%s\" is a partitioned table", rel.Name).
			WithDetail("ROW triggers with transition tables are not supported on partitioned tables.")
	case rel.Part != nil && st.Type&ast.TriggerRow != 0 && (st.OldTable != "" || st.NewTable != ""):
		return pgerr.New(pgerr.FeatureNotSupported, "ROW triggers with transition tables are not supported on partitions")
	}
	return nil
}

// checkTransitionTables checks that the trigger has the tables that REFERENCING names.
func checkTransitionTables(st *ast.CreateTrigger) error {
	if st.OldTable == "" && st.NewTable == "" {
		return nil
	}
	bad := func(text string) error { return pgerr.New(pgerr.InvalidObjectDefinition, "%s", text) }
	const events = ast.TriggerInsert | ast.TriggerUpdate | ast.TriggerDelete | ast.TriggerTruncate
	many := st.Type & events
	switch {
	case st.Type&(ast.TriggerBefore|ast.TriggerInstead) != 0:
		return bad("transition table name can only be specified for an AFTER trigger")
	case st.Type&ast.TriggerTruncate != 0:
		return bad("TRUNCATE triggers with transition tables cannot be specified")
	case many&(many-1) != 0:
		return pgerr.New(pgerr.FeatureNotSupported, "transition tables cannot be specified for triggers with more than one event")
	case len(st.Columns) > 0:
		return pgerr.New(pgerr.FeatureNotSupported, "transition tables cannot be specified for triggers with column lists")
	case st.NewTable != "" && st.Type&(ast.TriggerInsert|ast.TriggerUpdate) == 0:
		return bad("NEW TABLE can only be specified for an INSERT or UPDATE trigger")
	case st.OldTable != "" && st.Type&(ast.TriggerDelete|ast.TriggerUpdate) == 0:
		return bad("OLD TABLE can only be specified for a DELETE or UPDATE trigger")
	case st.OldTable == st.NewTable:
		return bad("OLD TABLE name and NEW TABLE name cannot be the same")
	}
	return nil
}

// triggerColumns resolves the columns of UPDATE OF.
func triggerColumns(rel *catalog.Relation, list []ast.Ident) ([]int16, error) {
	var out []int16
	for _, id := range list {
		_, attr := rel.Column(id.Name)
		switch {
		case attr == 0:
			return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", id.Name, rel.Name)
		case slices.Contains(out, attr):
			return nil, pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", id.Name)
		}
		out = append(out, attr)
	}
	return out, nil
}

// triggerFunction finds the function of a trigger, which has no parameters.
func (r *run) triggerFunction(n ast.Name) (OID, error) {
	if oid := catalog.SystemTriggers[n.Object]; oid != 0 && (n.Schema == "" || n.Schema == "pg_catalog") {
		return oid, nil
	}
	args := n
	args.Args = &ast.FuncArgs{}
	f, err := r.findFunction(ast.ObjFunction, args)
	if pgerr.CodeOf(err) == pgerr.FeatureNotSupported { // one of PostgreSQL's own
		return 0, pgerr.New(pgerr.InvalidObjectDefinition, "function %s must return type %s", n.String(), "trigger")
	}
	if err != nil {
		return 0, unpositioned(err)
	}
	if !r.s.Super() && !r.e.FunctionAllowed(r.s.Role(), f) {
		return 0, denied("function", f.Name)
	}
	if f.Ret != types.TriggerOID {
		return 0, pgerr.New(pgerr.InvalidObjectDefinition, "function %s must return type %s", n.String(), "trigger")
	}
	return f.OID, nil
}

// storedWhen writes the condition of a trigger as the catalogue keeps it.
func (r *run) storedWhen(x *planner.TriggerExpr) string {
	d := r.deparser(x.Meta)
	column := d.Column
	d.Column = func(id plan.ColID) string {
		if slices.Contains(x.Old, id) {
			return "old." + column(id)
		}
		return "new." + column(id)
	}
	text := d.Expr(r.renewed(x.X))
	plan.Visit(x.X, func(e plan.Expr) bool {
		name, whole := x.WholeRow(e)
		if whole {
			text = strings.ReplaceAll(text, d.Expr(e), name+".*")
		}
		return !whole
	})
	return text
}

// trigger has a condition written again after what it names was renamed (restate).
func (t *textReader) trigger(rel *catalog.Relation, tr *catalog.Trigger) {
	e := t.parse(tr.When)
	if e == nil {
		return
	}
	x, err := planner.BindTriggerWhen(t.textContext(), e, rel, tr.Type)
	if err != nil {
		t.err = err
		return
	}
	t.out = append(t.out, func(r *run) {
		r.change(rel.OID, func(now *catalog.Relation) {
			for _, n := range now.Triggers {
				if n.OID == tr.OID {
					n.When = r.storedWhen(x)
				}
			}
		})
	})
}

// triggerOn finds a trigger of the table that a statement names; nil: neither is there,
// which IF EXISTS allows.
func (r *run) triggerOn(n ast.Name, ifExists bool) (*catalog.Relation, *catalog.Trigger, error) {
	table := ast.Name{Schema: n.Catalog, Object: n.Schema, Pos: n.Pos}
	rel, err := r.find(table)
	if err != nil {
		return nil, nil, r.missing(err, ifExists, "relation", n.Schema)
	}
	if rel, err = r.lock(rel, AccessExclusive); err != nil {
		return nil, nil, err
	}
	t := rel.Trigger(n.Object)
	if t == nil {
		if ifExists {
			r.notice(pgerr.SuccessfulCompletion, "trigger \"%s\" for relation \"%s\" does not exist, skipping", n.Object, rel.Name)
			return nil, nil, nil
		}
		return nil, nil, pgerr.New(pgerr.UndefinedObject, "trigger \"%s\" for table \"%s\" does not exist", n.Object, rel.Name)
	}
	if !r.owns(rel.Owner) {
		return nil, nil, notOwner("relation", rel.Name)
	}
	return rel, t, nil
}

// dropTriggers runs DROP TRIGGER.
func (r *run) dropTriggers(st *ast.Drop) error {
	for _, n := range st.Names {
		rel, t, err := r.triggerOn(n, st.IfExists)
		if err != nil {
			return err
		}
		if rel == nil {
			continue
		}
		if err := r.checkUnused(rel, "DROP TRIGGER"); err != nil {
			return err
		}
		if t.Parent != 0 {
			what, owner := r.describe(Object{Class: catalog.ClassTrigger, OID: t.OID}), r.describe(Object{Class: catalog.ClassTrigger, OID: t.Parent})
			return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s because %s requires it", what, owner).
				WithHint("You can drop %s instead.", owner)
		}
		if err := r.dropObjects([]Object{{Class: catalog.ClassTrigger, OID: t.OID}}, st.Cascade, Name(st)); err != nil {
			return err
		}
	}
	return nil
}

// renameTrigger runs ALTER TRIGGER … RENAME TO.
func (r *run) renameTrigger(st *ast.Rename) error {
	rel, t, err := r.triggerOn(st.Name, st.IfExists)
	if e, ok := err.(*pgerr.Error); ok && e.Code == pgerr.InsufficientPrivilege {
		return notOwner("table", st.Name.Schema)
	}
	if rel == nil || err != nil {
		return err
	}
	if _, on := r.e.TriggerByOID(t.Parent); t.Parent != 0 && on != nil {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot rename trigger \"%s\" on table \"%s\"", t.Name, rel.Name).
			WithHint("Rename the trigger on the partitioned table \"%s\" instead.", on.Name)
	}
	return r.nameTrigger(rel, t, st.NewName)
}

// nameTrigger gives a trigger and its copies in partitions another name.
func (r *run) nameTrigger(rel *catalog.Relation, t *catalog.Trigger, name string) error {
	if rel.Trigger(name) != nil {
		return pgerr.New(pgerr.DuplicateObject, "trigger \"%s\" for relation \"%s\" already exists", name, rel.Name)
	}
	r.change(rel.OID, func(now *catalog.Relation) {
		c := *t
		c.Name = name
		now.PutTrigger(&c)
	})
	return r.eachCopy(rel, t, func(p *catalog.Relation, c *catalog.Trigger) error { return r.nameTrigger(p, c, name) })
}

// switchTrigger runs ENABLE and DISABLE TRIGGER.
func (a *alteration) switchTrigger(rel *catalog.Relation, x *ast.AlterAction) error {
	to := map[string]byte{"ENABLE": 'O', "DISABLE": 'D', "ENABLE REPLICA": 'R', "ENABLE ALWAYS": 'A'}[x.Text]
	if !x.All && !x.User && rel.Trigger(x.Name) == nil {
		return pgerr.New(pgerr.UndefinedObject, "trigger \"%s\" for table \"%s\" does not exist", x.Name, rel.Name)
	}
	if x.All && to == 'D' && len(rel.Constraints) > 0 {
		for _, c := range rel.Constraints {
			if c.Kind == catalog.Foreign {
				return pgerr.NotSupported("DISABLE TRIGGER ALL of a table with foreign keys")
			}
		}
	}
	a.change(rel.OID, func(now *catalog.Relation) {
		for _, t := range now.Triggers {
			if x.All || x.User || t.Name == x.Name {
				t.Enabled = to
			}
		}
	})
	for _, t := range rel.Triggers {
		if !a.only && (x.All || x.User || t.Name == x.Name) {
			if err := a.switchCopies(rel, t, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// switchCopies has the copies of a trigger in partitions run or not as it does.
func (r *run) switchCopies(rel *catalog.Relation, t *catalog.Trigger, to byte) error {
	return r.eachCopy(rel, t, func(p *catalog.Relation, c *catalog.Trigger) error {
		r.change(p.OID, func(now *catalog.Relation) {
			for _, n := range now.Triggers {
				if n.OID == c.OID {
					n.Enabled = to
				}
			}
		})
		return r.switchCopies(p, c, to)
	})
}
