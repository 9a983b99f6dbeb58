package ast

// ColumnRef is a, t.a, s.t.a, or with Star t.*, s.t.*, *.
type ColumnRef struct {
	Parts []string // without the star
	Star  bool
	Pos   Pos
}

// ParamRef is $n.
type ParamRef struct {
	Number int
	Pos    Pos
}

// LitKind says what kind of literal a Literal is.
type LitKind uint8

// The kinds of literal.
const (
	LitNull    LitKind = iota
	LitBool            // Bool
	LitInteger         // Text: [-] decimal digits of any length; int4, int8 or numeric by size
	LitNumeric         // Text: [-] digits with a point or an exponent
	LitString          // Text: of type unknown until it is coerced
	LitBit             // Text: b101 or x1F, as PostgreSQL keeps them
)

// Literal is a constant as written.
type Literal struct {
	Kind LitKind
	Bool bool
	Text string
	Pos  Pos
}

// TypeCast is x::type, CAST(x AS type), or type 'literal'.
type TypeCast struct {
	X    Expr
	Type TypeName
	Pos  Pos // of ::, CAST, or the type name
}

// CollateClause is x COLLATE name.
type CollateClause struct {
	X         Expr
	Collation Name
	Pos       Pos
}

// BinaryOp is any binary operator, comparison included: l OP r.
type BinaryOp struct {
	Schema string // of OPERATOR(schema.op), else ""
	Op     string
	L, R   Expr
	Pos    Pos // of the operator
}

// UnaryOp is a prefix operator.
type UnaryOp struct {
	Schema string
	Op     string
	X      Expr
	Pos    Pos
}

// BoolOp is the kind of a BoolExpr.
type BoolOp uint8

// The kinds of BoolExpr.
const (
	BoolAnd BoolOp = iota
	BoolOr
	BoolNot
)

// BoolExpr is AND and OR over two or more operands (chains are flat), or NOT.
type BoolExpr struct {
	Op   BoolOp
	Args []Expr
	Pos  Pos
}

// NullTest is x IS [NOT] NULL.
type NullTest struct {
	X   Expr
	Not bool
	Pos Pos
}

// BoolTestKind is what a BooleanTest asks.
type BoolTestKind uint8

// The kinds of BooleanTest.
const (
	IsTrue BoolTestKind = iota
	IsNotTrue
	IsFalse
	IsNotFalse
	IsUnknown
	IsNotUnknown
)

// BooleanTest is x IS [NOT] TRUE | FALSE | UNKNOWN.
type BooleanTest struct {
	Kind BoolTestKind
	X    Expr
	Pos  Pos
}

// DistinctExpr is l IS [NOT] DISTINCT FROM r.
type DistinctExpr struct {
	L, R Expr
	Not  bool // IS NOT DISTINCT FROM
	Pos  Pos
}

// BetweenExpr is x [NOT] BETWEEN [SYMMETRIC] lo AND hi.
type BetweenExpr struct {
	X, Lo, Hi Expr
	Not       bool
	Symmetric bool
	Pos       Pos
}

// InExpr is x [NOT] IN (list). A subquery on the right is a SubLink.
type InExpr struct {
	X    Expr
	List []Expr
	Not  bool
	Pos  Pos
}

// LikeKind is which pattern language a LikeExpr uses.
type LikeKind uint8

// The pattern languages of LikeExpr.
const (
	Like LikeKind = iota
	ILike
	SimilarTo
)

// LikeExpr is x [NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE esc].
type LikeExpr struct {
	Kind       LikeKind
	X, Pattern Expr
	Escape     Expr // nil when not given
	Not        bool
	Pos        Pos
}

// AnyExpr is l OP ANY|SOME|ALL (array). A subquery on the right is a SubLink.
type AnyExpr struct {
	Schema string
	Op     string
	All    bool
	L, R   Expr
	// Like is set when the operator was spelled LIKE, ILIKE (negated or not);
	// Op then holds the operator it stands for (~~, !~~, ~~*, !~~*).
	Like bool
	Pos  Pos
}

// SubLinkKind is how a subquery is used in an expression.
type SubLinkKind uint8

// The kinds of SubLink.
const (
	SubExists SubLinkKind = iota
	SubExpr               // (SELECT …) as a scalar or, in row comparisons and multi-assignment, a row
	SubAny                // Test OP ANY (SELECT …); IN is = ANY
	SubAll                // Test OP ALL (SELECT …); NOT IN is NOT (= ANY)
	SubArray              // ARRAY(SELECT …)
)

