package planner

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Overload resolution as PostgreSQL's parse_func.c does it.

// candidate is a function or operator as it would be called with the given
// number of arguments.
type candidate struct {
	args []*types.Type // effective: variadic expanded, defaults included
	fn   *funcs.Func
	op   *funcs.Operator
	// expanded counts the arguments gathered into the variadic array; -1: none.
	expanded int
	// defaults counts the trailing arguments left to their defaults.
	defaults int
	// order maps the position of each given argument to the function's (named
	// notation); nil when it is the identity.
	order []int
}

// matching keeps the candidates that the arguments can be coerced to.
func matching(cands []*candidate, args []*types.Type) []*candidate {
	var out []*candidate
	for _, c := range cands {
		if canCoerce(args, c.args[:len(args)], implicit) {
			out = append(out, c)
		}
	}
	return out
}

// selectCandidate chooses the best of several that match, nil when there is no
// single best (func_select_candidate).
func selectCandidate(cands []*candidate, args []*types.Type) *candidate {
	base := make([]*types.Type, len(args))
	unknowns := 0
	for i, t := range args {
		if t.OID == types.UnknownOID {
			unknowns++
			base[i] = t
		} else {
			base[i] = t.Underlying()
		}
	}
	cands = mostMatches(cands, base, func(want, have *types.Type) bool { return types.Same(want, have) })
	if len(cands) == 1 {
		return cands[0]
	}
	cands = mostMatches(cands, base, func(want, have *types.Type) bool {
		return types.Same(want, have) || want.Preferred && want.Category == have.Category
	})
	if len(cands) == 1 {
		return cands[0]
	}
	if unknowns == 0 {
		return nil
	}
	if cands = byCategory(cands, base); len(cands) == 1 {
		return cands[0]
	}
	if unknowns < len(args) {
		return assumeSame(cands, base)
	}
	return nil
}

// mostMatches keeps the candidates in which most of the known arguments match.
func mostMatches(cands []*candidate, base []*types.Type, match func(want, have *types.Type) bool) []*candidate {
	best := -1
	var out []*candidate
	for _, c := range cands {
		n := 0
		for i, t := range base {
			if t.OID != types.UnknownOID && match(c.args[i], t) {
				n++
			}
		}
		switch {
		case n > best:
			best, out = n, append(out[:0:0], c)
		case n == best:
			out = append(out, c)
		}
	}
	return out
}

