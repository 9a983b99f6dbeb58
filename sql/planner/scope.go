package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// item is what one FROM item offers: a name and columns.
type item struct {
	alias  string // "" for a join without alias
	schema string // of a relation without alias: t may then be called schema.t
	cols   []itemCol
	hidden int // how many columns at the end stand in no * (SEARCH, CYCLE)
	// relVisible: alias.x and alias.* may name it; colsVisible: its columns may be
	// named alone and stand in *.
	relVisible, colsVisible bool
	// lateralOnly: visible to LATERAL items of the same FROM only; when also not
	// lateralOK, a reference is an error that says why.
	lateralOnly, lateralOK bool
	// joined: the columns of a join, which belong to what it joins.
	joined bool
	// hiddenHere: an item of an enclosing FROM that this subquery may not see, being
	// not LATERAL.
	hiddenHere bool
	window     *windowCols
	owner      *query
	rel        *catalog.Relation
	scan       *plan.Scan
	pass       *plan.Project // passes on the columns of scan; nil: nothing stands around it
	// oid is tableoid where several tables hold the rows; nil: scan has it.
	oid plan.Expr
	// tree are the tables that hold the rows, if there may be several; nil: scan does.
	tree *tree
	// row is the composite type of the whole row, nil for record; scalar is set for
	// a function of a scalar result: alias alone then names the column.
	row     *types.Type
	scalar  bool
	ruled   bool // OLD or NEW of a rule
	changed bool // the row that RETURNING is about
	// padded: an outer join may give NULLs in place of its rows. present is then a
	// column that tells, -1 until it is needed; wrap is a projection of all columns
	// at its top that it can be added to, nil for a scan.
	padded  bool
	present plan.ColID
	wrap    *plan.Project
}

// itemCol is a column of an item.
type itemCol struct {
	name string
	id   plan.ColID
}

// scope is the names visible at one query level.
type scope struct {
	parent *scope
	query  *query
	items  []*item
	ctes   map[string]*cte
	// arms are the queries of a set operation, which hints may name.
	arms []*item
	// future are items of WITH that come later and so cannot be seen here.
	future []string
}

// find looks a column up by its bare name in this level's items only.
func (s *scope) find(name string, pos int32) (*item, int, error) {
	var found *item
	at := -1
	for _, it := range s.items {
		if !it.colsVisible {
			continue
		}
		for i, c := range it.cols {
			if c.name != name {
				continue
			}
			if it.hiddenHere {
				continue
			}
			if err := it.reachable(pos); err != nil {
				return nil, 0, err
			}
			if found != nil {
				return nil, 0, ambiguous(name, pos)
			}
			found, at = it, i
		}
	}
	return found, at, nil
}

