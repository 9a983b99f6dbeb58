package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// addColumn runs ADD COLUMN.
func (a *alteration) addColumn(rel *catalog.Relation, x *ast.AlterAction) error {
	name := x.Def.Name.Name
	if c, _ := rel.Column(name); c != nil {
		if x.IfExists {
			a.notice(pgerr.DuplicateColumn, "column \"%s\" of relation \"%s\" already exists, skipping", name, rel.Name)
			return nil
		}
		return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" of relation \"%s\" already exists", name, rel.Name)
	}
	if err := checkColumnName(name); err != nil {
		return err
	}
	if len(rel.Columns) >= maxColumns {
		return pgerr.New(pgerr.TooManyColumns, "tables can have at most %d columns", maxColumns)
	}
	views, err := a.viewsOver(rel)
	if err != nil {
		return err
	}
	d, err := a.readColumn(rel, x.Def)
	if err != nil {
		return err
	}
	if err := a.notWithin(rel, d.col.Type); err != nil {
		return err
	}
	attr := int16(len(rel.Columns) + 1)
	d.col.Slot = nextSlot(rel)
	seq, err := d.sequence(attr, a.e.SchemaByOID(rel.Schema))
	if err != nil {
		return err
	}
	if seq != nil {
		a.e.PutRelation(seq)
	}
	rel.Columns = append(rel.Columns, d.col)
	if d.value != nil {
		d.value.attr = attr
		if err := a.bindDefault(rel, *d.value); err != nil {
			return unpositioned(err)
		}
	}
	if err := a.addedValue(rel, attr, d); err != nil {
		return err
	}
	a.run.put(rel)
	if err := a.writeViews(views); err != nil {
		return err
	}
	if err := a.addLateColumn(rel, attr); err != nil {
		return err
	}
	for i := range d.others {
		if rel.Kind == catalog.Stream {
			if err := streamConstraint(&d.others[i]); err != nil {
				return err
			}
		}
		a.more = append(a.more, ast.AlterAction{Kind: ast.AlterAddConstraint, Constraint: &d.others[i]})
	}
	return nil
}

// addedValue decides what a new column has in the rows there are: one value for all,
// or one for each, for which they are rewritten.
func (a *alteration) addedValue(rel *catalog.Relation, attr int16, d *columnDef) error {
	c := &rel.Columns[attr-1]
	switch {
	case c.Generated != "":
		return a.rewriteWith(attr, nil)
	case c.Identity != 0 || d.serial:
		return a.rewriteWith(attr, &planner.NewValue{Default: nextvalCall(a.run, c.Seq)})
	}
	e, err := a.defaultExpr(c)
	if err != nil {
		return err
	}
	if e == nil {
		if c.NotNull || a.typeOf(c).Class == types.Domain {
			a.mustBeFilled(attr)
		}
		if a.typeOf(c).Class == types.Domain && a.hasDomainChecks(a.typeOf(c)) {
			return a.rewriteWith(attr, &planner.NewValue{})
		}
		return nil
	}
	x, _, _, err := planner.BindDefault(a.planner(), e, c, false, rel)
	if err != nil {
		return err
	}
	if plan.IsVolatile(x) || a.typeOf(c).Class == types.Domain && a.hasDomainChecks(a.typeOf(c)) {
		return a.rewriteWith(attr, &planner.NewValue{Default: e})
	}
	v, err := a.s.Value(a.ctx, x)
	if err != nil {
		return err
	}
	if v.IsNull() {
		if c.NotNull {
			a.mustBeFilled(attr)
		}
		return nil
	}
	text := a.typeOf(c).Text(types.DefaultEnv, v)
	c.Missing = &text
	return nil
}

// defaultExpr is the default of a column, its own or its domain's, nil for none.
func (r *run) defaultExpr(c *catalog.Column) (ast.Expr, error) {
	text := c.Default
	for t := r.typeOf(c); text == "" && t != nil && t.Class == types.Domain; t = t.Base {
		if def := r.e.Domain(t.OID); def != nil {
			text = def.Default
		}
	}
	if text == "" {
		return nil, nil
	}
	return parseExpr(text)
}

// hasDomainChecks tells whether a domain, or one below it, restricts its values.
func (r *run) hasDomainChecks(t *types.Type) bool {
	for ; t.Class == types.Domain; t = t.Base {
		if def := r.e.Domain(t.OID); t.NotNull || def != nil && len(def.Constraints) > 0 {
			return true
		}
	}
	return false
}

// nextvalCall is the next value of a sequence as an expression.
func nextvalCall(r *run, seq OID) ast.Expr {
	name := r.e.Qualified(r.e.RelationByOID(seq))
	e, err := parseExpr("nextval(" + catalog.QuoteLiteral(r.qualified(r.e.RelationByOID(seq))) + "::regclass)")
	if err != nil {
		return &ast.Literal{Kind: ast.LitString, Text: name}
	}
	return e
}