// byCategory settles the untyped literals by type category: string if any
// candidate takes one, else the category all candidates agree on, and within
// it the preferred type if any candidate takes that.
func byCategory(cands []*candidate, base []*types.Type) []*candidate {
	category := make([]byte, len(base))
	preferred := make([]bool, len(base))
	resolved := false
	for i, t := range base {
		if t.OID != types.UnknownOID {
			continue
		}
		cat, pref, conflict := slotCategory(cands, i)
		if conflict {
			return cands
		}
		category[i], preferred[i], resolved = cat, pref, true
	}
	if !resolved {
		return cands
	}
	var out []*candidate
	for _, c := range cands {
		keep := true
		for i := range base {
			if category[i] == 0 {
				continue
			}
			t := c.args[i]
			if t.Category != category[i] || preferred[i] && !t.Preferred {
				keep = false
				break
			}
		}
		if keep {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		return out
	}
	return cands
}

func slotCategory(cands []*candidate, i int) (cat byte, preferred, conflict bool) {
	for _, c := range cands {
		t := c.args[i]
		switch {
		case cat == 0 || t.Category == 'S' && cat != 'S':
			cat, preferred = t.Category, t.Preferred
		case t.Category == cat:
			preferred = preferred || t.Preferred
		default:
			conflict = true // a later candidate may still take a string
		}
	}
	return cat, preferred, conflict && cat != 'S'
}

// assumeSame tries, when all known arguments have one type, the same type for
// the untyped literals.
func assumeSame(cands []*candidate, base []*types.Type) *candidate {
	var known *types.Type
	for _, t := range base {
		if t.OID == types.UnknownOID {
			continue
		}
		if known != nil && !types.Same(known, t) {
			return nil
		}
		known = t
	}
	all := make([]*types.Type, len(base))
	for i := range all {
		all[i] = known
	}
	var found *candidate
	for _, c := range cands {
		if canCoerce(all, c.args[:len(all)], implicit) {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}

// funcCandidates lists the functions of that name that could be called with n
// arguments of which the last named ones have names.
func (b *binder) funcCandidates(schema, name string, n int, argNames []string, variadic bool) []*candidate {
	var out []*candidate
	for _, f := range b.allFunctions(schema, name) {
		if c := callForm(f, n, argNames, variadic); c != nil {
			out = append(out, c)
		}
	}
	return dropCovered(out)
}

// functions gives the functions of that name that are visible.
func (b *binder) functions(schema, name string) []*funcs.Func {
	if schema != "" {
		if s := b.Catalog.Schema(schema); s != nil {
			return b.funcsIn(s.OID, name)
		}
		return nil
	}
	out := funcs.ByNameIn(catalog.PgCatalogOID, name)
	for _, s := range b.Path {
		if s != catalog.PgCatalogOID {
			out = append(out[:len(out):len(out)], b.funcsIn(s, name)...)
		}
	}
	return out
}

// funcsIn gives the functions of that name in a schema.
func (b *binder) funcsIn(schema catalog.OID, name string) []*funcs.Func {
	if !b.calling {
		return b.Catalog.FuncsNamed(schema, name)
	}
	var out []*funcs.Func
	for _, f := range b.Catalog.FunctionsNamed(schema, name) {
		out = append(out, b.Catalog.CallableByCall(f))
	}
	return out
}

// callForm tells how f could be called with n arguments; nil: not at all.
func callForm(f *funcs.Func, n int, argNames []string, variadic bool) *candidate {
	declared := f.Args
	c := &candidate{fn: f, expanded: -1}
	if len(argNames) > 0 {
		return namedForm(f, n, argNames)
	}
	switch {
	case variadic:
		if f.Variadic == nil || n != len(declared) {
			return nil
		}
		c.args = declared
	case f.Variadic != nil && n >= len(declared):
		fixed := len(declared) - 1
		c.expanded = n - fixed
		c.args = append(append([]*types.Type(nil), declared[:fixed]...), repeat(f.Variadic, c.expanded)...)
	case n == len(declared):
		c.args = declared
	case n < len(declared) && n >= len(declared)-f.NumDefaults && f.Variadic == nil:
		c.args, c.defaults = declared, len(declared)-n
	default:
		return nil
	}
	return c
}

func repeat(t *types.Type, n int) []*types.Type {
	out := make([]*types.Type, n)
	for i := range out {
		out[i] = t
	}
	return out
}

// namedForm matches named arguments: the first ones are positional.
func namedForm(f *funcs.Func, n int, argNames []string) *candidate {
	if f.ArgNames == nil || f.Variadic != nil || n > len(f.Args) {
		return nil
	}
	positional := n - len(argNames)
	order := make([]int, n)
	given := make([]bool, len(f.Args))
	for i := range positional {
		order[i], given[i] = i, true
	}
	for i, name := range argNames {
		at := -1
		for j, an := range f.ArgNames {
			if an == name && j < len(f.Args) {
				at = j
			}
		}
		if at < positional || given[at] {
			return nil
		}
		order[positional+i], given[at] = at, true
	}
	c := &candidate{fn: f, expanded: -1, order: order}
	for j := range f.Args {
		if !given[j] {
			if j < len(f.Args)-f.NumDefaults {
				return nil
			}
			c.defaults++
		}
	}
	for _, j := range order {
		c.args = append(c.args, f.Args[j])
	}
	return c
}

// dropCovered removes a variadic expansion where a plain function has the same
// arguments, and a use of defaults where a function has exactly the arguments.
func dropCovered(cands []*candidate) []*candidate {
	var out []*candidate
	for i, c := range cands {
		covered := false
		for j, d := range cands {
			if i != j && sameArgs(c, d) && (rank(d) < rank(c) || j < i && d.fn.Schema != c.fn.Schema) {
				covered = true
				break
			}
		}
		if !covered {
			out = append(out, c)
		}
	}
	return out
}

func rank(c *candidate) int {
	switch {
	case c.expanded >= 0:
		return 2
	case c.defaults > 0:
		return 1
	}
	return 0
}

func sameArgs(c, d *candidate) bool {
	n := len(c.args) - c.defaults
	if c.order != nil || d.order != nil || n != len(d.args)-d.defaults {
		return false
	}
	for i := range n {
		if !types.Same(c.args[i], d.args[i]) {
			return false
		}
	}
	return true
}

// noFunction is the error for a call that matches nothing.
func noFunction(name string, args []*types.Type, argNames []string, pos int32) error {
	return pgerr.New(pgerr.UndefinedFunction, "function %s does not exist", callSignature(name, args, argNames)).
		WithHint("No function matches the given name and argument types. You might need to add explicit type casts.").At(pos)
}

// callSignature shows name(type, type, name => type) as messages do.
func callSignature(name string, args []*types.Type, argNames []string) string {
	parts := make([]string, len(args))
	first := len(args) - len(argNames)
	for i, t := range args {
		parts[i] = formatType(t, types.NoMod)
		if i >= first {
			parts[i] = argNames[i-first] + " => " + parts[i]
		}
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}
