package server

import (
	"encoding/binary"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// rowWriter appends DataRow messages from vectors: no object per row, no
// memory per value. It is ready for rows after columns.
type rowWriter struct {
	types  []*types.Type
	binary []bool
	env    *types.Env
	head   []byte // DataRow's type, room for its length, the number of columns
}

func (w *rowWriter) reset() { w.head = w.head[:0] }

// columns readies the writer for rows of these columns. A type that has no
// binary form cannot be asked for in it; the session has refused that at Bind.
func (w *rowWriter) columns(cols []Column, env *types.Env) error {
	w.types, w.binary, w.env = w.types[:0], w.binary[:0], env
	for i := range cols {
		t, bin := cols[i].Type, cols[i].Format == 1
		if bin && !t.HasBinary() {
			return pgerr.New(pgerr.UndefinedFunction, "no binary output function available for type %s", t.Name)
		}
		w.types = append(w.types, t)
		w.binary = append(w.binary, bin)
	}
	w.head = append(w.head[:0], 'D', 0, 0, 0, 0)
	w.head = appendInt16(w.head, int16(len(cols)))
	return nil
}

// append appends the rows of b from the i-th on, until dst is worth sending.
// It tells how many rows of b that were. A row that is too long for a message
// is 54000.
func (w *rowWriter) append(dst *[]byte, b *vec.Batch, i int) (n int, err error) {
	out := *dst
	for ; i < b.N && len(out) < flushAt; i++ {
		p := b.Row(i)
		for range b.Weight(p) {
			out = w.row(out, b.Cols, p)
			if err := w.env.Client.Err(); err != nil {
				return n, err
			}
			if len(out)-len(*dst) > maxMessage {
				return n, errTooLong(len(out) - len(*dst))
			}
			*dst = out
		}
		n++
	}
	return n, nil
}

func errTooLong(n int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "out of memory").
		WithDetail("A row of %d bytes does not fit into a message.", n)
}

func (w *rowWriter) row(out []byte, cols []vec.Vec, p int) []byte {
	start := len(out)
	out = append(out, w.head...)
	for c, t := range w.types {
		v := &cols[c]
		if v.IsNull(p) {
			out = append(out, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		out = append(out, 0, 0, 0, 0)
		at := len(out)
		if w.binary[c] {
			out = vec.AppendBinary(out, v, p, t, w.env)
		} else {
			out = vec.AppendText(out, v, p, t, w.env)
			if w.env.Client != nil {
				out = w.env.Client.Tail(out, at)
			}
		}
		binary.BigEndian.PutUint32(out[at-4:], uint32(len(out)-at))
	}
	return endMessage(out, start)
}
