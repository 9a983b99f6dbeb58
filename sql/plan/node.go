package plan

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// Node is a relational operator.
type Node interface {
	// Inputs gives the input nodes in order; SetInput replaces one.
	Inputs() []Node
	SetInput(i int, n Node)
	// Out gives the output columns in order (P2).
	Out() []ColID
	// Exprs gives the node's own expressions; MapExprs replaces each by fn of it.
	Exprs() []Expr
	MapExprs(fn func(Expr) Expr)
}

// ColInfo is what is known of a column wherever it occurs.
type ColInfo struct {
	Name string
	Type *types.Type
	Mod  int32
	// Rel and Attr say which stored column it is, unchanged; 0 for others.
	Rel  catalog.OID
	Attr int16
	// NotNull: no row holds NULL in it where it is made (an outer join may add some).
	NotNull bool
}

// Meta holds the columns of one query.
type Meta struct {
	cols []ColInfo
	// Clock tells that a literal was read by the clock, as 'now'::timestamp is: the
	// plan is of its moment, and the same text means something else later.
	Clock bool
}

// Add makes a new column.
func (m *Meta) Add(c ColInfo) ColID {
	m.cols = append(m.cols, c)
	return ColID(len(m.cols) - 1)
}

// Col gives what is known of a column.
func (m *Meta) Col(id ColID) *ColInfo { return &m.cols[id] }

// Ref makes an expression that reads the column.
func (m *Meta) Ref(id ColID) *Col {
	c := m.Col(id)
	return &Col{ID: id, Typ: c.Type, TypMod: c.Mod, Pos: -1}
}

// Len is the number of columns.
func (m *Meta) Len() int { return len(m.cols) }

// Scan reads a relation: table, stream, materialized view or system relation.
type Scan struct {
	Rel *catalog.Relation
	// Cols are the output columns; Attrs the attribute each reads: 1… a column,
	// 0 the row id, negative a system column (see SysAttr).
	Cols  []ColID
	Attrs []int16
	// Ranges are conditions implied by the filters above, which storage may use to
	// skip blocks; they do not replace the filters.
	Ranges []Range
	// Index is an index look-up chosen by the planner; nil for a full scan.
	Index *IndexScan
	// Lock is set for FOR UPDATE and kin, and for the target of UPDATE and DELETE.
	Lock LockMode
	// Alias is the name in the query, for EXPLAIN.
	Alias string
}

// System attribute numbers, as in PostgreSQL, and ours.
const (
	AttrRowID    int16 = 0
	AttrCtid     int16 = -1
	AttrXmin     int16 = -2
	AttrCmin     int16 = -3
	AttrXmax     int16 = -4
	AttrCmax     int16 = -5
	AttrTableOID int16 = -6
)

// LockMode is how rows that are read are locked.
type LockMode uint8

// The lock modes.
const (
	LockNone LockMode = iota
	LockKeyShare
	LockShare
	LockNoKeyUpdate
	LockUpdate
)

// Range bounds an output column of a Scan: nil is open. Bounds are constants or
// parameters of the column's type, so that they are known when the scan opens.
type Range struct {
	Col            ColID
	Lo, Hi         Expr
	LoOpen, HiOpen bool // the bound itself is excluded
}

// IndexScan says which index to use and for which keys: the first len(Eq) key
// columns are equal to Eq, the next may be bounded. With In, the first key is
// looked up for each element of the array In.
type IndexScan struct {
	Index          *catalog.Relation
	Eq             []Expr
	In             Expr
	Lo, Hi         Expr
	LoOpen, HiOpen bool
	Desc           bool
}

// Values gives constant rows: each has an expression per column.
type Values struct {
	Rows [][]Expr
	Cols []ColID
	// Types are those of Cols; needed where there are no rows to tell them.
	Types []*types.Type
}

// Filter keeps the rows for which all of Preds are true.
type Filter struct {
	In    Node
	Preds []Expr
}

// Project computes columns: output column Cols[i] is Vals[i].
type Project struct {
	In   Node
	Vals []Expr
	Cols []ColID
	// Barrier keeps conditions from above that are not Leakproof off the rows below:
	// they are asked of no row that a filter below drops.
	Barrier bool
}

// FlatMap gives for each input row the rows of its generators, in lock-step
// (the shorter ones padded with NULLs; no row when all are empty, unless Outer):
// the input's columns and those of the generators.
type FlatMap struct {
	In   Node
	Gens []Gen
	// Ordinal, if not -1, numbers the rows of each input row from 1.
	Ordinal ColID
	// Outer keeps an input row without generated rows, padded with NULLs.
	Outer bool
}

