// Package ckpt keeps what changes slowly, in Badger: the checkpoint (keys and
// values that become true together) and blobs (immutable bytes: segments). It is
// the only room that opens a Badger.
//
// # Checkpoints
//
// A Batch of any size is written in as many Badger transactions as it takes, all
// at one timestamp, its epoch, which is above every timestamp used before; the
// last transaction writes the mark, which names the epoch. Readers read as of
// the epoch of the mark they last saw, so a batch is there wholly or not at all,
// and reading goes on while a batch is written. Badger's own versions do the
// rest: what is superseded at or below the mark's epoch is dropped when it
// compacts.
//
// A batch that was not finished (a crash, Abort) leaves versions above the
// mark's epoch. Nobody reads them; the next batch begins by writing the values
// of the mark's epoch over them.
//
// # Invariants
//
// K1: every value carries a crc32c over key and value, checked when it is read.
//
// K2: nothing is believed that was not synced. Badger runs with SyncWrites; a
// failed fdatasync of its value log, which it only writes to its own log, is
// noticed there and fails the store for good.
//
// K3: Badger writes through memory maps, where a full disk is a signal and not
// an error: so no write begins unless the reserve is left free on the device.
//
// K4: the mark counts the keys of its batch, and Open counts again: a write-ahead
// file of Badger's that was cut by damage is noticed. A whole batch that is lost
// that way gives the mark before it, whose log position its owner then finds to
// be trimmed, or replays from.
//
// Blobs are written and read beside all this, at timestamps of their own; they
// are there until they are deleted. Their bytes carry their own checksums.
package ckpt
