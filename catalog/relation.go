package catalog

import (
	"maps"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// RelKind is what a relation is.
type RelKind byte

// The kinds of relation. Their letters are pg_class.relkind's, except that of a
// stream, which shows as 'r' there (semantics §18).
const (
	Table     RelKind = 'r'
	Stream    RelKind = 's'
	View      RelKind = 'v'
	MatView   RelKind = 'm'
	Index     RelKind = 'i'
	Sequence  RelKind = 'S'
	Composite RelKind = 'c'
	// Virtual is a system relation whose rows are made when it is read. Shown is
	// its letter in pg_class.
	Virtual RelKind = 'V'
)

// Relation is anything that has a row in pg_class.
type Relation struct {
	OID         OID
	Schema      OID
	Name        string
	Kind        RelKind
	Owner       OID
	Persistence byte // 'p', 't', 'u'
	// Columns holds all columns ever added, dropped ones included; column n has
	// attribute number n+1.
	Columns []Column
	// RowType is the composite type of its rows, 0 for indexes and sequences.
	RowType OID `json:",omitempty"`

	Constraints []*Constraint `json:",omitempty"`
	Indexes     []OID         `json:",omitempty"` // of a table or materialized view
	// Triggers are in the order of their names.
	Triggers []*Trigger `json:",omitempty"`
	// Rules are in the order of their names; that of a view's query is not among them.
	Rules []*Rule `json:",omitempty"`
	// RowSecurity limits roles to the rows that Policies, in the order of their names,
	// give them; ForceRowSecurity its owner too.
	RowSecurity      bool      `json:",omitempty"`
	ForceRowSecurity bool      `json:",omitempty"`
	Policies         []*Policy `json:",omitempty"`
	// Stats are the statistics objects of its columns, by OID.
	Stats []*ExtStats `json:",omitempty"`
	// IndexSlots is how many slots for indexes the relation has given out: the next
	// one's number.
	IndexSlots int `json:",omitempty"`
	// Left are the slots that changes of columns' types have left, with a built-in type
	// of the kind of value that old rows have there.
	Left map[int]OID `json:",omitempty"`
	// OnCommit is what becomes of a temporary table's rows when a transaction commits:
	// 'd' they are deleted, 'x' the table is dropped; 0 they stay.
	OnCommit byte      `json:",omitempty"`
	ACL      []ACLItem `json:",omitempty"`
	// Replident is the replica identity, as in pg_class: 'd', 'f', 'n' or 'i'; 0 is 'd'.
	Replident byte `json:",omitempty"`
	// Options are the storage parameters or WITH options, as name=value.
	Options []string `json:",omitempty"`

	Stream *StreamDef `json:",omitempty"`
	// PartKey makes a table a partitioned one, which has no rows of its own; Part makes
	// it a partition of another.
	PartKey *PartKey `json:",omitempty"`
	Part    *Part    `json:",omitempty"`
	// Inherits are the tables that a table inherits from, in order (INHERITS).
	Inherits []OID `json:",omitempty"`

	View  *ViewDef     `json:",omitempty"`
	Index *IndexDef    `json:",omitempty"`
	Seq   *SequenceDef `json:",omitempty"`

	// Deps are what a view's query or an index's expressions name: a DROP of any of
	// it needs CASCADE. Dependencies gives these and all that follow from the rest.
	Deps []Dep `json:",omitempty"`

	// Batches gives the rows of a Virtual relation; Shown is its relkind in
	// pg_class.
	Batches BatchesFunc `json:"-"`
	Shown   byte        `json:"-"`
}

// DepKind says what becomes of an object when one it depends on is dropped.
type DepKind byte

// The kinds of dependency, as pg_depend.deptype.
const (
	DepNormal   DepKind = 'n' // refuse, unless CASCADE
	DepAuto     DepKind = 'a' // goes along
	DepInternal DepKind = 'i' // part of it: cannot be dropped alone
)

// Dep is one dependency; Column is an attribute number of Object, 0 for the
// whole.
type Dep struct {
	Object OID
	Column int16 `json:",omitempty"`
	Kind   DepKind
}

// Column is an attribute of a relation.
type Column struct {
	Name    string
	TypeOID OID
	Mod     int32
	NotNull bool `json:",omitempty"`
	Dropped bool `json:",omitempty"`
	// Default is the default's expression as SQL, "" when there is none. Generated
	// is that of a stored generated column.
	Default   string `json:",omitempty"`
	Generated string `json:",omitempty"`
	// Identity is 'a' (always) or 'd' (by default), 0 for none; Seq is its
	// sequence, or that of a serial column.
	Identity byte `json:",omitempty"`
	Seq      OID  `json:",omitempty"`
	// Slot is where storage keeps the column's values, in relations that have any.
	Slot int `json:",omitempty"`
	// Missing is the value, in text form, of rows that were stored before the
	// column was added; nil is NULL.
	Missing   *string   `json:",omitempty"`
	Collation OID       `json:",omitempty"`
	ACL       []ACLItem `json:",omitempty"`
	Dims      int16     `json:",omitempty"` // attndims
	// Inherited is from how many tables it is inherited; NotLocal says that it is only
	// inherited. Those of partitions follow from Relation.Part.
	Inherited int16 `json:",omitempty"`
	NotLocal  bool  `json:",omitempty"`
	// Deps are what Default or Generated names, columns of the relation included.
	Deps []Dep `json:",omitempty"`

	// Type is TypeOID resolved; it is filled in when the relation is put into a
	// snapshot.
	Type *types.Type `json:"-"`
}

// ConKind is pg_constraint.contype.
type ConKind byte

// The kinds of constraint.
const (
	Check   ConKind = 'c'
	Primary ConKind = 'p'
	Unique  ConKind = 'u'
	Foreign ConKind = 'f'
)

// Constraint is a row of pg_constraint.
type Constraint struct {
	OID     OID
	Name    string
	Kind    ConKind
	Columns []int16 // attribute numbers
	// Expr is a CHECK's condition as SQL, Deps what it names.
	Expr      string `json:",omitempty"`
	Deps      []Dep  `json:",omitempty"`
	NoInherit bool   `json:",omitempty"`
	Valid     bool
	// Inherited and NotLocal are of a CHECK, as those of Column.
	Inherited int16 `json:",omitempty"`
	NotLocal  bool  `json:",omitempty"`
	// Index enforces a PRIMARY KEY or UNIQUE; of a FOREIGN KEY it is the
	// referenced one.
	Index OID `json:",omitempty"`

	RefTable   OID     `json:",omitempty"`
	RefColumns []int16 `json:",omitempty"`
	OnDelete   byte    `json:",omitempty"` // a, r, c, n, d as in pg_constraint
	OnUpdate   byte    `json:",omitempty"`
	SetColumns []int16 `json:",omitempty"`
	MatchFull  bool    `json:",omitempty"`
	// Parts are the tables below RefTable where that is partitioned, each with the row of
	// pg_constraint that the reference to it has.
	Parts []ForeignPart `json:",omitempty"`

	Deferrable bool `json:",omitempty"`
	Deferred   bool `json:",omitempty"`
}

// ForeignPart is a partition that a foreign key to its table may refer to: Index enforces
// the key there. Parent is the constraint, or the row of the partition between.
type ForeignPart struct {
	OID, Parent  OID
	Name         string
	Table, Index OID
}

// DomainDef is what a domain has besides its type.
type DomainDef struct {
	OID         OID
	Default     string        `json:",omitempty"`
	Deps        []Dep         `json:",omitempty"` // what Default names
	Constraints []*Constraint `json:",omitempty"` // CHECKs over VALUE
}

// IndexDef is what an index has besides its relation.
type IndexDef struct {
	Table OID
	Keys  []IndexKey
	// NKeys is the number of key columns; the rest of Keys is INCLUDEd.
	NKeys            int
	Unique           bool `json:",omitempty"`
	Primary          bool `json:",omitempty"`
	NullsNotDistinct bool `json:",omitempty"`
	// Predicate is a partial index's condition as SQL.
	Predicate  string `json:",omitempty"`
	Method     string // "btree", …
	Constraint OID    `json:",omitempty"`
	// Partitioned: the table is a partitioned one.
	Partitioned bool `json:",omitempty"`
	// Parent is the index of the partitioned table that it is a part of.
	Parent OID `json:",omitempty"`
	// Slot is the index's number in the table's storage, -1 when it has none.
	Slot int
	// Valid is false while the index is being built.
	Valid bool
	// Clustered: the table was last put into its order (CLUSTER).
	Clustered bool `json:",omitempty"`
	// Replident: its keys are the table's replica identity.
	Replident bool `json:",omitempty"`
}

// IndexKey is a key of an index: a column, or an expression as SQL.
type IndexKey struct {
	Column     int16  // attribute number, 0 for an expression
	Expr       string `json:",omitempty"`
	Desc       bool   `json:",omitempty"`
	NullsFirst bool   `json:",omitempty"`
	OpClass    OID    `json:",omitempty"` // 0: the default one
	Collation  OID    `json:",omitempty"` // 0: the column's
	// TypeOID and Mod are the key's type.
	TypeOID OID
	Mod     int32
}

// StreamDef is what a stream has besides its columns.
type StreamDef struct {
	// Time is the attribute number of the event-time column, 0 when the stream has
	// no watermark; Rules are the watermark's.
	Time  int16
	Rules window.Rules
	// Late is the companion relation of late rows, 0 when there is none.
	Late OID `json:",omitempty"`
	// OnLateDrop: late rows are only counted.
	OnLateDrop bool `json:",omitempty"`
	// LateOf is set in the companion: the stream it belongs to.
	LateOf OID `json:",omitempty"`
}

// ViewDef is what a view has besides its columns.
type ViewDef struct {
	// SQL is the query as the user wrote it, EMIT clause excluded.
	SQL string
	// ColumnNames are those given in the CREATE statement, if any.
	ColumnNames []string `json:",omitempty"`
	// Settings are the session settings the query was bound under
	// (semantics §9): search_path, TimeZone, DateStyle ….
	Settings map[string]string `json:",omitempty"`
	// Emit is "window_close" or "" (on update); materialized views only.
	Emit string `json:",omitempty"`
	// Time is, with Emit "window_close", the attribute number of the column that
	// hands the watermark on to views above: a row appears when the watermark
	// reaches it, so what comes later is later in it. 0 when there is none.
	Time int16 `json:",omitempty"`
	// Fingerprint identifies the compiled plan that the stored state belongs to.
	Fingerprint string `json:",omitempty"`
	// CheckOption and other WITH options of a plain view.
	SecurityBarrier bool `json:",omitempty"`
}

// SequenceDef is a sequence's parameters. Its position is not catalogue data.
type SequenceDef struct {
	TypeOID   OID
	Start     int64
	Increment int64
	Min, Max  int64
	Cache     int64
	Cycle     bool `json:",omitempty"`
	// OwnerTable and OwnerColumn are set by OWNED BY.
	OwnerTable  OID   `json:",omitempty"`
	OwnerColumn int16 `json:",omitempty"`
}

// Column gives the live column of that name and its attribute number; nil when
// there is none.
func (r *Relation) Column(name string) (*Column, int16) {
	for i := range r.Columns {
		if c := &r.Columns[i]; c.Name == name && !c.Dropped {
			return c, int16(i + 1)
		}
	}
	return nil, 0
}

// PrimaryKey gives the primary key constraint, nil when there is none.
func (r *Relation) PrimaryKey() *Constraint {
	for _, c := range r.Constraints {
		if c.Kind == Primary {
			return c
		}
	}
	return nil
}

// Constraint gives the constraint of that name, nil when there is none.
func (r *Relation) Constraint(name string) *Constraint {
	for _, c := range r.Constraints {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Stored tells the kinds whose rows are kept: tables, streams, materialized views.
func (r *Relation) Stored() bool {
	return r.Kind == Table || r.Kind == Stream || r.Kind == MatView
}

// ReadsAs is the role whose privileges count for what a view reads: its owner, or,
// of a view with security_invoker, 0 for whoever reads it.
func (r *Relation) ReadsAs() OID {
	for _, o := range r.Options {
		if v, ok := strings.CutPrefix(o, "security_invoker="); ok {
			if on, _ := types.ParseBool(v); on {
				return 0
			}
		}
	}
	return r.Owner
}

// Clone copies the relation, so that the copy may be changed: columns,
// constraints and lists are copied too.
func (r *Relation) Clone() *Relation {
	c := *r
	c.Columns = append([]Column(nil), r.Columns...)
	c.Constraints = nil
	for _, k := range r.Constraints {
		kk := *k
		kk.Columns = append([]int16(nil), k.Columns...)
		c.Constraints = append(c.Constraints, &kk)
	}
	c.Indexes = append([]OID(nil), r.Indexes...)
	c.Triggers = cloneTriggers(r.Triggers)
	c.Rules = cloneRules(r.Rules)
	c.Stats = cloneStats(r.Stats)
	c.Policies = clonePolicies(r.Policies)
	c.Deps = append([]Dep(nil), r.Deps...)
	c.ACL = append([]ACLItem(nil), r.ACL...)
	c.Options = append([]string(nil), r.Options...)
	c.Inherits = append([]OID(nil), r.Inherits...)
	c.Left = maps.Clone(r.Left)
	if r.Stream != nil {
		s := *r.Stream
		c.Stream = &s
	}
	if r.PartKey != nil {
		k := *r.PartKey
		k.Exprs = append([]PartExpr(nil), r.PartKey.Exprs...)
		c.PartKey = &k
	}
	if r.Part != nil {
		p := *r.Part
		c.Part = &p
	}
	if r.View != nil {
		v := *r.View
		c.View = &v
	}
	if r.Index != nil {
		x := *r.Index
		x.Keys = append([]IndexKey(nil), r.Index.Keys...)
		c.Index = &x
	}
	if r.Seq != nil {
		q := *r.Seq
		c.Seq = &q
	}
	return &c
}

// Advance gives the value after n; ok is false when the sequence has ended.
func (d *SequenceDef) Advance(n int64) (next int64, ok bool) {
	next = n + d.Increment
	overflow := (next > n) != (d.Increment > 0)
	switch {
	case d.Increment > 0 && (overflow || next > d.Max):
		return d.Min, d.Cycle
	case d.Increment < 0 && (overflow || next < d.Min):
		return d.Max, d.Cycle
	}
	return next, true
}
