package ckpt

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/dgraph-io/badger/v4"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/zeebo/xxh3"
)

func hashKey(key []byte) uint64 { return xxh3.Hash(key) }

// seal appends the checksum of key and value (K1).
func seal(key, val []byte) []byte {
	out := make([]byte, 0, len(val)+4)
	out = append(out, val...)
	return binary.LittleEndian.AppendUint32(out, checksum(key, val))
}

func checksum(key, val []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, val)
}

// unseal checks and cuts the checksum off.
func unseal(key, raw []byte) (val []byte, ok bool) {
	n := len(raw) - 4
	if n < 0 || binary.LittleEndian.Uint32(raw[n:]) != checksum(key, raw[:n]) {
		return nil, false
	}
	return raw[:n:n], true
}

func valueKey(key []byte) []byte {
	return append(append(make([]byte, 0, 1+len(key)), valueSpace), key...)
}

// Get gives the value of a key as of the last committed checkpoint; nil when it
// has none (a value that is there is not nil). The bytes are the caller's.
func (s *Store) Get(key []byte) (val []byte, err error) {
	for try := 0; ; try++ {
		epoch := s.last.Load().epoch
		val, err = s.getAt(key, epoch)
		switch {
		case val != nil:
			return val, nil
		case epoch != s.last.Load().epoch:
			// A checkpoint was committed meanwhile, and what was looked for may have
			// been dropped.
		case err == nil || try == maxTries:
			return nil, err
		}
	}
}

// maxTries is how often a read that failed is made again: cleaning may have
// moved the value between its being found and its being read.
const maxTries = 2

func (s *Store) getAt(key []byte, epoch uint64) (val []byte, err error) {
	err = guard(func() error {
		txn := s.db.NewTransactionAt(epoch, false)
		defer txn.Discard()
		item, err := txn.Get(valueKey(key))
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err == nil {
			val, err = s.value(item)
		}
		return s.failed(err, "read")
	})
	return val, err
}

// value gives an item's value, checked.
func (s *Store) value(item *badger.Item) ([]byte, error) {
	raw, err := item.ValueCopy(nil)
	if err != nil {
		// Reading is copying from a memory map: what fails is finding the place.
		return nil, pgerr.Wrap(err, pgerr.DataCorrupted, "could not read the value of key %q in store %q", item.Key()[1:], s.dir)
	}
	key := item.Key()[1:]
	val, ok := unseal(key, raw)
	if !ok {
		return nil, pgerr.New(pgerr.DataCorrupted, "the value of key %q in store %q is damaged", key, s.dir)
	}
	return val, nil
}

