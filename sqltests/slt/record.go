package slt

import "regexp"

// Kind is what a record does.
type Kind int

// The kinds of records.
const (
	// Statement runs SQL and looks at the tags, or at the error.
	Statement Kind = iota
	// Query runs SQL and looks at the rows.
	Query
	// CopyIn runs COPY … FROM STDIN with the data that follows it.
	CopyIn
	// CopyOut runs COPY … TO STDOUT and looks at the data.
	CopyOut
	// Describe prepares SQL and looks at the types of parameters and columns.
	Describe
	// Notifications looks at what LISTEN has brought to the connection.
	Notifications
	// Connection makes the connection of a name the current one.
	Connection
	// Await waits for the background statement of a connection.
	Await
	// Restart ends the server in good order and starts it again.
	Restart
	// Kill ends the server as kill -9 does and starts it again.
	Kill
	// Halt ends the file.
	Halt
	// Threshold sets the number of values from which on a hash stands for them.
	Threshold
	// Sleep waits for a duration.
	Sleep
)

// words are the first words of records.
var words = map[string]Kind{
	"statement": Statement, "query": Query, "copy": CopyIn, "copyout": CopyOut, "describe": Describe,
	"notifications": Notifications, "connection": Connection, "await": Await, "restart": Restart, "kill": Kill,
	"halt": Halt, "hash-threshold": Threshold, "sleep": Sleep,
}

// Sort is the order in which a query's result is compared.
type Sort string

// The orders. Auto, for exact results alone, is NoSort where the statement has
// an ORDER BY outside parentheses, and RowSort elsewhere.
const (
	Auto      Sort = ""
	NoSort    Sort = "nosort"
	RowSort   Sort = "rowsort"
	ValueSort Sort = "valuesort"
)

// Encoding is how the data of COPY stands in a file.
type Encoding string

// The encodings of data: as lines, as lines with Go's escapes, in hexadecimal.
const (
	Plain   Encoding = ""
	Escaped Encoding = "escaped"
	Hex     Encoding = "hex"
)

// Record is one step of a file.
type Record struct {
	Kind Kind
	Line int // of its first word, counted from 1
	// Before is what stands in the file before the record's first word:
	// comments, empty lines and conditions, as they are.
	Before []string

	// Conditions: the servers that skip the record, or that alone run it.
	SkipIf, OnlyIf []string
	// NoView says why the query is not tried as a materialized view.
	NoView string
	// Params, of a Statement or Query: values of $1 …; nil when there are none.
	Params []Cell
	// Simple has the statement sent by the simple protocol, always.
	Simple bool
	// Background lets the statement run on while other connections work; it
	// has to wait for something.
	Background bool

	SQL string

	// Fails says that an error is expected; Code is its SQLSTATE and Message
	// matches its message, where they are given.
	Fails   bool
	Code    string
	Message *regexp.Regexp
	// Types, of a classic query: one letter for each column.
	Types string
	Sort  Sort
	Label string

	Encoding Encoding
	Data     []string // of CopyIn: lines

	// Argument is the name, number or duration that a directive is given.
	Argument string

	// Expect is the block of expected results, from its "----" on; empty when
	// there is none.
	Expect []string
}

// File is a parsed file.
type File struct {
	Name    string
	Records []*Record
	After   []string // lines after the last record
}

// Classic tells whether a query's result is written as sqllogictest does.
func (r *Record) Classic() bool { return r.Kind == Query && r.Types != "" }

// runsOn tells whether a server of that name runs the record.
func (r *Record) runsOn(server string) bool {
	for _, s := range r.SkipIf {
		if s == server {
			return false
		}
	}
	for _, s := range r.OnlyIf {
		if s != server {
			return false
		}
	}
	return true
}
