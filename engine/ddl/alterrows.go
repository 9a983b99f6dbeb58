package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// rows does to the rows what the actions call for: they are rewritten, or checked.
func (a *alteration) rows() error {
	if a.rewrite {
		if err := a.rewriteRows(); err != nil {
			return err
		}
	}
	for _, fn := range a.verify {
		if err := fn(); err != nil {
			return err
		}
	}
	return nil
}

func (a *alteration) rewriteRows() error {
	rel := a.rel()
	if rel.Persistence == 'p' || rel.Persistence == 'u' || rel.Persistence == 't' {
		if err := a.rowTypeUnused(rel); err != nil {
			return err
		}
	}
	w, err := a.bindRewrite(rel)
	if err != nil {
		return err
	}
	return a.s.Rewrite(a.ctx, a.old, w)
}

// newValues gives the value of each live column of the new definition.
func (a *alteration) newValues(rel *catalog.Relation) []*planner.NewValue {
	var out []*planner.NewValue
	for i := range rel.Columns {
		c := &rel.Columns[i]
		if c.Dropped {
			continue
		}
		attr := int16(i + 1)
		switch v := a.vals[attr]; {
		case c.Generated != "":
			out = append(out, nil)
		case v != nil:
			out = append(out, v)
		case i < len(a.old.Columns):
			out = append(out, &planner.NewValue{Copy: attr})
		default:
			out = append(out, a.addedDefault(c))
		}
	}
	return out
}

// addedDefault is the value of a new column that has one for all rows.
func (a *alteration) addedDefault(c *catalog.Column) *planner.NewValue {
	e, err := a.defaultExpr(c)
	if err != nil || c.Missing == nil {
		return &planner.NewValue{}
	}
	return &planner.NewValue{Default: e}
}

// rowTypeUnused refuses to rewrite a table whose row type a column has
// (find_composite_type_dependencies).
func (a *alteration) rowTypeUnused(rel *catalog.Relation) error {
	for _, r := range a.e.Relations() {
		if !r.Stored() {
			continue
		}
		for i := range r.Columns {
			c := &r.Columns[i]
			t := a.typeOf(c)
			if c.Dropped || t == nil {
				continue
			}
			if t.IsArray() {
				t = t.Elem
			}
			if t.OID == rel.RowType {
				return pgerr.New(pgerr.FeatureNotSupported, "cannot alter table \"%s\" because column \"%s.%s\" uses its row type", rel.Name, r.Name, c.Name)
			}
		}
	}
	return nil
}

// checkRows checks the rows there are by a CHECK.
func (a *alteration) checkRows(name string) error {
	rel := a.rel()
	con := rel.Constraint(name)
	if a.rewrite || con == nil {
		return nil
	}
	found, _, err := a.s.Any(a.ctx, "SELECT 1 FROM "+a.rowsOf(rel)+" WHERE NOT ("+con.Expr+") LIMIT 1")
	if err != nil || !found {
		return err
	}
	return pgerr.New(pgerr.CheckViolation, "check constraint \"%s\" of relation \"%s\" is violated by some row", con.Name, rel.Name).
		WithTable(a.e.SchemaByOID(rel.Schema).Name, rel.Name, "", con.Name)
}

// checkForeign checks the rows there are by a foreign key.
func (r *run) checkForeign(oid OID, con *catalog.Constraint) error {
	rel, ref := r.e.RelationByOID(oid), r.e.RelationByOID(con.RefTable)
	var names, keys, on, some, all []string
	for i := range con.Columns {
		a, b := rel.Columns[con.Columns[i]-1].Name, ref.Columns[con.RefColumns[i]-1].Name
		names = append(names, a)
		fk, pk := "fk."+catalog.QuoteIdent(a), "pk."+catalog.QuoteIdent(b)
		keys, on, some, all = append(keys, fk), append(on, pk+" = "+fk), append(some, fk+" IS NOT NULL"), append(all, fk+" IS NULL")
	}
	violated := pgerr.New(pgerr.ForeignKeyViolation, "insert or update on table \"%s\" violates foreign key constraint \"%s\"", rel.Name, con.Name).
		WithTable(r.e.SchemaByOID(rel.Schema).Name, rel.Name, "", con.Name)
	if con.MatchFull && len(keys) > 1 {
		found, _, err := r.s.Any(r.ctx, "SELECT 1 FROM "+r.rowsOf(rel)+" fk WHERE ("+strings.Join(some, " OR ")+") AND ("+strings.Join(all, " OR ")+") LIMIT 1")
		if err != nil {
			return err
		}
		if found {
			return violated.WithDetail("MATCH FULL does not allow mixing of null and nonnull key values.")
		}
	}
	found, detail, err := r.s.Any(r.ctx, "SELECT concat_ws(', ', "+strings.Join(keys, ", ")+") FROM "+r.rowsOf(rel)+" fk LEFT JOIN "+r.rowsOf(ref)+
		" pk ON "+strings.Join(on, " AND ")+" WHERE pk."+catalog.QuoteIdent(ref.Columns[con.RefColumns[0]-1].Name)+" IS NULL AND "+
		strings.Join(some, " AND ")+" LIMIT 1")
	if err != nil || !found {
		return err
	}
	return violated.WithDetail("Key (%s)=(%s) is not present in table \"%s\".", strings.Join(names, ", "), detail, ref.Name)
}
