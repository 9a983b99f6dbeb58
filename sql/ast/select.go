package ast

// SetOpKind is which set operation a Select is.
type SetOpKind uint8

// The set operations; SetNone is a plain SELECT or VALUES.
const (
	SetNone SetOpKind = iota
	SetUnion
	SetIntersect
	SetExcept
)

// Select is a query: a plain SELECT, a VALUES list, or a set operation of two
// queries; each may carry WITH, ORDER BY, LIMIT and locking.
type Select struct {
	With *With

	// A set operation; the fields of the plain forms are then unused.
	SetOp SetOpKind
	All   bool
	L, R  *Select

	// VALUES; rows are not empty.
	Values [][]Expr

	// A plain SELECT.
	Distinct      bool   // SELECT DISTINCT
	DistinctOn    []Expr // DISTINCT ON (…); Distinct is set too
	Targets       []Target
	From          []TableExpr // comma list
	Where         Expr
	GroupBy       []GroupItem
	GroupDistinct bool // GROUP BY DISTINCT
	Having        Expr
	Windows       []*WindowDef
	Into          *IntoClause // SELECT INTO, CREATE TABLE AS has its own

	OrderBy  []SortItem
	Limit    Expr // nil: none, or LIMIT ALL
	Offset   Expr
	WithTies bool // FETCH FIRST n ROWS WITH TIES
	LimitPos Pos
	Locking  []LockingClause
	Emit     EmitKind // EMIT … at the end of a continuous view's query
	EmitPos  Pos
	Pos      Pos
}

// EmitKind is the EMIT clause of a continuous view.
type EmitKind uint8

// The EMIT clauses.
const (
	EmitDefault EmitKind = iota
	EmitUpdate
	EmitWindowClose
)

// Target is an item of a select list or of RETURNING.
type Target struct {
	X     Expr
	Alias string // "" when not given
	Pos   Pos
}

// IntoClause is SELECT INTO [TEMP] name.
type IntoClause struct {
	Name    Name
	Temp    bool
	Pos     Pos
	NamePos Pos
}

// With is a WITH clause.
type With struct {
	Recursive bool
	CTEs      []CTE
	Pos       Pos
}

// CTE is one common table expression. Exactly one of Query and DML is set.
type CTE struct {
	Name         Ident
	Columns      []Ident
	Materialized *bool // nil: neither hint given
	Query        *Select
	DML          Stmt // *Insert, *Update or *Delete
	Search       *SearchClause
	Cycle        *CycleClause
}

// SearchClause is SEARCH … FIRST BY … SET … of a recursive query.
type SearchClause struct {
	Depth   bool // DEPTH FIRST; else BREADTH FIRST
	Columns []Ident
	Set     Ident
	Pos     Pos
}

// CycleClause is CYCLE … SET … [TO … DEFAULT …] USING … of a recursive query.
type CycleClause struct {
	Columns []Ident
	Mark    Ident
	// Value and Default are the mark's values; nil: true and false.
	Value, Default Expr
	Path           Ident
	Pos            Pos
}

// GroupKind is the kind of a GROUP BY item.
type GroupKind uint8

// The kinds of GroupItem.
const (
	GroupExpr  GroupKind = iota
	GroupEmpty           // ()
	GroupRollup
	GroupCube
	GroupSets
)

// GroupItem is an item of GROUP BY. In ROLLUP and CUBE each of Sets is an
// element: a GroupExpr, whose X may be a RowExpr for (a, b).
type GroupItem struct {
	Kind GroupKind
	X    Expr
	Sets []GroupItem
	Pos  Pos
}

// LockStrength is FOR UPDATE and its weaker kin.
type LockStrength uint8

// The lock strengths.
const (
	ForKeyShare LockStrength = iota
	ForShare
	ForNoKeyUpdate
	ForUpdate
)

// LockingClause is FOR UPDATE [OF t, …] [NOWAIT | SKIP LOCKED].
type LockingClause struct {
	Strength   LockStrength
	Of         []Name
	NoWait     bool
	SkipLocked bool
	Pos        Pos
}

// Alias is AS name (columns) of a FROM item.
type Alias struct {
	Name    string // "" when no alias is given
	Columns []Ident
	Pos     Pos
}

// Sample is TABLESAMPLE method (args) [REPEATABLE (number)].
type Sample struct {
	Method     Name
	Args       []Expr
	Repeatable Expr // nil when not given
}

// TableRef is a named relation (or a CTE) in FROM.
type TableRef struct {
	Name  Name
	Only  bool // ONLY t
	Alias Alias
	// Temporal is the relation's FOR SYSTEM_TIME AS OF expression, if any.
	Temporal Expr
	Sample   *Sample // nil without TABLESAMPLE
	// AsOf is the commit of SELECT … FROM v AS OF commit, else nil.
	AsOf Expr
	Pos  Pos
}

// SubqueryRef is (SELECT …) AS alias.
type SubqueryRef struct {
	Query   *Select
	Lateral bool
	Alias   Alias
	Pos     Pos
}

// ColumnDef of a function's column definition list: f(…) AS t(a int, b text).
type FuncColumn struct {
	Name Ident
	Type TypeName
}

// FuncRef is f(…) in FROM, or ROWS FROM (f(…), g(…)).
type FuncRef struct {
	Funcs    []FuncItem // one, unless RowsFrom
	RowsFrom bool
	Lateral  bool
	Ordinal  bool // WITH ORDINALITY
	Alias    Alias
	Columns  []FuncColumn // column definition list of the single function
	Pos      Pos
}

// FuncItem is one function of a FuncRef. Call is a FuncCall, or an SQLValue or
// cast-like form that PostgreSQL allows there.
type FuncItem struct {
	Call    Expr
	Columns []FuncColumn
}

// WindowKind is which window table function a WindowRef is.
type WindowKind uint8

// The window table functions.
const (
	WinTumble WindowKind = iota
	WinHop
	WinSession
	WinCumulate
)

// WindowRef is TUMBLE(rel, ts, size [, offset]) and its kin in FROM, in either
// spelling: TABLE(TUMBLE(TABLE rel, DESCRIPTOR(ts), INTERVAL …)) too. Args
// stand in the order of the first spelling.
type WindowRef struct {
	Kind WindowKind
	// Input is the relation or parenthesised query.
	Input TableExpr
	// Time is the event-time column.
	Time *ColumnRef
	// Args: TUMBLE size [, offset]; HOP slide, size [, offset]; SESSION gap;
	// CUMULATE step, size.
	Args        []Expr
	PartitionBy []Expr // SESSION's partition_by => …
	Alias       Alias
	Pos         Pos
}

// JoinKind is the kind of a join.
type JoinKind uint8

// The joins; JoinCross has no condition.
const (
	JoinInner JoinKind = iota
	JoinLeft
	JoinRight
	JoinFull
	JoinCross
	JoinAsof     // ASOF JOIN
	JoinAsofLeft // ASOF LEFT JOIN
)

// JoinExpr is l JOIN r.
type JoinExpr struct {
	Kind       JoinKind
	L, R       TableExpr
	Natural    bool
	Using      []Ident
	UsingAlias string // USING (…) AS alias
	On         Expr
	Alias      Alias // (a JOIN b) AS alias
	Pos        Pos
}

func (*Select) stmtNode() {}

func (*TableRef) tableExprNode()    {}
func (*SubqueryRef) tableExprNode() {}
func (*FuncRef) tableExprNode()     {}
func (*WindowRef) tableExprNode()   {}
func (*JoinExpr) tableExprNode()    {}
