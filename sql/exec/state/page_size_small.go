//go:build invariants

package state

// PageSlots is the number of slots of a page: so few that tests of small states
// have many pages.
const PageSlots = 4
