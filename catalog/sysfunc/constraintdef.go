package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	def := func(c *call) (types.Datum, error) {
		con, r := c.ConstraintByOID(c.oid(0))
		if con == nil {
			return types.Null, nil
		}
		return text(ConstraintDef(c.Context, con, r, c.flag(1))), nil
	}
	add(map[string]scalar{"pg_get_constraintdef": def, "pg_get_constraintdef_ext": def})
}

// ConstraintDef gives a constraint as CREATE TABLE would take it; r is the
// relation it is on, nil for one of a domain.
func ConstraintDef(c *catalog.Context, con *catalog.Constraint, r *catalog.Relation, pretty bool) string {
	var b strings.Builder
	switch con.Kind {
	case catalog.Check:
		b.WriteString("CHECK (" + deparsed(c, con.Expr, pretty) + ")")
		if con.NoInherit {
			b.WriteString(" NO INHERIT")
		}
	case catalog.Primary, catalog.Unique:
		keyDef(c, &b, con, r)
	case catalog.Foreign:
		foreignKeyDef(c, &b, con, r)
	}
	if con.Deferrable {
		b.WriteString(" DEFERRABLE")
	}
	if con.Deferred {
		b.WriteString(" INITIALLY DEFERRED")
	}
	if !con.Valid {
		b.WriteString(" NOT VALID")
	}
	return b.String()
}

func keyDef(c *catalog.Context, b *strings.Builder, con *catalog.Constraint, r *catalog.Relation) {
	b.WriteString(map[catalog.ConKind]string{catalog.Primary: "PRIMARY KEY ", catalog.Unique: "UNIQUE "}[con.Kind])
	x := c.RelationByOID(con.Index)
	if x != nil && x.Index != nil && x.Index.NullsNotDistinct {
		b.WriteString("NULLS NOT DISTINCT ")
	}
	b.WriteString("(" + columnList(r, con.Columns) + ")")
	if x == nil || x.Index == nil {
		return
	}
	var included []int16
	for _, k := range x.Index.Keys[x.Index.NKeys:] {
		included = append(included, k.Column)
	}
	if included != nil {
		b.WriteString(" INCLUDE (" + columnList(r, included) + ")")
	}
	if len(x.Options) > 0 {
		b.WriteString(" WITH (" + optionList(x.Options) + ")")
	}
}

func foreignKeyDef(c *catalog.Context, b *strings.Builder, con *catalog.Constraint, r *catalog.Relation) {
	ref := c.RelationByOID(con.RefTable)
	name := oidText(con.RefTable)
	if ref != nil {
		name = relationName(c, ref)
	}
	b.WriteString("FOREIGN KEY (" + columnList(r, con.Columns) + ") REFERENCES " + name + "(" + columnList(ref, con.RefColumns) + ")")
	if con.MatchFull {
		b.WriteString(" MATCH FULL")
	}
	b.WriteString(actionText(" ON UPDATE ", con.OnUpdate) + actionText(" ON DELETE ", con.OnDelete))
	if len(con.SetColumns) > 0 {
		b.WriteString(" (" + columnList(r, con.SetColumns) + ")")
	}
}

func actionText(when string, a byte) string {
	switch a {
	case 'r':
		return when + "RESTRICT"
	case 'c':
		return when + "CASCADE"
	case 'n':
		return when + "SET NULL"
	case 'd':
		return when + "SET DEFAULT"
	}
	return ""
}

func columnList(r *catalog.Relation, nums []int16) string {
	names := make([]string, 0, len(nums))
	for _, n := range nums {
		if r != nil && n > 0 && int(n) <= len(r.Columns) {
			names = append(names, catalog.QuoteIdent(r.Columns[n-1].Name))
		}
	}
	return strings.Join(names, ", ")
}
