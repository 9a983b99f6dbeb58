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

// maxStatistics is how many columns a statistics object has at most
// (STATS_MAX_DIMENSIONS).
const maxStatistics = 8

// newStatistics is a statistics object while it is made.
type newStatistics struct {
	*run
	rel   *catalog.Relation
	def   *catalog.ExtStats
	names []string // for a name that is chosen
}

// createStatistics runs CREATE STATISTICS.
func (r *run) createStatistics(st *ast.CreateStatistics) error {
	switch {
	case st.Several:
		return pgerr.New(pgerr.FeatureNotSupported, "only a single relation is allowed in CREATE STATISTICS")
	case st.NoTable:
		return pgerr.New(pgerr.FeatureNotSupported, "CREATE STATISTICS only supports relation names in the FROM clause")
	}
	rel, err := r.locked(st.Table, false, ShareUpdateExclusive)
	if err != nil {
		return unpositioned(err)
	}
	x := &newStatistics{run: r, rel: rel, def: &catalog.ExtStats{Owner: r.s.Role(), Target: -1}}
	bound, err := x.bind(st.Elems)
	if err != nil {
		return err
	}
	if err := r.canHaveStatistics(rel); err != nil {
		return err
	}
	schema, err := r.creationSchema(st.Name)
	if err != nil {
		return err
	}
	x.def.Schema, x.def.Name = schema.OID, st.Name.Object
	if err := r.lockName(schema.OID, x.def.Name); err != nil {
		return err
	}
	if old, _ := r.e.ExtStatsNamed(schema.OID, x.def.Name); old != nil {
		const exists = "statistics object \"%s\" already exists"
		if st.IfNotExists {
			r.notice(pgerr.DuplicateObject, exists+", skipping", x.def.Name)
			return nil
		}
		return pgerr.New(pgerr.DuplicateObject, exists, x.def.Name)
	}
	if err := x.read(st, bound); err != nil {
		return err
	}
	x.put()
	return nil
}

// canHaveStatistics checks that a relation is of a kind that can have statistics objects.
func (r *run) canHaveStatistics(rel *catalog.Relation) error {
	switch {
	case rel.Kind == catalog.Stream:
		return pgerr.NotSupported("CREATE STATISTICS on a stream")
	case rel.Kind == catalog.Virtual:
		return checkSystem(rel)
	case rel.Kind != catalog.Table && rel.Kind != catalog.MatView:
		return pgerr.New(pgerr.WrongObjectType, "cannot define statistics for relation \"%s\"", rel.Name).WithDetail("%s", unsupportedKind(rel))
	}
	return r.mustOwn(rel)
}

// bind binds the expressions among the elements, nil for columns.
func (x *newStatistics) bind(elems []ast.IndexElem) ([]*planner.RowExpr, error) {
	out := make([]*planner.RowExpr, len(elems))
	for i := range elems {
		if elems[i].Expr == nil || x.rel.Kind == catalog.Index || x.rel.Kind == catalog.Sequence {
			continue
		}
		b, err := planner.BindRow(x.planner(), elems[i].Expr, x.rel, planner.RowStatistics)
		if err != nil {
			return nil, err
		}
		out[i] = b
	}
	return out, nil
}

// read takes columns, expressions and kinds of the statement.
func (x *newStatistics) read(st *ast.CreateStatistics, bound []*planner.RowExpr) error {
	if len(st.Elems) > maxStatistics {
		return pgerr.New(pgerr.TooManyColumns, "cannot have more than %d columns in statistics", maxStatistics)
	}
	for i, e := range st.Elems {
		var err error
		if bound[i] == nil {
			err = x.column(e.Column)
		} else {
			err = x.expression(bound[i], len(st.Elems) > 1)
		}
		if err != nil {
			return err
		}
	}
	if err := x.kinds(st.Kinds); err != nil {
		return err
	}
	slices.Sort(x.def.Columns)
	if len(slices.Compact(slices.Clone(x.def.Columns))) < len(x.def.Columns) {
		return pgerr.New(pgerr.DuplicateColumn, "duplicate column name in statistics definition")
	}
	for i, e := range x.def.Exprs {
		if slices.Contains(x.def.Exprs[:i], e) {
			return pgerr.New(pgerr.DuplicateColumn, "duplicate expression in statistics definition")
		}
	}
	return nil
}

