package ckpt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
)

// Options tune a store. The zero Options are the defaults.
type Options struct {
	// MemTable is the size in bytes of Badger's memtables, by default 16 MiB. A
	// few of them are in memory.
	MemTable int64
	// Reserve is how many bytes stay free on the device, by default 256 MiB:
	// writes that would take from them are 53100 (K3).
	Reserve uint64
	// GCInterval is how often it is looked whether the value log wants cleaning,
	// by default ten seconds; below 0 never. Garbage is how many bytes may have
	// gone to waste before it is cleaned, by default 512 MiB.
	GCInterval time.Duration
	Garbage    int64
	// ValueLog is the size of the files of the value log, by default 128 MiB.
	ValueLog int64
	// Logf receives Badger's warnings and errors; nil drops them.
	Logf func(format string, args ...any)
}

const (
	defaultMemTable = 16 << 20
	defaultReserve  = 256 << 20
	valueThreshold  = 4 << 10
	defaultValueLog = 128 << 20
	defaultGarbage  = 512 << 20
)

// The first byte of Badger's keys.
const (
	blobSpace  = 'b'
	valueSpace = 'k'
	markSpace  = 'm'
	flushSpace = 'z' // see Store.flush
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Store is an open store. Its methods may be called by any number of
// goroutines; of batches there is one at a time.
type Store struct {
	db      *badger.DB
	dir     string
	reserve atomic.Uint64
	fs      fault.OS

	ts       atomic.Uint64 // the last timestamp given out
	nextBlob atomic.Uint64
	last     atomic.Pointer[mark]
	broken   atomic.Pointer[pgerr.Error]

	batch sync.Mutex // held from Begin to Commit or Abort
	dirty bool       // an unfinished batch left versions above the mark; under batch

	// Bytes that deleted and, at most, superseded values take (cleaning).
	garbage    atomic.Int64
	maxGarbage int64
	writing    sync.RWMutex // held to read while a transaction is committed

	stop chan struct{}
	done sync.WaitGroup
}

// Open opens the store in dir, which is made if it is not there. The caller
// holds the data directory (storage.Dir).
func Open(dir string, o Options) (*Store, error) {
	if o.MemTable == 0 {
		o.MemTable = defaultMemTable
	}
	if o.Reserve == 0 {
		o.Reserve = defaultReserve
	}
	if o.GCInterval == 0 {
		o.GCInterval = 10 * time.Second
	}
	if o.Garbage == 0 {
		o.Garbage = defaultGarbage
	}
	if o.ValueLog == 0 {
		o.ValueLog = defaultValueLog
	}
	s := &Store{dir: dir, maxGarbage: o.Garbage, stop: make(chan struct{})}
	s.reserve.Store(o.Reserve)
	if err := s.fs.MkdirAll(dir); err != nil {
		return nil, storage.IOError(err, "could not create directory %q", dir)
	}
	if err := s.space(0); err != nil {
		return nil, err
	}
	if err := s.dropUnsized(); err != nil {
		return nil, err
	}
	if err := s.open(o); err != nil {
		return nil, err
	}
	if err := guard(s.load); err != nil {
		_ = s.db.Close()
		return nil, err
	}
	if o.GCInterval > 0 {
		s.done.Go(func() { s.collect(o.GCInterval) })
	}
	return s, nil
}

func (s *Store) open(o Options) error {
	opts := badger.DefaultOptions(s.dir).
		WithSyncWrites(true).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithMetricsEnabled(false).
		WithNumCompactors(2).
		WithNumMemtables(3).
		WithMemTableSize(o.MemTable).
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(o.ValueLog).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithLogger(&logger{s: s, logf: o.Logf})
	return guard(func() (err error) {
		s.db, err = badger.OpenManaged(opts)
		if err == nil {
			return nil
		}
		if strings.Contains(err.Error(), "Another process is using this Badger database") {
			return pgerr.New(pgerr.LockFileExists, "directory %q is in use by another process", s.dir)
		}
		return s.failed(err, "open")
	})
}

// failed turns an error of Badger's into a report.
func (s *Store) failed(err error, doing string) error {
	var e *pgerr.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	if errors.Is(err, badger.ErrDBClosed) || errors.Is(err, badger.ErrBlockedWrites) {
		return pgerr.New(pgerr.AdminShutdown, "the store is closed")
	}
	return storage.IOError(err, "could not %s store %q", doing, s.dir)
}

// guard turns a panic, by which Badger answers some damage, into a report.
func guard(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = pgerr.New(pgerr.DataCorrupted, "the store is damaged: %v", r)
		}
	}()
	return do()
}

// logger hands on Badger's log, and looks in it for the one error that Badger
// does not return (K2).
type logger struct {
	s    *Store
	logf func(format string, args ...any)
}

// vlogSyncFailed is the format of the message that valueLog.write logs.
const vlogSyncFailed = "Error while curlf sync"

func (l *logger) Errorf(format string, args ...any) {
	if strings.HasPrefix(format, vlogSyncFailed) {
		var cause error = errors.New("fdatasync failed")
		for _, a := range args {
			if err, ok := a.(error); ok {
				cause = err
			}
		}
		l.s.broken.CompareAndSwap(nil, storage.IOError(cause, "could not fsync store %q", l.s.dir))
	}
	l.Warningf(format, args...)
}

