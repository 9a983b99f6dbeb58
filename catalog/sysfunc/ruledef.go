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
	var b strings.Builder
	b.WriteString("CREATE RULE " + catalog.QuoteIdent(x.Name) + " AS\n    ON " + x.Verb() + " TO " + table)
	if x.Where != "" {
		b.WriteString("\n   WHERE " + x.Where)
	}
	b.WriteString(" DO ")
	if x.Instead {
		b.WriteString("INSTEAD ")
	}
	switch len(x.Actions) {
	case 0:
		b.WriteString("NOTHING;")
	case 1:
		b.WriteString(" " + x.Actions[0] + ";")
	default:
		b.WriteString("( ")
		for i, a := range x.Actions {
			if i > 0 {
				b.WriteString("\n ")
			}
			b.WriteString(a + ";")
		}
		b.WriteString("\n);")
	}
	return b.String()
}
