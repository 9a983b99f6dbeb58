package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
)

// onConflict binds ON CONFLICT.
func (b *binder) onConflict(oc *ast.OnConflict, to *written, alias string, stmt *query) (*Conflict, error) {
	rel := to.rel
	if rel.Kind == catalog.Stream {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "ON CONFLICT on stream \"%s\" is not supported", rel.Name).
			WithHint("A stream is append-only.").At(oc.Pos)
	}
	c := &Conflict{Update: oc.DoUpdate}
	arbiters, err := b.arbiters(oc, to)
	if err != nil {
		return nil, err
	}
	c.Indexes = arbiters
	if oc.DoUpdate && len(arbiters) == 0 {
		return nil, pgerr.New(pgerr.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name").
			WithHint("For example, ON CONFLICT (column_name).").At(oc.Pos)
	}
	if !oc.DoUpdate {
		return c, nil
	}
	return c, b.conflictUpdate(oc, to, alias, c, stmt)
}

// conflictUpdate binds DO UPDATE SET … WHERE … over the existing row and
// excluded.
func (b *binder) conflictUpdate(oc *ast.OnConflict, to *written, alias string, c *Conflict, stmt *query) error {
	rel := to.rel
	q := b.besides(stmt)
	b.nextID++
	c.InputID = b.nextID
	ws := &plan.WorkScan{ID: c.InputID}
	c.RowID = b.newCol(q, plan.ColInfo{Name: "rowid", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	c.Old, c.Excluded = b.rowColumns(rel, q), b.rowColumns(rel, q)
	ws.Cols = append(append(append(ws.Cols, c.RowID), c.Old...), c.Excluded...)
	if rel.PartKey != nil {
		c.TableOID = b.newCol(q, plan.ColInfo{Name: "tableoid", Type: types.TOid, Mod: types.NoMod, NotNull: true})
		ws.Cols = append(ws.Cols, c.TableOID)
	}
	target, node, err := b.writtenItem(to, alias, ws, c.Old, q)
	if err != nil {
		return err
	}
	if rel.PartKey != nil {
		target.oid = b.meta.Ref(c.TableOID)
	}
	excluded, node, err := b.writtenItem(to, "excluded", node, c.Excluded, q)
	if err != nil {
		return err
	}
	q.scope.items = []*item{target, excluded}
	vals, changed, err := b.setList(oc.Set, to, c.Old, q)
	if err != nil {
		return err
	}
	c.Changed = changed
	if oc.Where != nil {
		where, err := b.condition(oc.Where, "WHERE", q.at(inWhere))
		if err != nil {
			return err
		}
		node = filter(node, where)
	}
	if c.Root, c.New, err = b.rowNode(rel, node, vals, q, append([]plan.ColID{c.RowID}, c.Old...)); err != nil {
		return err
	}
	if rel.PartKey == nil { // else its partitions have them too
		if c.Checks, err = b.checks(rel, c.New); err != nil {
			return err
		}
	}
	options, err := b.checkOptions(to, c.New)
	c.Checks = append(c.Checks, options...)
	return err
}

// arbiters infers the unique indexes that ON CONFLICT speaks of.
func (b *binder) arbiters(oc *ast.OnConflict, to *written) ([]*catalog.Relation, error) {
	rel := to.rel
	if oc.Constraint != "" {
		con := rel.Constraint(oc.Constraint)
		if len(to.views) > 0 {
			con = nil // a view has no constraints
		}
		if con == nil {
			return nil, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", oc.Constraint, to.shown().Name)
		}
		if con.Index == 0 || con.Kind == catalog.Foreign {
			return nil, pgerr.New(pgerr.WrongObjectType, "constraint in ON CONFLICT clause has no associated index")
		}
		for _, attr := range con.Columns {
			b.read(rel.OID, attr)
		}
		return []*catalog.Relation{b.Catalog.RelationByOID(con.Index)}, nil
	}
	if len(oc.Keys) == 0 {
		return nil, nil
	}
	want, err := b.inferKeys(oc, to)
	if err != nil {
		return nil, err
	}
	var given *RowExpr
	if oc.KeyWhere != nil {
		if given, err = b.inferPredicate(oc.KeyWhere, to); err != nil {
			return nil, err
		}
	}
	var out []*catalog.Relation
	for _, oid := range rel.Indexes {
		ix := b.Catalog.RelationByOID(oid)
		if ix == nil || !ix.Index.Unique || !b.sameKeys(ix, rel, want) {
			continue
		}
		if ix.Index.Predicate != "" && !b.impliesPredicate(given, ix, rel) {
			continue
		}
		out = append(out, ix)
	}
	if len(out) == 0 {
		return nil, pgerr.New(pgerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return out, nil
}

// inferred is what an inference element asks of a key besides its expression; 0:
// nothing.
type inferred struct{ collation, opClass catalog.OID }

// inferKeys gives the inference elements by their keys.
func (b *binder) inferKeys(oc *ast.OnConflict, to *written) (map[string]inferred, error) {
	want := map[string]inferred{}
	for i := range oc.Keys {
		k := &oc.Keys[i]
		switch {
		case k.Ordered:
			return nil, pgerr.New(pgerr.InvalidColumnReference, "ASC/DESC is not allowed in ON CONFLICT clause").At(oc.KeysPos)
		case k.NullsOrdered:
			return nil, pgerr.New(pgerr.InvalidColumnReference, "NULLS FIRST/LAST is not allowed in ON CONFLICT clause").At(oc.KeysPos)
		}
		e := k.Expr
		if k.Column != "" {
			e = &ast.ColumnRef{Parts: []string{k.Column}, Pos: oc.KeysPos}
			if _, attr := to.shown().Column(k.Column); attr != 0 {
				b.read(to.shown().OID, attr)
			}
		}
		x, err := b.inferElement(e, to)
		if err != nil {
			return nil, err
		}
		var in inferred
		if k.Collation != nil {
			if in.collation, err = inferCollation(k); err != nil {
				return nil, err
			}
		}
		if k.OpClass != nil {
			if in.opClass, err = inferOpClass(k); err != nil {
				return nil, err
			}
		}
		want[x.key()] = in
	}
	return want, nil
}

// inferElement binds an inference element over the stored relation.
func (b *binder) inferElement(e ast.Expr, to *written) (*RowExpr, error) {
	if len(to.views) == 0 {
		return BindRow(b.Context, e, to.rel, RowIndex)
	}
	ref, ok := e.(*ast.ColumnRef)
	if !ok {
		return nil, pgerr.NotSupported("ON CONFLICT with an expression on view \"%s\"", to.shown().Name).At(e.Position())
	}
	if _, err := BindRow(b.Context, e, to.shown(), RowIndex); err != nil {
		return nil, err
	}
	attr, err := to.column(ast.Ident{Name: ref.Parts[0], Pos: ref.Pos}, "INSERT")
	if err != nil { // no index is over what is no column
		return nil, pgerr.New(pgerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return BindRow(b.Context, &ast.ColumnRef{Parts: []string{to.rel.Columns[attr-1].Name}, Pos: ref.Pos}, to.rel, RowIndex)
}

// inferPredicate binds the WHERE of an inference; one that is no condition is
// allowed, and implies nothing.
func (b *binder) inferPredicate(e ast.Expr, to *written) (*RowExpr, error) {
	if len(to.views) > 0 {
		return nil, pgerr.NotSupported("ON CONFLICT with a predicate on view \"%s\"", to.shown().Name).At(e.Position())
	}
	x, err := BindRow(b.Context, e, to.rel, RowInference)
	if err != nil || x.X.Type().OID != types.BoolOID {
		return nil, err
	}
	x.X = fold.Expr(x.X, b.Env)
	return x, nil
}

// named gives the oid of the row of a catalog of PostgreSQL's that has that name.
func named(table, column, name string, ok func(row []string, at func(string) int) bool) catalog.OID {
	tab := pgdata.Load(table)
	for _, row := range tab.Rows {
		if row[tab.Column(column)] == name && (ok == nil || ok(row, tab.Column)) {
			return catalog.OID(pgdata.Uint(row[tab.Column("oid")]))
		}
	}
	return 0
}

func inferCollation(k *ast.IndexElem) (catalog.OID, error) {
	oid := named("pg_collation", "collname", k.Collation.Object, nil)
	if oid == 0 {
		return 0, pgerr.New(pgerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", k.Collation.String()).At(k.Pos)
	}
	return oid, nil
}

func inferOpClass(k *ast.IndexElem) (catalog.OID, error) {
	oid := named("pg_opclass", "opcname", k.OpClass.Object, func(row []string, at func(string) int) bool {
		return catalog.OID(pgdata.Uint(row[at("opcmethod")])) == catalog.BtreeAM
	})
	if oid == 0 {
		return 0, pgerr.New(pgerr.UndefinedObject, "operator class \"%s\" does not exist for access method \"btree\"", k.OpClass.String())
	}
	return oid, nil
}

// fits tells whether a key of an index is what was asked for.
func (in inferred) fits(k catalog.IndexKey, t *types.Type) bool {
	coll, class := k.Collation, k.OpClass
	if coll == 0 {
		coll = t.Underlying().Collation
	}
	if class == 0 {
		class = catalog.DefaultOpClass(catalog.BtreeAM, t)
	}
	return (in.collation == 0 || in.collation == coll) && (in.opClass == 0 || in.opClass == class)
}

// key identifies an expression over a row whatever the ids of the columns are.
func (r *RowExpr) key() string { return plan.Key(r.byNumber()) }

// byNumber is the expression with its columns numbered as the relation's.
func (r *RowExpr) byNumber() plan.Expr {
	at := map[plan.ColID]plan.ColID{}
	for i, id := range r.Cols {
		at[id] = plan.ColID(i)
	}
	return plan.Map(r.X, func(e plan.Expr) plan.Expr {
		if c, ok := e.(*plan.Col); ok {
			return &plan.Col{ID: at[c.ID], Typ: c.Typ, TypMod: c.TypMod}
		}
		return e
	})
}

func (b *binder) sameKeys(ix, rel *catalog.Relation, want map[string]inferred) bool {
	have := map[string]bool{}
	for _, k := range ix.Index.Keys[:ix.Index.NKeys] {
		var e ast.Expr
		if k.Column != 0 {
			e = &ast.ColumnRef{Parts: []string{rel.Columns[k.Column-1].Name}, Pos: -1}
		} else {
			var err error
			if e, err = b.ParseExpr(k.Expr); err != nil {
				return false
			}
		}
		x, err := BindRow(b.Context, e, rel, RowIndex)
		if err != nil {
			return false
		}
		in, ok := want[x.key()]
		if !ok || !in.fits(k, x.X.Type()) {
			return false
		}
		have[x.key()] = true
	}
	return len(have) == len(want)
}

// impliesPredicate tells whether the WHERE of the inference implies a partial
// index's.
func (b *binder) impliesPredicate(given *RowExpr, ix, rel *catalog.Relation) bool {
	if given == nil {
		return false
	}
	e, err := b.ParseExpr(ix.Index.Predicate)
	if err != nil {
		return false
	}
	need, err := BindRow(b.Context, e, rel, RowIndexPredicate)
	if err != nil {
		return false
	}
	return rules.Follows(plan.Conjuncts(given.byNumber()), plan.Conjuncts((&RowExpr{X: fold.Expr(need.X, b.Env), Cols: need.Cols}).byNumber()))
}
