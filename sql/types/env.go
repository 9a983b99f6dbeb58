package types

// DateStyle is the output format of dates and timestamps.
type DateStyle uint8

// The date styles.
const (
	DateISO DateStyle = iota
	DateSQL
	DatePostgres
	DateGerman
)

// DateOrder is how ambiguous dates are read and, in the styles that follow it,
// written.
type DateOrder uint8

// The date orders.
const (
	OrderMDY DateOrder = iota
	OrderDMY
	OrderYMD
)

// IntervalStyle is the output format of intervals.
type IntervalStyle uint8

// The interval styles.
const (
	IntervalPostgres IntervalStyle = iota
	IntervalPostgresVerbose
	IntervalSQLStandard
	IntervalISO8601
)

// Env is what the text forms of values depend on besides their types: a
// session's settings and the objects that the reg* types name. An Env is not
// changed while it is in use.
type Env struct {
	Zone             *Zone // nil is UTC
	DateStyle        DateStyle
	DateOrder        DateOrder
	IntervalStyle    IntervalStyle
	ExtraFloatDigits int // PostgreSQL's setting; > 0 is the shortest exact form
	ByteaEscape      bool
	// TextSearch is the default text search configuration; 0 is english.
	TextSearch OID
	// Now is the start of the transaction in microseconds since 2000-01-01 UTC:
	// what 'now', 'today' and their kin mean in input.
	Now int64
	// Names resolves the reg* types; with nil they are read and shown as numbers.
	Names Names
	// Client is the encoding of texts in binary forms, which are made for a client
	// and come from one; nil is UTF8.
	Client *Client
}

// Names resolves names of catalogue objects for the reg* types.
type Names interface {
	// RegIn gives the OID of the object of reg type t that s names, by the
	// session's search path. Its errors are those of PostgreSQL's regclassin and
	// kin (42P01, 42704, 42883).
	RegIn(t *Type, s string) (OID, error)
	// RegOut gives the name that RegIn would understand, quoted and qualified as
	// needed; ok is false when there is no such object.
	RegOut(t *Type, oid OID) (s string, ok bool)
}

// DefaultEnv is the Env of a fresh session: UTC, ISO, MDY.
var DefaultEnv = &Env{ExtraFloatDigits: 1}

func (e *Env) zone() *Zone {
	if e.Zone == nil {
		return UTC
	}
	return e.Zone
}
