package ddl

import (
	"cmp"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// alteration is an ALTER TABLE under way: its actions change the catalogue one by
// one; what they mean for the rows is done at the end (PostgreSQL's phase 3).
type alteration struct {
	*run
	command string
	old     *catalog.Relation // as it was
	oid     OID
	// vals are the values of columns that are not copied; rewrite tells that rows
	// have to be computed anew.
	vals    map[int16]*planner.NewValue
	rewrite bool
	// verify are the checks of the rows there are.
	verify []func() error
	// more are actions that others have led to.
	more []ast.AlterAction
	// below are the alterations of a partitioned table's partitions, above that of a
	// partition's table; only tells that the statement says ONLY.
	below []*alteration
	above *alteration
	only  bool
	// known are all alterations of the statement.
	known map[OID]*alteration
}

func newAlteration(r *run, command string, rel *catalog.Relation) *alteration {
	a := &alteration{run: r, command: command, old: rel, oid: rel.OID, vals: map[int16]*planner.NewValue{}}
	a.known = map[OID]*alteration{rel.OID: a}
	return a
}

// alterLock is the lock that the actions need (AlterTableGetLockLevel): reading goes on
// while foreign keys are added.
func alterLock(st *ast.AlterTable) LockMode {
	for i := range st.Actions {
		a := &st.Actions[i]
		if a.Kind != ast.AlterAddConstraint || a.Constraint == nil || a.Constraint.Kind != ast.ConForeign {
			return AccessExclusive
		}
	}
	return ShareRowExclusive
}

// alterTable runs ALTER TABLE, STREAM, VIEW, MATERIALIZED VIEW and INDEX with
// actions.
func (r *run) alterTable(st *ast.AlterTable) error {
	rel, err := r.locked(st.Table.Name, st.IfExists, alterLock(st))
	if rel == nil || err != nil {
		return err
	}
	if err := r.alterable(rel, st.Kind); err != nil {
		return err
	}
	if err := r.checkUnused(rel, Name(st)); err != nil {
		return err
	}
	a := newAlteration(r, Name(st), rel)
	if a.only = st.Table.Only; !a.only {
		if err := a.tree(); err != nil {
			return err
		}
	}
	actions := slices.Clone(st.Actions)
	slices.SortStableFunc(actions, func(x, y ast.AlterAction) int { return cmp.Compare(pass(&x), pass(&y)) })
	for i := range actions {
		if err := a.actBelow(&actions[i]); err != nil {
			return err
		}
	}
	slices.SortStableFunc(a.more, func(x, y ast.AlterAction) int { return cmp.Compare(pass(&x), pass(&y)) })
	for i := range a.more {
		if err := a.actBelow(&a.more[i]); err != nil {
			return err
		}
	}
	return a.rowsBelow()
}

// alterable checks that a relation is of the kind that the statement names, and the
// role's.
func (r *run) alterable(rel *catalog.Relation, kind ast.ObjectKind) error {
	if err := r.mustOwn(rel); err != nil {
		return err
	}
	if err := checkSystem(rel); err != nil {
		return err
	}
	if rel.Kind == catalog.Composite {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is a composite type", rel.Name).WithHint("Use ALTER TYPE instead.")
	}
	if rel.Kind == droppable[kind] {
		return nil
	}
	if kind == ast.ObjTable && rel.Kind != catalog.Stream {
		return nil // ALTER TABLE is for other relations too
	}
	word := relationWords[kind]
	e := pgerr.New(pgerr.WrongObjectType, "\"%s\" is not %s %s", rel.Name, article(word), word)
	if rel.Kind == catalog.Stream || kind == ast.ObjStream {
		return e.WithHint("Use ALTER %s instead.", upper(kindWord(rel)))
	}
	return e
}

// pass is when an action runs, after PostgreSQL's AT_PASS_….
func pass(a *ast.AlterAction) int {
	switch a.Kind {
	case ast.AlterDropColumn, ast.AlterDropConstraint, ast.AlterDropNotNull, ast.AlterDropDefault, ast.AlterDropIdentity, ast.AlterDropExpression:
		return 0
	case ast.AlterColumnType:
		return 1
	case ast.AlterAddColumn:
		return 2
	case ast.AlterSetDefault, ast.AlterSetNotNull, ast.AlterSetIdentity, ast.AlterColumnOptions, ast.AlterSetStatistics, ast.AlterSetStorage:
		return 4
	case ast.AlterAddIdentity:
		return 6
	case ast.AlterAddConstraint:
		switch a.Constraint.Kind {
		case ast.ConPrimary, ast.ConUnique:
			return 5
		case ast.ConForeign:
			return 6
		}
		return 3
	}
	return 7
}

// actionNames are the actions as errors name them, and the kinds of relation that
// they are for.
var actionNames = map[ast.AlterKind]struct {
	name  string
	kinds []catalog.RelKind
}{
	ast.AlterAddColumn:          {"ADD COLUMN", tableKinds},
	ast.AlterDropColumn:         {"DROP COLUMN", tableKinds},
	ast.AlterColumnType:         {"ALTER COLUMN ... SET DATA TYPE", tableKinds},
	ast.AlterSetDefault:         {"ALTER COLUMN ... SET DEFAULT", viewKinds},
	ast.AlterDropDefault:        {"ALTER COLUMN ... SET DEFAULT", viewKinds},
	ast.AlterSetNotNull:         {"ALTER COLUMN ... SET NOT NULL", tableKinds},
	ast.AlterDropNotNull:        {"ALTER COLUMN ... DROP NOT NULL", tableKinds},
	ast.AlterAddConstraint:      {"ADD CONSTRAINT", tableKinds},
	ast.AlterDropConstraint:     {"DROP CONSTRAINT", tableKinds},
	ast.AlterValidateConstraint: {"VALIDATE CONSTRAINT", tableKinds},
	ast.AlterConstraint:         {"ALTER CONSTRAINT", tableKinds},
	ast.AlterAddIdentity:        {"ALTER COLUMN ... ADD IDENTITY", viewKinds},
	ast.AlterSetIdentity:        {"ALTER COLUMN ... SET", viewKinds},
	ast.AlterDropIdentity:       {"ALTER COLUMN ... DROP IDENTITY", viewKinds},
	ast.AlterDropExpression:     {"ALTER COLUMN ... DROP EXPRESSION", tableKinds},
	ast.AlterSetStatistics:      {"ALTER COLUMN ... SET STATISTICS", storedKinds},
	ast.AlterSetStorage:         {"ALTER COLUMN ... SET STORAGE", storedKinds},
	ast.AlterSetOptions:         {"SET", optionKinds},
	ast.AlterResetOptions:       {"RESET", optionKinds},
	ast.AlterColumnOptions:      {"ALTER COLUMN ... SET", storedKinds},
	ast.AlterReplicaIdentity:    {"REPLICA IDENTITY", storedKinds},
	ast.AlterTrigger:            {"ENABLE TRIGGER", tableKinds},
	ast.AlterRule:               {"ENABLE RULE", viewKinds},
	ast.AlterRowSecurity:        {"ENABLE ROW SECURITY", tableKinds},
	ast.AlterCluster:            {"CLUSTER ON", storedKinds},
}

var (
	tableKinds  = []catalog.RelKind{catalog.Table, catalog.Stream}
	viewKinds   = []catalog.RelKind{catalog.Table, catalog.Stream, catalog.View}
	storedKinds = []catalog.RelKind{catalog.Table, catalog.Stream, catalog.MatView}
	optionKinds = []catalog.RelKind{catalog.Table, catalog.Stream, catalog.View, catalog.MatView, catalog.Index}
)

// rel is a copy of the relation as the catalogue has it now.
func (a *alteration) rel() *catalog.Relation { return a.e.RelationByOID(a.oid).Clone() }

// act runs one action.
func (a *alteration) act(x *ast.AlterAction) error {
	rel := a.rel()
	if n, ok := actionNames[x.Kind]; ok && !slices.Contains(n.kinds, rel.Kind) {
		name := n.name
		if x.Kind == ast.AlterCluster && x.Name == "" {
			name = "SET WITHOUT CLUSTER"
		}
		return pgerr.New(pgerr.WrongObjectType, "ALTER action %s cannot be performed on relation \"%s\"", name, rel.Name).
			WithDetail("%s", unsupportedKind(rel))
	}
	if rel.Stream != nil && rel.Stream.LateOf != 0 {
		return pgerr.New(pgerr.WrongObjectType, "cannot change \"%s\", which holds the late rows of a stream", rel.Name)
	}
	switch x.Kind {
	case ast.AlterAddColumn:
		return a.addColumn(rel, x)
	case ast.AlterDropColumn:
		return a.dropColumn(rel, x)
	case ast.AlterColumnType:
		return a.columnType(rel, x)
	case ast.AlterSetDefault, ast.AlterDropDefault:
		return unpositioned(a.setDefault(rel, x))
	case ast.AlterSetNotNull:
		return a.setNotNull(rel, x.Column.Name)
	case ast.AlterDropNotNull:
		return a.dropNotNull(rel, x)
	case ast.AlterAddConstraint:
		if x.Constraint.UsingIndex != "" {
			return a.keyUsingIndex(rel, *x.Constraint)
		}
		return unpositioned(a.addConstraint(rel, x))
	case ast.AlterDropConstraint:
		return a.dropConstraint(rel, x)
	case ast.AlterConstraint:
		return a.alterConstraint(rel, x.Name, x.Constraint)
	case ast.AlterValidateConstraint:
		return a.validate(rel, x.Name)
	case ast.AlterAddIdentity:
		return a.addIdentity(rel, x)
	case ast.AlterSetIdentity:
		return a.setIdentity(rel, x)
	case ast.AlterDropIdentity:
		return a.dropIdentity(rel, x)
	case ast.AlterDropExpression:
		return a.dropExpression(rel, x)
	case ast.AlterSetOptions, ast.AlterResetOptions:
		return a.setOptions(rel, x)
	case ast.AlterTrigger:
		return a.switchTrigger(rel, x)
	case ast.AlterRule:
		return a.switchRule(rel, x)
	case ast.AlterRowSecurity:
		return a.rowSecurity(rel, x.Text)
	case ast.AlterReplicaIdentity:
		return a.replicaIdentity(rel, x)
	case ast.AlterCluster:
		return a.cluster(rel, x.Name)
	case ast.AlterInherit, ast.AlterNoInherit:
		return a.inheritAction(rel, x)
	}
	return a.minor(rel, x)
}

// minor runs the actions that have no effect here, and refuses the others by name.
func (a *alteration) minor(rel *catalog.Relation, x *ast.AlterAction) error {
	switch x.Kind {
	case ast.AlterSetStatistics, ast.AlterSetStorage, ast.AlterColumnOptions:
		if _, _, err := a.column(rel, x.Column.Name, "alter"); err != nil {
			return err
		}
		a.notice(pgerr.SuccessfulCompletion, "%s has no effect", actionNames[x.Kind].name)
		return nil
	}
	return pgerr.NotSupported("%s %s", a.command, x.Text)
}

// column finds a column that is to be changed.
func (a *alteration) column(rel *catalog.Relation, name, verb string) (*catalog.Column, int16, error) {
	c, attr := rel.Column(name)
	if c != nil {
		return c, attr, nil
	}
	if systemColumns[name] && rel.Stored() {
		return nil, 0, pgerr.New(pgerr.FeatureNotSupported, "cannot %s system column \"%s\"", verb, name)
	}
	return nil, 0, undefinedColumn(name, rel)
}

// setOptions runs SET (…) and RESET (…).
func (a *alteration) setOptions(rel *catalog.Relation, x *ast.AlterAction) error {
	if rel.Kind == catalog.Stream {
		return a.streamOptions(rel, x)
	}
	known := heapOptions
	switch rel.Kind {
	case catalog.Index:
		known = btreeOptions
	case catalog.View:
		known = knownViewOptions
	}
	if x.Kind == ast.AlterResetOptions {
		for _, o := range x.Options {
			rel.Options = withoutOption(rel.Options, o.Name)
		}
	} else {
		set, err := relOptions(x.Options, known)
		if err != nil {
			return err
		}
		for _, o := range x.Options {
			rel.Options = withoutOption(rel.Options, o.Name)
		}
		rel.Options = append(rel.Options, set...)
	}
	if rel.View != nil {
		rel.View.SecurityBarrier = slices.ContainsFunc(rel.Options, func(o string) bool { return o == "security_barrier=true" })
	}
	a.put(rel)
	return nil
}

// streamOptions sets or resets options of a stream.
func (a *alteration) streamOptions(rel *catalog.Relation, x *ast.AlterAction) error {
	for _, o := range x.Options {
		if x.Kind == ast.AlterResetOptions {
			def, ok := map[string]string{"on_late": "divert", "idle_timeout": "0", "max_future_skew": "1 day"}[o.Name]
			if ok {
				o.Value = &ast.Literal{Kind: ast.LitString, Text: def, Pos: o.Pos}
			}
		}
		if rel.Stream.Time == 0 {
			return pgerr.New(pgerr.InvalidParameterValue, "option \"%s\" needs a watermark", o.Name).At(o.Pos)
		}
		if err := setStreamOption(rel, o); err != nil {
			return err
		}
		if x.Kind == ast.AlterResetOptions {
			rel.Options = withoutOption(rel.Options, o.Name)
		}
	}
	a.put(rel)
	return nil
}
