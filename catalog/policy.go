package catalog

import (
	"cmp"
	"slices"

	"github.com/streamsqld/streamsqld/sql/types"
)

// Policy is a row of pg_policy: which rows of a table roles may see, and add.
type Policy struct {
	OID  OID
	Name string
	// Cmd is pg_policy.polcmd: r, a, w or d as privileges have them, '*' for all.
	Cmd         byte
	Restrictive bool `json:",omitempty"`
	// Roles are those that the policy is for; 0 is PUBLIC.
	Roles []OID
	// Using and Check are conditions over the row as SQL, "" for none, whose names are
	// looked up along Path; Deps is what they name.
	Using string `json:",omitempty"`
	Check string `json:",omitempty"`
	Path  string `json:",omitempty"`
	Deps  []Dep  `json:",omitempty"`
}

// ClassPolicy is pg_policy, as Object.Class.
const ClassPolicy OID = 3256

// Policy gives the relation's policy of a name, nil when there is none.
func (r *Relation) Policy(name string) *Policy {
	for _, p := range r.Policies {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// PutPolicy adds a policy, or puts it in the place of the one with its OID. Policies are
// kept in the order of their names.
func (r *Relation) PutPolicy(p *Policy) {
	list := slices.DeleteFunc(slices.Clone(r.Policies), func(x *Policy) bool { return x.OID == p.OID })
	list = append(list, p)
	slices.SortFunc(list, func(a, b *Policy) int { return cmp.Compare(a.Name, b.Name) })
	r.Policies = list
}

// DropPolicy takes a policy away.
func (r *Relation) DropPolicy(oid OID) {
	r.Policies = slices.DeleteFunc(slices.Clone(r.Policies), func(x *Policy) bool { return x.OID == oid })
}

// PolicyByOID finds a policy with the table it is on.
func (s *Snapshot) PolicyByOID(oid OID) (*Policy, *Relation) {
	for _, r := range s.rels {
		for _, p := range r.Policies {
			if p.OID == oid {
				return p, r
			}
		}
	}
	return nil, nil
}

// Restricts tells whether row-level security limits what a role sees and does of a
// relation's rows; owner tells that it does so although the role owns it.
func (s *Snapshot) Restricts(r *Relation, role OID) (restricts, owner bool) {
	who := s.RoleByOID(role)
	if !r.RowSecurity || who == nil || who.Super || who.BypassRLS {
		return false, false
	}
	owner = s.MemberOf(role, r.Owner, true)
	return !owner || r.ForceRowSecurity, owner
}

// For tells whether a policy is for a role.
func (p *Policy) For(s *Snapshot, role OID) bool {
	return slices.ContainsFunc(p.Roles, func(r OID) bool { return r == 0 || s.MemberOf(role, r, true) })
}

func clonePolicies(list []*Policy) []*Policy {
	var out []*Policy
	for _, p := range list {
		c := *p
		out = append(out, &c)
	}
	return out
}

// policyRows writes pg_policy.
func policyRows(s *Snapshot, w *rowWriter) {
	text := func(t string) types.Datum {
		if t == "" {
			return types.Null
		}
		return vStr(t)
	}
	for _, r := range s.Relations() {
		for _, p := range r.Policies {
			w.add(vOID(p.OID), vStr(p.Name), vOID(r.OID), vChar(p.Cmd), vBool(!p.Restrictive), vInts(oidArray, p.Roles), text(p.Using), text(p.Check))
		}
	}
}

// policy writes the dependencies of a policy: it goes with its table, and what its
// conditions name cannot go without it.
func (d *dependWriter) policy(r *Relation, p *Policy) {
	self := Object{ClassPolicy, p.OID, 0}
	d.on(self, rel(r.OID, 0), DepAuto)
	d.expr(self, p.Deps)
}
