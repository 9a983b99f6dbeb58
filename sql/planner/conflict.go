package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// onConflict binds ON CONFLICT.
func (b *binder) onConflict(oc *ast.OnConflict, rel *catalog.Relation, alias string, stmt *query) (*Conflict, error) {
	if rel.Kind == catalog.Stream {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "ON CONFLICT on stream \"%s\" is not supported", rel.Name).
			WithHint("A stream is append-only.").At(oc.Pos)
	}
	c := &Conflict{Update: oc.DoUpdate}
	arbiters, err := b.arbiters(oc, rel)
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
	return c, b.conflictUpdate(oc, rel, alias, c, stmt)
}

// conflictUpdate binds DO UPDATE SET … WHERE … over the existing row and
// excluded.
func (b *binder) conflictUpdate(oc *ast.OnConflict, rel *catalog.Relation, alias string, c *Conflict, stmt *query) error {
	q := b.besides(stmt)
	b.nextID++
	c.InputID = b.nextID
	ws := &plan.WorkScan{ID: c.InputID}
	c.RowID = b.newCol(q, plan.ColInfo{Name: "rowid", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	ws.Cols = append(ws.Cols, c.RowID)
	row := func(name string) (*item, []plan.ColID) {
		it := &item{alias: name, rel: rel, owner: q, relVisible: true, colsVisible: name != "excluded"}
		if rel.RowType != 0 {
			it.row = b.Catalog.TypeByOID(rel.RowType)
		}
		var ids []plan.ColID
		for _, attr := range live(rel) {
			col := &rel.Columns[attr-1]
			id := b.newCol(q, plan.ColInfo{Name: col.Name, Type: b.columnType(col), Mod: col.Mod, Rel: rel.OID, Attr: attr})
			it.cols, ids = append(it.cols, itemCol{col.Name, id}), append(ids, id)
		}
		ws.Cols = append(ws.Cols, ids...)
		return it, ids
	}
	var target, excluded *item
	target, c.Old = row(alias)
	excluded, c.Excluded = row("excluded")
	q.scope.items = []*item{target, excluded}
	vals, changed, err := b.setList(oc.Set, &written{rel: rel}, c.Old, q)
	if err != nil {
		return err
	}
	c.Changed = changed
	var node plan.Node = ws
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
	c.Checks, err = b.checks(rel, c.New)
	return err
}

// arbiters infers the unique indexes that ON CONFLICT speaks of.
func (b *binder) arbiters(oc *ast.OnConflict, rel *catalog.Relation) ([]*catalog.Relation, error) {
	if oc.Constraint != "" {
		con := rel.Constraint(oc.Constraint)
		if con == nil {
			return nil, pgerr.New(pgerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", oc.Constraint, rel.Name)
		}
		if con.Index == 0 || con.Kind == catalog.Foreign {
			return nil, pgerr.New(pgerr.WrongObjectType, "constraint in ON CONFLICT clause has no associated index").At(oc.Pos)
		}
		return []*catalog.Relation{b.Catalog.RelationByOID(con.Index)}, nil
	}
	if len(oc.Keys) == 0 {
		return nil, nil
	}
	want, err := b.inferKeys(oc, rel)
	if err != nil {
		return nil, err
	}
	var out []*catalog.Relation
	for _, oid := range rel.Indexes {
		ix := b.Catalog.RelationByOID(oid)
		if ix == nil || !ix.Index.Unique || !b.sameKeys(ix, rel, want) {
			continue
		}
		if ix.Index.Predicate != "" && !b.impliesPredicate(oc, ix, rel) {
			continue
		}
		out = append(out, ix)
	}
	if len(out) == 0 {
		return nil, pgerr.New(pgerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return out, nil
}

// inferKeys gives the inference elements as keys: "#n" for a column, the
// expression's own key for others.
func (b *binder) inferKeys(oc *ast.OnConflict, rel *catalog.Relation) (map[string]bool, error) {
	want := map[string]bool{}
	for i := range oc.Keys {
		k := &oc.Keys[i]
		if k.Desc || k.NullsFirst != k.Desc {
			return nil, pgerr.New(pgerr.InvalidColumnReference, "ASC/DESC is not allowed in ON CONFLICT clause").At(k.Pos)
		}
		e := k.Expr
		if k.Column != "" {
			e = &ast.ColumnRef{Parts: []string{k.Column}, Pos: k.Pos}
		}
		x, err := BindRow(b.Context, e, rel, RowIndex)
		if err != nil {
			return nil, err
		}
		want[x.key()] = true
	}
	return want, nil
}

// key identifies an expression over a row whatever the ids of the columns are.
func (r *RowExpr) key() string {
	at := map[plan.ColID]plan.ColID{}
	for i, id := range r.Cols {
		at[id] = plan.ColID(i)
	}
	return plan.Key(plan.Map(r.X, func(e plan.Expr) plan.Expr {
		if c, ok := e.(*plan.Col); ok {
			return &plan.Col{ID: at[c.ID], Typ: c.Typ, TypMod: c.TypMod}
		}
		return e
	}))
}

func (b *binder) sameKeys(ix, rel *catalog.Relation, want map[string]bool) bool {
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
		if err != nil || !want[x.key()] {
			return false
		}
		have[x.key()] = true
	}
	return len(have) == len(want)
}

// impliesPredicate tells whether the WHERE of the inference implies a partial
// index's: here, that every conjunct of the index's stands in it.
func (b *binder) impliesPredicate(oc *ast.OnConflict, ix, rel *catalog.Relation) bool {
	if oc.KeyWhere == nil {
		return false
	}
	given, err := BindRow(b.Context, oc.KeyWhere, rel, RowIndexPredicate)
	if err != nil {
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
	have := map[string]bool{}
	for _, c := range plan.Conjuncts(given.X) {
		have[(&RowExpr{X: c, Cols: given.Cols}).key()] = true
	}
	for _, c := range plan.Conjuncts(need.X) {
		if !have[(&RowExpr{X: c, Cols: need.Cols}).key()] {
			return false
		}
	}
	return true
}
