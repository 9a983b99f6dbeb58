package server

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// fatal makes a report that ends the connection.
func fatal(code pgerr.Code, format string, args ...any) *pgerr.Error {
	e := pgerr.New(code, format, args...)
	e.Severity = pgerr.SevFatal
	return e
}

// endsConnection tells whether a report is the last thing a client hears.
func endsConnection(e *pgerr.Error) bool {
	return e.Severity == pgerr.SevFatal || e.Severity == pgerr.SevPanic
}

// appendReport appends an ErrorResponse or NoticeResponse. query is what the
// client sent, for positions: it may be "" where it is plain ASCII or where
// the report has no position. A text that the client's encoding cannot show takes
// the place of an error, as in PostgreSQL; of a notice, it is shown as it can be.
func appendReport(dst []byte, e *pgerr.Error, query string, client *types.Client) []byte {
	position, internal := charPos(query, e.Pos), charPos(e.InternalQuery, e.InternalPos)
	e, lost := shown(e, client)
	if lost {
		position, internal = 0, 0
	}
	severity := e.Severity
	if severity == "" {
		severity = pgerr.SevError
	}
	m := pgproto3.ErrorResponse{
		Severity: string(severity), SeverityUnlocalized: string(severity),
		Code: string(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint,
		Position: position, InternalPosition: internal, InternalQuery: e.InternalQuery,
		Where: e.Where, SchemaName: e.Schema, TableName: e.Table, ColumnName: e.Column,
		DataTypeName: e.DataType, ConstraintName: e.Constraint, Routine: e.Routine,
	}
	var out []byte
	switch severity {
	case pgerr.SevError, pgerr.SevFatal, pgerr.SevPanic:
		out, _ = m.Encode(dst) // fails only above 1 GB
	default:
		out, _ = (*pgproto3.NoticeResponse)(&m).Encode(dst)
	}
	return out
}

// shown gives a report with its texts as the client reads them. lost says that it is
// another, of a text that could not be shown.
func shown(e *pgerr.Error, client *types.Client) (report *pgerr.Error, lost bool) {
	c := *e
	for _, s := range []*string{&c.Message, &c.Detail, &c.Hint, &c.InternalQuery, &c.Where, &c.Schema, &c.Table, &c.Column, &c.DataType, &c.Constraint} {
		t, err := client.ToClient(clean(*s))
		switch {
		case err == nil:
			*s = t
		case isError(e):
			instead := *pgerr.From(err)
			instead.Severity = e.Severity
			return &instead, true
		default:
			*s = asciiOnly(clean(*s))
		}
	}
	return &c, false
}

// isError tells an error from a notice.
func isError(e *pgerr.Error) bool {
	switch e.Severity {
	case "", pgerr.SevError, pgerr.SevFatal, pgerr.SevPanic:
		return true
	}
	return false
}

// asciiOnly makes every other character a question mark.
func asciiOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, s)
}

// charPos turns 1 + a byte offset into 1 + an offset in characters.
func charPos(query string, pos int32) int32 {
	if pos <= 0 || int(pos)-1 > len(query) {
		return pos
	}
	return int32(utf8.RuneCountInString(query[:pos-1])) + 1
}

// clean makes a text fit to be a NUL-terminated UTF-8 field: a client would
// take a NUL for the end of the field and lose the rest of the message.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// plain tells that byte and character offsets in a query are the same.
func plain(query string) bool {
	for i := 0; i < len(query); i++ {
		if query[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// errPanic is what a client hears of a panic in its connection.
func errPanic(v any) *pgerr.Error {
	text := "unexpected failure"
	switch x := v.(type) {
	case error:
		text = x.Error()
	case string:
		text = x
	}
	return fatal(pgerr.InternalError, "internal error: %s", text).
		WithDetail("This is a bug in the server, whose log has the details. The session ends; nothing uncommitted is kept.")
}

// message is what an error says without its code.
func message(err error) string {
	var e *pgerr.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
