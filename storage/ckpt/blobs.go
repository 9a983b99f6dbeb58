package ckpt

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/dgraph-io/badger/v4"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// BlobID names a blob: a numbered list of parts, each a run of bytes that is
// written once. Ids are given by NewBlob and never given twice while anything of
// the blob is left.
type BlobID uint64

// MaxPart is the largest part of a blob.
const MaxPart = 64 << 20

func blobKey(id BlobID, part uint32) []byte {
	k := append(make([]byte, 0, 13), blobSpace)
	k = binary.BigEndian.AppendUint64(k, uint64(id))
	return binary.BigEndian.AppendUint32(k, part)
}

func blobPrefix(id BlobID) []byte { return blobKey(id, 0)[:9] }

// NewBlob gives an id that no blob has.
func (s *Store) NewBlob() BlobID { return BlobID(s.nextBlob.Add(1) - 1) }

// Part is a part of a blob, to be written.
type Part struct {
	Blob BlobID
	No   uint32
	Data []byte
}

// maxBlobTxn is how many bytes of parts become durable together.
const maxBlobTxn = 32 << 20

// PutBlob writes parts first, first+1 … of a blob, durable when it returns nil.
// Parts are written once; a failed PutBlob leaves some of them, to be deleted.
func (s *Store) PutBlob(id BlobID, first uint32, parts ...[]byte) error {
	list := make([]Part, len(parts))
	for i, data := range parts {
		list[i] = Part{id, first + uint32(i), data}
	}
	return s.PutParts(list)
}

// PutParts is PutBlob for parts of any blobs: all of them take hardly more syncs than
// one.
func (s *Store) PutParts(parts []Part) error {
	return guard(func() error {
		for len(parts) > 0 {
			n, bytes := 0, 0
			for n < len(parts) && (n == 0 || bytes+len(parts[n].Data) <= maxBlobTxn) {
				if len(parts[n].Data) > MaxPart {
					return pgerr.New(pgerr.ProgramLimitExceeded, "blob part of %d bytes is too large", len(parts[n].Data))
				}
				bytes += len(parts[n].Data)
				n++
			}
			if err := s.putParts(parts[:n], bytes); err != nil {
				return err
			}
			parts = parts[n:]
		}
		return nil
	})
}

func (s *Store) putParts(parts []Part, bytes int) error {
	if err := s.usable(); err != nil {
		return err
	}
	if err := s.space(bytes); err != nil {
		return err
	}
	txn := s.db.NewTransactionAt(math.MaxUint64, true)
	defer txn.Discard()
	for i, p := range parts {
		err := txn.Set(blobKey(p.Blob, p.No), p.Data)
		if errors.Is(err, badger.ErrTxnTooBig) && i > 0 {
			if err := s.commitBlobs(txn); err != nil {
				return err
			}
			return s.putParts(parts[i:], bytes)
		}
		if err != nil {
			return s.failed(err, "write")
		}
	}
	return s.commitBlobs(txn)
}

func (s *Store) commitBlobs(txn *badger.Txn) error {
	s.writing.RLock()
	err := txn.CommitAt(s.ts.Add(1), nil)
	s.writing.RUnlock()
	if err != nil {
		return s.failed(err, "write")
	}
	return s.usable()
}

// ReadBlob appends n bytes from offset off of a part to dst; n < 0 is all from
// there. A part, or bytes, that are not there are XX001.
func (s *Store) ReadBlob(dst []byte, id BlobID, part uint32, off, n int) (out []byte, err error) {
	for try := 0; ; try++ {
		if out, err = s.readBlob(dst, id, part, off, n); err == nil || try == maxTries {
			return out, err
		}
	}
}

func (s *Store) readBlob(dst []byte, id BlobID, part uint32, off, n int) ([]byte, error) {
	err := guard(func() error {
		txn := s.db.NewTransactionAt(math.MaxUint64, false)
		defer txn.Discard()
		item, err := txn.Get(blobKey(id, part))
		if errors.Is(err, badger.ErrKeyNotFound) {
			return pgerr.New(pgerr.DataCorrupted, "part %d of blob %d is missing in store %q", part, id, s.dir)
		}
		if err != nil {
			return s.failed(err, "read")
		}
		err = item.Value(func(val []byte) error {
			if n < 0 {
				n = len(val) - off
			}
			if off < 0 || n < 0 || off+n > len(val) {
				return pgerr.New(pgerr.DataCorrupted, "part %d of blob %d in store %q has %d bytes, not %d", part, id, s.dir, len(val), off+n)
			}
			dst = append(dst, val[off:off+n]...)
			return nil
		})
		if err != nil && pgerr.CodeOf(err) != pgerr.DataCorrupted {
			err = pgerr.Wrap(err, pgerr.DataCorrupted, "could not read part %d of blob %d in store %q", part, id, s.dir)
		}
		return err
	})
	return dst, err
}

// DeleteBlobs deletes all parts of blobs, many of them by one durable write. The space
// comes back by and by.
func (s *Store) DeleteBlobs(ids ...BlobID) error {
	return guard(func() error {
		var all [][]byte
		for _, id := range ids {
			keys, size, err := s.blobKeys(blobPrefix(id))
			if err != nil {
				return err
			}
			s.garbage.Add(size)
			all = append(all, keys...)
		}
		return s.deleteKeys(all)
	})
}

// blobKeys lists the keys of blobs that begin with prefix, and adds up the
// lengths of the parts.
func (s *Store) blobKeys(prefix []byte) (keys [][]byte, size int64, err error) {
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		keys = append(keys, it.Item().KeyCopy(nil))
		size += it.Item().ValueSize()
	}
	return keys, size, nil
}

// deletesPerTxn keeps deletions well below Badger's limit of entries.
const deletesPerTxn = 1000

func (s *Store) deleteKeys(keys [][]byte) error {
	for len(keys) > 0 {
		if err := s.usable(); err != nil {
			return err
		}
		n := min(len(keys), deletesPerTxn)
		txn := s.db.NewTransactionAt(math.MaxUint64, true)
		defer txn.Discard()
		for _, k := range keys[:n] {
			if err := txn.Delete(k); err != nil {
				return s.failed(err, "write")
			}
		}
		if err := s.commitBlobs(txn); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// RetainBlobs deletes every blob that is not alive: what a crash has left. It is
// called after Open, before any blob is made.
func (s *Store) RetainBlobs(alive func(BlobID) bool) (deleted int, err error) {
	err = guard(func() error {
		keys, _, err := s.blobKeys([]byte{blobSpace})
		if err != nil {
			return err
		}
		var dead [][]byte
		var last BlobID
		for _, k := range keys {
			id := BlobID(binary.BigEndian.Uint64(k[1:]))
			if alive(id) {
				continue
			}
			dead = append(dead, k)
			if id != last {
				last = id
				deleted++
			}
		}
		return s.deleteKeys(dead)
	})
	return deleted, err
}

// lastBlob is the greatest id of a blob that is there, 0 when there is none.
func (s *Store) lastBlob() (uint64, error) {
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte{blobSpace}})
	defer it.Close()
	it.Seek([]byte{blobSpace, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	if !it.Valid() {
		return 0, nil
	}
	return binary.BigEndian.Uint64(it.Item().Key()[1:]), nil
}