// rewriteWith has the rows rewritten, a column getting a value.
func (a *alteration) rewriteWith(attr int16, v *planner.NewValue) error {
	if a.old.Kind == catalog.Stream {
		return pgerr.New(pgerr.FeatureNotSupported, "changing the rows of a stream is not supported").WithHint("A stream is append-only.")
	}
	a.rewrite = true
	if v != nil {
		a.vals[attr] = v
	}
	return nil
}

// mustBeFilled refuses NULLs that a new column would have.
func (a *alteration) mustBeFilled(attr int16) {
	a.verify = append(a.verify, func() error {
		rel := a.rel()
		c := &rel.Columns[attr-1]
		if !c.NotNull || a.rewrite {
			return nil
		}
		some, err := a.s.HasRows(a.ctx, rel.OID)
		if err != nil || !some {
			return err
		}
		return a.hasNulls(rel, c)
	})
}

func (a *alteration) hasNulls(rel *catalog.Relation, c *catalog.Column) error {
	return pgerr.New(pgerr.NotNullViolation, "column \"%s\" of relation \"%s\" contains null values", c.Name, rel.Name).
		WithTable(a.e.SchemaByOID(rel.Schema).Name, rel.Name, c.Name, "")
}

// addLateColumn adds a stream's new column to its companion.
func (a *alteration) addLateColumn(rel *catalog.Relation, attr int16) error {
	if rel.Stream == nil || rel.Stream.Late == 0 {
		return nil
	}
	late := a.e.RelationByOID(rel.Stream.Late).Clone()
	c := &rel.Columns[attr-1]
	if old, _ := late.Column(c.Name); old != nil {
		return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" conflicts with a column of the relation of late rows, \"%s\"", c.Name, late.Name)
	}
	views, err := a.viewsOver(late)
	if err != nil {
		return err
	}
	n := lateColumn(c, nextSlot(late))
	n.NotNull = false
	late.Columns = append(late.Columns, n)
	a.run.put(late)
	return a.writeViews(views)
}

// dropColumn runs DROP COLUMN.
func (a *alteration) dropColumn(rel *catalog.Relation, x *ast.AlterAction) error {
	name := x.Column.Name
	c, attr, err := a.column(rel, name, "drop")
	if err != nil {
		if e, ok := err.(*pgerr.Error); ok && x.IfExists && e.Code == pgerr.UndefinedColumn {
			a.notice(pgerr.SuccessfulCompletion, "column \"%s\" of relation \"%s\" does not exist, skipping", name, rel.Name)
			return nil
		}
		return err
	}
	objects := []Object{{Class: catalog.ClassRelation, OID: rel.OID, Sub: attr}}
	if rel.Stream != nil {
		if rel.Stream.Time == attr {
			return pgerr.New(pgerr.FeatureNotSupported, "cannot drop column \"%s\", which is the event time of stream \"%s\"", c.Name, rel.Name)
		}
		if late := a.e.RelationByOID(rel.Stream.Late); late != nil {
			if _, n := late.Column(name); n > 0 {
				objects = append(objects, Object{Class: catalog.ClassRelation, OID: late.OID, Sub: n})
			}
		}
	}
	delete(a.vals, attr)
	return a.dropNamed(rel, objects, x.Cascade)
}

// dropNamed drops columns: views that list the relation's columns list one less.
func (a *alteration) dropNamed(rel *catalog.Relation, objects []Object, cascade bool) error {
	views, err := a.readViews(func(d catalog.Dep) bool {
		return d.Object == rel.OID || rel.Stream != nil && d.Object == rel.Stream.Late
	}, false)
	if err != nil {
		return err
	}
	if err := a.dropAlong(objects[:1], objects[1:], cascade, a.command); err != nil {
		return err
	}
	return a.writeViews(views)
}

// setDefault runs SET DEFAULT and DROP DEFAULT.
func (a *alteration) setDefault(rel *catalog.Relation, x *ast.AlterAction) error {
	c, attr, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	drop := x.Kind == ast.AlterDropDefault
	if c.Identity != 0 {
		e := pgerr.New(pgerr.SyntaxError, "column \"%s\" of relation \"%s\" is an identity column", c.Name, rel.Name)
		if drop {
			e.WithHint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.")
		}
		return e
	}
	if c.Generated != "" {
		e := pgerr.New(pgerr.SyntaxError, "column \"%s\" of relation \"%s\" is a generated column", c.Name, rel.Name)
		if drop {
			e.WithHint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.")
		}
		return e
	}
	c.Default, c.Deps = "", nil
	if !drop {
		if err := a.bindDefault(rel, pendingDefault{attr: attr, expr: x.Using}); err != nil {
			return err
		}
	}
	a.put(rel)
	return nil
}

