package server

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

const (
	// flushAt is when a buffer of output is sent though more is to come.
	flushAt = 64 << 10
	// lag is how long an answer may wait for the answers behind it while the
	// client's next messages are executed.
	lag = 2 * time.Millisecond
	// maxPending bounds the commits of one connection that are on their way.
	maxPending = 1024
	// maxTail bounds the answers that wait behind a commit on its way.
	maxTail = 1 << 20
)

// output is a connection's way out. buf belongs to the connection's goroutine,
// which appends messages to it and calls flush where the client has to see
// them. Everything below mu is shared with those that send on its behalf: the
// goroutine that waits for commits, and the timer.
//
// O1: bytes leave in the order in which they were sealed or flushed; what is
// behind a commit leaves after the commit's own answer.
// O2: only whole messages are sealed, flushed or held.
type output struct {
	nc      net.Conn
	direct  *attempt        // writes to nc what it takes at once; nil: it cannot
	timeout time.Duration   // for one write, 0: none
	stop    <-chan struct{} // closed when the connection is to end at once
	close   func()          // closes the connection, without waiting for anything
	sent    func(n int)     // counts bytes
	buf     []byte

	mu      sync.Mutex
	drained sync.Cond // held has become shorter, or err is set
	ready   []byte    // sealed, not yet sent
	held    []held    // commits on their way, in order
	waiting bool      // a goroutine waits for held commits, or for the client to take ready
	ending  bool      // finish was called: no other goroutine begins to wait
	waiters sync.WaitGroup
	timer   *time.Timer // sends ready after lag
	armed   bool
	err     error // of the first write that failed; nothing is sent after it
}

// held is a commit on its way with the bytes to be sent after its answer.
type held struct {
	commit Pending
	status byte
	client *types.Client // of the text of its error
	tail   []byte
}

var errDisconnected = errors.New("the client is gone")

func newOutput(nc net.Conn, timeout time.Duration, stop <-chan struct{}, closeNow func(), sent func(int)) *output {
	o := &output{timeout: timeout, stop: stop, close: closeNow, sent: sent, buf: make([]byte, 0, 4096)}
	o.drained.L = &o.mu
	o.over(nc)
	return o
}

// over has the output write to nc.
func (o *output) over(nc net.Conn) { o.nc, o.direct = nc, newAttempt(nc) }

// flush sends what is in buf, or queues it behind the commits on their way.
func (o *output) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	if len(o.held) == 0 {
		o.send()
	}
	return o.err
}

// sendSealed sends the answers that are complete, and leaves buf.
func (o *output) sendSealed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) == 0 {
		o.send()
	}
	return o.err
}

// full tells that buf is worth sending.
func (o *output) full() bool { return len(o.buf) >= flushAt }

// sealReply ends an answer while more messages are waiting to be executed: it
// goes out with the following ones, or after lag.
func (o *output) sealReply() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	switch {
	case len(o.ready) >= flushAt:
		o.send()
	case len(o.ready) > 0 && !o.armed:
		o.armed = true
		if o.timer == nil {
			o.timer = time.AfterFunc(lag, o.onTimer)
		} else {
			o.timer.Reset(lag)
		}
	}
	return o.err
}

func (o *output) onTimer() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed = false
	o.send()
}

// hold queues a commit on its way; its ReadyForQuery has the given status.
// What is in buf goes out before it, together with it where nothing hurries.
func (o *output) hold(p Pending, status byte, client *types.Client) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	for len(o.held) >= maxPending && o.err == nil {
		o.wait()
		o.drained.Wait()
	}
	if o.err != nil {
		return o.err
	}
	o.held = append(o.held, held{commit: p, status: status, client: client})
	if n, ok := p.(Notifier); !ok || o.direct == nil || !n.Notify(o) {
		o.wait()
	}
	return nil
}

// wait has a goroutine wait for the held commits. mu is held.
func (o *output) wait() {
	if !o.waiting && !o.ending {
		o.waiting = true
		o.waiters.Go(o.await)
	}
}

// Committed implements port.Waiter: a held commit is done. It answers for it unless
// that would mean to wait for the client, which is then left to a goroutine.
func (o *output) Committed() {
	if !o.mu.TryLock() {
		go o.answerLater()
		return
	}
	defer o.mu.Unlock()
	if !o.waiting && !o.ending && o.err == nil && o.collectDone() && !o.sendSome() {
		o.wait()
	}
}

