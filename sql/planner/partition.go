package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// A partitioned table, or one that others inherit from, reads as the UNION ALL of the
// tables that hold its rows, so that the rules, batch and views know nothing of either.
// UPDATE and DELETE are planned once for each of these tables, to which the one that is
// named is what a view is that shows all of its rows.

// spread tells whether a table's rows, or with ONLY those of itself, are in others.
func (b *binder) spread(rel *catalog.Relation, only bool) bool {
	return rel.PartKey != nil || !only && len(b.Catalog.Children(rel)) > 0
}

// partitionedItem is the FROM item of a table whose rows are spread.
func (b *binder) partitionedItem(rel *catalog.Relation, t *ast.TableRef, q *query) (*fromItem, error) {
	it := b.tableItem(rel, t.Alias.Name, q)
	u := &plan.SetOp{Kind: plan.Union, All: true, Cols: b.rowColumns(rel, q)}
	for _, id := range u.Cols {
		it.cols = append(it.cols, itemCol{b.meta.Col(id).Name, id})
	}
	oid := b.newCol(q, plan.ColInfo{Name: "tableoid", Type: types.TOid, Mod: types.NoMod, Rel: rel.OID, Attr: plan.AttrTableOID, NotNull: true})
	u.Cols = append(u.Cols, oid)
	it.oid, it.tree = b.meta.Ref(oid), &tree{union: u, oid: oid, rowID: -1}
	leaves := b.Catalog.Leaves(rel)
	if t.Only || len(leaves) == 0 {
		leaves = []*catalog.Relation{rel} // which has no rows
	}
	for _, leaf := range leaves {
		scan, cols := b.leafScan(rel, leaf, q)
		scan.Alias = leaf.Name
		u.Ins, u.InCols = append(u.Ins, scan), append(u.InCols, cols)
		it.tree.scans = append(it.tree.scans, scan)
	}
	var node plan.Node = u
	if len(u.Ins) == 1 {
		p := &plan.Project{In: u.Ins[0], Cols: u.Cols}
		for _, id := range u.InCols[0] {
			p.Vals = append(p.Vals, b.meta.Ref(id))
		}
		node, it.tree.single = p, p
	}
	return &fromItem{b.wrapped(it, node), []*item{it}}, it.renameColumns(&t.Alias)
}

// tree are the tables that hold the rows of a partitioned table, or of one that others
// inherit from, as one item of a FROM reads them.
type tree struct {
	scans  []*plan.Scan
	union  *plan.SetOp
	single *plan.Project // stands for union if there is one table
	oid    plan.ColID    // tableoid
	rowID  plan.ColID    // the rows' ids in their tables; -1: nobody has asked for them
}

// treeRowID gives the column of a tree's row ids, which it adds to all that is there.
func (b *binder) treeRowID(it *item) plan.ColID {
	t := it.tree
	if t.rowID >= 0 {
		return t.rowID
	}
	rowID := func() plan.ColID {
		return b.newCol(it.owner, plan.ColInfo{Name: "rowid", Type: types.TInt8, Mod: types.NoMod, NotNull: true})
	}
	t.rowID = rowID()
	t.union.Cols = append(t.union.Cols, t.rowID)
	for i, s := range t.scans {
		id := rowID()
		s.Cols, s.Attrs = append(s.Cols, id), append(s.Attrs, plan.AttrRowID)
		t.union.InCols[i] = append(t.union.InCols[i], id)
		if t.single != nil {
			t.single.Cols, t.single.Vals = t.union.Cols, append(t.single.Vals, b.meta.Ref(id))
		}
	}
	for _, p := range []*plan.Project{it.wrap, it.pass} {
		if p != nil {
			p.Cols, p.Vals = append(p.Cols, t.rowID), append(p.Vals, b.meta.Ref(t.rowID))
		}
	}
	return t.rowID
}

