package engine

import (
	"context"
	"runtime"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// requests are those of a test for locks of relations 1 and 2.
type requests struct {
	t     *testing.T
	locks *lockTable
}

func (r requests) now(who *locker, rel OID, mode lockMode) {
	r.t.Helper()
	if _, err := r.locks.acquire(context.Background(), who, lockTag{lockRelation, rel, 0}, mode, lockPolicy{noWait: true}); err != nil {
		r.t.Fatal(err)
	}
}

// later gives what a request that has to wait for something ends with.
func (r requests) later(who *locker, rel OID, mode lockMode) chan error {
	done := make(chan error, 1)
	go func() {
		_, err := r.locks.acquire(context.Background(), who, lockTag{lockRelation, rel, 0}, mode, lockPolicy{})
		done <- err
	}()
	for r.locks.waitsFor(who) == "" && len(done) == 0 {
		runtime.Gosched()
	}
	return done
}

// Those who wait for one another only by the order of their requests are let through in
// another; those who wait for what the others have are not.
func TestDeadlocks(t *testing.T) {
	for name, hold := range map[string]lockMode{"of order": rowExclusive, "of holders": share} {
		t.Run(name, func(t *testing.T) {
			r := requests{t, newLockTable()}
			d1, d2, e1, e2 := &locker{pid: 1}, &locker{pid: 2}, &locker{pid: 3}, &locker{pid: 4}
			r.now(d1, 1, hold)
			r.now(d2, 2, hold)
			w1, w2 := r.later(e1, 1, accessExclusive), r.later(e2, 2, accessExclusive)
			first := r.later(d1, 2, rowExclusive)
			second := r.later(d2, 1, rowExclusive)
			if err := <-second; (err == nil) != (hold == rowExclusive) {
				t.Fatalf("the request that closes the circle ends with %v", err)
			} else if err != nil && pgerr.From(err).Code != pgerr.TRDeadlockDetected {
				t.Fatal(err)
			}
			r.locks.release(d2)
			for _, step := range []struct {
				done chan error
				who  *locker
			}{{w2, e2}, {first, d1}, {w1, e1}} {
				if err := <-step.done; err != nil {
					t.Error(err)
				}
				r.locks.release(step.who)
			}
		})
	}
}

// Who conflicts with nobody that waits does not wait behind them.
func TestPassingBy(t *testing.T) {
	r := requests{t, newLockTable()}
	a, b, c := &locker{pid: 1}, &locker{pid: 2}, &locker{pid: 3}
	r.now(a, 1, rowShare)
	done := r.later(b, 1, exclusive)
	r.now(c, 1, accessShare)
	r.locks.release(a)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
