package ast

// CreateSchema is CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION role].
type CreateSchema struct {
	Name        string // "" when only AUTHORIZATION is given
	IfNotExists bool
	Role        string
	Elements    []Stmt // CREATE TABLE … embedded in it
	Pos         Pos
}

// Persistence is permanent, temporary or unlogged.
type Persistence uint8

// The persistences.
const (
	Permanent Persistence = iota
	Temporary
	Unlogged
)

// OnCommit is what becomes of a temporary table's rows at commit.
type OnCommit uint8

// The ON COMMIT actions.
const (
	OnCommitNone OnCommit = iota // not given
	OnCommitPreserve
	OnCommitDelete
	OnCommitDrop
)

// CreateTable is CREATE TABLE and CREATE STREAM (alias SOURCE).
type CreateTable struct {
	Name        Name
	IfNotExists bool
	Persistence Persistence
	Columns     []ColumnDef
	Constraints []Constraint // table constraints
	Likes       []LikeClause
	// Order holds the elements in the order written, so that LIKE inserts its
	// columns at its place: indexes ≥ 0 into Columns, < 0 ^index into Likes.
	Order    []int
	Inherits []Name
	OfType   *Name // CREATE TABLE t OF type
	// PartitionBy makes it a partitioned table, PartitionOf a partition of another one.
	PartitionBy *PartitionBy
	PartitionOf *PartitionOf
	Options     []Option
	OnCommit    OnCommit
	Method      string // USING method
	Space       string // TABLESPACE name

	Stream    bool
	Watermark *Watermark // STREAM only
	Pos       Pos
}

// Watermark is WATERMARK FOR col [AS expr].
type Watermark struct {
	Column Ident
	// Expr is the full expression (ts - INTERVAL '5 seconds'), or nil for
	// WATERMARK FOR ts alone.
	Expr Expr
	Pos  Pos
}

// ColumnDef is a column of CREATE TABLE or ALTER TABLE ADD COLUMN.
type ColumnDef struct {
	Name        Ident
	Type        TypeName
	Collation   *Name
	Constraints []Constraint
	Storage     string // STORAGE x, else ""
	Compression string
}

// ConKind is the kind of a Constraint.
type ConKind uint8

// The kinds of constraint, of columns and of tables.
const (
	ConNotNull ConKind = iota
	ConNull
	ConDefault
	ConCheck
	ConUnique
	ConPrimary
	ConForeign
	ConGenerated // GENERATED ALWAYS AS (expr) STORED
	ConIdentity  // GENERATED … AS IDENTITY
	ConExclude   // EXCLUDE (not supported)
)

// FKAction is ON DELETE or ON UPDATE.
type FKAction uint8

// The referential actions.
const (
	FKNoAction FKAction = iota
	FKRestrict
	FKCascade
	FKSetNull
	FKSetDefault
)

// Constraint is a column or table constraint.
type Constraint struct {
	Kind      ConKind
	Name      string // CONSTRAINT name, else ""
	Columns   []Ident
	Include   []Ident
	Expr      Expr // CHECK, DEFAULT, GENERATED
	NoInherit bool
	NotValid  bool
	// NULLS NOT DISTINCT of UNIQUE.
	NullsNotDistinct bool
	UsingIndex       string

	// FOREIGN KEY.
	RefTable   Name
	RefColumns []Ident
	MatchFull  bool
	// MatchPartial was given (not supported).
	MatchPartial bool
	OnDelete     FKAction
	OnUpdate     FKAction
	SetColumns   []Ident // ON DELETE SET NULL (cols)

	Deferrable        bool
	InitiallyDeferred bool

	// IDENTITY.
	Always  bool
	SeqOpts []SeqOption

	Options []Option // WITH (…) of an index constraint
	Pos     Pos
}

// LikeClause is LIKE t INCLUDING … in CREATE TABLE.
type LikeClause struct {
	Table Name
	// Include holds the included kinds in lower case: defaults, constraints,
	// identity, generated, indexes, statistics, storage, comments, compression.
	Include []string
	Pos     Pos
}

// CreateTableAs is CREATE TABLE t AS query, and SELECT INTO.
type CreateTableAs struct {
	Name        Name
	Columns     []Ident
	IfNotExists bool
	Persistence Persistence
	OnCommit    OnCommit
	Query       Stmt // *Select or *Execute
	NoData      bool
	Options     []Option
	Method      string // USING method
	Space       string // TABLESPACE name
	Pos         Pos
}

