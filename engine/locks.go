package engine

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// lockMode is a lock's strength within its kind.
type lockMode uint8

// Modes of relation locks are PostgreSQL's eight, from 1; modes of row locks its
// four; keys and advisory locks are shared or exclusive.
const (
	accessShare lockMode = iota + 1
	rowShare
	rowExclusive
	shareUpdateExclusive
	share
	shareRowExclusive
	exclusive
	accessExclusive
)

const (
	rowKeyShare lockMode = iota + 1
	rowShareMode
	rowNoKeyUpdate
	rowUpdate
)

const (
	keyShared lockMode = iota + 1
	keyExclusive
)

// lockKind says what a lock is on.
type lockKind uint8

const (
	lockRelation lockKind = iota
	lockRow
	lockKey      // a value of a unique index, by hash
	lockName     // a name in a schema, by hash
	lockAdvisory // a number of the user's
)

// lockTag names what is locked.
type lockTag struct {
	kind lockKind
	rel  OID
	id   uint64
}

// conflicts[kind][mode] are the modes that a mode conflicts with, as bits.
var conflicts = [...][]uint16{
	lockRelation: {
		accessShare:          bits(accessExclusive),
		rowShare:             bits(exclusive, accessExclusive),
		rowExclusive:         bits(share, shareRowExclusive, exclusive, accessExclusive),
		shareUpdateExclusive: bits(shareUpdateExclusive, share, shareRowExclusive, exclusive, accessExclusive),
		share:                bits(rowExclusive, shareUpdateExclusive, shareRowExclusive, exclusive, accessExclusive),
		shareRowExclusive:    bits(rowExclusive, shareUpdateExclusive, share, shareRowExclusive, exclusive, accessExclusive),
		exclusive:            bits(rowShare, rowExclusive, shareUpdateExclusive, share, shareRowExclusive, exclusive, accessExclusive),
		accessExclusive:      0x1fe,
	},
	lockRow: {
		rowKeyShare:    bits(rowUpdate),
		rowShareMode:   bits(rowNoKeyUpdate, rowUpdate),
		rowNoKeyUpdate: bits(rowShareMode, rowNoKeyUpdate, rowUpdate),
		rowUpdate:      bits(rowKeyShare, rowShareMode, rowNoKeyUpdate, rowUpdate),
	},
	lockKey:      {keyShared: bits(keyExclusive), keyExclusive: bits(keyShared, keyExclusive)},
	lockName:     {keyShared: bits(keyExclusive), keyExclusive: bits(keyShared, keyExclusive)},
	lockAdvisory: {keyShared: bits(keyExclusive), keyExclusive: bits(keyShared, keyExclusive)},
}

func bits(modes ...lockMode) uint16 {
	var b uint16
	for _, m := range modes {
		b |= 1 << m
	}
	return b
}

// locker owns locks: a transaction, or a session (advisory locks).
type locker struct {
	pid  int32
	held map[lockTag]uint16 // under lockTable.mu: carry adds to it
	// since are the locks taken since the first savepoint, in order, if there is one
	// (noted).
	since []heldLock
	noted bool
	// used: it may hold something. Only its own goroutine looks, which spares those who
	// only read the table's mutex.
	used bool
	// waiting is the lock it waits for, under lockTable.mu.
	waiting *lockWait
}

// heldLock is a mode of a lock that somebody has.
type heldLock struct {
	tag  lockTag
	mode lockMode
}

// lockWait is one waiting request.
type lockWait struct {
	who   *locker
	tag   lockTag
	mode  lockMode
	since time.Time
	ready chan struct{}
}

// lock is one locked thing.
type lock struct {
	// one holds it, and so do more; a statement of a million rows makes as many locks,
	// nearly all with one holder.
	one   holder
	more  []holder
	queue []*lockWait
}

// holder has modes of a lock, as bits.
type holder struct {
	who   *locker
	modes uint16
}

