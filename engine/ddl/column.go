package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// pendingDefault is a default or generation expression to be bound.
type pendingDefault struct {
	attr      int16
	expr      ast.Expr
	generated bool
	text      string // of an inherited one
}

// pendingText stands for a generation expression that is not bound yet.
const pendingText = "NULL"

// serials are the names of the serial types.
var serials = map[string]*types.Type{
	"smallserial": types.TInt2, "serial2": types.TInt2, "serial": types.TInt4, "serial4": types.TInt4, "bigserial": types.TInt8, "serial8": types.TInt8,
}

// columnDef is a column while its definition is read: what CREATE TABLE and ALTER
// TABLE ADD COLUMN share.
type columnDef struct {
	*run
	rel    *catalog.Relation
	def    *ast.ColumnDef
	col    catalog.Column
	serial bool
	// saw tells which clauses came already.
	sawNull, sawDefault, sawIdentity, sawGenerated bool

	value    *pendingDefault
	identity *ast.Constraint
	others   []ast.Constraint
}

// readColumn reads a column definition (transformColumnDefinition).
func (r *run) readColumn(rel *catalog.Relation, def *ast.ColumnDef) (*columnDef, error) {
	d := &columnDef{run: r, rel: rel, def: def}
	if err := d.dataType(); err != nil {
		return nil, err
	}
	for i := range def.Constraints {
		if err := d.constraint(&def.Constraints[i]); err != nil {
			return nil, err
		}
	}
	if d.serial {
		for _, kind := range []ast.ConKind{ast.ConDefault, ast.ConNotNull} {
			if err := d.constraint(&ast.Constraint{Kind: kind, Pos: ast.NoPos}); err != nil {
				return nil, err
			}
		}
		d.value = nil
	}
	return d, nil
}

// column adds a column to a new table.
func (t *newTable) column(def *ast.ColumnDef) error {
	d, err := t.readColumn(t.rel, def)
	if err != nil {
		return err
	}
	_, attr := t.rel.Column(d.col.Name)
	if attr == 0 {
		attr = int16(len(t.rel.Columns) + 1)
	}
	d.col.Slot = nextSlot(t.rel)
	seq, err := d.sequence(attr, t.schema)
	if err != nil {
		return err
	}
	if seq != nil {
		t.seqs = append(t.seqs, seq)
	}
	if attr, err = t.ownColumn(d.col); err != nil {
		return err
	}
	if d.value != nil {
		d.value.attr = attr
		if err := t.ownDefault(*d.value); err != nil {
			return err
		}
	}
	for _, c := range d.others {
		if err := t.tableConstraint(c); err != nil {
			return err
		}
	}
	return nil
}

// dataType resolves the column's type, serial types too.
func (d *columnDef) dataType() error {
	tn := &d.def.Type
	if t := serials[tn.Name.Object]; t != nil && tn.Name.Schema == "" && !tn.PctType {
		if len(tn.ArrayDims) > 0 {
			return pgerr.New(pgerr.FeatureNotSupported, "array of serial is not implemented").At(tn.Pos)
		}
		d.serial = true
		d.col = catalog.Column{Name: d.def.Name.Name, TypeOID: t.OID, Mod: types.NoMod, Type: t}
		return nil
	}
	if tn.SetOf {
		return pgerr.New(pgerr.InvalidTableDefinition, "column \"%s\" cannot be declared SETOF", d.def.Name.Name)
	}
	t, mod, err := planner.ResolveType(d.planner(), tn)
	if err != nil {
		return err
	}
	if err := d.usableType(t); err != nil {
		return err
	}
	if err := checkColumnType(d.def.Name.Name, t); err != nil {
		return err
	}
	d.col = catalog.Column{Name: d.def.Name.Name, TypeOID: t.OID, Mod: mod, Dims: int16(len(tn.ArrayDims)), Type: t}
	if n := d.def.Collation; n != nil && n.Schema != "" && d.e.Schema(n.Schema) == nil {
		err = pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", n.Schema)
	} else if n != nil {
		d.col.Collation, err = collationOf(*n, t)
	}
	return pgerr.AtPos(err, d.collatePos())
}

// collatePos is where COLLATE stands, at which errors point.
func (d *columnDef) collatePos() int32 {
	if d.def.Collation == nil || int(d.def.Collation.Pos) > len(d.text) || d.def.Collation.Pos < 0 {
		return ast.NoPos
	}
	return int32(strings.LastIndex(strings.ToLower(d.text[:d.def.Collation.Pos]), "collate"))
}

