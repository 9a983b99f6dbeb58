// Package pgerr is the one error type that may reach a client: PostgreSQL's
// error report with its SQLSTATE. An error is born with its code where it is
// found, in PostgreSQL's wording (lower case, no full stop, names in double
// quotes; detail and hint are sentences), and nothing maps it later:
//
//	return pgerr.New(pgerr.UndefinedColumn, "column %q does not exist", name).At(pos)
//
// An error that is not a *pgerr.Error reaches a client as XX000, which is a
// bug wherever it happens.
package pgerr

import (
	"errors"
	"fmt"
)

// Code is a SQLSTATE: five characters.
type Code string

// Severity is the severity of a report, as it goes over the wire.
type Severity string

// The severities.
const (
	SevError   Severity = "ERROR"
	SevFatal   Severity = "FATAL"
	SevPanic   Severity = "PANIC"
	SevWarning Severity = "WARNING"
	SevNotice  Severity = "NOTICE"
	SevInfo    Severity = "INFO"
	SevLog     Severity = "LOG"
	SevDebug   Severity = "DEBUG"
)

// Error is an error or notice report. It is immutable once it is shared; the
// With methods are meant for the expression that creates it and change it in
// place.
type Error struct {
	Severity Severity // "" is SevError
	Code     Code
	Message  string
	Detail   string
	Hint     string
	// Pos is 1 + the byte offset in the query string of the client, 0 when
	// unknown. The protocol layer turns it into a character offset.
	Pos   int32
	Where string // context: "COPY t, line 3, column b: "x""

	Schema, Table, Column, DataType, Constraint string

	// Internal position and query, for errors in texts the user did not send.
	InternalPos   int32
	InternalQuery string

	// Routine is the function of PostgreSQL that reports the error, where drivers
	// tell errors apart by it: "RevalidateCachedQuery" has pgjdbc, asyncpg and Rails
	// prepare their statements anew. "" otherwise.
	Routine string

	cause error
}

// New makes an error of the given code.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: sprintf(format, args)}
}

// Wrap makes an error of the given code that also holds its cause, whose text
// is appended to the message.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: sprintf(format, args) + ": " + cause.Error(), cause: cause}
}

// Notice makes a NOTICE report.
func Notice(code Code, format string, args ...any) *Error {
	return &Error{Severity: SevNotice, Code: code, Message: sprintf(format, args)}
}

// Warning makes a WARNING report.
func Warning(code Code, format string, args ...any) *Error {
	return &Error{Severity: SevWarning, Code: code, Message: sprintf(format, args)}
}

// NotSupported makes the 0A000 error for a construct, named as the subject of
// "… is not supported".
func NotSupported(format string, args ...any) *Error {
	return New(FeatureNotSupported, "%s is not supported", sprintf(format, args))
}

func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Error implements error: the SQLSTATE and the message.
func (e *Error) Error() string {
	s := e.Message + " (SQLSTATE " + string(e.Code) + ")"
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap gives the cause handed to Wrap.
func (e *Error) Unwrap() error { return e.cause }

// At sets the position from a byte offset (ast.Pos); a negative one is
// unknown. A position that is already set stays: the innermost place wins.
func (e *Error) At(offset int32) *Error {
	if e.Pos == 0 && offset >= 0 {
		e.Pos = offset + 1
	}
	return e
}

// Shift moves the position of an error in a part of a text that begins at offset.
func Shift(err error, offset int32) error {
	e, ok := err.(*Error)
	if !ok || e.Pos == 0 {
		return err
	}
	c := *e
	c.Pos += offset
	return &c
}

// WithDetail sets the detail, a sentence.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = sprintf(format, args)
	return e
}

// WithHint sets the hint, a sentence.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = sprintf(format, args)
	return e
}

// WithWhere sets the context.
func (e *Error) WithWhere(format string, args ...any) *Error {
	e.Where = sprintf(format, args)
	return e
}

// WithTable names the table and, unless empty, column and constraint that the
// error is about.
func (e *Error) WithTable(schema, table, column, constraint string) *Error {
	e.Schema, e.Table, e.Column, e.Constraint = schema, table, column, constraint
	return e
}

// From gives the report inside err. An error that carries none is an internal
// one: XX000 with err's text.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: InternalError, Message: err.Error(), cause: err}
}

// CodeOf is the SQLSTATE of err, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return From(err).Code
}

// AtPos returns err with the position set if it is a report without one;
// other errors pass through. The report is copied, as err may be shared.
func AtPos(err error, offset int32) error {
	e, ok := err.(*Error)
	if !ok || e.Pos != 0 || offset < 0 {
		return err
	}
	c := *e
	c.Pos = offset + 1
	return &c
}