// Scan calls fn with the keys that begin with prefix, in order, and their
// values, as of the last committed checkpoint. The key is lent until fn returns,
// the value is fn's to keep. An error of fn ends the scan and is returned.
func (s *Store) Scan(prefix []byte, fn func(key, val []byte) error) error {
	return guard(func() error {
		txn := s.db.NewTransactionAt(s.last.Load().epoch, false)
		defer txn.Discard()
		it := txn.NewIterator(badger.IteratorOptions{Prefix: valueKey(prefix)})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			val, err := s.value(it.Item())
			if err == nil {
				err = fn(it.Item().Key()[1:], val)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Batch is a checkpoint being written. It is used by one goroutine. The first
// error is kept: later calls give it again, and Commit fails with it.
type Batch struct {
	s     *Store
	epoch uint64
	puts  map[uint64]struct{} // hashes of the keys put (K4)
	txn   *badger.Txn
	bytes int
	err   error
}

// maxTxnBytes bounds the memory of a transaction; values in the value log do
// not count against Badger's own limit.
const maxTxnBytes = 4 << 20

// Begin begins a checkpoint; it waits until the one before has ended. It must
// end with Commit or Abort.
func (s *Store) Begin() *Batch {
	s.batch.Lock()
	b := &Batch{s: s, epoch: s.ts.Add(1), puts: map[uint64]struct{}{}, err: s.usable()}
	if s.dirty && b.err == nil {
		b.err = guard(b.restore)
	}
	s.dirty = true
	return b
}

// restore writes the committed values over what an unfinished batch left.
func (b *Batch) restore() error {
	committed := b.s.last.Load().epoch
	var keys [][]byte
	err := b.s.versions(committed, func(item *badger.Item) error {
		key := item.KeyCopy(nil)[1:]
		if n := len(keys); item.Version() < b.epoch && (n == 0 || string(keys[n-1]) != string(key)) {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		val, err := b.s.Get(key)
		if err != nil {
			return err
		}
		if val == nil {
			err = b.Delete(key)
		} else {
			err = b.Put(key, val)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Put gives a key a value, which is copied. The last Put or Delete of a key
// counts.
func (b *Batch) Put(key, val []byte) error {
	b.puts[hashKey(key)] = struct{}{}
	return b.set(&badger.Entry{Key: valueKey(key), Value: seal(key, val)})
}

// Delete takes a key's value away, if it has one.
func (b *Batch) Delete(key []byte) error {
	delete(b.puts, hashKey(key))
	return b.set(deletion(valueKey(key)))
}

// deletion makes the entry that set takes for a deletion.
func deletion(key []byte) *badger.Entry { return &badger.Entry{Key: key} }

func (b *Batch) set(e *badger.Entry) error {
	if b.err != nil {
		return b.err
	}
	b.err = guard(func() error {
		if b.bytes >= maxTxnBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
		err := b.write(e)
		if errors.Is(err, badger.ErrTxnTooBig) {
			if err := b.flush(); err != nil {
				return err
			}
			err = b.write(e)
		}
		b.bytes += len(e.Key) + len(e.Value)
		return b.s.failed(err, "write")
	})
	return b.err
}

func (b *Batch) write(e *badger.Entry) error {
	if b.txn == nil {
		b.txn = b.s.db.NewTransactionAt(b.epoch, true)
	}
	if e.Value == nil {
		return b.txn.Delete(e.Key)
	}
	return b.txn.SetEntry(e)
}

// flush commits what was put so far, at the batch's epoch.
func (b *Batch) flush() error {
	if b.txn == nil {
		return nil
	}
	if err := b.s.space(b.bytes); err != nil {
		return err
	}
	txn := b.txn
	b.s.garbage.Add(int64(b.bytes)) // at most: most values take the place of others
	b.txn, b.bytes = nil, 0
	b.s.writing.RLock()
	err := txn.CommitAt(b.epoch, nil)
	b.s.writing.RUnlock()
	if err != nil {
		return b.s.failed(err, "write")
	}
	crash.Point("ckpt.after-flush")
	return b.s.usable()
}

// DeletePrefix takes away the values of all keys that begin with prefix, those
// that this batch has put included. It costs a step per key.
func (b *Batch) DeletePrefix(prefix []byte) error {
	if b.err == nil {
		b.err = guard(func() error { return b.deletePrefix(valueKey(prefix)) })
	}
	return b.err
}

func (b *Batch) deletePrefix(prefix []byte) error {
	if err := b.flush(); err != nil {
		return err
	}
	txn := b.s.db.NewTransactionAt(b.epoch, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		if err := b.Delete(it.Item().KeyCopy(nil)[1:]); err != nil {
			return err
		}
	}
	return nil
}

// Commit makes the batch the checkpoint, with meta, which is copied. All of it
// is durable when Commit returns nil; none of it ever becomes true otherwise.
func (b *Batch) Commit(meta []byte) error {
	defer b.s.batch.Unlock()
	if b.err == nil {
		b.err = guard(func() error { return b.commit(meta) })
	}
	b.discard()
	return b.err
}

func (b *Batch) commit(meta []byte) error {
	s := b.s
	if err := b.flush(); err != nil {
		return err
	}
	m := &mark{epoch: b.epoch, nextBlob: s.nextBlob.Load(), puts: uint64(len(b.puts)), meta: append([]byte(nil), meta...)}
	for h := range b.puts {
		m.keys ^= h
	}
	crash.Point("ckpt.before-mark")
	if err := b.write(&badger.Entry{Key: markKey, Value: seal(markKey, m.encode())}); err != nil {
		return s.failed(err, "write")
	}
	if err := b.flush(); err != nil {
		return err
	}
	crash.Point("ckpt.after-mark")
	s.last.Store(m)
	s.dirty = false
	s.db.SetDiscardTs(b.epoch)
	return nil
}

// Abort gives the batch up. It may follow nothing but Puts and Deletes.
func (b *Batch) Abort() {
	b.discard()
	b.s.batch.Unlock()
}

func (b *Batch) discard() {
	if b.txn != nil {
		b.txn.Discard()
		b.txn = nil
	}
}