func (x *newStatistics) column(name string) error {
	c, attr := x.rel.Column(name)
	if c == nil {
		if systemColumns[name] {
			return pgerr.New(pgerr.FeatureNotSupported, "statistics creation on system columns is not supported")
		}
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", name)
	}
	if t := x.typeOf(c); catalog.DefaultOpClass(accessMethod("btree"), t) == 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "column \"%s\" cannot be used in statistics because its type %s has no default btree operator class", name, x.typeName(t))
	}
	x.def.Columns, x.names = append(x.def.Columns, attr), append(x.names, name)
	return nil
}

// expression adds an expression; one that is a column is kept as that.
func (x *newStatistics) expression(b *planner.RowExpr, several bool) error {
	if c, ok := b.X.(*plan.Col); ok {
		if info := b.Meta.Col(c.ID); info.Rel == x.rel.OID && info.Attr > 0 {
			return x.column(x.rel.Columns[info.Attr-1].Name)
		}
	}
	t := b.X.Type()
	if several && catalog.DefaultOpClass(accessMethod("btree"), t) == 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "expression cannot be used in multivariate statistics because its type %s has no default btree operator class", x.typeName(t))
	}
	x.def.Exprs, x.def.ExprTypes = append(x.def.Exprs, x.stored(b.X, b.Meta)), append(x.def.ExprTypes, t.OID)
	x.def.Deps, x.names = append(x.def.Deps, exprDeps(b.Deps)...), append(x.names, "expr")
	return nil
}

// kinds decides which statistics there will be.
func (x *newStatistics) kinds(list []ast.Ident) error {
	n := len(x.def.Columns) + len(x.def.Exprs)
	if n == 1 && len(x.def.Exprs) == 1 && len(list) > 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "when building statistics on a single expression, statistics kinds may not be specified")
	}
	letters := map[string]string{"ndistinct": "d", "dependencies": "f", "mcv": "m"}
	asked := ""
	for _, k := range list {
		if letters[k.Name] == "" {
			return pgerr.New(pgerr.SyntaxError, "unrecognized statistics kind \"%s\"", k.Name)
		}
		asked += letters[k.Name]
	}
	if asked == "" && n >= 2 {
		asked = "dfm"
	}
	for _, k := range "dfm" {
		if strings.ContainsRune(asked, k) {
			x.def.Kinds += string(k)
		}
	}
	if len(x.def.Exprs) > 0 {
		x.def.Kinds += "e"
	}
	if n < 2 && len(x.def.Exprs) != 1 {
		return pgerr.New(pgerr.InvalidObjectDefinition, "extended statistics require at least 2 columns")
	}
	return nil
}

func (x *newStatistics) put() {
	x.def.OID = x.e.NewOID()
	x.change(x.rel.OID, func(now *catalog.Relation) { now.PutStats(x.def) })
}

// likeStatistics copies the statistics objects of a LIKE clause's source.
func (t *newTable) likeStatistics(k *likeCopy) {
	rel := t.current()
	for _, old := range k.source.Stats {
		def := *old
		def.Owner, def.Schema, def.Data, def.Target = rel.Owner, rel.Schema, nil, -1
		def.Columns, def.Exprs, def.Deps = nil, nil, nil
		var names []string
		for _, c := range old.Columns {
			def.Columns = append(def.Columns, k.attrs[c])
			names = append(names, rel.Columns[k.attrs[c]-1].Name)
		}
		slices.Sort(def.Columns)
		for range old.Exprs {
			names = append(names, "expr")
		}
		def.Exprs = slices.Clone(old.Exprs) // over columns of the same names
		for _, d := range old.Deps {
			if d.Object == k.source.OID {
				d.Object, d.Column = rel.OID, k.attrs[d.Column]
			}
			def.Deps = append(def.Deps, d)
		}
		def.Name = numbered("stat", func(n string) bool {
			x, _ := t.e.ExtStatsNamed(def.Schema, n)
			return x == nil
		}, func(label string) string { return objectName(rel.Name, indexAddition(names), label) })
		x := &newStatistics{run: t.run, rel: rel, def: &def}
		x.put()
		if text, ok := t.e.Comment(catalog.CommentKey{Object: old.OID, Class: catalog.ClassStatistics}); ok && k.has("comments") {
			t.e.PutComment(catalog.CommentKey{Object: def.OID, Class: catalog.ClassStatistics}, &text)
		}
	}
}

