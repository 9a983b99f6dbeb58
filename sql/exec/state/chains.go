package state

// Chains are doubly linked lists of slots, one per owner (a slot of another
// structure). The newest member comes first.
type Chains struct {
	head       []uint32 // by owner; slot + 1, 0 is the end
	next, prev []uint32 // by slot
}

// Add puts a slot at the front of an owner's chain.
func (c *Chains) Add(owner, slot uint32) {
	c.fit(owner, slot)
	first := c.head[owner]
	c.next[slot], c.prev[slot] = first, 0
	if first != 0 {
		c.prev[first-1] = slot + 1
	}
	c.head[owner] = slot + 1
}

// Remove takes a slot out of an owner's chain. It gives the slot before it, whose
// successor has changed; None when it was the first.
func (c *Chains) Remove(owner, slot uint32) (before uint32) {
	next, prev := c.next[slot], c.prev[slot]
	if next != 0 {
		c.prev[next-1] = prev
	}
	if prev != 0 {
		c.next[prev-1] = next
	} else {
		c.head[owner] = next
	}
	return prev - 1
}

// First gives the first slot of an owner's chain, None when it is empty.
func (c *Chains) First(owner uint32) uint32 {
	if int(owner) >= len(c.head) {
		return None
	}
	return c.head[owner] - 1
}

// Next gives the slot behind a slot, None when it is the last.
func (c *Chains) Next(slot uint32) uint32 { return c.next[slot] - 1 }

// Drop empties an owner's chain.
func (c *Chains) Drop(owner uint32) {
	if int(owner) < len(c.head) {
		c.head[owner] = 0
	}
}

func (c *Chains) fit(owner, slot uint32) {
	if int(owner) >= len(c.head) {
		c.head = growSlice(c.head, roomFor(int(owner)+1, len(c.head)))
	}
	if int(slot) >= len(c.next) {
		n := roomFor(int(slot)+1, len(c.next))
		c.next, c.prev = growSlice(c.next, n), growSlice(c.prev, n)
	}
}

// Bytes is the memory in use.
func (c *Chains) Bytes() int64 { return int64(4 * (cap(c.head) + cap(c.next) + cap(c.prev))) }
