package copy

import (
	"bytes"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// maxLine is PostgreSQL's limit for a line.
const maxLine = 1<<30 - 1

// fillText fills rows from row on from a text format; it tells how many there
// are then.
func (d *Decoder) fillText(row int) (int, error) {
	for row < vec.Size && !d.done {
		if len(d.carry) == 0 && len(d.src) > 0 {
			if row = d.goFast(row); row == vec.Size {
				break
			}
		}
		line, end, err := d.nextLine()
		if err != nil || end == needMore {
			return row, err
		}
		row, err = d.takeLine(line, end, row)
		d.carry = append(d.carry[:0], d.rest...)
		d.rest = nil
		if err != nil {
			return row, err
		}
	}
	return row, nil
}

// goFast takes rows from the front of src the fast way, as far as it goes.
func (d *Decoder) goFast(row int) int {
	switch {
	case d.exactOnly || d.header:
		return row
	case d.lineEnd == eolNL:
		d.eol = '\n'
	case d.lineEnd == eolCRNL:
		d.eol = '\r'
	default: // unknown as yet, or bare carriage returns
		return row
	}
	lines := d.src[:bytes.LastIndexByte(d.src, '\n')+1]
	if len(lines) == 0 {
		return row
	}
	used, rows := d.fastRows(lines, row)
	d.src = d.src[used:]
	return rows
}

// nextLine gives the next line, the end of which may be that of the input. It
// is lent until carry or src change.
func (d *Decoder) nextLine() (line []byte, end lineEnd, err error) {
	if len(d.carry) > 0 {
		return d.nextCarried()
	}
	data, whole, end, err := d.scanLine(d.src, d.eof)
	if err == nil && end == needMore {
		d.carry = append(d.carry, d.src...)
		d.src = nil
		return nil, needMore, nil
	}
	if line, err = d.endLine(d.src, data, err); err == nil {
		d.src = d.src[whole:]
	}
	return line, end, err
}

// nextCarried is nextLine where the line's begin is in carry. Its end is looked
// for in growing pieces, so that little is moved where it is near and little is
// moved twice where it is far.
func (d *Decoder) nextCarried() (line []byte, end lineEnd, err error) {
	for src := d.src; ; {
		data, whole, end, err := d.scanLine(d.carry, d.eof && len(d.src) == 0)
		if err != nil || end != needMore {
			if line, err = d.endLine(d.carry, data, err); err == nil {
				// What was taken too much is given back; what had been looked ahead at
				// before this piece came begins the next line.
				taken := len(src) - len(d.src)
				back := min(taken, len(d.carry)-whole)
				d.src = src[taken-back:]
				d.rest = d.carry[whole : len(d.carry)-back]
			}
			return line, end, err
		}
		if len(d.src) == 0 {
			return nil, needMore, nil
		}
		n := min(len(d.src), max(256, len(d.carry)))
		if err := d.checkLength(n); err != nil {
			return nil, 0, err
		}
		d.carry = append(d.carry, d.src[:n]...)
		d.src = d.src[n:]
	}
}

func (d *Decoder) checkLength(more int) error {
	limit := maxLine
	if d.opts.MaxLine > 0 {
		limit = d.opts.MaxLine
	}
	if len(d.carry)+more <= limit {
		return nil
	}
	err := pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").
		WithDetail("Cannot enlarge string buffer containing %d bytes by %d more bytes.", len(d.carry), more)
	return d.inLine(err, d.line+1+d.scanState.within)
}

// endLine ends the scan of a line at the front of b: it counts it and checks
// its encoding.
func (d *Decoder) endLine(b []byte, data int, err error) ([]byte, error) {
	if err != nil {
		// What is no text comes first if it is before what has failed.
		if bad := d.checkText(b[:d.scanState.pos], b); bad != nil {
			return nil, bad
		}
		return nil, d.inLine(err, d.line+1+d.scanState.within)
	}
	line := b[:data]
	if bad := d.checkText(line, b); bad != nil {
		return nil, bad
	}
	d.line += 1 + d.scanState.within
	d.scanState = lineScan{before: d.lineEnd}
	return line, nil
}

// checkText checks the encoding of a line, or of its begin. all is what is
// there from the line's begin on: the error shows some bytes of it.
func (d *Decoder) checkText(b, all []byte) error {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return nil
	}
	// The line number is that of the bad bytes: only the line ends within quotes
	// before them count.
	at := 0
	for at < len(b) && b[at] != 0 {
		r, n := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	d.lineEnd, d.scanState = d.scanState.before, lineScan{}
	d.scanLine(b[:at], false)
	return d.inLine(types.CheckUTF8(string(all[at:min(len(all), at+utf8.UTFMax)])), d.line+1+d.scanState.within)
}

// takeLine makes a row of a line, or takes it for the header.
func (d *Decoder) takeLine(line []byte, end lineEnd, row int) (int, error) {
	if end == lastLine {
		d.done = true
		d.src = nil
		if len(line) == 0 && !d.header {
			return row, nil
		}
	}
	if d.header {
		d.header = false
		return row, d.checkHeader(line)
	}
	if err := d.split(line); err != nil {
		return row, d.atLine(err, line)
	}
	if err := d.takeFields(line, row); err != nil {
		return row, err
	}
	if d.lines != nil {
		d.lines.add(d.line, line)
	}
	return row + 1, nil
}

func (d *Decoder) split(line []byte) error {
	switch {
	case len(d.cols) == 0 && len(line) > 0:
		return errExtraData
	case len(d.cols) == 0:
		d.fields.reset()
		return nil
	case d.csv:
		return d.splitCSV(line)
	}
	return d.splitText(line)
}

var errExtraData = pgerr.New(pgerr.BadCopyFileFormat, "extra data after last expected column")

// takeFields reads the fields of a line into a row.
func (d *Decoder) takeFields(line []byte, row int) error {
	f := &d.fields
	if len(f.list) > len(d.cols) {
		return d.atLine(errExtraData, line)
	}
	for i := range d.cols {
		c := &d.cols[i]
		if i >= len(f.list) {
			return d.atLine(pgerr.New(pgerr.BadCopyFileFormat, "missing data for column \"%s\"", c.name), line)
		}
		value, null := f.bytes(i), f.list[i].null
		switch {
		case null && c.forceNotNull:
			value, null = []byte(d.null), false
		case !null && c.forceNull && string(value) == d.null:
			null = true
		}
		if null {
			c.setNull(row)
			continue
		}
		v, err := d.in(c, value)
		if err != nil {
			return d.atColumn(err, c, value)
		}
		c.set(row, v)
	}
	return nil
}

// checkHeader checks the header line where it has to match.
func (d *Decoder) checkHeader(line []byte) error {
	if d.opts.Header != MatchHeader {
		return nil
	}
	if err := d.split(line); err != nil {
		return d.atLine(err, line)
	}
	f := &d.fields
	if len(f.list) != len(d.cols) {
		return d.atLine(pgerr.New(pgerr.BadCopyFileFormat, "wrong number of fields in header line: got %d, expected %d", len(f.list), len(d.cols)), line)
	}
	for i := range d.cols {
		switch name := d.cols[i].name; {
		case f.list[i].null:
			return d.atLine(pgerr.New(pgerr.BadCopyFileFormat, "column name mismatch in header line field %d: got null value (\"%s\"), expected \"%s\"", i+1, d.null, name), line)
		case string(f.bytes(i)) != name:
			return d.atLine(pgerr.New(pgerr.BadCopyFileFormat, "column name mismatch in header line field %d: got \"%s\", expected \"%s\"", i+1, f.bytes(i), name), line)
		}
	}
	return nil
}