// findStatistics finds a statistics object by its name, nil when there is none.
func (r *run) findStatistics(n ast.Name) (*catalog.ExtStats, *catalog.Relation, error) {
	if err := r.checkQualified(n); err != nil {
		return nil, nil, err
	}
	temp := r.s.TempSchema(false)
	path := slices.DeleteFunc(slices.Clone(r.path()), func(s OID) bool { return s == temp }) // found by its full name only
	if n.Schema != "" {
		s, err := r.usable(n.Schema)
		if err != nil {
			return nil, nil, err
		}
		path = catalog.Path{s.OID}
	}
	for _, schema := range path {
		if x, rel := r.e.ExtStatsNamed(schema, n.Object); x != nil {
			return x, rel, nil
		}
	}
	return nil, nil, nil
}

// ownStatistics finds a statistics object that the role owns; nil: there is none, which
// IF EXISTS allows. The relation is locked.
func (r *run) ownStatistics(n ast.Name, ifExists bool) (*catalog.ExtStats, *catalog.Relation, error) {
	x, rel, err := r.findStatistics(n)
	if err != nil {
		return nil, nil, r.missing(err, ifExists, "schema", n.Schema)
	}
	if x != nil {
		if _, err = r.lock(rel, ShareUpdateExclusive); err != nil {
			return nil, nil, err
		}
		x, rel = r.e.ExtStatsByOID(x.OID)
	}
	if x == nil {
		err := pgerr.New(pgerr.UndefinedObject, "statistics object \"%s\" does not exist", n.String())
		return nil, nil, r.missing(err, ifExists, "statistics object", n.String())
	}
	if !r.owns(x.Owner) {
		return nil, nil, notOwner("statistics object", n.String())
	}
	return x, rel, nil
}

// changeStatistics puts a changed copy of a statistics object into the catalogue.
func (r *run) changeStatistics(x *catalog.ExtStats, rel *catalog.Relation, fn func(x *catalog.ExtStats)) {
	r.change(rel.OID, func(now *catalog.Relation) {
		for _, o := range now.Stats {
			if o.OID == x.OID {
				fn(o)
			}
		}
	})
}

// alterStatistics runs ALTER STATISTICS … SET STATISTICS.
func (r *run) alterStatistics(st *ast.AlterStatistics) error {
	const most = 10000
	switch {
	case st.Target < -1:
		return pgerr.New(pgerr.InvalidParameterValue, "statistics target %d is too low", st.Target)
	case st.Target > most:
		st.Target = most
		r.s.Notice(pgerr.Warning(pgerr.InvalidParameterValue, "lowering statistics target to %d", most))
	}
	x, rel, err := r.ownStatistics(st.Name, st.IfExists)
	if x == nil || err != nil {
		return err
	}
	r.changeStatistics(x, rel, func(x *catalog.ExtStats) { x.Target = int(st.Target) })
	return nil
}

// renameStatistics runs ALTER STATISTICS … RENAME TO.
func (r *run) renameStatistics(st *ast.Rename) error {
	x, rel, err := r.ownStatistics(st.Name, false)
	if err != nil {
		return err
	}
	if err := r.statisticsFree(x.Schema, st.NewName); err != nil {
		return err
	}
	if err := r.creatable(x.Schema); err != nil {
		return err
	}
	r.changeStatistics(x, rel, func(x *catalog.ExtStats) { x.Name = st.NewName })
	return nil
}

// statisticsFree refuses a name that a statistics object in the schema has.
func (r *run) statisticsFree(schema OID, name string) error {
	if err := r.lockName(schema, name); err != nil {
		return err
	}
	if old, _ := r.e.ExtStatsNamed(schema, name); old != nil {
		return pgerr.New(pgerr.DuplicateObject, "statistics object \"%s\" already exists in schema \"%s\"", name, r.e.SchemaByOID(schema).Name)
	}
	return nil
}