// leafScan reads the rows of a partition: cols are the columns of the partitioned
// table, and tableoid.
func (b *binder) leafScan(rel, leaf *catalog.Relation, q *query) (*plan.Scan, []plan.ColID) {
	scan := b.scan(leaf, q)
	byName := map[string]plan.ColID{}
	for _, id := range scan.Cols {
		byName[b.meta.Col(id).Name] = id
	}
	var cols []plan.ColID
	for _, attr := range live(rel) {
		cols = append(cols, byName[rel.Columns[attr-1].Name])
	}
	oid := b.newCol(q, plan.ColInfo{Name: "tableoid", Type: types.TOid, Mod: types.NoMod, Rel: leaf.OID, Attr: plan.AttrTableOID, NotNull: true})
	scan.Cols, scan.Attrs = append(scan.Cols, oid), append(scan.Attrs, plan.AttrTableOID)
	return scan, append(cols, oid)
}

// planLeaves plans an UPDATE or DELETE: of a partitioned table, once for each table
// that holds its rows.
func planLeaves(c *Context, bind func(*binder) (*Modify, error)) (*Modify, error) {
	leaves := 0
	plan := func(leaf int) (*Modify, error) {
		return planModify(c, func(b *binder) (*Modify, error) {
			b.leaf = leaf
			m, err := bind(b)
			leaves = b.leaves
			return m, err
		})
	}
	m, err := plan(0)
	if err != nil {
		return nil, err
	}
	for i := 1; i < leaves; i++ {
		also, err := plan(i)
		if err != nil {
			return nil, err
		}
		m.Also = append(m.Also, also)
	}
	if leaves > 1 && (len(m.Parts) > 0 || m.Locks) {
		return nil, pgerr.NotSupported("UPDATE or DELETE of a table with partitions or children with WITH or row locks")
	}
	return m, nil
}

// leafTarget turns to the table whose rows are changed now, if the target is a
// partitioned one.
func (b *binder) leafTarget(w *written, only bool, verb string, inWith bool) error {
	root := w.rel
	if n := len(w.views); n > 0 {
		only = w.views[n-1].ref.Only
	}
	if !b.spread(root, only) {
		return nil
	}
	if inWith || len(w.views) > 0 {
		return pgerr.NotSupported("%s of a table with partitions or children in WITH or through a view", verb)
	}
	leaves := b.Catalog.Leaves(root)
	if len(leaves) == 0 {
		leaves = []*catalog.Relation{root}
	}
	b.leaves = len(leaves)
	w.rel, w.root = leaves[b.leaf], root
	l := &viewLevel{rel: root, sel: &ast.Select{}, ref: &ast.TableRef{Pos: -1}, part: true}
	for _, attr := range live(root) {
		l.sel.Targets = append(l.sel.Targets, ast.Target{X: &ast.ColumnRef{Parts: []string{root.Columns[attr-1].Name}, Pos: -1}, Pos: -1})
	}
	w.views = append(w.views, l)
	if err := b.mapColumns(w, "DELETE"); err != nil {
		return err
	}
	byAttr := make([]int16, len(root.Columns)) // by attribute, dropped ones included
	for i, attr := range live(root) {
		byAttr[attr-1] = w.attrs[i]
	}
	w.attrs, w.why = byAttr, make([]string, len(byAttr))
	return nil
}

// leafOID is the tableoid of rows that are written.
func leafOID(rel *catalog.Relation) plan.Expr {
	return &plan.Const{Val: types.NewInt(int64(rel.OID)), Typ: types.TOid, TypMod: types.NoMod}
}

// RouteTo plans what rows that are routed to a partition have to pass: a Modify of
// the partition without a Source.
func RouteTo(c *Context, leaf *catalog.Relation) (*Modify, error) {
	b := newBinder(c)
	m := &Modify{Kind: InsertRows, Rel: leaf, RowID: -1, Meta: b.meta}
	m.New = b.rowColumns(leaf, b.newQuery(nil))
	var err error
	m.Checks, err = b.checks(leaf, m.New)
	return m, err
}
