package engine

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/storage/rel"
)

// pieceBytes is the size up to which the values of one column are staged together.
// It is far below what a column of a chunk may have (rel.MaxColumn), since nothing
// can be refused any more once a commit is in the log.
const pieceBytes = 8 << 20

// pieces cuts rows, without a selection, into batches of which no column is large.
// A value that is too large for any of them is 54000.
func pieces(b *vec.Batch) ([]*vec.Batch, error) {
	if columnBytes(b) <= pieceBytes {
		return []*vec.Batch{b}, nil
	}
	var out []*vec.Batch
	sums := make([]int, len(b.Cols))
	from := 0
	for i := range b.N {
		full := false
		for c := range b.Cols {
			n := valueBytes(&b.Cols[c], i)
			if n > rel.MaxColumn {
				return nil, pgerr.New(pgerr.ProgramLimitExceeded, "value of %d bytes is too large to be stored, the limit is %d", n, rel.MaxColumn)
			}
			sums[c] += n
			full = full || sums[c] > pieceBytes
		}
		if full && i > from {
			out = append(out, rowsOf(b, from, i))
			from = i
			for c := range b.Cols {
				sums[c] = valueBytes(&b.Cols[c], i)
			}
		}
	}
	return append(out, rowsOf(b, from, b.N)), nil
}

// columnBytes is the size of the largest column of a batch.
func columnBytes(b *vec.Batch) int {
	most := 0
	for c := range b.Cols {
		n, v := 0, &b.Cols[c]
		for _, s := range v.Strs {
			n += len(s)
		}
		for i := range v.Nums {
			n += numericBytes(v.Nums[i])
		}
		most = max(most, n)
	}
	return most
}

func valueBytes(v *vec.Vec, i int) int {
	switch {
	case len(v.Strs) > 0:
		return len(v.Strs[i])
	case len(v.Nums) > 0:
		return numericBytes(v.Nums[i])
	}
	return 0
}

func numericBytes(n types.Numeric) int {
	if _, small := n.Small(); small {
		return 8
	}
	return 8 + n.Coef().BitLen()/8
}

// rowsOf gives some rows of a batch; it shares their memory.
func rowsOf(b *vec.Batch, from, to int) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(b.Cols)), N: to - from}
	for c := range b.Cols {
		out.Cols[c] = b.Cols[c].Slice(from, to)
	}
	return out
}