// answerLater is Committed where somebody else, who may be waiting for the client,
// has the output. Nobody waits for it: after finish it finds nothing to do.
func (o *output) answerLater() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.waiting && !o.ending && o.err == nil {
		o.answerDone()
	}
}

// await answers commits in order as they become durable, and ends when none is
// left or the connection is stopped.
func (o *output) await() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.send()
	for len(o.held) > 0 && o.err == nil {
		done := o.held[0].commit.Done()
		o.mu.Unlock()
		select {
		case <-done:
		case <-o.stop:
		}
		o.mu.Lock()
		if !isClosed(done) {
			o.err = errDisconnected
			break
		}
		o.answerDone()
	}
	o.held = nil
	o.waiting = false
	o.drained.Broadcast()
}

// answerDone answers all commits at the head of the queue that are done. mu is
// held.
func (o *output) answerDone() {
	if o.collectDone() {
		o.send()
	}
}

// collectDone makes ready the answers of all commits at the head of the queue that
// are done. It gives false where that has ended the connection. mu is held.
func (o *output) collectDone() bool {
	n := 0
	for n < len(o.held) && isClosed(o.held[n].commit.Done()) {
		h := &o.held[n]
		if err := h.commit.Err(); err != nil {
			e := pgerr.From(err)
			o.ready = appendReport(o.ready, e, "", h.client)
			if endsConnection(e) {
				o.send()
				o.err = errDisconnected
				o.close()
				return false
			}
		}
		o.ready = appendReady(o.ready, h.status)
		o.ready = append(o.ready, h.tail...)
		n++
	}
	left := copy(o.held, o.held[n:])
	clear(o.held[left:])
	o.held = o.held[:left]
	o.drained.Broadcast()
	return true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// seal moves buf to where its bytes belong. It waits where too much stands
// behind a commit. mu is held.
func (o *output) seal() {
	switch n := len(o.held); {
	case len(o.buf) == 0:
		return
	case n > 0:
		last := &o.held[n-1]
		last.tail = append(last.tail, o.buf...)
		for n := n; n > 0 && len(o.held[n-1].tail) > maxTail && o.err == nil; n = len(o.held) {
			o.wait()
			o.drained.Wait()
		}
	case len(o.ready) == 0:
		o.ready, o.buf = o.buf, o.ready
	default:
		o.ready = append(o.ready, o.buf...)
	}
	o.buf = o.buf[:0]
}

// send sends ready. A write that fails closes the connection, which ends the
// read that its goroutine may be in. mu is held.
func (o *output) send() {
	if !o.sendSome() {
		o.sendRest()
	}
}

// sendSome sends as much of ready as the client takes without a wait; it tells
// whether nothing is left to send. mu is held.
func (o *output) sendSome() bool {
	if len(o.ready) == 0 || o.err != nil {
		o.emptied()
		return true
	}
	if o.direct == nil {
		return false
	}
	n, err := o.direct.send(o.ready)
	if err != nil {
		o.broken()
		o.emptied()
		return true
	}
	o.sent(n)
	if n == len(o.ready) {
		o.emptied()
		return true
	}
	o.ready = o.ready[:copy(o.ready, o.ready[n:])]
	return false
}

// sendRest sends ready and waits for the client to take it. The deadline is taken
// back, as direct writes would fail by it. mu is held.
func (o *output) sendRest() {
	if o.timeout > 0 {
		o.nc.SetWriteDeadline(time.Now().Add(o.timeout))
	}
	if _, err := o.nc.Write(o.ready); err != nil {
		o.broken()
	} else {
		o.sent(len(o.ready))
		if o.timeout > 0 && o.direct != nil {
			o.nc.SetWriteDeadline(time.Time{})
		}
	}
	o.emptied()
}

// broken ends the connection after a write that failed.
func (o *output) broken() {
	o.err = errDisconnected
	o.close()
}

// emptied leaves nothing to send, and no large buffer.
func (o *output) emptied() {
	if cap(o.ready) > 4*flushAt {
		o.ready = nil
	} else {
		o.ready = o.ready[:0]
	}
}

// finish waits until every commit is answered, sends what is left and stops
// the timer. Nothing is sent after it.
func (o *output) finish() {
	o.mu.Lock()
	if len(o.held) > 0 {
		o.wait()
	}
	o.ending = true
	o.mu.Unlock()
	o.waiters.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	o.send()
	if o.timer != nil {
		o.timer.Stop()
	}
	if o.err == nil {
		o.err = errDisconnected
	}
}
