package ast

// TxKind is which transaction statement a Transaction is.
type TxKind uint8

// The transaction statements.
const (
	TxBegin TxKind = iota
	TxStart        // START TRANSACTION (another command tag)
	TxCommit
	TxRollback
	TxSavepoint
	TxRelease
	TxRollbackTo
	TxPrepare // PREPARE TRANSACTION (which is disabled)
	TxCommitPrepared
	TxRollbackPrepared
)

// TxModes are the modes of BEGIN, SET TRANSACTION and SET SESSION
// CHARACTERISTICS. Empty or nil where not given.
type TxModes struct {
	Isolation  string // "read committed", …
	ReadOnly   *bool
	Deferrable *bool
}

// Transaction is BEGIN, COMMIT, SAVEPOINT and their kin.
type Transaction struct {
	Kind  TxKind
	Modes TxModes
	Name  string // savepoint or gid
	Chain bool   // AND CHAIN
	Pos   Pos
}

// SetTransaction is SET TRANSACTION and SET SESSION CHARACTERISTICS.
type SetTransaction struct {
	Session  bool
	Modes    TxModes
	Snapshot string // SET TRANSACTION SNAPSHOT 'id'
	Pos      Pos
}

// SetVar is SET name TO values, SET name TO DEFAULT and RESET.
type SetVar struct {
	Name    string // as written, folded; "" for RESET ALL. "timezone" for SET TIME ZONE
	Local   bool
	Reset   bool // RESET name
	All     bool // RESET ALL
	Default bool // SET name TO DEFAULT
	// Values are Literals, bare words as ColumnRefs, or for SET TIME ZONE an
	// INTERVAL TypeCast.
	Values []Expr
	Pos    Pos
}

// ShowVar is SHOW name, SHOW ALL.
type ShowVar struct {
	Name string // folded; "transaction_isolation" for SHOW TRANSACTION ISOLATION LEVEL
	All  bool
	Pos  Pos
}

// Explain is EXPLAIN [(options)] statement.
type Explain struct {
	Options []Option // analyze, verbose and format also in their old spelling
	Stmt    Stmt
	// Text is the explained statement's source.
	Text string
	Pos  Pos
}

// ExplainView is EXPLAIN ANALYZE MATERIALIZED VIEW name.
type ExplainView struct {
	Name    Name
	Options []Option
	Pos     Pos
}

// CheckView is CHECK MATERIALIZED VIEW name.
type CheckView struct {
	Name Name
	Pos  Pos
}

// Prepare is PREPARE name (types) AS statement.
type Prepare struct {
	Name  string
	Types []TypeName
	Stmt  Stmt
	Text  string // the statement's source
	Pos   Pos
}

// Execute is EXECUTE name (args).
type Execute struct {
	Name string
	Args []Expr
	Pos  Pos
}

// Deallocate is DEALLOCATE [PREPARE] name | ALL.
type Deallocate struct {
	Name string
	All  bool
	Pos  Pos
}

// DeclareCursor is DECLARE name CURSOR FOR query.
type DeclareCursor struct {
	Name        string
	Binary      bool
	Scroll      bool
	NoScroll    bool
	Insensitive bool
	Asensitive  bool
	Hold        bool
	Query       Stmt // *Select or *Subscribe
	Text        string
	Pos         Pos
}

// FetchDir is the direction of FETCH and MOVE.
type FetchDir uint8

// The directions of FETCH and MOVE.
const (
	FetchForward FetchDir = iota
	FetchBackward
	FetchAbsolute
	FetchRelative
)

// FetchAll is the Count of FETCH ALL.
const FetchAll int64 = 1<<63 - 1

// Fetch is FETCH and MOVE.
type Fetch struct {
	Move   bool
	Dir    FetchDir
	Count  int64
	Cursor string
	Pos    Pos
}

// ClosePortal is CLOSE name | ALL.
type ClosePortal struct {
	Name string
	All  bool
	Pos  Pos
}

// Listen is LISTEN channel; Unlisten is UNLISTEN channel | *.
type Listen struct {
	Channel string
	Pos     Pos
}

// Unlisten is UNLISTEN channel | *.
type Unlisten struct {
	Channel string
	All     bool
	Pos     Pos
}

// Notify is NOTIFY channel [, payload].
type Notify struct {
	Channel string
	Payload string
	Pos     Pos
}

// Discard is DISCARD ALL | PLANS | SEQUENCES | TEMP.
type Discard struct {
	What string // "all", "plans", "sequences", "temp"
	Pos  Pos
}

// Analyze is ANALYZE and VACUUM.
type Analyze struct {
	Vacuum  bool
	Verbose bool
	Full    bool // VACUUM FULL
	Analyze bool // VACUUM ANALYZE
	Tables  []AnalyzeTarget
	Options []Option
	Pos     Pos
}

// AnalyzeTarget is a table with optional columns.
type AnalyzeTarget struct {
	Table   TableRef
	Columns []Ident
}

// Lock is LOCK [TABLE] t IN mode MODE [NOWAIT].
type Lock struct {
	Tables []TableRef
	Mode   string // "access share", …
	NoWait bool
	Pos    Pos
}

// SetConstraints is SET CONSTRAINTS … DEFERRED | IMMEDIATE.
type SetConstraints struct {
	All      bool
	Names    []Name
	Deferred bool
	Pos      Pos
}

// Checkpoint is CHECKPOINT.
type Checkpoint struct{ Pos Pos }

// Call is CALL procedure(…).
type Call struct {
	Func *FuncCall
	Pos  Pos
}

// Subscribe is SUBSCRIBE [TO] relation | (query) [WITH (…)].
type Subscribe struct {
	Relation *Name
	Query    *Select
	Options  []Option
	Pos      Pos
}

// Unsupported is a statement that PostgreSQL has and streamsqld refuses by
// name: MERGE, DO, CREATE FUNCTION, ….
type Unsupported struct {
	What string // as it is named in the error: "MERGE", "CREATE FUNCTION"
	Pos  Pos
}

func (*Transaction) stmtNode()    {}
func (*SetTransaction) stmtNode() {}
func (*SetVar) stmtNode()         {}
func (*ShowVar) stmtNode()        {}
func (*Explain) stmtNode()        {}
func (*ExplainView) stmtNode()    {}
func (*CheckView) stmtNode()      {}
func (*Prepare) stmtNode()        {}
func (*Execute) stmtNode()        {}
func (*Deallocate) stmtNode()     {}
func (*DeclareCursor) stmtNode()  {}
func (*Fetch) stmtNode()          {}
func (*ClosePortal) stmtNode()    {}
func (*Listen) stmtNode()         {}
func (*Unlisten) stmtNode()       {}
func (*Notify) stmtNode()         {}
func (*Discard) stmtNode()        {}
func (*Analyze) stmtNode()        {}
func (*Lock) stmtNode()           {}
func (*SetConstraints) stmtNode() {}
func (*Checkpoint) stmtNode()     {}
func (*Call) stmtNode()           {}
func (*Subscribe) stmtNode()      {}
func (*Unsupported) stmtNode()    {}
