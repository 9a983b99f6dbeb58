package copy

import (
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// eolKind is how lines end; the first line decides.
type eolKind uint8

const (
	eolUnknown eolKind = iota
	eolNL
	eolCR
	eolCRNL
)

// lineScan is the state of looking for the end of a line: it can stop where
// the input ends and go on when more has come.
type lineScan struct {
	pos     int // of the next byte to look at, from the line's begin
	inQuote bool
	lastEsc bool
	within  int64   // line ends within quotes so far
	before  eolKind // how lines ended before this one
}

// lineEnd is what a scan finds.
type lineEnd uint8

const (
	needMore  lineEnd = iota // the line is not all there
	lineFound                // a line and its end
	lastLine                 // the end of the input, or the end marker
)

// scanLine looks for the end of the line that b begins with, as PostgreSQL's
// CopyReadLineText does. eof says that nothing comes behind b. It gives the
// length of the line's data and of the line with its end.
func (d *Decoder) scanLine(b []byte, eof bool) (data, whole int, end lineEnd, err error) {
	s := &d.scanState
	escape := d.escape
	if escape == d.quote {
		escape = 0 // a pair of quotes ends a quoted part and begins another: no matter
	}
	for s.pos < len(b) {
		c := b[s.pos]
		if d.csv {
			if c == '\\' || c == '\r' {
				if s.pos+1 >= len(b) && !eof {
					return 0, 0, needMore, nil
				}
			}
			if s.inQuote && c == escape {
				s.lastEsc = !s.lastEsc
			}
			if c == d.quote && !s.lastEsc {
				s.inQuote = !s.inQuote
			}
			if c != escape {
				s.lastEsc = false
			}
			if s.inQuote && (d.lineEnd == eolNL && c == '\n' || d.lineEnd != eolNL && c == '\r') {
				s.within++
			}
		}
		open := !d.csv || !s.inQuote
		switch {
		case c == '\r' && open:
			return d.carriageReturn(b, eof)
		case c == '\n' && open:
			if d.lineEnd == eolCR || d.lineEnd == eolCRNL {
				return 0, 0, 0, d.errLineEnd("newline", `\n`)
			}
			d.lineEnd = eolNL
			return s.pos, s.pos + 1, lineFound, nil
		case c == '\\' && (!d.csv || s.pos == 0):
			data, whole, end, err := d.backslash(b, eof)
			if err != nil || end != lineFound {
				return data, whole, end, err
			}
		}
		s.pos++
	}
	if eof {
		return len(b), len(b), lastLine, nil
	}
	return 0, 0, needMore, nil
}

// carriageReturn judges a carriage return that is not within quotes.
func (d *Decoder) carriageReturn(b []byte, eof bool) (data, whole int, end lineEnd, err error) {
	s := &d.scanState
	if d.lineEnd == eolNL {
		return 0, 0, 0, d.errLineEnd("carriage return", `\r`)
	}
	if d.lineEnd == eolCR {
		return s.pos, s.pos + 1, lineFound, nil
	}
	next, ok, err := peek(b, s.pos+1, eof)
	switch {
	case err != nil || !ok:
		return 0, 0, needMore, err
	case next == '\n':
		d.lineEnd = eolCRNL
		return s.pos, s.pos + 2, lineFound, nil
	case d.lineEnd == eolCRNL:
		return 0, 0, 0, d.errLineEnd("carriage return", `\r`)
	}
	d.lineEnd = eolCR
	return s.pos, s.pos + 1, lineFound, nil
}

// peek looks ahead at b[i], which is 0 at the end of the input; ok is false
// when more has to come first. What is no text is an error even where it is
// only looked at.
func peek(b []byte, i int, eof bool) (c byte, ok bool, err error) {
	switch {
	case i >= len(b):
		return 0, eof, nil
	case b[i] != 0 && b[i] < utf8.RuneSelf:
		return b[i], true, nil
	case !eof && !utf8.FullRune(b[i:]):
		return 0, false, nil
	case b[i] != 0 && utf8.Valid(b[i:min(len(b), i+runeLen(b[i:]))]):
		return b[i], true, nil
	}
	return 0, false, types.CheckUTF8(string(b[i:min(len(b), i+utf8.UTFMax)]))
}

func runeLen(b []byte) int {
	_, n := utf8.DecodeRune(b)
	return n
}

func (d *Decoder) errLineEnd(what, escape string) error {
	if d.csv {
		return pgerr.New(pgerr.BadCopyFileFormat, "unquoted %s found in data", what).
			WithHint("Use quoted CSV field to represent %s.", what)
	}
	return pgerr.New(pgerr.BadCopyFileFormat, "literal %s found in data", what).
		WithHint("Use \"%s\" to represent %s.", escape, what)
}

var (
	errMarkerStyle   = pgerr.New(pgerr.BadCopyFileFormat, "end-of-copy marker does not match previous newline style")
	errMarkerCorrupt = pgerr.New(pgerr.BadCopyFileFormat, "end-of-copy marker corrupt")
)

// backslash judges a backslash: with a point and a line end behind it, it is
// the end of the data. lineFound means here that it is none; in the text format
// what it escapes is then passed over.
func (d *Decoder) backslash(b []byte, eof bool) (data, whole int, end lineEnd, err error) {
	s := &d.scanState
	c, ok, err := peek(b, s.pos+1, eof)
	switch {
	case err != nil || !ok:
		return 0, 0, needMore, err
	case s.pos+1 >= len(b):
		// Just before the end it is data.
		return len(b), len(b), lastLine, nil
	case c != '.':
		if !d.csv {
			s.pos++
		}
		return 0, 0, lineFound, nil
	}
	next := 2
	if d.lineEnd == eolCRNL {
		c, ok, err := peek(b, s.pos+2, eof)
		switch {
		case err != nil || !ok:
			return 0, 0, needMore, err
		case c == '\r':
			next = 3
		case d.csv:
			return 0, 0, lineFound, nil // a value
		case c == '\n':
			return 0, 0, 0, errMarkerStyle
		default:
			return 0, 0, 0, errMarkerCorrupt
		}
	}
	c, ok, err = peek(b, s.pos+next, eof)
	switch {
	case err != nil || !ok:
		return 0, 0, needMore, err
	case c != '\r' && c != '\n':
		if d.csv {
			return 0, 0, lineFound, nil // a value
		}
		return 0, 0, 0, errMarkerCorrupt
	case d.lineEnd == eolCR && c != '\r', (d.lineEnd == eolNL || d.lineEnd == eolCRNL) && c != '\n':
		return 0, 0, 0, errMarkerStyle
	}
	d.marker = true
	return s.pos, s.pos + next + 1, lastLine, nil
}