// CreateView is CREATE [OR REPLACE] VIEW.
type CreateView struct {
	Name        Name
	Columns     []Ident
	OrReplace   bool
	Persistence Persistence
	Recursive   bool
	Options     []Option
	Check       bool // WITH CHECK OPTION was given
	CheckLocal  bool // WITH LOCAL CHECK OPTION
	Query       *Select
	QueryText   string // the query as written
	Pos         Pos
}

// CreateMatView is CREATE MATERIALIZED VIEW, also CREATE CONTINUOUS VIEW.
type CreateMatView struct {
	Name        Name
	Columns     []Ident
	OrReplace   bool
	IfNotExists bool
	Options     []Option
	Query       *Select
	QueryText   string // the query as written, EMIT clause excluded
	NoData      bool
	Method      string // USING method
	Space       string // TABLESPACE name
	Pos         Pos
}

// RefreshMatView is REFRESH MATERIALIZED VIEW.
type RefreshMatView struct {
	Name         Name
	Concurrently bool
	NoData       bool
	Pos          Pos
}

// IndexElem is a key of an index or of ON CONFLICT.
type IndexElem struct {
	Column     string // "" when Expr is set
	Expr       Expr
	Collation  *Name
	OpClass    *Name
	Desc       bool
	NullsFirst bool
	// Ordered and NullsOrdered tell that ASC or DESC, and NULLS FIRST or LAST, were
	// written.
	Ordered, NullsOrdered bool
	Pos                   Pos
}

// CreateIndex is CREATE [UNIQUE] INDEX.
type CreateIndex struct {
	Name             string // "" is chosen by the server
	IfNotExists      bool
	Unique           bool
	Concurrently     bool
	NullsNotDistinct bool
	Table            TableRef
	Method           string // "" is btree
	Keys             []IndexElem
	Include          []IndexElem
	Where            Expr
	WhereText        string
	Options          []Option
	Space            string // TABLESPACE name
	Pos              Pos
}

// SeqOption is an option of CREATE SEQUENCE: as, increment, minvalue,
// maxvalue, start, restart, cache, cycle, owned by. Value is nil for NO …;
// Bool carries CYCLE.
type SeqOption struct {
	Name  string
	Value Expr
	Bool  bool
	Type  *TypeName // AS type
	Owner []string  // OWNED BY a.b; empty for NONE
	Pos   Pos
}

// CreateSequence is CREATE SEQUENCE.
type CreateSequence struct {
	Name        Name
	IfNotExists bool
	Persistence Persistence
	Options     []SeqOption
	Pos         Pos
}

// AlterSequence is ALTER SEQUENCE name options.
type AlterSequence struct {
	Name     Name
	IfExists bool
	Options  []SeqOption
	Pos      Pos
}

// CreateEnum is CREATE TYPE name AS ENUM.
type CreateEnum struct {
	Name   Name
	Labels []string
	Pos    Pos
}

// CreateRange is CREATE TYPE name AS RANGE.
type CreateRange struct {
	Name    Name
	Options []RangeOption
	Pos     Pos
}

// RangeOption is an attribute of a range type: Type is set for subtype.
type RangeOption struct {
	Name   string
	Type   *TypeName
	Object Name
	Pos    Pos
}

// AlterEnum is ALTER TYPE name ADD VALUE or RENAME VALUE.
type AlterEnum struct {
	Name        Name
	Rename      bool // RENAME VALUE Old TO Value
	Old         string
	Value       string
	IfNotExists bool
	Neighbor    string // BEFORE/AFTER this label; "" is at the end
	After       bool
	Pos         Pos
}

// CreateComposite is CREATE TYPE name AS (…).
type CreateComposite struct {
	Name    Name
	Columns []ColumnDef
	Pos     Pos
}

// CreateDomain is CREATE DOMAIN.
type CreateDomain struct {
	Name        Name
	Type        TypeName
	Collation   *Name
	Constraints []Constraint
	Pos         Pos
}

// ObjectKind is what DROP, COMMENT, ALTER … RENAME and GRANT speak of.
type ObjectKind uint8

