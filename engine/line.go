package engine

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/storage"
	"github.com/streamsqld/streamsqld/storage/log"
)

// line is the commit line: the one goroutine that makes versions. What is below
// mu is shared with those who enqueue; the rest is the line's own.
type line struct {
	e *Engine

	mu     sync.Mutex
	queue  []*commit
	jobs   []func()
	closed bool
	wake   chan struct{}

	// failed is why nothing can be committed any more (a failed fsync). lost are the
	// commits it has hit: their record may survive, so what it names in the store must.
	failed error
	lost   []*commit

	state   *state
	record  []byte         // memory that one group's record after the other uses
	telling sync.WaitGroup // goroutines that tell of commits that are done
	sync    chan log.Pos
	acks    chan error
	done    chan struct{}
}

// groupBytes bounds the payload of a group: more waits for the next one.
const groupBytes = 64 << 20

// keptRecord bounds the memory that is kept for the next group's record.
const keptRecord = 1 << 20

// newLine makes the line that goes on from a state.
func newLine(e *Engine, st *state) *line {
	return &line{
		e: e, state: st, wake: make(chan struct{}, 1), sync: make(chan log.Pos), acks: make(chan error), done: make(chan struct{}),
	}
}

// commit enqueues a commit; it is answered through c. After an error the commit
// is not enqueued.
func (l *line) commit(c *commit) error {
	var err error
	if c.data, err = c.payload(); err != nil {
		return err
	}
	c.done = make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errShutdown()
	}
	l.queue = append(l.queue, c)
	l.signal()
	return nil
}

func errShutdown() error { return errTerminated() }

// do runs fn on the line, between groups, and waits for it.
func (l *line) do(fn func()) error {
	ran := make(chan struct{})
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return errShutdown()
	}
	l.jobs = append(l.jobs, func() { fn(); close(ran) })
	l.signal()
	l.mu.Unlock()
	<-ran
	return nil
}

// signal wakes the line; mu is held.
func (l *line) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run is the line's goroutine. It ends when stop was called and the queue is
// empty.
func (l *line) run() {
	defer close(l.done)
	defer l.telling.Wait()
	go l.syncer()
	defer close(l.sync)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		l.gather()
		group, jobs, closed := l.take()
		for _, job := range jobs {
			job()
		}
		if len(group) > 0 {
			l.group(group)
			continue
		}
		if len(jobs) > 0 {
			continue
		}
		if closed {
			return
		}
		if l.failed == nil && l.state.due(l.e.now()) {
			l.tick()
			continue
		}
		timer.Reset(l.state.untilDue(l.e.now()))
		select {
		case <-l.wake:
		case <-timer.C:
		}
	}
}

// gather lets those go first that are ready to run, as long as commits come of it: what
// they enqueue shares the group's record, fsync and step. It waits for nobody: where
// nothing else is ready it is back at once, and when both cores are busy groups grow.
func (l *line) gather() {
	for n, more := 0, l.queued(); more > n && more < gathered; more = l.queued() {
		n = more
		runtime.Gosched()
	}
}

// gathered is how many commits make a group that need not grow.
const gathered = 256

func (l *line) queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}

// take gives what waits, up to a group's size.
func (l *line) take() (group []*commit, jobs []func(), closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bytes, n := 0, 0
	for n < len(l.queue) && (n == 0 || bytes < groupBytes) {
		if len(l.queue[n].cat) > 0 || l.queue[n].spilled() { // these are groups of their own
			if n == 0 {
				n = 1
			}
			break
		}
		bytes += len(l.queue[n].data)
		n++
	}
	group = l.queue[:n:n]
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil
		if n > 1 { // as many may come again
			l.queue = make([]*commit, 0, n)
		}
	}
	jobs, l.jobs = l.jobs, nil
	return group, jobs, l.closed
}

// stop ends the line after what is queued.
func (l *line) stop() {
	l.mu.Lock()
	l.closed = true
	l.signal()
	l.mu.Unlock()
	<-l.done
}

// syncer makes the log durable when asked, beside the line.
func (l *line) syncer() {
	for range l.sync {
		l.acks <- l.e.log.Sync()
	}
}