func ambiguous(name string, pos int32) error {
	return pgerr.New(pgerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", name).At(pos)
}

// reachable refuses a LATERAL reference through the nullable side of a join.
func (it *item) reachable(pos int32) error {
	if it.hiddenHere {
		return pgerr.New(pgerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", it.alias).
			WithHint("There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", it.alias).At(pos)
	}
	if it.lateralOnly && !it.lateralOK {
		return pgerr.New(pgerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table \"%s\"", it.alias).
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.").At(pos)
	}
	return nil
}

// table looks an item up by its name along all levels.
func (s *scope) table(schema, name string, pos int32) (*item, error) {
	for l := s; l != nil; l = l.parent {
		var found *item
		for _, it := range l.items {
			if !it.relVisible || it.alias != name || schema != "" && it.schema != schema {
				continue
			}
			if found != nil {
				return nil, pgerr.New(pgerr.AmbiguousAlias, "table reference \"%s\" is ambiguous", name).At(pos)
			}
			found = it
		}
		if found != nil {
			return found, found.reachable(pos)
		}
	}
	return nil, nil
}

// column resolves a column reference without a star to an expression.
func (b *binder) column(s *scope, ref *ast.ColumnRef) (plan.Expr, error) {
	parts := ref.Parts
	switch len(parts) {
	case 1:
		return b.bareColumn(s, parts[0], ref.Pos)
	case 2, 3, 4:
	default:
		return nil, pgerr.New(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", dotted(parts)).At(ref.Pos)
	}
	schema, table, col := "", parts[len(parts)-2], parts[len(parts)-1]
	if len(parts) >= 3 {
		schema = parts[len(parts)-3]
	}
	if len(parts) == 4 && b.Env.Session != nil && parts[0] != b.Env.Session.Database() {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", dotted(parts)).At(ref.Pos)
	}
	it, err := s.table(schema, table, ref.Pos)
	if err != nil {
		return nil, err
	}
	if it == nil {
		if x := b.argColumn(parts); x != nil {
			return x, nil
		}
		return nil, b.missingTable(s, table, ref.Pos)
	}
	return b.itemColumn(s, it, col, ref.Pos)
}

func dotted(parts []string) string {
	s := parts[0]
	for _, p := range parts[1:] {
		s += "." + p
	}
	return s
}

// itemColumn is alias.col.
func (b *binder) itemColumn(s *scope, it *item, col string, pos int32) (plan.Expr, error) {
	at := -1
	for i, c := range it.cols {
		if c.name == col {
			if at >= 0 {
				return nil, ambiguous(col, pos)
			}
			at = i
		}
	}
	if at >= 0 {
		b.dependColumn(it, at)
		return b.refAt(it.cols[at].id, pos), nil
	}
	if x := b.systemColumn(it, col); x != nil {
		return x, nil
	}
	// alias.function: functional notation.
	if x, err := b.rowFunction(it, col, pos); x != nil || err != nil {
		return x, err
	}
	return nil, b.missingColumn(s, it.alias, col, pos)
}

func (b *binder) refAt(id plan.ColID, pos int32) *plan.Col {
	c := b.meta.Ref(id)
	c.Pos = pos
	return c
}

// dependColumn records that a column of a stored relation is used.
func (b *binder) dependColumn(it *item, at int) {
	c := b.meta.Col(it.cols[at].id)
	if c.Rel != 0 {
		b.depend(c.Rel, c.Attr)
		b.read(c.Rel, c.Attr)
	}
}

// bareColumn is a name alone: a column of this level or of an outer one, else a
// whole row.
func (b *binder) bareColumn(s *scope, name string, pos int32) (plan.Expr, error) {
	for l := s; l != nil; l = l.parent {
		it, at, err := l.find(name, pos)
		if err != nil {
			return nil, err
		}
		if it != nil {
			b.dependColumn(it, at)
			b.Names.bare(it, at, l.items, pos)
			return b.refAt(it.cols[at].id, pos), nil
		}
	}
	for l := s; l != nil; l = l.parent {
		for _, it := range l.items {
			if x := b.visibleSystemColumn(it, name); x != nil {
				return x, nil
			}
		}
	}
	if x := b.argColumn([]string{name}); x != nil {
		return x, nil
	}
	it, err := s.table("", name, pos)
	if err != nil {
		return nil, err
	}
	if it != nil {
		return b.wholeRow(it), nil
	}
	return nil, b.missingColumn(s, "", name, pos)
}

func (b *binder) visibleSystemColumn(it *item, name string) plan.Expr {
	if !it.colsVisible || it.lateralOnly && !it.lateralOK {
		return nil
	}
	return b.systemColumn(it, name)
}

var systemColumns = map[string]struct {
	attr int16
	typ  **types.Type
}{
	"ctid": {plan.AttrCtid, &types.TTid}, "xmin": {plan.AttrXmin, &types.TXid}, "cmin": {plan.AttrCmin, &types.TCid},
	"xmax": {plan.AttrXmax, &types.TXid}, "cmax": {plan.AttrCmax, &types.TCid}, "tableoid": {plan.AttrTableOID, &types.TOid},
}

// systemColumn is ctid, xmin, tableoid … of a relation; nil when it is none.
func (b *binder) systemColumn(it *item, name string) plan.Expr {
	sc, ok := systemColumns[name]
	if it.oid != nil && name == "tableoid" {
		return it.oid
	}
	if ok && it.scan == nil && it.changed && name == "tableoid" {
		return &plan.Const{Val: types.NewInt(int64(it.rel.OID)), Typ: types.TOid, TypMod: types.NoMod}
	}
	if !ok || it.scan == nil {
		return nil
	}
	for i, a := range it.scan.Attrs {
		if a == sc.attr {
			return b.meta.Ref(it.scan.Cols[i])
		}
	}
	id := b.newCol(it.owner, plan.ColInfo{Name: name, Type: *sc.typ, Mod: types.NoMod, Rel: it.rel.OID, Attr: sc.attr, NotNull: true})
	b.addToScan(it, id, sc.attr)
	return b.meta.Ref(id)
}

// wholeRow is the item's row as one value; NULL where an outer join pads it.
func (b *binder) wholeRow(it *item) plan.Expr {
	if it.scalar {
		return b.meta.Ref(it.cols[0].id)
	}
	row := b.presentRow(it)
	if !it.padded {
		return row
	}
	id, ok := b.presence(it)
	if !ok {
		return row
	}
	return &plan.Case{
		Whens: []plan.When{{Cond: &plan.IsNull{X: b.meta.Ref(id), Not: true}, Then: row}},
		Else:  &plan.Const{Typ: row.Typ, TypMod: types.NoMod}, Typ: row.Typ, TypMod: types.NoMod,
	}
}

// presence gives a column that is NULL just where an outer join pads the item's
// row.
func (b *binder) presence(it *item) (plan.ColID, bool) {
	switch {
	case it.scan != nil:
		for _, id := range it.scan.Cols {
			if b.meta.Col(id).NotNull {
				return id, true
			}
		}
		id := b.rowID(it)
		it.owner.carry(b, id)
		return id, true
	case it.wrap == nil:
		return 0, false
	}
	if it.present <= 0 {
		it.present = b.newCol(it.owner, plan.ColInfo{Name: "present", Type: types.TBool, Mod: types.NoMod, NotNull: true})
		yes := &plan.Const{Val: types.NewBool(true), Typ: types.TBool, TypMod: types.NoMod}
		it.wrap.Cols, it.wrap.Vals = append(it.wrap.Cols, it.present), append(it.wrap.Vals, yes)
		it.owner.carry(b, it.present)
	}
	return it.present, true
}

// carry passes a column that was added to a FROM item through the projections
// above it in FROM.
func (q *query) carry(b *binder, id plan.ColID) {
	for _, p := range q.passes {
		if hasCol(p.In.Out(), id) && !hasCol(p.Cols, id) {
			p.Cols, p.Vals = append(p.Cols, id), append(p.Vals, b.meta.Ref(id))
		}
	}
}

// wrapped puts a projection of all columns on an item's node.
func (b *binder) wrapped(it *item, n plan.Node) plan.Node {
	it.wrap = passThrough(b.meta, n)
	return it.wrap
}

// presentRow is the row of an item that is not padded.
func (b *binder) presentRow(it *item) *plan.MakeRow {
	row := &plan.MakeRow{Typ: it.row}
	if it.row == nil {
		fields := make([]types.Field, len(it.cols))
		for i, c := range it.cols {
			x := b.meta.Ref(c.id)
			fields[i] = types.Field{Name: c.name, Type: x.Type(), Mod: x.Mod()}
		}
		row.Typ = types.RecordOf(fields)
	}
	for i, c := range it.cols { // values have no field for dropped columns
		row.Args, row.Names = append(row.Args, b.meta.Ref(c.id)), append(row.Names, c.name)
		if !it.ruled {
			b.dependColumn(it, i)
		}
	}
	return row
}

// missingTable is the error for an alias that is nowhere, or not as it is qualified.
func (b *binder) missingTable(s *scope, name string, pos int32) error {
	for l := s; l != nil; l = l.parent {
		for _, it := range l.items {
			if it.rel != nil && it.rel.Name == name && it.alias != name && it.relVisible {
				return pgerr.New(pgerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", name).
					WithHint("Perhaps you meant to reference the table alias \"%s\".", it.alias).At(pos)
			}
			if it.alias == name {
				return pgerr.New(pgerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", name).
					WithHint("There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", name).At(pos)
			}
		}
	}
	return pgerr.New(pgerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", name).At(pos)
}

// addItem makes an item visible; an alias that is taken at this level is 42712.
func (s *scope) addItem(it *item, pos int32) error {
	if it.relVisible && it.alias != "" {
		for _, o := range s.items {
			if o.relVisible && o.alias == it.alias && (o.schema == "" || it.schema == "" || o.schema == it.schema) {
				return pgerr.New(pgerr.DuplicateAlias, "table name \"%s\" specified more than once", it.alias)
			}
		}
	}
	s.items = append(s.items, it)
	return nil
}
