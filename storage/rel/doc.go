// Package rel holds relations: the rows of tables and streams (Relation, Writer)
// and of views (Contents).
//
// # Versions
//
// A Relation is one version of a relation: immutable, readable by anybody
// without locks, for as long as anybody holds it. It is
//
//	segments   immutable columnar runs in the store (storage/segment)
//	chunks     encoded blocks in memory, committed but not yet in a segment
//	open       a batch in memory that small commits are appended to; a version
//	           sees a prefix of it
//	gone       the set of row ids that are deleted
//	indexes    sorted runs of keys, per segment or chunk, and one for open
//
// in ascending order of row ids. A Writer, owned by the commit line, makes the
// next version from the last one at the cost of what changes.
//
// # Invariants
//
// R1: row ids are dense in the order of commits and never used twice: a
// relation's next row gets the next number. An updated row is a deleted row and
// a new one.
//
// R2: what a version can reach never changes. The writer appends behind the end
// that versions know (open, the lists of chunks), and copies what it changes
// (the delete set, D1).
//
// R3: sealing (chunks to segments) and compaction (segments to fewer) change
// where rows are, never which rows there are, their ids or their order. They are
// prepared beside the commit line from a published version; the writer swaps the
// result in if what it replaces is still there. Deletes are by id, so those that
// came meanwhile need no care.
//
// R4: a version depends on the calls of its Writer alone: replaying them gives
// the same rows with the same ids, wherever sealing has put them.
//
// R5: a row is visible in a version if and only if its id is below the version's
// next id and not gone. A sealed row that is gone may have been dropped from its
// segment; so an id that is not gone is always found.
package rel
