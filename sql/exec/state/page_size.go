//go:build !invariants

package state

// PageSlots is the number of slots of a page, the unit of incremental saving.
const PageSlots = 512