// SubLink is a subquery in an expression.
type SubLink struct {
	Kind   SubLinkKind
	Test   Expr // SubAny, SubAll: the left side, which may be a RowExpr
	Schema string
	Op     string // SubAny, SubAll: "=" for IN
	// IsIn is set when the link was spelled IN (so that its column is named
	// and its errors are worded as PostgreSQL does).
	IsIn  bool
	Query *Select
	Pos   Pos
}

// CaseExpr is CASE [arg] WHEN … THEN … [ELSE …] END.
type CaseExpr struct {
	Arg   Expr // nil for the searched form
	Whens []When
	Else  Expr // nil when not given
	Pos   Pos
}

// When is one arm of a CASE.
type When struct {
	Cond, Result Expr
	Pos          Pos
}

// CoalesceExpr is COALESCE(…).
type CoalesceExpr struct {
	Args []Expr
	Pos  Pos
}

// MinMaxExpr is GREATEST(…) or LEAST(…).
type MinMaxExpr struct {
	Least bool
	Args  []Expr
	Pos   Pos
}

// NullIfExpr is NULLIF(l, r).
type NullIfExpr struct {
	L, R Expr
	Pos  Pos
}

// RowExpr is ROW(…) or (a, b, …).
type RowExpr struct {
	Args     []Expr
	Explicit bool // spelled ROW(…)
	Pos      Pos
}

// ArrayExpr is ARRAY[…]; nested brackets are nested ArrayExprs.
type ArrayExpr struct {
	Elems []Expr
	Pos   Pos
}

// Subscript is one [i] or [lo:hi] of an Indirection.
type Subscript struct {
	Slice  bool
	Lo, Hi Expr // for [i] only Hi is set; either may be nil in a slice
}

// SubscriptExpr is x[i], x[lo:hi], x[i][j].
type SubscriptExpr struct {
	X    Expr
	Subs []Subscript
	Pos  Pos
}

// FieldSelect is (x).name, or (x).* when Name is empty.
type FieldSelect struct {
	X    Expr
	Name string // "" is .*
	Pos  Pos
}

// NamedArg is name => value (or name := value) in a function call.
type NamedArg struct {
	Name string
	X    Expr
	Pos  Pos
}

// FuncForm says which special syntax a FuncCall was written in. It matters to
// column naming and to how the statement is shown again.
type FuncForm uint8

// The syntaxes of a FuncCall.
const (
	FuncPlain        FuncForm = iota
	FuncExtract               // EXTRACT(f FROM x) → pg_catalog.extract('f', x)
	FuncOverlay               // OVERLAY(… PLACING … FROM … FOR …)
	FuncPosition              // POSITION(a IN b) → pg_catalog.position(b, a)
	FuncSubstring             // SUBSTRING(x FROM a FOR b), SUBSTRING(x SIMILAR p ESCAPE e)
	FuncTrim                  // TRIM(…) → pg_catalog.btrim/ltrim/rtrim
	FuncNormalize             // NORMALIZE(x, form), x IS NORMALIZED
	FuncOverlaps              // (a, b) OVERLAPS (c, d) → pg_catalog.overlaps(a,b,c,d)
	FuncAtTimeZone            // x AT TIME ZONE z → pg_catalog.timezone(z, x)
	FuncCollationFor          // COLLATION FOR (x) → pg_catalog.pg_collation_for(x)
	FuncTreat                 // TREAT(x AS type)
)

// FuncCall is any function, aggregate or window function call.
type FuncCall struct {
	Name        Name
	Args        []Expr // NamedArg for named notation
	Star        bool   // f(*)
	Distinct    bool   // f(DISTINCT …)
	Variadic    bool   // the last argument is VARIADIC
	OrderBy     []SortItem
	WithinGroup bool // ORDER BY came from WITHIN GROUP
	Filter      Expr // nil when not given
	Over        *WindowDef
	Form        FuncForm
	Pos         Pos
}

// GroupingFunc is GROUPING(…).
type GroupingFunc struct {
	Args []Expr
	Pos  Pos
}

// ValueFunc names the SQL value functions that are written without
// parentheses.
type ValueFunc uint8

