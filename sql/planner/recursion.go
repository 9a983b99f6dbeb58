package planner

import (
	"reflect"
	"slices"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// The rules for WITH RECURSIVE, checked on the syntax before anything is bound, as
// PostgreSQL does (parse_cte.c, in whose order the places of a SELECT are visited).

// recursiveItems tells which items of a WITH RECURSIVE refer to themselves, and
// checks that they do so where they may. It gives the items in an order in which
// they refer to earlier ones only.
func recursiveItems(w *ast.With) (map[string]bool, []int, error) {
	out := map[string]bool{}
	if !w.Recursive {
		order := make([]int, len(w.CTEs))
		for i := range order {
			order[i] = i
		}
		return out, order, nil
	}
	names := map[string]bool{}
	for i := range w.CTEs {
		names[w.CTEs[i].Name.Name] = true
	}
	deps := make([]map[string]bool, len(w.CTEs))
	for i := range w.CTEs {
		deps[i] = map[string]bool{}
		v := refWalk{found: func(ref *ast.TableRef, _ refPlace) error {
			if names[ref.Name.Object] {
				deps[i][ref.Name.Object] = true
			}
			return nil
		}}
		if err := v.cte(&w.CTEs[i]); err != nil {
			return nil, nil, err
		}
		name := w.CTEs[i].Name.Name
		out[name] = deps[i][name]
		delete(deps[i], name)
	}
	order, err := sortItems(w, deps)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range order {
		if c := &w.CTEs[i]; out[c.Name.Name] {
			if err := checkRecursive(c); err != nil {
				return nil, nil, err
			}
		}
	}
	return out, order, nil
}

// sortItems gives an order in which items refer to earlier ones only.
func sortItems(w *ast.With, deps []map[string]bool) ([]int, error) {
	left := make([]int, len(w.CTEs))
	for i := range left {
		left[i] = i
	}
	var order []int
	for len(left) > 0 {
		at := slices.IndexFunc(left, func(i int) bool { return len(deps[i]) == 0 })
		if at < 0 {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "mutual recursion between WITH items is not implemented").At(w.CTEs[left[0]].Name.Pos)
		}
		i := left[at]
		order, left[at] = append(order, i), left[0]
		left = left[1:]
		for _, d := range deps {
			delete(d, w.CTEs[i].Name.Name)
		}
	}
	return order, nil
}

// checkRecursive checks the form of a recursive item.
func checkRecursive(c *ast.CTE) error {
	name := c.Name.Name
	s := c.Query
	if s == nil {
		return pgerr.New(pgerr.InvalidRecursion, "recursive query \"%s\" must not contain data-modifying statements", name).At(c.Name.Pos)
	}
	if s.SetOp != ast.SetUnion {
		return pgerr.New(pgerr.InvalidRecursion, "recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term", name).At(c.Name.Pos)
	}
	refs := 0
	v := refWalk{found: func(ref *ast.TableRef, at refPlace) error {
		switch {
		case ref.Name.Object != name:
			return nil
		case at != "":
			return pgerr.New(pgerr.InvalidRecursion, "recursive reference to query \"%s\" must not appear within %s", name, string(at)).At(ref.Name.Pos)
		}
		if refs++; refs > 1 {
			return pgerr.New(pgerr.InvalidRecursion, "recursive reference to query \"%s\" must not appear more than once", name).At(ref.Name.Pos)
		}
		return nil
	}}
	if s.With != nil {
		v.place = withinSubquery
		for i := range s.With.CTEs {
			if err := v.cte(&s.With.CTEs[i]); err != nil {
				return err
			}
			v.hidden = append(v.hidden, s.With.CTEs[i].Name.Name)
		}
	}
	if err := undecorated(s); err != nil {
		return err
	}
	v.place = withinBase
	if err := v.walk(reflect.ValueOf(s.L)); err != nil {
		return err
	}
	v.place = ""
	return v.walk(reflect.ValueOf(s.R))
}

// undecorated refuses what may not stand behind a recursive UNION.
func undecorated(s *ast.Select) error {
	refuse := func(what string, at ast.Pos) error {
		return pgerr.New(pgerr.FeatureNotSupported, "%s in a recursive query is not implemented", what).At(at)
	}
	switch {
	case s.OrderBy != nil:
		return refuse("ORDER BY", ast.Leftmost(s.OrderBy[0].X))
	case s.Offset != nil:
		return refuse("OFFSET", ast.Leftmost(s.Offset))
	case s.Limit != nil:
		return refuse("LIMIT", ast.Leftmost(s.Limit))
	case s.Locking != nil:
		return refuse("FOR UPDATE/SHARE", -1)
	}
	return nil
}

