package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Expressions are kept as SQL that means the same whatever the search path and the
// settings are: users' types and relations are qualified, constants are written
// in ISO form and UTC. When what an expression names gets another name, the
// expression is bound under the old names and written again under the new ones
// (restate.go).

// bare is the catalogue as it looks when nothing but pg_catalog is on the path.
func (r *run) bare() *catalog.Context {
	return &catalog.Context{Snapshot: r.e.Snapshot, Path: catalog.Path{catalog.PgCatalogOID}}
}

// typeName is a type's name as the session sees it, as messages show it.
func (r *run) typeName(t *types.Type) string {
	return sysfunc.FormatType(r.system(), t.OID, types.NoMod, false)
}

// deparser writes expressions as the catalogue keeps them.
func (r *run) deparser(meta *plan.Meta) *plan.Deparser {
	c := r.bare()
	return &plan.Deparser{
		Column: func(id plan.ColID) string { return ast.QuoteIdent(r.columnName(meta.Col(id))) },
		Type:   func(t *types.Type, mod int32) string { return sysfunc.FormatType(c, t.OID, mod, true) },
		Value:  "VALUE",
		Env:    &types.Env{ExtraFloatDigits: 1, Names: sysfunc.Functions{Context: c}},
	}
}

// columnName is the name that a column has now.
func (r *run) columnName(c *plan.ColInfo) string {
	if rel := r.e.RelationByOID(c.Rel); rel != nil && c.Attr > 0 && int(c.Attr) <= len(rel.Columns) {
		return rel.Columns[c.Attr-1].Name
	}
	return c.Name
}

// stored writes an expression as the catalogue keeps it.
func (r *run) stored(x plan.Expr, meta *plan.Meta) string { return r.deparser(meta).Expr(x) }

// parseExpr parses a text that the catalogue keeps.
func parseExpr(text string) (ast.Expr, error) { return parser.ParseExpr(text) }

// columnsIn gives the columns of a relation among what an expression names.
func columnsIn(deps []catalog.Dep, rel OID) []int16 {
	var out []int16
	for _, d := range deps {
		if d.Object == rel && d.Column > 0 {
			out = append(out, d.Column)
		}
	}
	return out
}

// exprDeps keeps of what an expression names that which it depends on: columns, not
// the relation as such when columns of it are named.
func exprDeps(deps []catalog.Dep) []catalog.Dep {
	var out []catalog.Dep
	byColumn := map[OID]bool{}
	for _, d := range deps {
		byColumn[d.Object] = byColumn[d.Object] || d.Column > 0
	}
	for _, d := range deps {
		if d.Column > 0 || !byColumn[d.Object] {
			out = append(out, d)
		}
	}
	return out
}
