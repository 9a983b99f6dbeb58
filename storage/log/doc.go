// Package log is the commit log: records appended to files, made durable by one
// fdatasync per group, read back in order after a start.
//
// # Files
//
// A position (Pos) is a byte of one endless file, which is cut into files of one
// size (64 MiB); "%016x.log" holds positions n × size … (n+1) × size − 1. A file
// is allocated, and as a rule written with zeros, before it is used, and renamed
// for another use when the log behind it has been trimmed, so that an append
// overwrites blocks that the file system already has: fdatasync then writes data
// and no metadata. A file begins with 64 bytes: "SSQLLOG" and the version, the
// file size, its number n, and a checksum.
//
// # Records
//
// A record is a type and bytes, both opaque here. On disk it is one or more
// fragments, each with 32 bytes in front, padded to 8:
//
//	 0  crc32c of the 28 bytes behind it     u32
//	 4  crc32c of the payload                u32
//	 8  length of the payload                u32
//	12  epoch                                u32
//	16  position of the fragment             u64
//	24  how far behind the position the log was known to be durable  u32
//	28  type; 29 flags: 1 first, 2 last fragment; 30 zero (u16)
//
// # Invariants
//
// L1: a fragment is valid only at the position it names. What a recycled file
// still holds is never taken for a record.
//
// L2: epochs never fall along the log. Every Open begins a new one with a record
// that is durable before anything else is appended; so fragments that an earlier
// run left behind a torn tail are never taken for records either.
//
// L3: nothing is written into a file before its predecessor is durable to the
// end. So only the last file with a record in it can have a torn tail.
//
// L4: what Append reported as failed is not in the log; what Sync reported as
// durable stays there, or Open or Read reports damage (XX001). A fragment that
// does not check is a torn tail if nothing behind it claims that it was durable,
// else damage.
//
// L5: after a write or fdatasync that failed, the log takes nothing more: every
// later Append and Sync gives the same error. The state of the page cache is
// unknown then, and an fdatasync that succeeds on a second try proves nothing.
// Failing to get a new file (a full disk) is not of that kind: that Append fails
// with nothing written, and the next may succeed.
//
// Tried and dropped: cockroachdb/pebble's record package (32 KiB blocks, no
// epoch under recycling with several fragments per block, no claim of
// durability), hashicorp/raft-wal (its files grow, its entries are numbered).
package log