// usableType checks that the role may use a type.
func (r *run) usableType(t *types.Type) error {
	if t.IsArray() {
		t = t.Elem
	}
	if t.OID < types.FirstUserOID || r.e.Allowed(r.s.Role(), catalog.OnType, t.Owner, r.e.TypeACL(t.OID), "U", false) {
		return nil
	}
	return denied("type", r.typeName(t))
}

// checkColumnType refuses types that no column has (CheckAttributeType).
func checkColumnType(column string, t *types.Type) error {
	if t.Class == types.Pseudo {
		return pgerr.New(pgerr.InvalidTableDefinition, "column \"%s\" has pseudo-type %s", column, t.SQLName(types.NoMod))
	}
	if !t.HasValues() {
		return pgerr.NotSupported("type %s", t.SQLName(types.NoMod))
	}
	return nil
}

// systemColumns are the names that no column may have.
var systemColumns = map[string]bool{"ctid": true, "xmin": true, "cmin": true, "xmax": true, "cmax": true, "tableoid": true}

func checkColumnName(name string) error {
	if systemColumns[name] {
		return pgerr.New(pgerr.DuplicateColumn, "column name \"%s\" conflicts with a system column name", name)
	}
	return nil
}

// collationOf finds a collation for a type. There is one order of texts; the
// collations that stand for it are accepted.
func collationOf(n ast.Name, t *types.Type) (OID, error) {
	tab := pgdata.Load("pg_collation")
	for _, row := range tab.Rows {
		if row[tab.Column("collname")] != n.Object || n.Schema != "" && n.Schema != "pg_catalog" {
			continue
		}
		if t.Collation == 0 {
			return 0, pgerr.New(pgerr.DatatypeMismatch, "collations are not supported by type %s", t.SQLName(types.NoMod))
		}
		return OID(pgdata.Uint(row[tab.Column("oid")])), nil
	}
	return 0, pgerr.New(pgerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", n.String())
}

func (d *columnDef) fail(pos int32, format string) error {
	return pgerr.New(pgerr.SyntaxError, format, d.col.Name, d.rel.Name).At(pos)
}

// constraint reads a constraint of the column.
func (d *columnDef) constraint(c *ast.Constraint) error {
	switch c.Kind {
	case ast.ConNull, ast.ConNotNull:
		not := c.Kind == ast.ConNotNull
		if d.sawNull && d.col.NotNull != not {
			return d.fail(c.Pos, "conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\"")
		}
		d.col.NotNull, d.sawNull = not, true
	case ast.ConDefault:
		if d.sawDefault {
			return d.fail(c.Pos, "multiple default values specified for column \"%s\" of table \"%s\"")
		}
		d.sawDefault, d.value = true, &pendingDefault{expr: c.Expr}
	case ast.ConIdentity:
		if err := d.readIdentity(c); err != nil {
			return err
		}
	case ast.ConGenerated:
		if d.sawGenerated {
			return d.fail(c.Pos, "multiple generation clauses specified for column \"%s\" of table \"%s\"")
		}
		d.sawGenerated, d.value = true, &pendingDefault{expr: c.Expr, generated: true}
	default:
		k := *c
		if k.Columns == nil && k.Kind != ast.ConCheck {
			k.Columns = []ast.Ident{{Name: d.col.Name, Pos: c.Pos}}
		}
		d.others = append(d.others, k)
	}
	switch {
	case d.sawDefault && d.sawIdentity:
		return d.fail(c.Pos, "both default and identity specified for column \"%s\" of table \"%s\"")
	case d.sawDefault && d.sawGenerated:
		return d.fail(c.Pos, "both default and generation expression specified for column \"%s\" of table \"%s\"")
	case d.sawIdentity && d.sawGenerated:
		return d.fail(c.Pos, "both identity and generation expression specified for column \"%s\" of table \"%s\"")
	}
	return nil
}

func (d *columnDef) readIdentity(c *ast.Constraint) error {
	if d.sawIdentity {
		return d.fail(c.Pos, "multiple identity specifications for column \"%s\" of table \"%s\"")
	}
	if d.sawNull && !d.col.NotNull {
		return d.fail(c.Pos, "conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\"")
	}
	d.sawIdentity, d.sawNull, d.col.NotNull, d.identity = true, true, true, c
	d.col.Identity = identityOf(c.Always)
	return nil
}

func identityOf(always bool) byte {
	if always {
		return 'a'
	}
	return 'd'
}

// sequence makes the sequence of a serial or identity column; nil when it is neither.
func (d *columnDef) sequence(attr int16, s *catalog.Schema) (*catalog.Relation, error) {
	var opts []ast.SeqOption
	switch {
	case d.serial:
	case d.identity != nil:
		opts = d.identity.SeqOpts
	default:
		return nil, nil
	}
	seq, err := d.ownedSequence(d.rel, d.col.Name, attr, s, d.col.TypeOID, opts, d.identity != nil)
	if err != nil {
		return nil, err
	}
	d.col.Seq = seq.OID
	if d.serial {
		d.col.Default = d.nextval(s, seq)
		d.col.Deps = []catalog.Dep{{Object: seq.OID, Kind: catalog.DepNormal}}
	}
	return seq, nil
}

// nextval is the default of a serial column.
func (r *run) nextval(s *catalog.Schema, seq *catalog.Relation) string {
	name := catalog.QuoteIdent(s.Name) + "." + catalog.QuoteIdent(seq.Name)
	return "nextval(" + catalog.QuoteLiteral(name) + "::regclass)"
}

// ownedSequence makes the sequence that a column owns (generateSerialExtraStmts).
func (r *run) ownedSequence(rel *catalog.Relation, column string, attr int16, s *catalog.Schema, t OID, opts []ast.SeqOption, identity bool) (*catalog.Relation, error) {
	name := ""
	rest := []ast.SeqOption{}
	for _, o := range opts {
		if o.Name == "sequence name" && len(o.Owner) > 0 {
			name = o.Owner[len(o.Owner)-1]
			continue
		}
		rest = append(rest, o)
	}
	if name == "" {
		name = r.chooseRelation(rel.Name, column, "seq", s.OID, false)
	} else if _, err := r.checkFree(s, name); err != nil {
		return nil, err
	}
	seq := r.newSequence(s, name, ast.Permanent)
	seq.Owner, seq.Persistence = rel.Owner, rel.Persistence
	if t != types.Int2OID && t != types.Int4OID && t != types.Int8OID {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
	}
	o := &sequenceOptions{r: r, seq: seq, list: rest, identity: identity}
	seq.Seq.TypeOID = t
	if err := o.apply(); err != nil {
		return nil, err
	}
	seq.Seq.OwnerTable, seq.Seq.OwnerColumn = rel.OID, attr
	return seq, nil
}

// bindDefaults binds the defaults of a new table's columns.
func (t *newTable) bindDefaults() error {
	for _, p := range t.defaults {
		if p.generated {
			t.rel.Columns[p.attr-1].Generated = pendingText
		}
	}
	for _, p := range t.defaults {
		if err := t.bindDefault(t.rel, p); err != nil {
			return err
		}
	}
	return nil
}

// bindDefault binds the default of a column and keeps it. A plain NULL is no
// default.
func (r *run) bindDefault(rel *catalog.Relation, p pendingDefault) error {
	c := &rel.Columns[p.attr-1]
	if p.generated {
		if err := refuseGeneratedInside(rel, p.expr); err != nil {
			return err
		}
	}
	if err := noParameters(p.expr); err != nil {
		return err
	}
	x, _, deps, err := planner.BindDefault(r.planner(), p.expr, c, p.generated, rel)
	if err != nil {
		return unplaced(err)
	}
	if k, ok := x.(*plan.Const); ok && k.Val.IsNull() && !p.generated {
		c.Default, c.Deps = "", nil
		return nil
	}
	shown, meta, err := planner.ShownDefault(r.planner(), p.expr, c, p.generated, rel)
	if err != nil {
		return err
	}
	text := r.stored(shown, meta)
	if v, ok := p.expr.(*ast.SQLValue); ok {
		text = ast.FormatExpr(v)
	}
	c.Deps = exprDeps(deps)
	if !p.generated {
		c.Default = text
		return nil
	}
	c.Generated = text
	return nil
}

// refuseGeneratedInside refuses a generation expression that reads a generated
// column.
func refuseGeneratedInside(rel *catalog.Relation, e ast.Expr) error {
	for _, c := range columnRefs(e) {
		if col, _ := rel.Column(c.Parts[len(c.Parts)-1]); col != nil && col.Generated != "" {
			return pgerr.New(pgerr.InvalidObjectDefinition, "cannot use generated column \"%s\" in column generation expression", col.Name).
				WithDetail("A generated column cannot reference another generated column.").At(c.Pos)
		}
	}
	return nil
}
