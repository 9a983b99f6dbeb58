// Package plpgsql reads the bodies of functions written in PL/pgSQL: text in, a tree
// of statements out. SQL within it stays text (Expr), which whoever runs the function
// plans; what names mean is told by the Scope that the text stands in.
//
// Errors are *pgerr.Error with PostgreSQL's wording; a place counts from the start of
// the body.
package plpgsql

import "github.com/streamsqld/streamsqld/sql/ast"

// Function is a parsed body.
type Function struct {
	Body *Block
	// Vars are all variables, by number: the parameters that were given come first.
	Vars     []*Var
	Conflict Conflict
	Found    int // the number of FOUND
	Exprs    int // how many expressions there are
}

// Conflict says what a name means that may be a variable or a column.
type Conflict uint8

// The values of #variable_conflict.
const (
	ConflictError Conflict = iota
	UseVariable
	UseColumn
)

// VarKind is the kind of a variable.
type VarKind uint8

// The kinds of variable.
const (
	Scalar  VarKind = iota // also composite ones: the type tells
	Record                 // RECORD: each value brings its own type
	RowType                // table%ROWTYPE
	Cursor                 // bound or REFCURSOR
)

// Var is a variable. Type is nil for RECORD and for those whose type the engine knows
// (parameters, FOUND, TG_*).
type Var struct {
	Name    string
	Kind    VarKind
	Type    *ast.TypeName
	TypePos int32
	Const   bool
	NotNull bool
	Default *Expr
	Line    int
	Number  int
	// Like is the variable whose type it has; nil: Type tells.
	Like *Var
	// LikeDims are the dimensions of an array of that type.
	LikeDims int
	// Of a bound cursor: its query and parameters.
	Query      *Expr
	CursorArgs []*Var
	NoScroll   bool
	Scroll     bool
}

// Expr is an expression or a statement in SQL as it stands in the body. Prefix is what
// makes an expression a statement ("SELECT "): it is part of Text.
type Expr struct {
	Text   string
	Prefix int   // bytes of Text before what the user wrote
	Pos    int32 // of what the user wrote, in the body
	Scope  *Scope
	// seen is how many names of the scope there are where it stands.
	seen int
	// ID numbers the expressions of a function.
	ID int
	// Perform: it is a PERFORM, whose SELECT is its own.
	Perform bool
	// Shown is how errors show an assignment, target and all, ShownAt where the
	// expression begins in it; "": it is no assignment.
	Shown   string
	ShownAt int
}

// Source is what the user wrote.
func (e *Expr) Source() string { return e.Text[e.Prefix:] }

// Target is what a value is assigned to: a variable, a field of one, or an element.
type Target struct {
	Var   int
	Field []string
	// Subs are subscripts, behind the fields.
	Subs []Subscript
	Text string
	Pos  int32
}

// Subscript is [at] or, with Slice, [at:to].
type Subscript struct {
	At, To *Expr
	Slice  bool
}

// Stmt is a statement; At tells its line.
type Stmt interface{ At() int }

// Line is the line that a statement begins at.
type Line int

// At implements Stmt.
func (l Line) At() int { return int(l) }

