package funcs

import (
	"github.com/streamsqld/streamsqld/sql/funcs/regex"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	for _, p := range []string{"regexp_match_no_flags", "regexp_match"} {
		register(p, regexpImpl(types.Bytes, regexpMatch))
	}
	for _, p := range []string{"regexp_split_to_array_no_flags", "regexp_split_to_array"} {
		register(p, regexpImpl(types.Bytes, func(r *regexpCall) (types.Datum, error) {
			parts, err := r.split("regexp_split_to_array()")
			if err != nil {
				return types.Null, err
			}
			return textArray(parts), nil
		}))
	}
	for _, p := range []string{"regexp_matches_no_flags", "regexp_matches"} {
		register(p, setImpl(regexpMatches))
	}
	for _, p := range []string{"regexp_split_to_table_no_flags", "regexp_split_to_table"} {
		register(p, setImpl(regexpSplitToTable))
	}
	for _, p := range []string{"text_to_table", "text_to_table_null"} {
		register(p, setImpl(func(_ *Call, _ *Ctx, args []types.Datum) (vec.Source, error) {
			if args[0].IsNull() {
				return listSource(types.TText, nil), nil
			}
			return listSource(types.TText, arrays.Split(args[0].Str(), optional(args, 1), optional(args, 2))), nil
		}))
	}
}

// groupsOf gives the groups of a match as a text[]; the whole match when there
// are no groups.
func groupsOf(m *regex.Matcher, s string, loc []int) types.Datum {
	lo := min(m.NumGroups(), 1)
	var vals []types.Datum
	for i := lo; i <= m.NumGroups(); i++ {
		vals = append(vals, textOrNull(group(s, loc, i)))
	}
	return arrayDatum(types.TText, vals)
}

func regexpMatch(r *regexpCall) (types.Datum, error) {
	o, err := singleOptions(r.text(2), "regexp_match()", "regexp_matches")
	if err != nil {
		return types.Null, err
	}
	m, err := r.known.get(r.c, r.pattern, o)
	if err != nil {
		return types.Null, err
	}
	loc, err := m.Find(r.s, 0)
	if loc == nil {
		return types.Null, err
	}
	return groupsOf(m, r.s, loc), nil
}

func regexpMatches(_ *Call, c *Ctx, args []types.Datum) (vec.Source, error) {
	r := &regexpCall{c: c, known: &patterns{}, row: args, s: args[0].Str(), pattern: args[1].Str()}
	o, err := regex.ParseOptions(r.text(2))
	if err != nil {
		return nil, err
	}
	m, err := r.known.get(c, r.pattern, o)
	if err != nil {
		return nil, err
	}
	var out []types.Datum
	err = eachMatch(m, r.s, 0, func(loc []int) bool {
		out = append(out, groupsOf(m, r.s, loc))
		return o.Global
	})
	return listSource(types.TText.Array, out), err
}

// split cuts the text at the matches. Empty matches at its ends, or right after
// another match, do not count.
func (r *regexpCall) split(function string) ([]string, error) {
	m, err := r.matcher(2, function)
	if err != nil {
		return nil, err
	}
	var parts []string
	at, last := 0, 0
	err = eachMatch(m, r.s, 0, func(loc []int) bool {
		if loc[0] < len(r.s) && loc[1] > last {
			parts = append(parts, r.s[at:loc[0]])
			at = loc[1]
		}
		last = loc[1]
		return true
	})
	return append(parts, r.s[at:]), err
}

func regexpSplitToTable(_ *Call, c *Ctx, args []types.Datum) (vec.Source, error) {
	r := &regexpCall{c: c, known: &patterns{}, row: args, s: args[0].Str(), pattern: args[1].Str()}
	parts, err := r.split("regexp_split_to_table()")
	if err != nil {
		return nil, err
	}
	out := make([]types.Datum, len(parts))
	for i, s := range parts {
		out[i] = types.NewString(s)
	}
	return listSource(types.TText, out), nil
}
