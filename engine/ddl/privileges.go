package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// Privileges checks that a role may do what a planned statement does: planner.Query's
// and planner.Modify's Access (ExecCheckRTPerms). What is read through a view is
// checked for the view's owner.
func Privileges(s *catalog.Snapshot, role OID, access []planner.Access) error {
	for i := range access {
		a := &access[i]
		rel := s.RelationByOID(a.Rel)
		if rel == nil {
			if err := callable(s, role, a); err != nil {
				return err
			}
			continue
		}
		who := role
		if a.As != 0 {
			who = a.As
		} else if sc := s.SchemaByOID(rel.Schema); sc != nil && !sc.Temp && !s.SchemaAllowed(role, sc, "U", false) {
			return denied("schema", sc.Name)
		}
		if !permitted(s, who, rel, a) {
			return denied(kindWord(rel), rel.Name)
		}
	}
	return nil
}

// callable tells why a role may not call a function.
func callable(s *catalog.Snapshot, role OID, a *planner.Access) error {
	f := s.FunctionByOID(a.Rel)
	if f == nil {
		return nil
	}
	if a.As != 0 {
		role = a.As
	}
	if s.FunctionAllowed(role, f) {
		return nil
	}
	return denied(routineWord(f), f.Name)
}

// permitted tells whether a role has the privileges that an access needs: on the
// relation, or on all columns concerned.
func permitted(s *catalog.Snapshot, role OID, rel *catalog.Relation, a *planner.Access) bool {
	for i := range len(a.Privs) {
		letter := a.Privs[i : i+1]
		if s.RelationAllowed(role, rel, letter, false) {
			continue
		}
		cols, ok := map[string][]int16{"r": a.Read, "a": a.Insert, "w": a.Update}[letter]
		if !ok || !columnsPermitted(s, role, rel, letter, cols) {
			return false
		}
	}
	return true
}

// columnsPermitted tells whether a role has a privilege on columns; none given means
// that any will do, 0 stands for all.
func columnsPermitted(s *catalog.Snapshot, role OID, rel *catalog.Relation, letter string, cols []int16) bool {
	all := false
	for _, n := range cols {
		all = all || n == 0
	}
	any := false
	for i := range rel.Columns {
		n := int16(i + 1)
		if rel.Columns[i].Dropped {
			continue
		}
		ok := s.ColumnAllowed(role, rel, n, letter, false)
		any = any || ok
		if !ok && (all || strings.Contains("raw", letter) && contained(cols, n)) {
			return false
		}
	}
	return any || len(cols) > 0
}

func contained(list []int16, n int16) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}