// The SQL value functions.
const (
	CurrentDate ValueFunc = iota
	CurrentTime
	CurrentTimestamp
	LocalTime
	LocalTimestamp
	CurrentRole
	CurrentUser
	User
	SessionUser
	CurrentCatalog
	CurrentSchema
)

// SQLValue is CURRENT_DATE, CURRENT_TIMESTAMP(p) and their kin.
type SQLValue struct {
	Func      ValueFunc
	Precision int32 // -1 when not given
	Pos       Pos
}

// DefaultExpr is DEFAULT as a value of INSERT, VALUES and UPDATE.
type DefaultExpr struct{ Pos Pos }

// WindowDef is an OVER clause or an entry of the WINDOW clause.
type WindowDef struct {
	Name      string // the defined name (WINDOW clause), or OVER name
	Ref       string // OVER (name …): the window that is built upon
	Partition []Expr
	OrderBy   []SortItem
	Frame     *Frame // nil: the default frame
	Pos       Pos
}

// FrameMode is the unit of a window frame.
type FrameMode uint8

// The frame modes.
const (
	FrameRange FrameMode = iota
	FrameRows
	FrameGroups
)

// BoundKind is the kind of a frame bound.
type BoundKind uint8

// The frame bounds, in the order they may stand.
const (
	UnboundedPreceding BoundKind = iota
	OffsetPreceding
	CurrentRow
	OffsetFollowing
	UnboundedFollowing
)

// ExcludeKind is a frame's EXCLUDE clause.
type ExcludeKind uint8

// The EXCLUDE clauses.
const (
	ExcludeNoOthers ExcludeKind = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// FrameBound is one end of a frame.
type FrameBound struct {
	Kind   BoundKind
	Offset Expr // OffsetPreceding, OffsetFollowing
}

// Frame is a window frame; a frame given by one bound ends at CURRENT ROW.
type Frame struct {
	Mode       FrameMode
	Start, End FrameBound
	Exclude    ExcludeKind
	Pos        Pos
}

// SortItem is an item of any ORDER BY.
type SortItem struct {
	X          Expr
	Desc       bool
	NullsFirst bool // resolved: NULLS FIRST given, or DESC without NULLS
	// UsingOp is the operator of ORDER BY x USING op, else "".
	UsingSchema, UsingOp string
	Pos                  Pos
}

func (*ColumnRef) exprNode()     {}
func (*ParamRef) exprNode()      {}
func (*Literal) exprNode()       {}
func (*TypeCast) exprNode()      {}
func (*CollateClause) exprNode() {}
func (*BinaryOp) exprNode()      {}
func (*UnaryOp) exprNode()       {}
func (*BoolExpr) exprNode()      {}
func (*NullTest) exprNode()      {}
func (*BooleanTest) exprNode()   {}
func (*DistinctExpr) exprNode()  {}
func (*BetweenExpr) exprNode()   {}
func (*InExpr) exprNode()        {}
func (*LikeExpr) exprNode()      {}
func (*AnyExpr) exprNode()       {}
func (*SubLink) exprNode()       {}
func (*CaseExpr) exprNode()      {}
func (*CoalesceExpr) exprNode()  {}
func (*MinMaxExpr) exprNode()    {}
func (*NullIfExpr) exprNode()    {}
func (*RowExpr) exprNode()       {}
func (*ArrayExpr) exprNode()     {}
func (*SubscriptExpr) exprNode() {}
func (*FieldSelect) exprNode()   {}
func (*NamedArg) exprNode()      {}
func (*FuncCall) exprNode()      {}
func (*GroupingFunc) exprNode()  {}
func (*SQLValue) exprNode()      {}
func (*DefaultExpr) exprNode()   {}

// Position implements Expr.
func (e *ColumnRef) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *ParamRef) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *Literal) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *TypeCast) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *CollateClause) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *BinaryOp) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *UnaryOp) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *BoolExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *NullTest) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *BooleanTest) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *DistinctExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *BetweenExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *InExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *LikeExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *AnyExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *SubLink) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *CaseExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *CoalesceExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *MinMaxExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *NullIfExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *RowExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *ArrayExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *SubscriptExpr) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *FieldSelect) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *NamedArg) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *FuncCall) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *GroupingFunc) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *SQLValue) Position() Pos { return e.Pos }

// Position implements Expr.
func (e *DefaultExpr) Position() Pos { return e.Pos }
