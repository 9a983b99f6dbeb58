// Package state holds what the operators of a view remember: hash tables over
// typed key columns, arrangements of rows by a key, ordered multisets.
//
// All of them keep rows in slots: small numbers, reused when a row goes. The
// values of a slot stand in columns (vec.Vec), so that whole batches are looked
// up, compared and copied column by column. What others keep per slot (the
// accumulators of an aggregate) is numbered alike.
//
// # Invariants
//
// S1: the slot that is given out is the lowest free one. So what a structure
// looks like is a function of the rows in it and their slots, and of nothing
// that came and went before.
//
// S2: two equal histories make the same slots, whatever was saved and loaded in
// between: hash tables and trees are rebuilt from the slots, and nothing that
// depends on their shape reaches a result.
//
// S3: strings are copied when they are stored (vec rule O2 would keep alive the
// buffers they were cut from).
//
// # Pages
//
// Slots are saved in pages of PageSlots. A change marks its page; a checkpoint
// writes the pages marked since the last one. A page holds its live rows only,
// in slot order, in a form that does not depend on how the columns came to be
// (canonical), so that equal states are equal to the byte.
package state