// The kinds of object.
const (
	ObjTable ObjectKind = iota
	ObjStream
	ObjView
	ObjMatView
	ObjIndex
	ObjSequence
	ObjSchema
	ObjType
	ObjDomain
	ObjColumn
	ObjConstraint
	ObjDatabase
	ObjRole
	ObjFunction
	ObjAggregate
	ObjOperator
	ObjExtension
	ObjTrigger
	ObjRule
	ObjPolicy
	ObjCollation
	ObjCast
	ObjLanguage
	ObjTablespace
	ObjPublication
	ObjSubscription
	ObjServer
	ObjForeignTable
	ObjForeignDataWrapper
	ObjEventTrigger
	ObjStatistics
	ObjProcedure
	ObjRoutine
	ObjLargeObject
	ObjAccessMethod
	ObjConversion
	ObjTextSearch
	ObjTransform
	ObjOperatorClass
	ObjOperatorFamily
	ObjUserMapping
	ObjDomainConstraint
	ObjSink
	ObjConnection
)

// Drop is DROP kind name, ….
type Drop struct {
	Kind         ObjectKind
	Names        []Name
	IfExists     bool
	Cascade      bool
	Concurrently bool
	Force        bool // DROP DATABASE … WITH (FORCE)
	Pos          Pos
}

// Comment is COMMENT ON kind name IS text.
type Comment struct {
	Kind  ObjectKind
	Name  Name
	Sub   string  // the column or constraint
	Text  *string // nil is NULL
	Table Name    // of a constraint, trigger, rule or policy
	Pos   Pos
}

// Rename is ALTER kind name RENAME [COLUMN a | CONSTRAINT a] TO b.
type Rename struct {
	Kind     ObjectKind // ObjTable, ObjView, ObjMatView, ObjIndex, ObjSequence, ObjSchema, ObjType, ObjDomain, ObjStream, ObjColumn, ObjConstraint, …
	Relation ObjectKind // for ObjColumn and ObjConstraint: what Name is
	Name     Name
	Sub      string // the column, constraint or attribute
	NewName  string
	IfExists bool
	Only     bool
	Pos      Pos
}

// SetSchema is ALTER kind name SET SCHEMA s.
type SetSchema struct {
	Kind      ObjectKind
	Name      Name
	NewSchema string
	IfExists  bool
	Pos       Pos
}

// ChangeOwner is ALTER kind name OWNER TO role.
type ChangeOwner struct {
	Kind     ObjectKind
	Name     Name
	Role     string
	IfExists bool
	Pos      Pos
}

// AlterKind is one action of ALTER TABLE.
type AlterKind uint8

// The actions of ALTER TABLE.
const (
	AlterAddColumn AlterKind = iota
	AlterDropColumn
	AlterColumnType
	AlterSetDefault
	AlterDropDefault
	AlterSetNotNull
	AlterDropNotNull
	AlterAddConstraint
	AlterDropConstraint
	AlterValidateConstraint
	AlterConstraint // of the foreign key Name: Deferrable and InitiallyDeferred of Constraint
	AlterAddIdentity
	AlterSetIdentity
	AlterDropIdentity
	AlterDropExpression
	AlterSetStatistics
	AlterSetStorage
	AlterSetOptions      // SET (…)
	AlterResetOptions    // RESET (…)
	AlterColumnOptions   // ALTER COLUMN SET (…); RESET (…) if Text is "reset"
	AlterReplicaIdentity // Text: default, full, nothing, or index Name
	AlterCluster         // CLUSTER ON Name; SET WITHOUT CLUSTER if it is ""
	AlterTrigger         // Text TRIGGER Name: Text is ENABLE, DISABLE, …; Name is "" for All and User
	AlterRule            // Text RULE Name, as AlterTrigger
	AlterInherit         // INHERIT Parent
	AlterNoInherit       // NO INHERIT Parent
	AlterRowSecurity     // Text ROW LEVEL SECURITY: ENABLE, DISABLE, FORCE or NO FORCE
	AlterOther           // refused by name: Text
)

