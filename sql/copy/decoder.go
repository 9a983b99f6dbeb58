package copy

import (
	"fmt"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Target is what COPY FROM reads into.
type Target struct {
	Table   string // for messages
	Columns []Column
	// Exists tells whether the table has a column that is not among Columns; nil:
	// it has none.
	Exists func(name string) bool
}

// Decoder turns the bytes of a COPY into batches:
//
//	for each piece of input, until its end {
//		d.Feed(piece)                       // or d.End() at the end
//		for full := true; full; {
//			full, err = d.Fill(batch, nil)
//			…                               // batch is full: use it, go on with another
//		}
//	}
//	…                                       // use what the last batch holds
//
// A batch belongs to the caller, who may hand it to another goroutine when it
// is full and go on with another one. Strings in it are never written again.
// After an error, a batch holds the rows before the one that failed, and the
// decoder is of no more use.
type Decoder struct {
	opts   *Options
	table  string
	target Target
	env    *types.Env
	format Format
	cols   []column
	kinds  []types.Kind
	arena  arena

	// The text formats.
	csv                  bool
	delim, quote, escape byte
	null                 string
	special              [256]bool // bytes that end a plain piece of a field
	marks                [2]uint64 // those of them that are no control characters, eight times each
	exactOnly            bool      // the options leave no plain rows
	utc                  bool      // a timestamp without offset is UTC
	dates                dateCache
	lineEnd              eolKind
	eol                  byte // the first byte of a line end, for the fast way
	scanState            lineScan
	fields               fields
	header               bool // the header line is still to come
	marker               bool // the end marker has been seen

	// The binary format.
	bin binaryState

	src   []byte // what is left of the piece that was fed, lent
	carry []byte // the begin of a line (or row) whose end has not come
	rest  []byte // of carry, behind the line that is being taken
	eof   bool
	done  bool
	line  int64 // lines read, as errors count them
	rows  int64
	lines *Lines
}

// NewDecoder makes a decoder. Its errors are of the FORCE options' columns
// (42703, 42P10) and, in the binary format, of types without a binary form
// (42883).
func NewDecoder(o *Options, t Target, env *types.Env) (*Decoder, error) {
	d := &Decoder{
		opts: o, table: t.Table, target: t, env: env, format: o.Format, csv: o.Format == CSV,
		delim: o.Delim, quote: o.Quote, escape: o.Escape, null: o.Null, header: o.Header != NoHeader,
		utc: env.Zone == nil || env.Zone.Name == types.UTC.Name,
	}
	notNull, err := forcedColumns("FORCE_NOT_NULL", o.ForceNotNull, t.Table, t.Columns, t.Exists)
	if err != nil {
		return nil, err
	}
	null, err := forcedColumns("FORCE_NULL", o.ForceNull, t.Table, t.Columns, t.Exists)
	if err != nil {
		return nil, err
	}
	for i, c := range t.Columns {
		if o.Format == Binary && !c.Type.HasBinary() {
			return nil, pgerr.New(pgerr.UndefinedFunction, "no binary input function available for type %s", c.Type.Name)
		}
		col := newColumn(c, env)
		col.forceNotNull, col.forceNull = notNull[i], null[i]
		d.cols = append(d.cols, col)
		d.kinds = append(d.kinds, col.typ.Kind)
	}
	if d.format != Binary {
		d.prepareFast()
	}
	return d, nil
}

// prepareFast sets what the fast way looks up, and finds out whether it may be
// gone at all: a delimiter or a null string that could be part of a number
// would be misread by it.
func (d *Decoder) prepareFast() {
	for _, b := range []byte{d.delim, '\n', '\r', 0} {
		d.special[b] = true
	}
	other := byte('\\')
	if d.csv {
		other = d.quote
	}
	d.special[other] = true
	d.marks = [2]uint64{uint64(d.delim) * eachByte, uint64(other) * eachByte}
	d.exactOnly = len(d.cols) == 0 || inNumber(d.delim) || d.csv && inNumber(d.quote) ||
		d.null != "" && inNumber(d.null[0])
}

// inNumber tells the bytes that numbers, dates and booleans are made of.
func inNumber(b byte) bool {
	switch {
	case b >= '0' && b <= '9', b == '-', b == '+', b == '.', b == ':', b == ' ', b == 'T', b == 'Z', b == 't', b == 'f', b >= utf8Byte:
		return true
	}
	return false
}

const utf8Byte = 0x80

// Rows tells how many rows have been decoded.
func (d *Decoder) Rows() int64 { return d.rows }

// Feed gives the decoder the next bytes. They are lent until Fill has used them
// up, which it says by not filling a batch.
func (d *Decoder) Feed(piece []byte) {
	if !d.done {
		d.src = piece
	}
}

// End says that no more bytes will come.
func (d *Decoder) End() { d.eof = true }

// Fill appends rows to b until it holds vec.Size or the bytes are used up; full
// says that it was the former, and Fill is to be called with another batch. An
// empty b is made ready for the columns. Lines, if given, learns where the rows
// stood.
func (d *Decoder) Fill(b *vec.Batch, lines *Lines) (full bool, err error) {
	d.attach(b, lines)
	row := b.N
	if d.format == Binary {
		row, err = d.fillBinary(row)
	} else {
		row, err = d.fillText(row)
	}
	d.rows += int64(row - b.N)
	b.N = row
	for i := range d.cols {
		d.cols[i].detach(row)
	}
	d.lines = nil
	return err == nil && row == vec.Size, err
}

func (d *Decoder) attach(b *vec.Batch, lines *Lines) {
	if b.N == 0 {
		b.Sel, b.Weights = nil, nil
		if cap(b.Cols) < len(d.cols) {
			b.Cols = make([]vec.Vec, len(d.cols))
		}
		b.Cols = b.Cols[:len(d.cols)]
		for i := range b.Cols {
			b.Cols[i].Kind = d.kinds[i]
		}
	}
	for i := range d.cols {
		d.cols[i].attach(&b.Cols[i], b.N)
	}
	d.lines = lines
	if lines != nil && b.N == 0 {
		lines.reset(d.table)
	}
}

// Where is the context of an error that has come from outside while more input
// was waited for: COPY t, line 3.
func (d *Decoder) Where() string {
	return fmt.Sprintf("COPY %s, line %d", d.table, d.line+1)
}