// add gives who modes.
func (l *lock) add(who *locker, modes uint16) {
	switch l.one.who {
	case who:
		l.one.modes |= modes
		return
	case nil:
		l.one = holder{who, modes}
		return
	}
	for i := range l.more {
		if l.more[i].who == who {
			l.more[i].modes |= modes
			return
		}
	}
	l.more = append(l.more, holder{who, modes})
}

// remove takes modes from who.
func (l *lock) remove(who *locker, modes uint16) {
	for i := range l.more {
		if l.more[i].who == who {
			l.more[i].modes &^= modes
		}
	}
	l.more = slices.DeleteFunc(l.more, func(h holder) bool { return h.modes == 0 })
	if l.one.who != who {
		return
	}
	if l.one.modes &^= modes; l.one.modes != 0 {
		return
	}
	l.one = holder{}
	if n := len(l.more); n > 0 {
		l.one, l.more = l.more[n-1], l.more[:n-1]
	}
}

// holders goes through those who have the lock.
func (l *lock) holders(yield func(who *locker, modes uint16) bool) {
	if l.one.who == nil || !yield(l.one.who, l.one.modes) {
		return
	}
	for _, h := range l.more {
		if !yield(h.who, h.modes) {
			return
		}
	}
}

// lockTable holds all locks. Readers never come here.
type lockTable struct {
	mu    sync.Mutex
	locks map[lockTag]*lock
	// shared counts row locks with several holders.
	shared int
}

func newLockTable() *lockTable { return &lockTable{locks: map[lockTag]*lock{}} }

// lockPolicy says what to do when a lock cannot be had at once.
type lockPolicy struct {
	noWait  bool
	timeout time.Duration // 0: none
}

// errLockNotAvailable is the answer to NOWAIT, and to a try.
var errLockNotAvailable = pgerr.New(pgerr.LockNotAvailable, "could not obtain lock")

// acquire takes a lock, waiting for it as the policy says. waited tells that
// somebody else had it, so that what it protects may have changed.
func (t *lockTable) acquire(ctx context.Context, who *locker, tag lockTag, mode lockMode, p lockPolicy) (waited bool, err error) {
	who.used = true
	t.mu.Lock()
	held := who.held[tag]
	if held&(1<<mode) != 0 {
		t.mu.Unlock()
		return false, nil
	}
	l := t.locks[tag]
	if l == nil {
		l = &lock{}
		t.locks[tag] = l
	}
	// Shared row locks pass by those who wait for stronger ones, as in PostgreSQL: these
	// may wait for the very transaction that asks.
	if l.free(who, tag.kind, mode) && (held != 0 || tag.kind == lockRow || l.passes(who, tag.kind, mode, len(l.queue))) {
		t.grant(l, who, tag, mode)
		t.mu.Unlock()
		return false, nil
	}
	if p.noWait {
		t.mu.Unlock()
		return false, errLockNotAvailable
	}
	w := &lockWait{who: who, tag: tag, mode: mode, since: time.Now(), ready: make(chan struct{})}
	l.enqueue(w, held)
	who.waiting = w
	if t.deadlocked(who) {
		t.abandon(w)
		t.mu.Unlock()
		return true, pgerr.New(pgerr.TRDeadlockDetected, "deadlock detected").
			WithHint("See server log for query details.")
	}
	t.mu.Unlock()
	return true, t.wait(ctx, w, p)
}

