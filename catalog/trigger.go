package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Trigger is a row of pg_trigger: a function that changes of a table call.
type Trigger struct {
	OID  OID
	Name string
	Func OID
	// Type has the bits of pg_trigger.tgtype (ast.TriggerRow …).
	Type int16
	// Enabled is pg_trigger.tgenabled: 'O' in sessions that are no replica, 'R' in those
	// that are, 'A' always, 'D' never.
	Enabled byte
	// Columns are those of UPDATE OF.
	Columns []int16 `json:",omitempty"`
	// When is the condition as SQL over the rows old and new, "" for none; Deps is what it
	// names.
	When string   `json:",omitempty"`
	Deps []Dep    `json:",omitempty"`
	Args []string `json:",omitempty"`
	// OldTable and NewTable are the names of the transition tables, "" for none.
	OldTable string `json:",omitempty"`
	NewTable string `json:",omitempty"`
	// Parent is the trigger of the partitioned table that this one of a partition is a copy
	// of; 0: it is none.
	Parent OID `json:",omitempty"`
	// Constraint is the row of pg_constraint that a constraint trigger has, 0 of others.
	// It keeps its name, ConName, when the trigger gets another.
	Constraint OID    `json:",omitempty"`
	ConName    string `json:",omitempty"`
	Deferrable bool   `json:",omitempty"`
	Deferred   bool   `json:",omitempty"`
}

// TriggerConstraint is the Kind of the Constraint that a constraint trigger has.
const TriggerConstraint ConKind = 't'

// AsConstraint is the constraint of a constraint trigger, nil of another.
func (t *Trigger) AsConstraint() *Constraint {
	if t.Constraint == 0 {
		return nil
	}
	return &Constraint{OID: t.Constraint, Name: t.ConName, Kind: TriggerConstraint, Deferrable: t.Deferrable, Deferred: t.Deferred, Valid: true}
}

// The bits of Trigger.Type, as pg_trigger.tgtype has them (ast.TriggerRow …).
const (
	triggerRow int16 = 1 << iota
	triggerBefore
	triggerInsert
	triggerDelete
	triggerUpdate
	triggerTruncate
	triggerInstead
)

// The trigger functions in pg_proc: SuppressRedundantUpdates has updates which change
// nothing left out, the others keep a tsvector of texts.
const (
	SuppressRedundantUpdates OID = 1291
	TSVectorUpdate           OID = 3752
	TSVectorUpdateColumn     OID = 3753
)

// SystemTriggers are the trigger functions in pg_proc by name.
var SystemTriggers = map[string]OID{
	"suppress_redundant_updates_trigger": SuppressRedundantUpdates,
	"tsvector_update_trigger":            TSVectorUpdate, "tsvector_update_trigger_column": TSVectorUpdateColumn,
}

// ClassTrigger is pg_trigger, as Object.Class.
const ClassTrigger OID = 2620

// Trigger gives the relation's trigger of a name, nil when there is none.
func (r *Relation) Trigger(name string) *Trigger {
	for _, t := range r.Triggers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// HasInstead tells whether a view has an INSTEAD OF trigger for INSERT, UPDATE or DELETE.
func (r *Relation) HasInstead(verb string) bool {
	event := map[string]int16{"INSERT": triggerInsert, "UPDATE": triggerUpdate, "DELETE": triggerDelete}[verb]
	return slices.ContainsFunc(r.Triggers, func(t *Trigger) bool { return t.Type&triggerInstead != 0 && t.Type&event != 0 })
}

// PutTrigger adds a trigger, or puts it in the place of the one with its OID. Triggers
// are kept in the order in which they run: that of their names.
func (r *Relation) PutTrigger(t *Trigger) {
	list := slices.DeleteFunc(slices.Clone(r.Triggers), func(x *Trigger) bool { return x.OID == t.OID })
	list = append(list, t)
	slices.SortFunc(list, func(a, b *Trigger) int { return cmp.Compare(a.Name, b.Name) })
	r.Triggers = list
}

// DropTrigger takes a trigger away.
func (r *Relation) DropTrigger(oid OID) {
	r.Triggers = slices.DeleteFunc(slices.Clone(r.Triggers), func(x *Trigger) bool { return x.OID == oid })
}

// TriggerByOID finds a trigger with the relation it is on.
func (s *Snapshot) TriggerByOID(oid OID) (*Trigger, *Relation) {
	for _, r := range s.Relations() {
		for _, t := range r.Triggers {
			if t.OID == oid {
				return t, r
			}
		}
	}
	return nil, nil
}

func cloneTriggers(list []*Trigger) []*Trigger {
	var out []*Trigger
	for _, t := range list {
		c := *t
		out = append(out, &c)
	}
	return out
}

// triggerRows writes the users' triggers.
func triggerRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		for _, t := range r.Triggers {
			args := ""
			for _, a := range t.Args {
				args += a + "\x00"
			}
			w.add(vOID(t.OID), vOID(r.OID), vOID(t.Parent), vStr(t.Name), vOID(t.Func), vInt(t.Type), vChar(t.Enabled), vBool(false), vOID(0), vOID(0), vOID(t.Constraint),
				vBool(t.Deferrable), vBool(t.Deferred), vInt(len(t.Args)), vInt2Vector(t.Columns), vStr(args), vText(t.When), vText(t.OldTable), vText(t.NewTable))
		}
	}
}

// trigger writes the dependencies of a trigger: it goes with its table, and its function
// and the columns it names cannot go without it.
func (d *dependWriter) trigger(r *Relation, t *Trigger) {
	self := Object{ClassTrigger, t.OID, 0}
	if t.Constraint != 0 {
		d.on(Object{classConstraint, t.Constraint, 0}, self, DepInternal)
	}
	d.on(self, Object{classProc, t.Func, 0}, DepNormal)
	d.on(self, rel(r.OID, 0), DepAuto)
	if t.Parent != 0 {
		d.on(self, Object{ClassTrigger, t.Parent, 0}, DepAuto)
	}
	for _, c := range t.Columns {
		d.on(self, rel(r.OID, c), DepNormal)
	}
	d.expr(self, t.Deps)
}

// TriggerEvents spells the events of a trigger; of are the columns of UPDATE OF.
func TriggerEvents(typ int16, of []string) string {
	var list []string
	if typ&triggerInsert != 0 {
		list = append(list, "INSERT")
	}
	if typ&triggerDelete != 0 {
		list = append(list, "DELETE")
	}
	if typ&triggerUpdate != 0 {
		update := "UPDATE"
		for i, c := range of {
			update += []string{" OF ", ", "}[min(i, 1)] + QuoteIdent(c)
		}
		list = append(list, update)
	}
	if typ&triggerTruncate != 0 {
		list = append(list, "TRUNCATE")
	}
	return strings.Join(list, " OR ")
}

// TriggerTime spells when a trigger runs.
func TriggerTime(typ int16) string {
	switch {
	case typ&triggerBefore != 0:
		return "BEFORE"
	case typ&triggerInstead != 0:
		return "INSTEAD OF"
	}
	return "AFTER"
}

// TriggerLevel spells what a trigger runs for each of.
func TriggerLevel(typ int16) string {
	if typ&triggerRow != 0 {
		return "ROW"
	}
	return "STATEMENT"
}
