package differential

import (
	"fmt"
	"strings"
)

// change makes an INSERT, UPDATE or DELETE. Where a row could be changed by
// several others, these are told apart by their id, which is a key of the first table.
func (g *generator) change() string {
	t := g.tables[g.rnd.IntN(len(g.tables))]
	s := &scope{}
	for _, c := range t.cols {
		s.cols = append(s.cols, leaf(c.typ, t.name+"."+c.name))
	}
	c := t.cols[g.rnd.IntN(len(t.cols))]
	switch g.rnd.IntN(13) {
	case 0, 1:
		return fmt.Sprintf("insert into %s (%s) values (%s), (%s)%s returning *", t.name, names(t), g.row(&scope{}, t), g.row(&scope{}, t), g.conflict(t, s))
	case 2:
		f, inner := g.table(nil)
		return fmt.Sprintf("insert into %s (%s) select %s from %s %s where %s%s returning %s", t.name, names(t), g.row(inner, t), f.sql, f.as, g.expr(inner, "bool", 2), g.conflict(t, s), g.expr(s, c.typ, 1))
	case 3:
		return fmt.Sprintf("delete from %s where %s and %s returning %s", t.name, g.expr(s, "bool", 2), g.expr(s, "bool", 1), c.name)
	case 4:
		key := g.tables[0]
		inner := g.joined(s, key)
		return fmt.Sprintf("delete from %s using %s u where u.id = %s.id and %s returning %s, u.id", t.name, key.name, t.name, g.expr(inner, "bool", 2), g.expr(inner, c.typ, 1))
	case 5:
		key := g.tables[0]
		inner := g.joined(s, key)
		return fmt.Sprintf("update %s set %s = %s from %s u where u.id = %s.id and %s returning %s.*, u.id", t.name, c.name, g.expr(inner, c.typ, 2), key.name, t.name, g.expr(inner, "bool", 2), t.name)
	case 6:
		return fmt.Sprintf("update %s set (%s, id) = (select %s, %s.id) where %s returning *", t.name, t.cols[1].name, g.expr(s, t.cols[1].typ, 2), t.name, g.expr(s, "bool", 2))
	case 7, 8, 9:
		if t.part == "" {
			return g.merge(t)
		}
	}
	return fmt.Sprintf("update %s set %s = %s where %s returning *", t.name, c.name, g.expr(s, c.typ, 2), g.expr(s, "bool", 2))
}

// merge makes a MERGE from the table with a key, of which one row meets each other.
func (g *generator) merge(t table) string {
	key := g.tables[0]
	target, source := &scope{}, &scope{}
	for _, c := range t.cols {
		target.cols = append(target.cols, leaf(c.typ, "m."+c.name))
	}
	for _, c := range key.cols {
		source.cols = append(source.cols, leaf(c.typ, "s."+c.name))
	}
	both := &scope{cols: append(target.cols[:len(target.cols):len(target.cols)], source.cols...)}
	out := fmt.Sprintf("merge into %s m using %s s on m.id = s.id and %s", t.name, key.name, g.expr(target, "bool", 1))
	for range 1 + g.rnd.IntN(3) {
		s, when := both, " when matched"
		if g.rnd.IntN(3) == 0 {
			s, when = source, " when not matched"
		}
		if g.rnd.IntN(3) > 0 {
			when += " and " + g.expr(s, "bool", 2).String()
		}
		c := t.cols[1+g.rnd.IntN(len(t.cols)-1)]
		switch do := g.rnd.IntN(4); {
		case do == 0:
			when += " then do nothing"
		case s == source:
			when += fmt.Sprintf(" then insert (id, %s) values (%s, %s)", c.name, g.expr(source, "int4", 1), g.expr(source, c.typ, 2))
		case do == 1:
			when += " then delete"
		default:
			when += fmt.Sprintf(" then update set %s = %s", c.name, g.expr(both, c.typ, 2))
		}
		out += when
	}
	return out
}

func names(t table) string {
	var out []string
	for _, c := range t.cols {
		out = append(out, c.name)
	}
	return strings.Join(out, ", ")
}

// row makes values for a table.
func (g *generator) row(s *scope, t table) string {
	var out []string
	for _, c := range t.cols {
		out = append(out, g.expr(s, c.typ, 1).String())
	}
	return strings.Join(out, ", ")
}

// joined is the scope of a table and another one called u.
func (g *generator) joined(s *scope, u table) *scope {
	out := &scope{cols: s.cols}
	for _, c := range u.cols {
		out.cols = append(out.cols[:len(out.cols):len(out.cols)], leaf(c.typ, "u."+c.name))
	}
	return out
}

// conflict makes ON CONFLICT for the table with a key.
func (g *generator) conflict(t table, s *scope) string {
	if t.name != g.tables[0].name || t.part != "" {
		return ""
	}
	c := t.cols[1]
	switch g.rnd.IntN(4) {
	case 0:
		return " on conflict do nothing"
	case 1:
		return fmt.Sprintf(" on conflict (id) do update set %s = excluded.%s where %s", c.name, c.name, g.expr(s, "bool", 1))
	case 2:
		return fmt.Sprintf(" on conflict (id) do update set %s = %s", c.name, g.expr(s, c.typ, 1))
	}
	return ""
}