// The statements.
type (
	// Block is [DECLARE …] BEGIN … [EXCEPTION …] END.
	Block struct {
		Line
		Label    string
		Vars     []*Var // declared here, to be initialized
		Body     []Stmt
		Handlers []Handler
		Protects bool // there is an EXCEPTION clause
		State    int  // SQLSTATE's variable
		Message  int  // SQLERRM's
	}
	// Handler is WHEN condition OR … THEN. A code may be a class (of 000).
	Handler struct {
		Codes  []string
		Others bool
		Body   []Stmt
	}
	// Assign is target := value.
	Assign struct {
		Line
		To    Target
		Value *Expr
	}
	// If is IF … ELSIF … ELSE … END IF.
	If struct {
		Line
		Conds []*Expr
		Thens [][]Stmt
		Else  []Stmt
	}
	// Case is CASE; Operand's value is in variable Var. An arm's Cond is a comparison
	// with it already.
	Case struct {
		Line
		Operand *Expr
		Var     int
		Conds   []*Expr
		Thens   [][]Stmt
		Else    []Stmt
		HasElse bool
	}
	// Loop is LOOP, or WHILE with Cond.
	Loop struct {
		Line
		Label string
		Cond  *Expr
		Body  []Stmt
	}
	// ForInt is FOR i IN [REVERSE] a..b [BY c].
	ForInt struct {
		Line
		Label          string
		Var            int
		From, To, Step *Expr
		Reverse        bool
		Body           []Stmt
	}
	// ForQuery is FOR target IN query or EXECUTE string.
	ForQuery struct {
		Line
		Label   string
		Into    []Target
		Query   *Expr
		Execute bool
		Using   []*Expr
		Body    []Stmt
	}
	// ForCursor is FOR record IN cursor.
	ForCursor struct {
		Line
		Label  string
		Rec    int
		Cursor int
		Args   []*Expr
		Body   []Stmt
	}
	// ForEach is FOREACH target [SLICE n] IN ARRAY value.
	ForEach struct {
		Line
		Label string
		Into  []Target
		Slice int
		Array *Expr
		Body  []Stmt
	}
	// Exit is EXIT and CONTINUE.
	Exit struct {
		Line
		Continue bool
		Label    string
		Cond     *Expr
	}
	// Return is RETURN.
	Return struct {
		Line
		Value *Expr
	}
	// ReturnNext is RETURN NEXT.
	ReturnNext struct {
		Line
		Value *Expr
	}
	// ReturnQuery is RETURN QUERY [EXECUTE].
	ReturnQuery struct {
		Line
		Query   *Expr
		Execute bool
		Using   []*Expr
	}
	// SQL is a statement in SQL, PERFORM among them.
	SQL struct {
		Line
		Stmt    *Expr
		Into    []Target
		HasInto bool
		Strict  bool
		Perform bool
		Word    string // the first key word, in lower case
	}
	// Execute is EXECUTE string.
	Execute struct {
		Line
		Query   *Expr
		Into    []Target
		HasInto bool
		Strict  bool
		Using   []*Expr
	}
	// Call is CALL or DO.
	Call struct {
		Line
		Stmt *Expr
		Do   bool
	}
	// Raise is RAISE; Level is that of pgerr, "" to raise an error again.
	Raise struct {
		Line
		Level     string
		Again     bool
		Format    string
		HasFormat bool
		Condition string
		Args      []*Expr
		Options   []RaiseOption
	}
	// RaiseOption is one of USING.
	RaiseOption struct {
		Name  string
		Value *Expr
	}
	// Assert is ASSERT.
	Assert struct {
		Line
		Cond, Message *Expr
	}
	// Diagnostics is GET [STACKED] DIAGNOSTICS.
	Diagnostics struct {
		Line
		Stacked bool
		Items   []DiagItem
	}
	// DiagItem is target = name.
	DiagItem struct {
		To   Target
		Name string
	}
	// Open is OPEN.
	Open struct {
		Line
		Cursor   int
		Query    *Expr // nil: a bound cursor
		Execute  bool
		Using    []*Expr
		Args     []*Expr
		NoScroll bool
		Scroll   bool
	}
	// Fetch is FETCH and MOVE.
	Fetch struct {
		Line
		Cursor int
		Move   bool
		Dir    ast.FetchDir
		Count  int64
		// CountExpr is a count that is no constant.
		CountExpr *Expr
		Into      []Target
	}
	// Close is CLOSE.
	Close struct {
		Line
		Cursor int
	}
	// Null is NULL.
	Null struct{ Line }
	// End is COMMIT or ROLLBACK.
	End struct {
		Line
		Commit, Chain bool
	}
)

// Scope is what names mean in a block: its variables and label, then those around.
type Scope struct {
	Outer *Scope
	Label string
	Loop  bool
	// Block tells scopes of blocks and of functions from those of loops.
	vars  []*Var
	names []string // those that vars are known by, an alias among them
}

// Find resolves the first one or two parts of a name: the variable, and how many
// parts name it. nil: none.
func (s *Scope) Find(parts []string) (v *Var, used int) { return s.find(parts, len(s.names)) }

// Find resolves a name where the expression stands: what is declared behind it is not
// there yet.
func (e *Expr) Find(parts []string) (v *Var, used int) { return e.Scope.find(parts, e.seen) }

// find looks at the first n names of the innermost scope.
func (s *Scope) find(parts []string, n int) (v *Var, used int) {
	inner := Scope{Outer: s.Outer, Label: s.Label, vars: s.vars[:n], names: s.names[:n]}
	for s = &inner; s != nil; s = s.Outer {
		if v := s.local(parts[0]); v != nil {
			return v, 1
		}
		if len(parts) > 1 && s.Label != "" && s.Label == parts[0] {
			if v := s.local(parts[1]); v != nil {
				return v, 2
			}
		}
	}
	return nil, 0
}

func (s *Scope) local(name string) *Var {
	for i := len(s.names) - 1; i >= 0; i-- {
		if s.names[i] == name {
			return s.vars[i]
		}
	}
	return nil
}

func (s *Scope) add(name string, v *Var) {
	s.names, s.vars = append(s.names, name), append(s.vars, v)
}

// label finds a label: whether there is one, and whether it is a loop's.
func (s *Scope) label(name string) (found, loop bool) {
	for ; s != nil; s = s.Outer {
		if s.Label == name {
			return true, s.Loop
		}
	}
	return false, false
}

func (s *Scope) inLoop() bool {
	for ; s != nil; s = s.Outer {
		if s.Loop {
			return true
		}
	}
	return false
}