// Gen is a generator of rows: a set-returning function, or a window assigner.
type Gen struct {
	Fn       *funcs.Func
	Args     []Expr
	Cols     []ColID
	Types    []*types.Type     // of Cols
	Ret      *types.Type       // what the call gives: a row of known type is taken apart into Cols
	Columns  []funcs.OutColumn // of a function returning record: what it was asked for
	Variadic bool
	// Hop is set, in place of Fn, for HOP and CUMULATE: Args[0] is the time, the
	// columns are window_start and window_end.
	Hop window.Assigner
	// Expr is set, in place of Fn, for a scalar expression in FROM: one row.
	Scalar Expr
	Pos    int32
}

// JoinKind is the kind of a Join or Apply.
type JoinKind uint8

// The kinds of join. Semi and Anti give the left columns only; NullAnti is the
// anti join of NOT IN: a row counts as matched too when the condition is NULL.
const (
	Inner JoinKind = iota
	Left
	Right
	Full
	Semi
	Anti
	NullAnti
	// Single is a left join in which a left row has at most one match; a second
	// one is 21000 (scalar subqueries).
	Single
	// Mark gives every left row once, with a boolean column that tells whether the
	// condition is true for some right row (NULL if it is NULL for some and true
	// for none).
	Mark
)

// Join joins two inputs on the conjunction of On (empty: all pairs).
type Join struct {
	Kind JoinKind
	L, R Node
	On   []Expr
	// MarkCol is the column of a Mark join.
	MarkCol ColID
	// Method and BuildLeft are physical choices: how the join is done, and whether
	// a hash table is built over the left input.
	Method    JoinMethod
	BuildLeft bool
	// Merge (JoinMerge) are columns that conditions make equal and that the inputs are
	// sorted by, ascending, NULLs last.
	Merge []MergeKey
	// Lookups (JoinIndex) is how many rows of the left side may be looked up, fewer where
	// each finds many: were there more, a hash table over all of the right side would cost
	// no more than they did. 0: all are looked up.
	Lookups float64
}

// MergeKey is a column of each side of a join.
type MergeKey struct{ L, R ColID }

// JoinMethod is how a join is done.
type JoinMethod uint8

// The join methods.
const (
	JoinAuto JoinMethod = iota // hash when there is an equality, else nested loop
	JoinHash
	JoinLoop
	JoinMerge // go through both sides in the order of Join.Merge
	JoinIndex // look the right side, a Scan with Index on outer columns, up per left row
)

// Apply is a join whose right side reads columns of the left (a dependent join):
// LATERAL and correlated subqueries. The decorrelation rules turn it into joins;
// what they leave is run per row.
type Apply struct {
	Kind    JoinKind
	L, R    Node
	On      []Expr
	MarkCol ColID
}

// Agg is one aggregate of an Aggregate.
type Agg struct {
	Fn       *funcs.Func
	Args     []Expr // direct arguments of an ordered-set aggregate first
	Distinct bool
	OrderBy  []SortKey // within the aggregate, or of WITHIN GROUP
	Filter   Expr      // nil when there is none
	Col      ColID
	Ret      *types.Type
	Variadic bool
	Pos      int32
	User     *UserAgg // of an aggregate that a user has made
}

// UserAgg is what an aggregate that a user has made does: its functions as expressions
// over columns of their own.
type UserAgg struct {
	// Trans computes the next state over TransCols: the state, and the aggregated
	// arguments. The state begins as Init.
	Trans     Expr
	TransCols []ColID
	Init      types.Datum
	// Strict: Trans is not asked about NULLs, and the first row's argument is the first
	// state if Init is NULL.
	Strict bool
	// Final computes the value over FinalCols: the last state, and the direct arguments;
	// nil: the state is the value.
	Final       Expr
	FinalCols   []ColID
	FinalStrict bool
	// Direct is how many of the arguments are direct ones, Types the types of the
	// arguments, these first.
	Direct int
	Types  []*types.Type
	State  *types.Type
}

// Aggregate groups its input by the columns of Groups. Without Sets there is
// one grouping set, all of Groups; an Aggregate without any group column and
// set gives one row even of no input.
type Aggregate struct {
	In     Node
	Groups []ColID
	Aggs   []Agg
	// Sets are the grouping sets, as positions in Groups; group columns outside a
	// row's set are NULL. SetCol is then a column with the set's number.
	Sets   [][]int
	SetCol ColID
	// GroupOut are the output columns of Groups: the same columns, unless Sets are
	// given (then they may be NULL where the input is not).
	GroupOut []ColID
}

// DistinctRows removes duplicates: rows that agree in On (nil: in all columns).
// With On the input is ordered and the first row stays.
type DistinctRows struct {
	In Node
	On []ColID
}

// SetKind is a set operation.
type SetKind uint8

// The set operations.
const (
	Union SetKind = iota
	Intersect
	Except
)

// SetOp combines inputs of equally typed columns; output column i is column
// InCols[k][i] of input k. UNION may have any number of inputs.
type SetOp struct {
	Kind   SetKind
	All    bool
	Ins    []Node
	InCols [][]ColID
	Cols   []ColID
}

// SortKey is one key of an order. X is a column except within an aggregate.
type SortKey struct {
	X          Expr
	Desc       bool
	NullsFirst bool
}

