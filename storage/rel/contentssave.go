package rel

import (
	"encoding/binary"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// KV takes keys and values of a checkpoint; ckpt.Batch is one.
type KV interface {
	Put(key, val []byte) error
	Delete(key []byte) error
}

// A page is saved under its number as a block: the rows in use, column by
// column, then their slots, then their counts if some do not count once.

// Save writes the pages in which the version differs from prev, an earlier one
// that was saved under the same prefix; nil when nothing was. Keys are the
// prefix and 4 bytes. It may run beside the writer.
func (v *ContentsVersion) Save(kv KV, prefix []byte, prev *ContentsVersion) error {
	if prev == nil {
		prev = &ContentsVersion{}
	}
	var enc vec.Encoder
	var buf []byte
	for l := range max(len(v.root), len(prev.root)) {
		if l < len(v.root) && l < len(prev.root) && v.root[l] == prev.root[l] {
			continue
		}
		for i := range uint32(leafPages) {
			no := uint32(l)<<leafPageBits | i
			p := pageAt(v.root, no)
			if p == pageAt(prev.root, no) {
				continue
			}
			key := binary.BigEndian.AppendUint32(append([]byte(nil), prefix...), no)
			if p == nil {
				if err := kv.Delete(key); err != nil {
					return err
				}
				continue
			}
			var err error
			if buf, err = v.encodePage(&enc, buf[:0], p); err != nil {
				return err
			}
			if err := kv.Put(key, buf); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *ContentsVersion) encodePage(enc *vec.Encoder, dst []byte, p *page) ([]byte, error) {
	slots := p.slots(nil)
	b := vec.Batch{N: len(slots)}
	for k, t := range v.c.ts {
		col := vec.New(t.Kind, 0)
		p.col(k).appendTo(&col, slots)
		b.Cols = append(b.Cols, col)
	}
	at, counts := vec.New(types.Int, len(slots)), vec.New(types.Int, len(slots))
	for i, s := range slots {
		at.Ints[i], counts.Ints[i] = int64(s), p.count(int(s))
	}
	b.Cols = append(b.Cols, at)
	if p.counts != nil {
		b.Cols = append(b.Cols, counts)
	}
	return enc.Encode(dst, &b)
}

// LoadContents makes contents of the pages that scan gives: those that Save has
// written, keys without the prefix. It also gives the version that they are,
// against which the next one is saved. Damage is XX001.
func LoadContents(ts []*types.Type, key []int, scan func(fn func(key, val []byte) error) error) (*Contents, *ContentsVersion, error) {
	c := NewContents(ts, key)
	err := scan(func(key, val []byte) error {
		if len(key) != 4 {
			return damagedPage(0, "it has no number")
		}
		return c.loadPage(binary.BigEndian.Uint32(key), val)
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := c.Publish()
	return c, v, err
}

func damagedPage(no uint32, what string) error {
	return pgerr.New(pgerr.DataCorrupted, "page %d of a view's contents is damaged: %s", no, what)
}

func (c *Contents) loadPage(no uint32, val []byte) error {
	var b vec.Batch
	if err := vec.Decode(val, &b); err != nil {
		return pgerr.Wrap(err, pgerr.DataCorrupted, "page %d of a view's contents", no)
	}
	n := len(c.ts)
	if len(b.Cols) < n+1 || len(b.Cols) > n+2 || b.N > pageSlots {
		return damagedPage(no, "it has other columns")
	}
	for k := range b.Cols {
		if want := append(kindsOf(c.ts), types.Int, types.Int)[k]; b.Cols[k].Kind != want {
			return damagedPage(no, "a column is of another kind")
		}
	}
	p := c.own(no)
	slots := b.Cols[n].Ints
	for p.room = firstSlot; int64(p.room) <= slots[b.N-1] && p.room < pageSlots; {
		p.room *= 4
	}
	c.hash(&vec.Batch{Cols: b.Cols[:n], N: b.N})
	for i, s := range slots {
		if s < 0 || s >= pageSlots || i > 0 && s <= slots[i-1] {
			return damagedPage(no, "a slot is out of order")
		}
		count := int64(1)
		if len(b.Cols) == n+2 {
			count = b.Cols[n+1].Ints[i]
		}
		if count < 1 || c.key != nil && count != 1 {
			return damagedPage(no, "a count is wrong")
		}
		c.loadRow(no, p, int(s), &b, i, count)
	}
	if p.n == pageSlots {
		c.avail.clear(no)
	}
	return nil
}

func (c *Contents) loadRow(no uint32, p *page, s int, b *vec.Batch, i int, count int64) {
	p.used[s>>6] |= 1 << (s & 63)
	p.n++
	for k := range c.ts {
		c.put(p, s, k, b, i)
	}
	p.setCount(s, count)
	c.index.add(c.hashes[i], no<<pageBits|uint32(s))
	c.slots++
	c.rows += count
}
