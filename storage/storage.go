// Package storage holds what its rooms share: identifiers, the errors of the
// file system, and the data directory. The rooms:
//
//	log      the commit log: records in files, one fdatasync per group
//	ckpt     checkpoints in Badger: keys and values, all or nothing; blobs
//	segment  immutable columnar runs of one relation, index runs
//	rel      versions of relations: segments, tail, deletes; contents of views
//
// None of them knows the catalogue, plans or SQL. Everything a room publishes is
// immutable; everything that changes has one owner, the commit line.
package storage

// RelID names a relation. Ids are given by the catalogue and never used again.
type RelID uint32

// Seq is the number of a commit. Numbers ascend without gaps.
type Seq uint64