// await waits until a lock could be had, and does not keep it; waited tells that it had to.
func (t *lockTable) await(ctx context.Context, who *locker, tag lockTag, mode lockMode, p lockPolicy) (waited bool, err error) {
	t.mu.Lock()
	l := t.locks[tag]
	free := l == nil || who.held[tag]&(1<<mode) != 0 || l.free(who, tag.kind, mode)
	t.mu.Unlock()
	if free {
		return false, nil
	}
	if waited, err = t.acquire(ctx, who, tag, mode, p); err != nil {
		return waited, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if who.held[tag] &^= 1 << mode; who.held[tag] == 0 {
		delete(who.held, tag)
	}
	if n := len(who.since); n > 0 && who.since[n-1] == (heldLock{tag, mode}) {
		who.since = who.since[:n-1]
	}
	t.drop(who, tag, 1<<mode)
	return true, nil
}

// enqueue puts a request behind those that wait, but ahead of one that waits for what
// the same locker has: that one comes later in any case.
func (l *lock) enqueue(w *lockWait, held uint16) {
	at := slices.IndexFunc(l.queue, func(x *lockWait) bool { return conflicts[w.tag.kind][x.mode]&held != 0 })
	if at < 0 {
		at = len(l.queue)
	}
	l.queue = slices.Insert(l.queue, at, w)
}

func (t *lockTable) wait(ctx context.Context, w *lockWait, p lockPolicy) error {
	var expired <-chan time.Time
	if p.timeout > 0 {
		timer := time.NewTimer(p.timeout)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	case <-expired:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-w.ready: // granted meanwhile
		return nil
	default:
	}
	t.abandon(w)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return pgerr.New(pgerr.LockNotAvailable, "canceling statement due to lock timeout")
}

// free tells whether nobody else holds a conflicting mode.
func (l *lock) free(who *locker, kind lockKind, mode lockMode) bool {
	c := conflicts[kind][mode]
	for h, modes := range l.holders {
		if h.pid != who.pid && modes&c != 0 {
			return false
		}
	}
	return true
}

// passes tells whether none of the first n requests that wait conflicts with a mode.
func (l *lock) passes(who *locker, kind lockKind, mode lockMode, n int) bool {
	return !slices.ContainsFunc(l.queue[:n], func(w *lockWait) bool {
		return w.who != who && conflicts[kind][mode]&(1<<w.mode) != 0
	})
}

func (t *lockTable) grant(l *lock, who *locker, tag lockTag, mode lockMode) {
	t.add(l, who, tag.kind, 1<<mode)
	if who.held == nil {
		who.held = map[lockTag]uint16{}
	}
	who.held[tag] |= 1 << mode
	if who.noted {
		who.since = append(who.since, heldLock{tag, mode})
	}
}

// add gives who modes of a lock.
func (t *lockTable) add(l *lock, who *locker, kind lockKind, modes uint16) {
	one := len(l.more) == 0
	l.add(who, modes)
	if kind == lockRow && one && len(l.more) > 0 {
		t.shared++
	}
}

// carry has those who share the lock of rows that are updated have it of the new
// versions too: ids[i] becomes first+rows[i]. It comes before anybody can see these.
func (t *lockTable) carry(oid OID, ids []uint64, rows []uint32, first uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, id := range ids {
		if t.shared == 0 {
			return
		}
		l := t.locks[lockTag{lockRow, oid, id}]
		if l == nil || len(l.more) == 0 {
			continue
		}
		tag := lockTag{lockRow, oid, first + uint64(rows[i])}
		to := t.locks[tag]
		if to == nil {
			to = &lock{}
			t.locks[tag] = to
		}
		for who, modes := range l.holders {
			t.add(to, who, lockRow, modes)
			who.held[tag] |= modes
		}
	}
}

// abandon takes a waiting request out; mu is held.
func (t *lockTable) abandon(w *lockWait) {
	l := t.locks[w.tag]
	for i, x := range l.queue {
		if x == w {
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			break
		}
	}
	w.who.waiting = nil
	t.serve(w.tag, l)
}

// serve grants what the requests ahead allow, in order, and forgets a lock that nobody
// has; mu is held.
func (t *lockTable) serve(tag lockTag, l *lock) {
	for i := 0; i < len(l.queue); {
		w := l.queue[i]
		if !l.free(w.who, tag.kind, w.mode) || !l.passes(w.who, tag.kind, w.mode, i) {
			i++
			continue
		}
		l.queue = slices.Delete(l.queue, i, i+1)
		t.grant(l, w.who, tag, w.mode)
		w.who.waiting = nil
		close(w.ready)
	}
	if l.one.who == nil && len(l.queue) == 0 {
		delete(t.locks, tag)
	}
}

// release gives back everything that a locker holds.
func (t *lockTable) release(who *locker) {
	if !who.used {
		return
	}
	who.used = false
	t.mu.Lock()
	defer t.mu.Unlock()
	who.noted = false
	for tag := range who.held {
		t.drop(who, tag, allModes)
	}
	if who.since = nil; len(who.held) <= keptLocks {
		clear(who.held)
	} else {
		who.held = nil
	}
}

// keptLocks is up to how many locks a locker keeps the memory of for its next ones.
const keptLocks = 8

// mark notes the locks that are taken from now on, for releaseSince.
func (t *lockTable) mark(who *locker) int {
	who.used = true
	t.mu.Lock()
	defer t.mu.Unlock()
	who.noted = true
	return len(who.since)
}

// releaseSince gives the locks back that were taken since a mark.
func (t *lockTable) releaseSince(who *locker, mark int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range who.since[mark:] {
		if who.held[h.tag] &^= 1 << h.mode; who.held[h.tag] == 0 {
			delete(who.held, h.tag)
		}
		t.drop(who, h.tag, 1<<h.mode)
	}
	who.since = who.since[:mark]
}

const allModes = ^uint16(0)

// onlyRelations tells whether a locker has no locks but those of relations.
func (t *lockTable) onlyRelations(who *locker) bool {
	if !who.used {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for tag := range who.held {
		if tag.kind != lockRelation {
			return false
		}
	}
	return true
}

// releaseOne gives one lock back; false when it was not held.
func (t *lockTable) releaseOne(who *locker, tag lockTag) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if who.held[tag] == 0 {
		return false
	}
	t.drop(who, tag, allModes)
	delete(who.held, tag)
	return true
}

func (t *lockTable) drop(who *locker, tag lockTag, modes uint16) {
	if l := t.locks[tag]; l != nil {
		several := len(l.more) > 0
		l.remove(who, modes)
		if tag.kind == lockRow && several && len(l.more) == 0 {
			t.shared--
		}
		t.serve(tag, l)
	}
}

// modeNames are the names of locks in pg_locks.
var modeNames = map[lockKind][]string{
	lockRelation: {"", "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock",
		"ExclusiveLock", "AccessExclusiveLock"},
	lockRow:      {"", "AccessShareLock", "RowShareLock", "ExclusiveLock", "AccessExclusiveLock"},
	lockKey:      {"", "ShareLock", "ExclusiveLock"},
	lockName:     {"", "ShareLock", "ExclusiveLock"},
	lockAdvisory: {"", "ShareLock", "ExclusiveLock"},
}

// kindNames are the kinds of lock in pg_locks.
var kindNames = map[lockKind]string{lockRelation: "relation", lockRow: "tuple", lockKey: "object", lockName: "object", lockAdvisory: "advisory"}

// waitsFor gives the kind of lock that a locker waits for, "" for none.
func (t *lockTable) waitsFor(who *locker) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if who.waiting == nil {
		return ""
	}
	return kindNames[who.waiting.tag.kind]
}

