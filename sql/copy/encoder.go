package copy

import (
	"encoding/binary"
	"io"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// Encoder turns batches into the bytes of a COPY. Every Write it makes is one
// row (or the header line): clients take a CopyData message for a row.
//
//	e.Begin(w); for each batch { e.Rows(w, batch) }; e.End(w)
type Encoder struct {
	opts  *Options
	cols  []Column
	types []*types.Type
	env   *types.Env
	// client is the encoding of the rows, nil for UTF8.
	client *types.Client
	quote  []bool // FORCE_QUOTE
	// clean says that a column's values never hold what is escaped or quoted.
	clean []bool
	buf   []byte // the row that is being made
	value []byte // a value that is being escaped
	// inCSV and inText mark the bytes that make a value be quoted or are escaped.
	inCSV, inText [256]bool
	letters       [256]byte // the letter behind the backslash
}

// NewEncoder makes an encoder. table is for messages, "" for a query. Its
// errors are of FORCE_QUOTE's columns (42703, 42P10) and, in the binary format,
// of types without a binary form (42883).
func NewEncoder(o *Options, table string, cols []Column, exists func(string) bool, env *types.Env) (*Encoder, error) {
	forced, err := forcedColumns("FORCE_QUOTE", o.ForceQuote, table, cols, exists)
	if err != nil {
		return nil, err
	}
	e := &Encoder{opts: o, cols: cols, env: env, client: o.Client(env), quote: make([]bool, len(cols))}
	for i, c := range cols {
		if o.Format == Binary && !c.Type.HasBinary() {
			return nil, pgerr.New(pgerr.UndefinedFunction, "no binary output function available for type %s", c.Type.Name)
		}
		e.types = append(e.types, c.Type)
		e.quote[i] = o.ForceQuoteAll || forced[i]
		e.clean = append(e.clean, !e.quote[i] && cleanText(c.Type, o))
	}
	for _, b := range []byte{o.Delim, o.Quote, '\n', '\r'} {
		e.inCSV[b] = true
	}
	for _, x := range []string{"\bb", "\ff", "\nn", "\rr", "\tt", "\vv", `\\`, string([]byte{o.Delim, o.Delim})} {
		// A delimiter that is a control character keeps its letter.
		if !e.inText[x[0]] {
			e.inText[x[0]], e.letters[x[0]] = true, x[1]
		}
	}
	return e, nil
}

// cleanText tells the types whose texts are of digits, letters and the signs of
// numbers and dates, where none of these has a meaning for the format.
func cleanText(t *types.Type, o *Options) bool {
	switch t.OID {
	case types.Int2OID, types.Int4OID, types.Int8OID, types.Float4OID, types.Float8OID, types.NumericOID, types.BoolOID,
		types.DateOID, types.TimestampOID, types.TimestamptzOID, types.UUIDOID:
	default:
		return false
	}
	for _, b := range []byte{o.Delim, o.Quote, o.Escape} {
		// Dates in other styles than ISO have slashes and commas, too.
		if inNumber(b) || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '/' {
			return false
		}
	}
	return o.Null == "" || o.Null == `\N`
}

// Begin writes the header line of the text formats. The binary header goes out
// with the first row, as PostgreSQL sends it.
func (e *Encoder) Begin(w io.Writer) error {
	e.buf = e.buf[:0]
	if e.opts.Format == Binary {
		e.buf = append(e.buf, binarySignature...)
		e.buf = append(e.buf, 0, 0, 0, 0, 0, 0, 0, 0)
		return nil
	}
	if e.opts.Header == NoHeader {
		return nil
	}
	for i, c := range e.cols {
		if i > 0 {
			e.buf = append(e.buf, e.opts.Delim)
		}
		if start := len(e.buf); e.opts.Format == CSV {
			e.buf = append(e.buf, c.Name...)
			e.quoteIfNeeded(start, false)
		} else {
			e.buf = append(e.buf, c.Name...)
			e.escape(start)
		}
	}
	e.buf = append(e.buf, '\n')
	return e.flush(w)
}

// End ends the data.
func (e *Encoder) End(w io.Writer) error {
	if e.opts.Format != Binary {
		return nil
	}
	e.buf = append(e.buf, 0xff, 0xff)
	return e.flush(w)
}

func (e *Encoder) flush(w io.Writer) error {
	if e.client != nil {
		e.buf = e.client.Tail(e.buf, 0)
		if err := e.client.Err(); err != nil {
			return err
		}
	}
	if err := e.env.Client.Err(); err != nil { // of the binary format
		return err
	}
	_, err := w.Write(e.buf)
	e.buf = e.buf[:0]
	return err
}

// Rows writes the rows of a batch.
func (e *Encoder) Rows(w io.Writer, b *vec.Batch) error {
	for i := range b.N {
		p := b.Row(i)
		for range b.Weight(p) {
			switch e.opts.Format {
			case Text:
				e.textRow(b.Cols, p)
			case CSV:
				e.csvRow(b.Cols, p)
			default:
				e.binaryRow(b.Cols, p)
			}
			if err := e.flush(w); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Encoder) textRow(cols []vec.Vec, p int) {
	for c, t := range e.types {
		if c > 0 {
			e.buf = append(e.buf, e.opts.Delim)
		}
		v := &cols[c]
		if v.IsNull(p) {
			e.buf = append(e.buf, e.opts.Null...)
			continue
		}
		start := len(e.buf)
		e.buf = vec.AppendText(e.buf, v, p, t, e.env)
		if !e.clean[c] {
			e.escape(start)
		}
	}
	e.buf = append(e.buf, '\n')
}

// escape escapes what stands in buf from start on.
func (e *Encoder) escape(start int) {
	for i := start; i < len(e.buf); i++ {
		if e.inText[e.buf[i]] {
			e.escapeFrom(i)
			return
		}
	}
}

func (e *Encoder) escapeFrom(start int) {
	e.value = append(e.value[:0], e.buf[start:]...)
	e.buf = e.buf[:start]
	for _, c := range e.value {
		if e.inText[c] {
			e.buf = append(e.buf, '\\')
			c = e.letters[c]
		}
		e.buf = append(e.buf, c)
	}
}

func (e *Encoder) csvRow(cols []vec.Vec, p int) {
	for c, t := range e.types {
		if c > 0 {
			e.buf = append(e.buf, e.opts.Delim)
		}
		v := &cols[c]
		if v.IsNull(p) {
			e.buf = append(e.buf, e.opts.Null...)
			continue
		}
		start := len(e.buf)
		e.buf = vec.AppendText(e.buf, v, p, t, e.env)
		if !e.clean[c] {
			e.quoteIfNeeded(start, e.quote[c])
		}
	}
	e.buf = append(e.buf, '\n')
}

// quoteIfNeeded quotes what stands in buf from start on if it has to be: if it
// would be taken for the null string, or alone in its line for the end marker.
func (e *Encoder) quoteIfNeeded(start int, force bool) {
	value := e.buf[start:]
	need := force || string(value) == e.opts.Null || len(e.types) == 1 && string(value) == `\.`
	for i := 0; !need && i < len(value); i++ {
		need = e.inCSV[value[i]]
	}
	if !need {
		return
	}
	e.value = append(e.value[:0], value...)
	e.buf = append(e.buf[:start], e.opts.Quote)
	for _, c := range e.value {
		if c == e.opts.Quote || c == e.opts.Escape {
			e.buf = append(e.buf, e.opts.Escape)
		}
		e.buf = append(e.buf, c)
	}
	e.buf = append(e.buf, e.opts.Quote)
}

func (e *Encoder) binaryRow(cols []vec.Vec, p int) {
	e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(len(e.types)))
	for c, t := range e.types {
		v := &cols[c]
		if v.IsNull(p) {
			e.buf = append(e.buf, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		e.buf = append(e.buf, 0, 0, 0, 0)
		at := len(e.buf)
		e.buf = vec.AppendBinary(e.buf, v, p, t, e.env)
		binary.BigEndian.PutUint32(e.buf[at-4:], uint32(len(e.buf)-at))
	}
}