// Order sorts its input, stably.
type Order struct {
	In   Node
	Keys []SortKey
}

// Limit passes rows Offset … Offset+Count-1. Nil is no limit, no offset. Ties
// goes on while rows equal the last one in the keys of the Order below.
type Limit struct {
	In     Node
	Count  Expr // int8
	Offset Expr // int8
	Ties   []SortKey
	IsTies bool
}

// FrameMode, FrameBound and Exclude mirror the syntax (ast.Frame).
type (
	// FrameMode is ROWS, RANGE or GROUPS.
	FrameMode uint8
	// BoundKind is the kind of a frame bound.
	BoundKind uint8
	// Exclude is the EXCLUDE clause.
	Exclude uint8
)

// The frame modes.
const (
	FrameRange FrameMode = iota
	FrameRows
	FrameGroups
)

// The frame bounds.
const (
	UnboundedPreceding BoundKind = iota
	OffsetPreceding
	CurrentRow
	OffsetFollowing
	UnboundedFollowing
)

// The EXCLUDE clauses.
const (
	ExcludeNone Exclude = iota
	ExcludeCurrent
	ExcludeGroup
	ExcludeTies
)

// Frame is a window frame. InRange is, for RANGE with offsets, the function that
// PostgreSQL calls in_range: whether a value is within an offset of the current one.
type Frame struct {
	Mode         FrameMode
	Start, End   BoundKind
	StartX, EndX Expr
	InRange      *funcs.Func
	Exclude      Exclude
}

// Offsets gives the offsets of the frame's bounds, where they have any.
func (f *Frame) Offsets() []Expr {
	var out []Expr
	for _, e := range []Expr{f.StartX, f.EndX} {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

// WinCall is a window function, or an aggregate over a window.
type WinCall struct {
	Fn       *funcs.Func
	Args     []Expr
	Filter   Expr
	Col      ColID
	Ret      *types.Type
	Frame    Frame
	Variadic bool
	Pos      int32
	User     *UserAgg // of an aggregate that a user has made
}

// Over computes window functions that share partitioning and order: the input's
// columns and one per call.
type Over struct {
	In        Node
	Partition []ColID
	OrderBy   []SortKey
	Calls     []WinCall
}

// Recursive is WITH RECURSIVE: Base, then Step again and again over the rows the
// last round brought (WorkScan with the same ID), until there are none. Output
// column i is BaseCols[i] or StepCols[i].
type Recursive struct {
	ID                 int
	Base, Step         Node
	BaseCols, StepCols []ColID
	All                bool
	Cols               []ColID
}

// WorkScan reads the rows of the last round of the Recursive with that ID; of an
// ID that no Recursive has, rows that whoever runs the plan brings along, for which
// Types are the types of Cols (nil: taken from where they are read) and Name is
// that of the WITH entry they are of, if they are of one.
type WorkScan struct {
	ID    int
	Name  string
	Cols  []ColID
	Types []*types.Type
}

// With computes the common table expression Def once and lets CTEScans with the
// same ID in Body read it.
type With struct {
	ID      int
	Name    string
	Def     Node
	DefCols []ColID
	Body    Node
}

// CTEScan reads a common table expression.
type CTEScan struct {
	ID   int
	Name string
	Cols []ColID
	// Def is the defining node, for estimates; it is not an input.
	Def *With
}

// TimeFilter lets rows in when the clock reaches In and out when it passes Out;
// nil is always in, never out. The clock is the watermark of the inputs (Close)
// or now().
type TimeFilter struct {
	In Node
	// From and Until are columns: a row counts while From <= clock < Until.
	From, Until ColID // -1: none
	Shift       int64 // of the clock, in microseconds: clock + Shift is compared
	// Close: the clock is the watermark (EMIT ON WINDOW CLOSE) of the streams that
	// the bound of Window tells: the column that From grows with, -1: From.
	Close  bool
	Window ColID
}

// Session assigns session windows: rows of a partition whose times are less than
// Gap apart share one. The input's columns and window_start and window_end.
type Session struct {
	In         Node
	Time       ColID
	Gap        int64
	Partition  []ColID
	Start, End ColID
}

// LockRows locks the rows of the relations that the row id columns name, and
// re-checks them.
type LockRows struct {
	In                 Node
	Rels               []LockTarget
	NoWait, SkipLocked bool
}

// LockTarget is one relation of LockRows. Where the rows of several tables come together,
// those are its rows whose TableOID is its own; else TableOID is -1.
type LockTarget struct {
	Scan     *Scan
	RowID    ColID
	TableOID ColID
	Mode     LockMode
}

// Reads lists the columns that tell the rows to lock.
func (n *LockRows) Reads() []ColID {
	var out []ColID
	for _, t := range n.Rels {
		for _, id := range []ColID{t.RowID, t.TableOID} {
			if id >= 0 && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// MaxOne passes its input and fails with 21000 on a second row.
type MaxOne struct{ In Node }