// list gives the locks held and waited for.
func (t *lockTable) list() []catalog.Lock {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []catalog.Lock
	for tag, l := range t.locks {
		for h, modes := range l.holders {
			for m := range modeNames[tag.kind] {
				if modes&(1<<m) != 0 {
					out = append(out, tag.shown(h.pid, lockMode(m), true))
				}
			}
		}
		for _, w := range l.queue {
			x := tag.shown(w.who.pid, w.mode, false)
			x.Waiting = w.since.UnixMicro() - pgEpoch
			out = append(out, x)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.PID != b.PID {
			return a.PID < b.PID
		}
		return a.Relation < b.Relation || a.Relation == b.Relation && a.Row < b.Row
	})
	return out
}

func (tag lockTag) shown(pid int32, m lockMode, granted bool) catalog.Lock {
	x := catalog.Lock{Kind: kindNames[tag.kind], PID: pid, Mode: modeNames[tag.kind][m], Granted: granted}
	switch tag.kind {
	case lockAdvisory:
		x.Advisory = catalog.AdvisoryKey{Pair: tag.rel&1 == 1, Key: int64(tag.id)}
	case lockRow:
		x.Relation, x.Row = tag.rel, int64(tag.id)
	default:
		x.Relation = tag.rel
	}
	return x
}
