package plan

import (
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ColID identifies a column within one query.
type ColID int32

// Expr is a typed expression. Expressions are immutable: rules build new ones.
type Expr interface {
	// Type is the result type, Mod its modifier (-1 for none).
	Type() *types.Type
	Mod() int32
	// Children gives the operands in order; WithChildren the same expression over
	// others (as many, of the same types).
	Children() []Expr
	WithChildren(c []Expr) Expr
}

// Col reads a column.
type Col struct {
	ID     ColID
	Typ    *types.Type
	TypMod int32
	Pos    int32 // where it was written, for errors of the binder; -1 unknown
}

// Const is a constant.
type Const struct {
	Val    types.Datum
	Typ    *types.Type
	TypMod int32
}

// Param is $N, 1-based.
type Param struct {
	N   int
	Typ *types.Type
}

// Call calls a scalar function.
type Call struct {
	Fn       *funcs.Func
	Args     []Expr
	Ret      *types.Type
	RetMod   int32
	Variadic bool // the last argument was given as VARIADIC array
	// Op is the operator it was written as, "" for a function; Cast marks a
	// cast, 'i' implicit (not shown) or 'e' explicit.
	Op   string
	Cast byte
	// Columns is the column definition list of a function returning record.
	Columns []funcs.OutColumn
	Pos     int32
}

// And and Or are conjunction and disjunction of two or more operands.
type And struct{ Args []Expr }

// Or is disjunction.
type Or struct{ Args []Expr }

// Not is negation.
type Not struct{ X Expr }

// IsNull is x IS NULL for scalars. For row values see RowNull.
type IsNull struct {
	X   Expr
	Not bool
}

// RowNull is x IS [NOT] NULL of a composite value: all fields are (not) NULL.
type RowNull struct {
	X   Expr
	Not bool
}

// BoolTest is x IS [NOT] TRUE/FALSE: the value Want, NULL being neither.
// x IS UNKNOWN is IsNull.
type BoolTest struct {
	X    Expr
	Want bool
	Not  bool
}

// Distinct is l IS [NOT] DISTINCT FROM r; Eq is the equality of the operands'
// type (both have the same after coercion).
type Distinct struct {
	L, R Expr
	Eq   *funcs.Func
	Not  bool
}

// Case is a searched CASE. A simple CASE is one whose conditions compare with
// CaseArg.
type Case struct {
	Whens  []When
	Else   Expr // never nil: a NULL constant when not given
	Typ    *types.Type
	TypMod int32
	// Arg is the operand of a simple CASE, evaluated once; nil otherwise.
	Arg Expr
}

// When is an arm of a Case.
type When struct{ Cond, Then Expr }

// CaseArg is the operand of the innermost simple Case.
type CaseArg struct {
	Typ    *types.Type
	TypMod int32
}

// Coalesce gives its first operand that is not NULL.
type Coalesce struct {
	Args   []Expr
	Typ    *types.Type
	TypMod int32
}

// MinMax is GREATEST or LEAST: NULLs are left out.
type MinMax struct {
	Least  bool
	Args   []Expr
	Typ    *types.Type
	TypMod int32
}

// NullIf gives NULL when Eq(l, r) is true, else l as it was before coercion.
type NullIf struct {
	L, R Expr // as compared
	Eq   *funcs.Func
	X    Expr // the result
}

// ArrayCmp is l OP ANY/ALL (array): Fn over l and the elements.
type ArrayCmp struct {
	Fn    *funcs.Func
	Op    string
	All   bool
	L, R  Expr
	Elem  *types.Type // element type of R
	IsIn  bool        // written as IN (list)
	NotIn bool
	Pos   int32
}

// MakeArray is ARRAY[…]. Multi: the elements are arrays of its own type.
type MakeArray struct {
	Elems []Expr
	Typ   *types.Type
	Multi bool
}

// MakeRow is ROW(…): Typ is record, or a composite type after a cast.
type MakeRow struct {
	Args  []Expr
	Names []string // f1, f2 …, or the columns' names for a whole row
	Typ   *types.Type
}

// Field selects field I of a composite value. Fields is its row type.
type Field struct {
	X      Expr
	I      int
	Name   string
	Typ    *types.Type
	TypMod int32
}

// Sub is one subscript; an index when Slice is false (only Hi is used then).
type Sub struct {
	Slice  bool
	Lo, Hi Expr // nil in a slice: open
}

// Subscript is x[i], x[lo:hi], … . With Assign set it is the array with that
// element or slice replaced (UPDATE t SET a[i] = v).
type Subscript struct {
	X      Expr
	Subs   []Sub
	Assign Expr
	Typ    *types.Type
	TypMod int32
}

// SetField is the composite value X with field I replaced by Val.
type SetField struct {
	X   Expr
	I   int
	Val Expr
}

// Relabel takes a value of one type for one of another with the same
// representation.
type Relabel struct {
	X        Expr
	Typ      *types.Type
	TypMod   int32
	Explicit bool
}

// ViaIO converts by text: the target's input function on the source's output.
type ViaIO struct {
	X        Expr
	Typ      *types.Type
	TypMod   int32
	Explicit bool
	Pos      int32
}

// ArrayCast converts an array element by element: Elem is the conversion of the
// element, which it reads as an Elem-typed CaseArg.
type ArrayCast struct {
	X        Expr
	Elem     Expr
	Typ      *types.Type
	TypMod   int32
	Explicit bool
}

// ToDomain checks a domain's constraints on x. Checks read the value as CaseArg.
type ToDomain struct {
	X   Expr
	Typ *types.Type
	// Schema is the name of the domain's schema, for errors.
	Schema  string
	NotNull bool
	Checks  []DomainCheck
	// Explicit: the user wrote the cast.
	Explicit bool
}

// DomainCheck is one CHECK of a domain.
type DomainCheck struct {
	Name string
	Cond Expr
}

// SubqueryKind is how a Subquery's rows become a value.
type SubqueryKind uint8

// The kinds of Subquery.
const (
	SubExists SubqueryKind = iota
	SubScalar              // the single row's single column; more than one row is 21000
	SubRow                 // the single row as a row: several columns
	SubAny                 // Test is true for any row
	SubAll                 // Test is true for all rows
	SubArray               // the rows' single column as an array
)

// Subquery is a subquery in an expression. It lives until the decorrelation
// rules turn it into joins; what they leave is run per row.
type Subquery struct {
	Kind SubqueryKind
	Plan Node
	// Test compares, for SubAny and SubAll, with the subquery's output columns.
	Test Expr
	Typ  *types.Type
	// TypMod is of the column of a scalar subquery.
	TypMod int32
}

// Grouping is GROUPING(…): bit i (from the left) is set when Args[i], a grouping
// column, is not part of the row's grouping set. It reads the Aggregate's set
// column.
type Grouping struct {
	Args []ColID
	Set  ColID
	// Masks gives the value per grouping set.
	Masks []int64
}

// Type implements Expr.
func (e *Col) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Const) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Param) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Call) Type() *types.Type { return e.Ret }

