package ast

// Override is INSERT's OVERRIDING clause.
type Override uint8

// The OVERRIDING clauses.
const (
	OverrideNone Override = iota
	OverrideUser
	OverrideSystem
)

// Insert is INSERT INTO t (columns) query.
type Insert struct {
	With       *With
	Target     TableRef
	Columns    []InsertColumn
	Overriding Override
	Query      *Select // nil for DEFAULT VALUES
	OnConflict *OnConflict
	Returning  []Target
	Pos        Pos
}

// InsertColumn is a target column of INSERT with its subscripts or fields.
type InsertColumn struct {
	Name Ident
	// Path holds what follows the name: each a Subscript or a field name.
	Path []PathStep
}

// PathStep is .field or [subscript] in an assignment target.
type PathStep struct {
	Field string // "" when Sub is set
	Sub   *Subscript
}

// OnConflict is INSERT's ON CONFLICT clause.
type OnConflict struct {
	// The arbiter: columns or expressions with a predicate, or a constraint.
	Keys       []IndexElem
	KeyWhere   Expr
	Constraint string
	KeysPos    Pos // of the parenthesis before Keys, or of ON CONSTRAINT
	DoUpdate   bool
	Set        []SetClause
	Where      Expr
	Pos        Pos
}

// SetClause is col = expr, or (a, b) = row of UPDATE and DO UPDATE.
type SetClause struct {
	Targets []InsertColumn // one, unless Multi
	Multi   bool           // (a, b) = …
	Value   Expr           // for Multi: a RowExpr, a SubLink or a DefaultExpr row
	Pos     Pos
}

// Update is UPDATE t SET … FROM … WHERE ….
type Update struct {
	With      *With
	Target    TableRef
	Set       []SetClause
	From      []TableExpr
	Where     Expr
	CurrentOf string // WHERE CURRENT OF cursor
	Returning []Target
	Pos       Pos
}

// Delete is DELETE FROM t USING … WHERE ….
type Delete struct {
	With      *With
	Target    TableRef
	Using     []TableExpr
	Where     Expr
	CurrentOf string
	Returning []Target
	Pos       Pos
}

// Truncate is TRUNCATE t, ….
type Truncate struct {
	Tables          []TableRef
	RestartIdentity bool
	Cascade         bool
	Pos             Pos
}

// Copy is COPY in any direction.
type Copy struct {
	// Table with Columns, or Query (a *Select, *Insert, *Update, *Delete or
	// *Subscribe).
	Table    *Name
	Columns  []Ident
	Query    Stmt
	From     bool   // COPY … FROM; else TO
	Filename string // "" is STDIN or STDOUT
	Program  bool
	Options  []Option
	Where    Expr
	Pos      Pos
}

// Option is one entry of a WITH (…) list: name [= value]. Value is a Literal,
// a ColumnRef for a bare word, a ParamRef, a RowExpr for a list, or nil.
type Option struct {
	Name  string
	Value Expr
	List  []string // force_quote (a, b): the names; Star for *
	Star  bool
	Pos   Pos
}

func (*Insert) stmtNode()   {}
func (*Update) stmtNode()   {}
func (*Delete) stmtNode()   {}
func (*Truncate) stmtNode() {}
func (*Copy) stmtNode()     {}