// statisticsSchema runs ALTER STATISTICS … SET SCHEMA.
func (r *run) statisticsSchema(st *ast.SetSchema) error {
	x, rel, err := r.ownStatistics(st.Name, false)
	if err != nil {
		return err
	}
	to, err := r.destination(st.NewSchema, x.Schema)
	if err != nil || to.OID == x.Schema {
		return err
	}
	if err := r.statisticsFree(to.OID, x.Name); err != nil {
		return err
	}
	r.changeStatistics(x, rel, func(x *catalog.ExtStats) { x.Schema = to.OID })
	return nil
}

// statisticsOwner runs ALTER STATISTICS … OWNER TO.
func (r *run) statisticsOwner(st *ast.ChangeOwner, role *catalog.Role) error {
	x, rel, err := r.ownStatistics(st.Name, false)
	if err != nil || x.Owner == role.OID {
		return err
	}
	if err := r.mayGive(role, x.Schema); err != nil {
		return err
	}
	r.changeStatistics(x, rel, func(x *catalog.ExtStats) { x.Owner = role.OID })
	return nil
}

// dropStatistics runs DROP STATISTICS.
func (r *run) dropStatistics(st *ast.Drop) error {
	var list []Object
	for _, n := range st.Names {
		x, rel, err := r.findStatistics(n)
		if err != nil {
			if err := r.missing(err, st.IfExists, "schema", n.Schema); err != nil {
				return err
			}
			continue
		}
		if x == nil {
			err := pgerr.New(pgerr.UndefinedObject, "statistics object \"%s\" does not exist", n.String())
			if err := r.missing(err, st.IfExists, "statistics object", n.String()); err != nil {
				return err
			}
			continue
		}
		if s := r.e.SchemaByOID(x.Schema); !r.owns(x.Owner) && (s == nil || !r.owns(s.Owner)) {
			return notOwner("statistics object", n.String())
		}
		if _, err := r.lock(rel, ShareUpdateExclusive); err != nil {
			return err
		}
		list = append(list, Object{Class: catalog.ClassStatistics, OID: x.OID})
	}
	if len(list) == 0 {
		return nil
	}
	return r.dropObjects(list, st.Cascade, Name(st))
}

// statistics has the expressions of a statistics object written again after what they
// name was renamed (restate).
func (t *textReader) statistics(rel *catalog.Relation, x *catalog.ExtStats) {
	var write []func(r *run) string
	for _, e := range x.Exprs {
		fn := t.row(rel, e, planner.RowStatistics)
		if fn == nil {
			return
		}
		write = append(write, fn)
	}
	t.out = append(t.out, func(r *run) {
		r.changeStatistics(x, rel, func(x *catalog.ExtStats) {
			x.Exprs = nil
			for _, fn := range write {
				x.Exprs = append(x.Exprs, fn(r))
			}
		})
	})
}

// retypeStatistics prepares the statistics objects of a column that gets another type.
func (a *alteration) retypeStatistics(rel *catalog.Relation, attr int16) error {
	for _, x := range rel.Stats {
		if slices.ContainsFunc(x.Deps, func(d catalog.Dep) bool { return d.Object == rel.OID && d.Column == attr }) {
			return pgerr.NotSupported("altering the type of a column that an expression of a statistics object names, \"%s\",", x.Name)
		}
		if slices.Contains(x.Columns, attr) {
			x.Data = nil
		}
	}
	return nil
}

// PutStatistics notes what ANALYZE has found for a statistics object.
func PutStatistics(s Session, table, oid OID, data *catalog.StatsData) {
	r := &run{s: s, e: s.Edit()}
	r.change(table, func(now *catalog.Relation) {
		for _, x := range now.Stats {
			if x.OID == oid {
				x.Data = data
			}
		}
	})
}

// StatisticsType gives the type of attribute n of a statistics object, an expression
// below zero.
func StatisticsType(snap *catalog.Snapshot, rel *catalog.Relation, x *catalog.ExtStats, n int16) *types.Type {
	if n < 0 {
		return snap.TypeByOID(x.ExprTypes[-n-1])
	}
	return snap.TypeByOID(rel.Columns[n-1].TypeOID)
}