// setNotNull runs SET NOT NULL.
func (a *alteration) setNotNull(rel *catalog.Relation, name string) error {
	c, attr, err := a.column(rel, name, "alter")
	if err != nil || c.NotNull {
		return err
	}
	c.NotNull = true
	a.put(rel)
	a.verify = append(a.verify, func() error { return a.noNulls(attr) })
	return nil
}

// noNulls checks that a column has no NULL in the rows there are.
func (a *alteration) noNulls(attr int16) error {
	if a.rewrite {
		return nil // checked there
	}
	rel := a.rel()
	c := &rel.Columns[attr-1]
	found, _, err := a.s.Any(a.ctx, "SELECT 1 FROM "+a.rowsOf(rel)+" WHERE "+catalog.QuoteIdent(c.Name)+" IS NULL LIMIT 1")
	if err != nil || !found {
		return err
	}
	return a.hasNulls(rel, c)
}

// dropNotNull runs DROP NOT NULL.
func (a *alteration) dropNotNull(rel *catalog.Relation, x *ast.AlterAction) error {
	c, attr, err := a.column(rel, x.Column.Name, "alter")
	if err != nil || !c.NotNull {
		return err
	}
	if c.Identity != 0 {
		return pgerr.New(pgerr.SyntaxError, "column \"%s\" of relation \"%s\" is an identity column", c.Name, rel.Name)
	}
	if pk := rel.PrimaryKey(); pk != nil && slices.Contains(pk.Columns, attr) {
		return pgerr.New(pgerr.InvalidTableDefinition, "column \"%s\" is in a primary key", c.Name)
	}
	if rel.Stream != nil && rel.Stream.Time == attr {
		return pgerr.New(pgerr.InvalidTableDefinition, "column \"%s\" is the event time of stream \"%s\"", c.Name, rel.Name)
	}
	c.NotNull = false
	a.put(rel)
	return nil
}

// addIdentity runs ADD GENERATED … AS IDENTITY.
func (a *alteration) addIdentity(rel *catalog.Relation, x *ast.AlterAction) error {
	c, attr, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	fail := func(format string) error {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, format, c.Name, rel.Name)
	}
	switch {
	case !c.NotNull:
		return fail("column \"%s\" of relation \"%s\" must be declared NOT NULL before identity can be added")
	case c.Identity != 0:
		return fail("column \"%s\" of relation \"%s\" is already an identity column")
	case c.Default != "" || c.Generated != "":
		return fail("column \"%s\" of relation \"%s\" already has a default value")
	}
	seq, err := a.ownedSequence(rel, c.Name, attr, a.e.SchemaByOID(rel.Schema), c.TypeOID, x.Constraint.SeqOpts, true)
	if err != nil {
		return err
	}
	a.e.PutRelation(seq)
	c.Identity, c.Seq = identityOf(x.Constraint.Always), seq.OID
	a.put(rel)
	return nil
}

// setIdentity runs SET GENERATED and SET options of an identity column.
func (a *alteration) setIdentity(rel *catalog.Relation, x *ast.AlterAction) error {
	c, _, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	if c.Identity == 0 {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "column \"%s\" of relation \"%s\" is not an identity column", c.Name, rel.Name)
	}
	if x.Always != nil {
		c.Identity = identityOf(*x.Always)
		a.put(rel)
	}
	if len(x.SeqOpts) == 0 {
		return nil
	}
	return a.changeSequence(a.e.RelationByOID(c.Seq), x.SeqOpts, true)
}

// dropIdentity runs DROP IDENTITY.
func (a *alteration) dropIdentity(rel *catalog.Relation, x *ast.AlterAction) error {
	c, _, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	if c.Identity == 0 {
		if x.IfExists {
			a.notice(pgerr.SuccessfulCompletion, "column \"%s\" of relation \"%s\" is not an identity column, skipping", c.Name, rel.Name)
			return nil
		}
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "column \"%s\" of relation \"%s\" is not an identity column", c.Name, rel.Name)
	}
	seq := a.e.RelationByOID(c.Seq)
	c.Identity, c.Seq = 0, 0
	a.put(rel)
	if seq == nil {
		return nil
	}
	return a.dropObjects([]Object{{Class: catalog.ClassRelation, OID: seq.OID}}, false, a.command)
}

// dropExpression runs DROP EXPRESSION: the column keeps its values.
func (a *alteration) dropExpression(rel *catalog.Relation, x *ast.AlterAction) error {
	c, _, err := a.column(rel, x.Column.Name, "alter")
	if err != nil {
		return err
	}
	if c.Generated == "" {
		if x.IfExists {
			a.notice(pgerr.SuccessfulCompletion, "column \"%s\" of relation \"%s\" is not a stored generated column, skipping", c.Name, rel.Name)
			return nil
		}
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "column \"%s\" of relation \"%s\" is not a stored generated column", c.Name, rel.Name)
	}
	c.Generated, c.Deps = "", nil
	a.put(rel)
	return nil
}
