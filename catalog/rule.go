package catalog

import (
	"cmp"
	"slices"
)

// Rule is a row of pg_rewrite besides those of views' queries: what is done along with,
// or instead of, a statement on the rule's table or view.
type Rule struct {
	OID  OID
	Name string
	// Event is pg_rewrite.ev_type: '2' UPDATE, '3' INSERT, '4' DELETE.
	Event   byte
	Instead bool `json:",omitempty"`
	// Enabled is as pg_trigger.tgenabled: 'O', 'D', 'R' or 'A'.
	Enabled byte
	// Where is the condition as SQL, "" for none, and Actions are the statements; none is
	// NOTHING. Their names are looked up along Path, and Deps is what they name.
	Where   string   `json:",omitempty"`
	Actions []string `json:",omitempty"`
	Path    string   `json:",omitempty"`
	Deps    []Dep    `json:",omitempty"`
}

// ruleEvents are the events as pg_rewrite has them.
var ruleEvents = map[string]byte{"SELECT": '1', "UPDATE": '2', "INSERT": '3', "DELETE": '4'}

// RuleEvent is pg_rewrite.ev_type of SELECT, UPDATE, INSERT or DELETE.
func RuleEvent(verb string) byte { return ruleEvents[verb] }

// Verb is the statement that sets the rule off.
func (r *Rule) Verb() string {
	for verb, event := range ruleEvents {
		if event == r.Event {
			return verb
		}
	}
	return ""
}

// Fires tells whether the rule acts: session_replication_role is origin always.
func (r *Rule) Fires() bool { return r.Enabled == 'O' || r.Enabled == 'A' }

// Rule gives the relation's rule of a name, nil when there is none.
func (r *Relation) Rule(name string) *Rule {
	for _, x := range r.Rules {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// HasRule tells whether the relation has a rule for a statement that acts at all times.
func (r *Relation) HasRule(verb string) bool {
	return slices.ContainsFunc(r.Rules, func(x *Rule) bool { return x.Event == ruleEvents[verb] && x.Fires() })
}

// Replaces tells whether a rule always takes the place of a statement.
func (r *Relation) Replaces(verb string) bool {
	return slices.ContainsFunc(r.Rules, func(x *Rule) bool { return x.Event == ruleEvents[verb] && x.Fires() && x.Instead && x.Where == "" })
}

// PutRule adds a rule, or puts it in the place of the one with its OID. Rules are kept in
// the order in which they act: that of their names.
func (r *Relation) PutRule(rule *Rule) {
	list := slices.DeleteFunc(slices.Clone(r.Rules), func(x *Rule) bool { return x.OID == rule.OID })
	list = append(list, rule)
	slices.SortFunc(list, func(a, b *Rule) int { return cmp.Compare(a.Name, b.Name) })
	r.Rules = list
}

// DropRule takes a rule away.
func (r *Relation) DropRule(oid OID) {
	r.Rules = slices.DeleteFunc(slices.Clone(r.Rules), func(x *Rule) bool { return x.OID == oid })
}

// RuleByOID finds a rule with the relation it is on; that of a view's query is not found.
func (s *Snapshot) RuleByOID(oid OID) (*Rule, *Relation) {
	for _, r := range s.rels {
		for _, x := range r.Rules {
			if x.OID == oid {
				return x, r
			}
		}
	}
	return nil, nil
}

func cloneRules(list []*Rule) []*Rule {
	var out []*Rule
	for _, x := range list {
		c := *x
		out = append(out, &c)
	}
	return out
}

// rule writes the dependencies of a rule: it goes with its relation, and what it names
// cannot go without it.
func (d *dependWriter) rule(r *Relation, x *Rule) {
	self := Object{ClassRule, x.OID, 0}
	d.on(self, rel(r.OID, 0), DepAuto)
	for _, dep := range x.Deps {
		d.on(self, Object{d.classOf(dep.Object), dep.Object, dep.Column}, dep.Kind)
	}
}