// refPlace is where a recursive reference may not stand, as the message names it;
// empty where it may.
type refPlace string

const (
	withinBase      refPlace = "its non-recursive term"
	withinSubquery  refPlace = "a subquery"
	withinOuterJoin refPlace = "an outer join"
	withinIntersect refPlace = "INTERSECT"
	withinExcept    refPlace = "EXCEPT"
)

// refWalk goes through a statement and reports the names in FROM that no WITH
// clause inside it hides.
type refWalk struct {
	found  func(ref *ast.TableRef, at refPlace) error
	place  refPlace
	hidden []string
}

func (v *refWalk) cte(c *ast.CTE) error {
	if c.DML != nil {
		return v.walk(reflect.ValueOf(c.DML))
	}
	return v.walk(reflect.ValueOf(c.Query))
}

// within walks x as a forbidden place, unless it is in one already.
func (v *refWalk) within(p refPlace, x any) error {
	if v.place != "" {
		return v.walk(reflect.ValueOf(x))
	}
	v.place = p
	err := v.walk(reflect.ValueOf(x))
	v.place = ""
	return err
}

func (v *refWalk) all(xs ...any) error {
	for _, x := range xs {
		if err := v.walk(reflect.ValueOf(x)); err != nil {
			return err
		}
	}
	return nil
}

func (v *refWalk) walk(x reflect.Value) error {
	switch x.Kind() {
	case reflect.Pointer, reflect.Interface:
		if x.IsNil() {
			return nil
		}
		if x.Kind() == reflect.Pointer {
			if done, err := v.node(x.Interface()); done {
				return err
			}
		}
		return v.walk(x.Elem())
	case reflect.Struct:
		for i := range x.NumField() {
			if err := v.walk(x.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice:
		switch x.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice:
			for i := range x.Len() {
				if err := v.walk(x.Index(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// node walks the nodes that matter; others are gone through field by field.
func (v *refWalk) node(n any) (done bool, err error) {
	switch n := n.(type) {
	case *ast.TableRef:
		if n.Name.Schema == "" && !slices.Contains(v.hidden, n.Name.Object) {
			return true, v.found(n, v.place)
		}
		return true, nil
	case *ast.Select:
		return true, v.query(n)
	case *ast.JoinExpr:
		return true, v.join(n)
	case *ast.SubLink:
		p := v.place
		v.place = withinSubquery
		err := v.walk(reflect.ValueOf(n.Query))
		v.place = p
		if err != nil {
			return true, err
		}
		return true, v.walk(reflect.ValueOf(n.Test))
	}
	return false, nil
}

func (v *refWalk) join(j *ast.JoinExpr) (err error) {
	l, r := refPlace(""), refPlace("")
	if j.Kind == ast.JoinRight || j.Kind == ast.JoinFull {
		l = withinOuterJoin
	}
	if j.Kind == ast.JoinLeft || j.Kind == ast.JoinFull {
		r = withinOuterJoin
	}
	if err = v.within(l, j.L); err == nil {
		err = v.within(r, j.R)
	}
	if err == nil {
		err = v.walk(reflect.ValueOf(j.On))
	}
	return err
}

func (v *refWalk) query(s *ast.Select) error {
	hidden := len(v.hidden)
	defer func() { v.hidden = v.hidden[:hidden] }()
	if w := s.With; w != nil {
		if w.Recursive {
			for i := range w.CTEs {
				v.hidden = append(v.hidden, w.CTEs[i].Name.Name)
			}
		}
		for i := range w.CTEs {
			if err := v.cte(&w.CTEs[i]); err != nil {
				return err
			}
			v.hidden = append(v.hidden, w.CTEs[i].Name.Name)
		}
	}
	if err := v.all(s.DistinctOn, s.Targets, s.From, s.Where, s.GroupBy, s.Having, s.Windows, s.Values); err != nil {
		return err
	}
	l, r := refPlace(""), refPlace("")
	switch {
	case s.SetOp == ast.SetIntersect && s.All:
		l, r = withinIntersect, withinIntersect
	case s.SetOp == ast.SetExcept:
		if r = withinExcept; s.All {
			l = withinExcept
		}
	}
	if s.SetOp != ast.SetNone {
		if err := v.within(l, s.L); err != nil {
			return err
		}
		if err := v.within(r, s.R); err != nil {
			return err
		}
	}
	return v.all(s.OrderBy, s.Offset, s.Limit)
}