func (l *logger) Warningf(format string, args ...any) {
	if l.logf != nil {
		l.logf("badger: %s", strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}

func (l *logger) Infof(string, ...any) {}

func (l *logger) Debugf(string, ...any) {}

// usable tells why nothing more may be written, nil if it may.
func (s *Store) usable() error {
	if err := s.broken.Load(); err != nil {
		return err
	}
	return nil
}

// space refuses to write n bytes into the reserve (K3).
func (s *Store) space(n int) error {
	free, err := s.fs.Free(s.dir)
	if err != nil {
		return storage.IOError(err, "could not read the free space of %q", s.dir)
	}
	if reserve := s.reserve.Load(); free < reserve+uint64(n) {
		return pgerr.New(pgerr.DiskFull, "could not write to store %q: %d bytes are free, %d stay in reserve", s.dir, free, reserve)
	}
	return nil
}

// SetReserve changes how many bytes stay free on the device (Options.Reserve).
func (s *Store) SetReserve(bytes uint64) { s.reserve.Store(bytes) }

// mark is the last committed checkpoint.
type mark struct {
	epoch    uint64
	nextBlob uint64
	puts     uint64 // keys that the batch put
	keys     uint64 // xor of their hashes
	meta     []byte
}

var markKey = []byte{markSpace}

func (m *mark) encode() []byte {
	b := binary.LittleEndian.AppendUint64(nil, m.epoch)
	b = binary.LittleEndian.AppendUint64(b, m.nextBlob)
	b = binary.LittleEndian.AppendUint64(b, m.puts)
	b = binary.LittleEndian.AppendUint64(b, m.keys)
	return append(b, m.meta...)
}

func decodeMark(b []byte) (*mark, bool) {
	if len(b) < 32 {
		return nil, false
	}
	return &mark{
		epoch:    binary.LittleEndian.Uint64(b),
		nextBlob: binary.LittleEndian.Uint64(b[8:]),
		puts:     binary.LittleEndian.Uint64(b[16:]),
		keys:     binary.LittleEndian.Uint64(b[24:]),
		meta:     append([]byte(nil), b[32:]...),
	}, true
}

// load reads the mark and checks its batch (K4).
func (s *Store) load() error {
	s.ts.Store(s.db.MaxVersion())
	s.last.Store(&mark{})
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	item, err := txn.Get(markKey)
	switch {
	case errors.Is(err, badger.ErrKeyNotFound):
	case err != nil:
		return s.failed(err, "read")
	default:
		m, err := s.readMark(item)
		if err != nil {
			return err
		}
		if err := s.checkBatch(m); err != nil {
			return err
		}
		s.last.Store(m)
		s.db.SetDiscardTs(m.epoch)
	}
	last, err := s.lastBlob()
	if err != nil {
		return err
	}
	s.nextBlob.Store(max(s.last.Load().nextBlob, last+1, 1))
	s.dirty = s.ts.Load() > s.last.Load().epoch
	return nil
}

func (s *Store) readMark(item *badger.Item) (*mark, error) {
	raw, err := item.ValueCopy(nil)
	if err != nil {
		return nil, s.failed(err, "read")
	}
	val, ok := unseal(markKey, raw)
	if ok {
		if m, ok := decodeMark(val); ok && m.epoch == item.Version() {
			return m, nil
		}
	}
	return nil, pgerr.New(pgerr.DataCorrupted, "the mark of the last checkpoint in store %q is damaged", s.dir)
}

// checkBatch counts the keys that were put at the mark's epoch.
func (s *Store) checkBatch(m *mark) error {
	var puts, keys uint64
	err := s.versions(m.epoch-1, func(item *badger.Item) error {
		if item.Version() == m.epoch && !item.IsDeletedOrExpired() {
			puts++
			keys ^= hashKey(item.Key()[1:])
		}
		return nil
	})
	if err == nil && (puts != m.puts || keys != m.keys) {
		err = pgerr.New(pgerr.DataCorrupted, "checkpoint %d in store %q is damaged: it has %d of %d values", m.epoch, s.dir, puts, m.puts)
	}
	return err
}

// versions visits the versions of values above a timestamp, newest first for
// each key.
func (s *Store) versions(above uint64, fn func(*badger.Item) error) error {
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{AllVersions: true, SinceTs: above, Prefix: []byte{valueSpace}})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		if it.Item().Version() <= above {
			continue
		}
		if err := fn(it.Item()); err != nil {
			return err
		}
	}
	return nil
}

// Last gives the epoch and the meta of the last committed checkpoint; epoch 0
// when there has been none. Epochs ascend.
func (s *Store) Last() (epoch uint64, meta []byte) {
	m := s.last.Load()
	return m.epoch, m.meta
}

// Close closes the store. Nobody uses it any more, and no batch is open.
func (s *Store) Close() error {
	close(s.stop)
	s.done.Wait()
	return guard(func() error { return s.failed(s.db.Close(), "close") })
}