// group commits a group: record, step beside the fsync, publish, acknowledge.
func (l *line) group(group []*commit) {
	group = l.admit(group)
	if len(group) == 0 {
		return
	}
	clock := l.clock()
	record, durable := l.record[:0], false
	record = append(record, groupHeader(l.state.cur.Seq+1, clock, len(group))...)
	for _, c := range group {
		record = append(record, c.data...)
		durable = durable || c.sync
	}
	if cap(record) <= keptRecord {
		l.record = record
	}
	crash.Point("line.before-record")
	if _, end, err := l.e.log.Append(log.Record{Type: recGroup, Data: record}); err != nil {
		l.refuse(group, err)
		return
	} else {
		l.state.pos = end
	}
	crash.Point("line.after-record")
	if durable {
		l.sync <- l.state.pos
	}
	v, err := l.state.step(context.Background(), group, l.state.cur.Seq+1, clock)
	if durable {
		if serr := <-l.acks; serr != nil {
			err = serr
		}
	}
	if err != nil {
		// The record is in the log and may survive; nothing after it can be said for
		// sure, so nothing more is committed.
		l.failed, l.lost = pgerr.From(err), group
		l.e.fail(err)
		l.answer(group, err)
		return
	}
	crash.Point("line.before-publish")
	l.publish(v)
	for _, c := range group {
		l.e.notify(c.notes)
	}
	l.answer(group, nil)
	l.e.keeper.poke()
}

// admit answers the commits that cannot go on, and gives the others.
func (l *line) admit(group []*commit) []*commit {
	if l.failed != nil {
		l.answer(group, l.failed)
		return nil
	}
	out := group[:0]
	for _, c := range group {
		var err error
		if c.check != nil {
			err = c.check(l.state.cur, out)
		}
		if err == nil && len(c.cat) > 0 {
			err = l.state.applicable(c, l.state.cur)
		}
		if err == nil {
			err = l.state.readyToAdopt(context.Background(), c)
		}
		if err != nil {
			l.tell(c.finish(err))
			continue
		}
		out = append(out, c)
	}
	return out
}

// refuse answers a group whose record could not be written. An error that says
// that the log works no more is the end of commits.
func (l *line) refuse(group []*commit, err error) {
	if lerr := l.e.log.Err(); lerr != nil {
		l.failed = lerr
		l.e.fail(lerr)
	}
	l.answer(group, err)
}

func (l *line) answer(group []*commit, err error) {
	waiters := make([]port.Waiter, 0, len(group))
	for _, c := range group {
		if c.hasStaged {
			l.e.stagingEnds(c.tx)
		}
		if err == nil && c.rows >= hugeRows {
			go l.secure(c)
			continue
		}
		if w := c.finish(err); w != nil {
			waiters = append(waiters, w)
		}
	}
	l.tell(waiters...)
}

// tell tells those who wait for commits, beside the line: each writes to its client.
func (l *line) tell(waiters ...port.Waiter) {
	if len(waiters) == 0 || waiters[0] == nil {
		return
	}
	l.telling.Go(func() {
		for _, w := range waiters {
			w.Committed()
		}
	})
}

// hugeRows is from how many rows on a commit waits for a checkpoint: stepping it again
// after a crash would hold up the start for seconds.
const hugeRows = 4 << 20

// secure answers a huge commit when a checkpoint has it.
func (l *line) secure(c *commit) {
	if err := l.e.checkpoint.now(context.Background()); err != nil {
		l.e.cfg.Logger.Error("checkpoint failed", "error", err)
	}
	if w := c.finish(nil); w != nil {
		w.Committed()
	}
}

// clock gives the time of the next record: it never goes back.
func (l *line) clock() int64 { return max(l.e.now(), l.state.cur.Clock) }

func (l *line) publish(v *Version) {
	l.state.cur = v
	l.e.cur.Store(v)
}

// tick logs the passing of time, because a watermark or a view waits for it.
func (l *line) tick() {
	clock := l.clock()
	_, end, err := l.e.log.Append(log.Record{Type: recGroup, Data: groupHeader(l.state.cur.Seq+1, clock, 0)})
	if err != nil {
		l.refuse(nil, err)
		return
	}
	l.state.pos = end
	v, err := l.state.step(context.Background(), nil, l.state.cur.Seq+1, clock)
	if err != nil {
		l.failed = pgerr.From(err)
		l.e.fail(err)
		return
	}
	l.publish(v)
}

// seqAfter is the number of the last commit of a group of n that begins at first;
// a tick takes a number too.
func seqAfter(first storage.Seq, n int) storage.Seq { return first + storage.Seq(max(n, 1)) - 1 }
