package planner

import "github.com/streamsqld/streamsqld/internal/pgerr"

// maxFuzzy is how far from a column's name a wrong one may be for a hint
// (MAX_FUZZY_DISTANCE of PostgreSQL's parse_relation.c).
const maxFuzzy = 3

// closeColumns are the columns that a missing one may have meant: up to two that
// are equally near, or one of exactly the name that cannot be seen here.
type closeColumns struct {
	distance int
	first    *item
	col      string // of first; "" when it is the very name that is missing
	second   *item
	col2     string
}

// missingColumn is the error for a name that is nowhere, with PostgreSQL's hint at
// what is like it. alias is what the name is qualified with, "" for nothing.
func (b *binder) missingColumn(s *scope, alias, name string, pos int32) error {
	e := pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", name)
	if alias != "" {
		e = pgerr.New(pgerr.UndefinedColumn, "column %s.%s does not exist", alias, name)
	}
	c := closest(s, alias, name)
	switch {
	case c.first == nil:
	case c.second != nil:
		e.WithHint("Perhaps you meant to reference the column \"%s.%s\" or the column \"%s.%s\".", c.first.alias, c.col, c.second.alias, c.col2)
	case c.col == "":
		e.WithHint("There is a column named \"%s\" in table \"%s\", but it cannot be referenced from this part of the query.", name, c.first.alias)
	default:
		e.WithHint("Perhaps you meant to reference the column \"%s.%s\".", c.first.alias, c.col)
	}
	return e.At(pos)
}

// closest looks through all levels (searchRangeTableForCol).
func closest(s *scope, alias, name string) *closeColumns {
	c := &closeColumns{distance: maxFuzzy + 1}
	for l := s; l != nil; l = l.parent {
		for _, list := range [][]*item{l.arms, l.items} {
			for _, it := range list {
				if it.joined {
					continue
				}
				penalty := 0
				if alias != "" {
					penalty = min(distance(alias, it.alias), maxFuzzy+1)
				}
				if c.look(it, name, penalty) {
					return c
				}
			}
		}
	}
	return c
}

// look compares the columns of an item; true when one has the very name.
func (c *closeColumns) look(it *item, name string, penalty int) bool {
	for _, col := range it.cols {
		if col.name == name && penalty == 0 {
			*c = closeColumns{first: it}
			return true
		}
		if penalty > c.distance {
			continue
		}
		d := distance(name, col.name)
		if d > len(name)/2 {
			continue
		}
		switch d += penalty; {
		case d < c.distance:
			c.distance, c.first, c.col, c.second = d, it, col.name, nil
		case d > c.distance:
		case c.second != nil: // too many are as near
			c.distance, c.first, c.second = d-1, nil, nil
		case c.first != nil:
			c.second, c.col2 = it, col.name
		}
	}
	return false
}

// distance is Levenshtein's distance.
func distance(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}
