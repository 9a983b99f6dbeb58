package copy

import (
	"fmt"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// maxShown is how much of a line or value an error shows
// (MAX_COPY_DATA_DISPLAY).
const maxShown = 100

// Lines tells where the rows of a batch stood in the input, for the contexts of
// errors that are found later: a NULL in a NOT NULL column, a failing CHECK. It
// belongs to one batch and costs a copy of the lines' first bytes.
type Lines struct {
	table string
	text  []byte
	rows  []lineRef
}

type lineRef struct {
	line    int64
	lo, len int // of the text's beginning, and the whole text's length; -1: none
}

func (l *Lines) reset(table string) {
	l.table, l.text, l.rows = table, l.text[:0], l.rows[:0]
}

func (l *Lines) add(line int64, text []byte) {
	l.rows = append(l.rows, lineRef{line: line, lo: len(l.text), len: len(text)})
	l.text = append(l.text, text[:min(len(text), maxShown+utf8.UTFMax)]...)
}

// addBinary is add for rows that cannot be shown.
func (l *Lines) addBinary(line int64) { l.rows = append(l.rows, lineRef{line: line, len: -1}) }

// Pick keeps some of the rows.
func (l *Lines) Pick(rows []int32) {
	kept := make([]lineRef, len(rows))
	for i, row := range rows {
		kept[i] = l.rows[row]
	}
	l.rows = kept
}

// Where is the context of an error in a row of the batch:
// COPY t, line 3: "1,x".
func (l *Lines) Where(row int) string {
	r := l.rows[row]
	if r.len < 0 {
		return fmt.Sprintf("COPY %s, line %d", l.table, r.line)
	}
	text := l.text[r.lo : r.lo+min(r.len, maxShown+utf8.UTFMax)]
	return fmt.Sprintf("COPY %s, line %d: \"%s\"", l.table, r.line, shown(text, r.len))
}

// Line gives a row's line number.
func (l *Lines) Line(row int) int64 { return l.rows[row].line }

// shown clips a text of n bytes, of which b are the first.
func shown(b []byte, n int) string {
	if n <= maxShown {
		return string(b)
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(b[end]) {
		end--
	}
	return string(b[:end]) + "..."
}

// inLine gives an error the context of the line that is being read, before all
// of it is there.
func (d *Decoder) inLine(err error, line int64) error {
	return within(err, fmt.Sprintf("COPY %s, line %d", d.table, line))
}

// atLine gives an error the context of a line as a whole.
func (d *Decoder) atLine(err error, line []byte) error {
	return within(err, fmt.Sprintf("COPY %s, line %d: \"%s\"", d.table, d.line, shown(line, len(line))))
}

// atColumn gives an error the context of a value.
func (d *Decoder) atColumn(err error, c *column, value []byte) error {
	return within(err, fmt.Sprintf("COPY %s, line %d, column %s: \"%s\"", d.table, d.line, c.name, shown(value, len(value))))
}

// within adds a context to an error, outside of those it has.
func within(err error, where string) error {
	e := *pgerr.From(err)
	if e.Where != "" {
		where = e.Where + "\n" + where
	}
	e.Where = where
	return &e
}