// AlterAction is one action of ALTER TABLE.
type AlterAction struct {
	Kind       AlterKind
	Column     Ident
	Def        *ColumnDef  // AlterAddColumn
	Type       *TypeName   // AlterColumnType
	Using      Expr        // AlterColumnType USING; AlterSetDefault value
	Constraint *Constraint // AlterAddConstraint, AlterConstraint, AlterAddIdentity
	Name       string      // AlterDropConstraint, AlterValidateConstraint, AlterConstraint
	SeqOpts    []SeqOption // AlterSetIdentity
	Always     *bool       // AlterSetIdentity SET GENERATED …
	Options    []Option
	IfExists   bool // DROP … IF EXISTS, ADD COLUMN IF NOT EXISTS
	Cascade    bool
	All, User  bool // AlterTrigger
	Parent     *Name
	Text       string
	Pos        Pos
}

// AlterTable is ALTER TABLE (or VIEW, MATERIALIZED VIEW, STREAM, INDEX) with
// actions.
type AlterTable struct {
	Kind     ObjectKind
	Table    TableRef
	IfExists bool
	Actions  []AlterAction
	Pos      Pos
}

// AlterDomain is ALTER DOMAIN name action (the actions of AlterAction that fit).
type AlterDomain struct {
	Name   Name
	Action AlterAction
	Pos    Pos
}

// AlterType is ALTER TYPE name ADD/DROP/ALTER ATTRIBUTE.
type AlterType struct {
	Name    Name
	Actions []AlterAction
	Pos     Pos
}

// CreateDatabase is CREATE DATABASE. An option whose Value is nil is DEFAULT.
type CreateDatabase struct {
	Name    string
	Options []Option
	Pos     Pos
}

// AlterDatabase is ALTER DATABASE name options, or ALTER DATABASE name SET x.
type AlterDatabase struct {
	Name    string
	Options []Option
	Set     *SetVar
	Pos     Pos
}

// CreateRole is CREATE ROLE or USER; AlterRole its ALTER.
type CreateRole struct {
	Name    string
	User    bool // CREATE USER: LOGIN by default
	Options []Option
	Pos     Pos
}

// AlterRole is ALTER ROLE name options, or ALTER ROLE name SET x.
type AlterRole struct {
	Name    string // "" is ALL
	Options []Option
	Set     *SetVar
	Pos     Pos
}

// Grant is GRANT or REVOKE of privileges on objects.
type Grant struct {
	Revoke     bool
	Privileges []string // lower case; empty is ALL
	Columns    [][]string
	Kind       ObjectKind
	AllIn      bool // ALL TABLES IN SCHEMA
	Objects    []Name
	Grantees   []string // "public" for PUBLIC
	Option     bool     // WITH GRANT OPTION, GRANT OPTION FOR
	GrantedBy  string   // "" when not given
	Cascade    bool
	Pos        Pos
}

// GrantRole is GRANT role TO role, and REVOKE.
type GrantRole struct {
	Revoke    bool
	Roles     []string
	Grantees  []string
	Admin     bool
	GrantedBy string // "" when not given
	// Group tells that it was written as ALTER GROUP … ADD or DROP USER.
	Group bool
	Pos   Pos
}

func (*AlterPartition) stmtNode()  {}
func (*CreateSchema) stmtNode()    {}
func (*CreateTable) stmtNode()     {}
func (*CreateTableAs) stmtNode()   {}
func (*CreateView) stmtNode()      {}
func (*CreateMatView) stmtNode()   {}
func (*RefreshMatView) stmtNode()  {}
func (*CreateIndex) stmtNode()     {}
func (*CreateSequence) stmtNode()  {}
func (*AlterSequence) stmtNode()   {}
func (*CreateEnum) stmtNode()      {}
func (*CreateRange) stmtNode()     {}
func (*AlterEnum) stmtNode()       {}
func (*CreateComposite) stmtNode() {}
func (*CreateDomain) stmtNode()    {}
func (*Drop) stmtNode()            {}
func (*Comment) stmtNode()         {}
func (*Rename) stmtNode()          {}
func (*SetSchema) stmtNode()       {}
func (*ChangeOwner) stmtNode()     {}
func (*AlterTable) stmtNode()      {}
func (*AlterDomain) stmtNode()     {}
func (*AlterType) stmtNode()       {}
func (*CreateDatabase) stmtNode()  {}
func (*AlterDatabase) stmtNode()   {}
func (*CreateRole) stmtNode()      {}
func (*AlterRole) stmtNode()       {}
func (*Grant) stmtNode()           {}
func (*GrantRole) stmtNode()       {}
