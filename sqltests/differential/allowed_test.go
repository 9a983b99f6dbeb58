package differential

import (
	"regexp"
	"strings"

	"github.com/streamsqld/streamsqld/sqltests/duel"
)

// allowed are the differences that are none, each with its reason.
var allowed = []struct {
	group  string                        // the group's beginning
	when   func(d *duel.Difference) bool // nil: always
	reason string
}{
	{"no error 0A000: FULL JOIN is only supported", nil, "FULL JOIN on any condition is wanted here"},
	{"no error 0A000: could not implement recursive UNION", nil, "bit strings have no hash function there"},
	{"error ", fullJoin, "likewise"},
	{"no error 22", withParameters, "PostgreSQL plans with the values of parameters: what they make constant is computed though no row asks for it"},
	{"no error 0A000: cannot convert NaN", withParameters, "likewise"},
	{"no error 21000", noRows, "where one side of a join is empty nothing asks for the other side; PostgreSQL reads the one that it takes for smaller first"},
	{"no error 22", noRows, "likewise: of the arms of INTERSECT and EXCEPT too"},
	{"no error 0A000: cannot convert NaN", noRows, "likewise"},
	{"no error 22", inSubquery, "PostgreSQL computes all that a subquery of IN returns, for a hash table, before it looks for the first row"},
	{"error 22", mayStop, "PostgreSQL stops at the first row of EXISTS, at a LIMIT, or where one side of a join is empty; here rows are computed in batches"},
	{"error 0A000: cannot convert NaN", mayStop, "likewise"},
	{"columns", butForModifiers, "PostgreSQL tells the modifier of what is left after folding constants: coalesce(null, 'a'::varchar(5)) is a varchar(5)"},
	{"error ", aroundWindow, "where it is defined a window is bound with its first call, in PostgreSQL after all other clauses: which of two errors comes first"},
}

// isAllowed tells whether a difference is none.
func isAllowed(d *duel.Difference) bool {
	for _, a := range allowed {
		if strings.HasPrefix(d.Group, a.group) && (a.when == nil || a.when(d)) {
			return true
		}
	}
	return false
}

// noRows tells whether this server gave no rows.
func noRows(d *duel.Difference) bool {
	return d.Got != nil && len(d.Got.Results) == 1 && len(d.Got.Results[0].Rows) == 0
}

var modifier = regexp.MustCompile(`\(\d+(,\d+)?\)`)

// butForModifiers tells whether the columns differ in the modifiers of types alone.
func butForModifiers(d *duel.Difference) bool {
	_, columns, _ := strings.Cut(d.Detail, "want columns ")
	want, got, _ := strings.Cut(columns, "\n")
	got = strings.TrimPrefix(strings.TrimSpace(got), "got  columns ")
	return modifier.ReplaceAllString(want, "") == modifier.ReplaceAllString(got, "")
}

func fullJoin(d *duel.Difference) bool {
	return strings.Contains(d.Group, "not 0A000") && strings.Contains(d.Detail, "want FULL JOIN is only supported")
}

var twoErrors = regexp.MustCompile(`^error (\w\w)\w+, not (\w\w)\w+:`)

// withParameters tells whether the statement has parameters.
func withParameters(d *duel.Difference) bool { return strings.Contains(d.Record.SQL, "$1") }

// inSubquery tells whether the statement has an IN over a subquery.
func inSubquery(d *duel.Difference) bool { return strings.Contains(d.Record.SQL, " in (select ") }

var stops = regexp.MustCompile(`\b(exists|limit|join|fetch|in) |, lateral`)

// mayStop tells whether PostgreSQL need not read all rows, and has not failed.
func mayStop(d *duel.Difference) bool {
	return !twoErrors.MatchString(d.Group) && stops.MatchString(d.Record.SQL)
}

// aroundWindow tells whether both failed while the statement was bound, and that
// has a window.
func aroundWindow(d *duel.Difference) bool {
	const atBind = "42 22 0A"
	m := twoErrors.FindStringSubmatch(d.Group)
	return m != nil && strings.Contains(atBind, m[1]) && strings.Contains(atBind, m[2]) && strings.Contains(d.Record.SQL, " over (")
}