// Type implements Expr.
func (e *And) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *Or) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *Not) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *IsNull) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *RowNull) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *BoolTest) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *Distinct) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *Case) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *CaseArg) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Coalesce) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *MinMax) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *NullIf) Type() *types.Type { return e.X.Type() }

// Type implements Expr.
func (e *ArrayCmp) Type() *types.Type { return types.TBool }

// Type implements Expr.
func (e *MakeArray) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *MakeRow) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Field) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Subscript) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *SetField) Type() *types.Type { return e.X.Type() }

// Type implements Expr.
func (e *Relabel) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *ViaIO) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *ArrayCast) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *ToDomain) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Subquery) Type() *types.Type { return e.Typ }

// Type implements Expr.
func (e *Grouping) Type() *types.Type { return types.TInt4 }

// Mod implements Expr.
func (e *Col) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *Const) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *Param) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Call) Mod() int32 { return e.RetMod }

// Mod implements Expr.
func (e *And) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Or) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Not) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *IsNull) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *RowNull) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *BoolTest) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Distinct) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Case) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *CaseArg) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *Coalesce) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *MinMax) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *NullIf) Mod() int32 { return e.X.Mod() }

// Mod implements Expr.
func (e *ArrayCmp) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *MakeArray) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *MakeRow) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Field) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *Subscript) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *SetField) Mod() int32 { return e.X.Mod() }

// Mod implements Expr.
func (e *Relabel) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *ViaIO) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *ArrayCast) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *ToDomain) Mod() int32 { return types.NoMod }

// Mod implements Expr.
func (e *Subquery) Mod() int32 { return e.TypMod }

// Mod implements Expr.
func (e *Grouping) Mod() int32 { return types.NoMod }
