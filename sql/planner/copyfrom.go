package planner

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// CopyFrom plans COPY FROM: Source computes the rows of rel over WorkScan
// RecheckID, which gives the listed columns; columns that are not listed have
// their defaults. Plain says that the rows come as they are: all columns are
// listed in order, and none is generated or checked by a domain.
func CopyFrom(c *Context, rel *catalog.Relation, attrs []int16) (*Modify, error) {
	return planModify(c, func(b *binder) (*Modify, error) {
		q := b.newQuery(nil)
		if active, err := b.restricted(rel, 0); err != nil || active {
			if active {
				err = pgerr.New(pgerr.FeatureNotSupported, "COPY FROM not supported with row-level security").WithHint("Use INSERT statements instead.")
			}
			return nil, err
		}
		b.access(rel.OID, "a").Insert = attrs
		b.nextID++
		m := &Modify{Kind: InsertRows, Rel: rel, RowID: -1, RecheckID: b.nextID}
		in := &insertion{b: b, s: &ast.Insert{Overriding: ast.OverrideSystem}, rel: rel, q: q, cols: attrs, paths: make([][]ast.PathStep, len(attrs)), defaults: map[int16]plan.Expr{}}
		ws := &plan.WorkScan{ID: b.nextID}
		xs := make([]plan.Expr, len(attrs))
		pos := make([]int32, len(attrs))
		m.Plain = len(attrs) == len(live(rel))
		for i, attr := range attrs {
			col := &rel.Columns[attr-1]
			t := b.columnType(col)
			if err := in.refuseGenerated(attr, false); err != nil {
				return nil, err
			}
			base := t.Underlying()
			m.Plain = m.Plain && types.Same(base, t) && live(rel)[i] == attr && col.Generated == ""
			mod := col.Mod
			if t.Class == types.Domain {
				mod = types.NoMod
			}
			id := b.newCol(q, plan.ColInfo{Name: col.Name, Type: base, Mod: mod})
			ws.Cols = append(ws.Cols, id)
			xs[i], pos[i] = b.meta.Ref(id), -1
		}
		vals, err := in.row(xs, pos)
		if err != nil {
			return nil, err
		}
		if m.Source, m.New, err = b.rowNode(rel, ws, vals, q, nil); err != nil {
			return nil, err
		}
		if rel.PartKey == nil { // else its partitions have them too
			m.Checks, err = b.checks(rel, m.New)
		}
		return m, err
	})
}
