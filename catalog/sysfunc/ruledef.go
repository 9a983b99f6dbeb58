package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
)

// ruleDef gives a rule as the statement that makes it (make_ruledef), with its condition
// and actions as they are kept. A pretty one names its relation as the search path wants.
func ruleDef(c *catalog.Context, x *catalog.Rule, r *catalog.Relation, pretty bool) string {
	table := qualifiedName(c, r)
	if pretty && c.Visible(c.Path, r) {
		table = catalog.QuoteIdent(r.Name)
	}
	where, actions := x.Where, x.Actions
	if w, ok := c.Session.(catalog.RuleWriter); ok {
		if wh, list, err := w.RuleTexts(r, x); err == nil { // what cannot be bound is shown as it is kept
			where, actions = wh, list
		}
	}
	var b strings.Builder
	b.WriteString("CREATE RULE " + catalog.QuoteIdent(x.Name) + " AS\n    ON " + x.Verb() + " TO " + table)
	if where != "" {
		b.WriteString("\n   WHERE " + where)
	}
	b.WriteString(" DO ")
	if x.Instead {
		b.WriteString("INSTEAD ")
	}
	switch len(actions) {
	case 0:
		b.WriteString("NOTHING;")
	case 1:
		b.WriteString(" " + actions[0] + ";")
	default:
		b.WriteString("( ")
		for i, a := range actions {
			if i > 0 {
				b.WriteString("\n ")
			}
			b.WriteString(a + ";")
		}
		b.WriteString("\n);")
	}
	return b.String()
}
