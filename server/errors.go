package server

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
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
// the report has no position.
func appendReport(dst []byte, e *pgerr.Error, query string) []byte {
	severity := e.Severity
	if severity == "" {
		severity = pgerr.SevError
	}
	m := pgproto3.ErrorResponse{
		Severity: string(severity), SeverityUnlocalized: string(severity),
		Code: string(e.Code), Message: clean(e.Message), Detail: clean(e.Detail), Hint: clean(e.Hint),
		Position:         charPos(query, e.Pos),
		InternalPosition: charPos(e.InternalQuery, e.InternalPos), InternalQuery: clean(e.InternalQuery),
		Where: clean(e.Where), SchemaName: clean(e.Schema), TableName: clean(e.Table), ColumnName: clean(e.Column),
		DataTypeName: clean(e.DataType), ConstraintName: clean(e.Constraint), Routine: e.Routine,
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
