package ckpt

import (
	"math"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// Cleaning the value log. Badger learns what of it is garbage when it compacts
// its LSM tree, and there are only keys in that: left alone, it would compact
// once in many gigabytes of values. So the store adds up what goes to waste, and
// has Badger compact when it is much.

// collect cleans now and then.
func (s *Store) collect(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			if s.garbage.Load() >= s.maxGarbage {
				_ = s.Clean()
			}
		}
	}
}

// Clean gives the space back that deleted and superseded values have left, as
// far as files of the value log are half empty. It is called in the background
// when there is much to gain; a test or VACUUM may call it too. Writes wait for
// a part of it, some tens of milliseconds.
func (s *Store) Clean() error {
	if err := s.usable(); err != nil {
		return err
	}
	s.garbage.Store(0)
	if err := s.flush(); err != nil {
		return err
	}
	for s.usable() == nil && s.space(defaultValueLog) == nil {
		select {
		case <-s.stop:
			return nil
		default:
		}
		if guard(func() error { return s.db.RunValueLogGC(0.5) }) != nil {
			return nil // no file is worth it, or another run is under way
		}
	}
	return s.usable()
}

// flush has Badger write its memtable out and compact level 0. There is no call
// for that but the dropping of a prefix, which does it on the way: so a key is
// written, and its prefix dropped.
func (s *Store) flush() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return guard(func() error {
		txn := s.db.NewTransactionAt(math.MaxUint64, true)
		defer txn.Discard()
		err := txn.SetEntry(&badger.Entry{Key: []byte{flushSpace}, Value: []byte{0}})
		if err == nil {
			err = txn.CommitAt(s.ts.Add(1), nil)
		}
		if err == nil {
			err = s.db.DropPrefix([]byte{flushSpace})
		}
		return s.failed(err, "flush")
	})
}

// Verify reads the whole LSM tree and every value of the last checkpoint, and
// gives the first damage found. Blobs check themselves.
func (s *Store) Verify() error {
	err := guard(func() error { return s.failed(s.db.VerifyChecksum(), "verify") })
	if err != nil {
		return err
	}
	return s.Scan(nil, func(_, _ []byte) error { return nil })
}
