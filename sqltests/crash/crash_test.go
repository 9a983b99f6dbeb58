package crash

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	point "github.com/streamsqld/streamsqld/internal/crash"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

var (
	roundsFlag = flag.Int("rounds", 0, "how often to kill the server; 0: 20, and 3 in short tests")
	seedFlag   = flag.Uint64("seed", 0, "of the random choices; 0: another one each time")
	pointFlag  = flag.String("point", "", "the crash point of all rounds, as name or name:n; empty: all of them, and random moments")
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

const writerCount = 6

// roundsOfADirectory bounds what a database grows to.
const roundsOfADirectory = 25

// longest is how long the writers work before the server is killed.
const longest = 1500 * time.Millisecond

func TestCrash(t *testing.T) {
	rounds, seed := *roundsFlag, *seedFlag
	if rounds == 0 {
		if rounds = 8; testing.Short() {
			rounds = 3
		}
	}
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := newRun(t, seed)
	for i := range rounds {
		if i%roundsOfADirectory == 0 {
			r.prepare()
		}
		if r.round(i); t.Failed() {
			t.Logf("round %d of %d failed; go test ./sqltests/crash -rounds %d -seed %d", i+1, rounds, rounds, seed)
			break
		}
	}
	r.summary()
}

// run is a test with many rounds over one data directory.
type run struct {
	t       *testing.T
	rnd     *rand.Rand
	server  *harness.Server
	writers []*writer
	points  []string

	died         map[string]int // by point, or by "kill -9"
	acknowledged int
	applied      int // operations in doubt that were there
	lost         int // and that were not
	agreements   int
	starts       []time.Duration
}

func newRun(t *testing.T, seed uint64) *run {
	r := &run{t: t, rnd: rand.New(rand.NewPCG(seed, 1<<32)), died: map[string]int{}, points: sourcePoints(t)}
	return r
}

// prepare makes a new database, and new writers.
func (r *run) prepare() {
	r.writers = r.writers[:0]
	for i := range writerCount {
		r.writers = append(r.writers, newWriter(i, r.rnd.Uint64()))
	}
	r.server = harness.Start(r.t, harness.Options{})
	c, err := r.server.Connect(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close(r.t.Context())
	if err := c.Exec(r.t.Context(), schema).Close(); err != nil {
		r.t.Fatal(err)
	}
	for _, v := range views {
		if err := c.Exec(r.t.Context(), "CREATE MATERIALIZED VIEW "+v.name+" AS "+v.query).Close(); err != nil {
			r.t.Fatalf("%s: %v", v.name, err)
		}
	}
	r.server.Kill()
}

// round starts the server, lets the writers work, has it die, starts it again
// and looks at what is there.
func (r *run) round(i int) {
	how := r.choose()
	var env []string
	if how != "" {
		env = []string{point.Env + "=" + how}
	}
	byItself := true
	if err := r.server.Start(env...); err == nil {
		byItself = r.work()
	} else if how == "" {
		r.t.Error(err)
		return
	}
	r.note(how, byItself)
	began := time.Now()
	if err := r.server.Start(); err != nil {
		r.t.Errorf("round %d (%s): %v", i+1, how, err)
		return
	}
	r.starts = append(r.starts, time.Since(began))
	if err := r.check(); err != nil {
		r.t.Errorf("round %d (died %s): %v", i+1, orKill(how), err)
	}
	r.server.Kill()
}

func orKill(how string) string {
	if how == "" {
		return "by kill -9"
	}
	return "at " + how + ", if it was passed, else by kill -9"
}

// choose picks a crash point with the pass at which to die; empty: none.
func (r *run) choose() string {
	if *pointFlag != "" {
		return *pointFlag
	}
	if r.rnd.IntN(4) == 0 {
		return ""
	}
	name := r.points[r.rnd.IntN(len(r.points))]
	return fmt.Sprintf("%s:%d", name, 1+r.rnd.IntN(passes(name)))
}

// work has writers, a reader and a maker of checkpoints at work until the server
// is gone, or the time is over and it is killed. It tells whether it went by
// itself.
func (r *run) work() bool {
	ctx, cancel := context.WithTimeout(r.t.Context(), longest/2+time.Duration(r.rnd.Int64N(int64(longest))))
	defer cancel()
	var all sync.WaitGroup
	work := func(name string, f func(context.Context, string) error) {
		all.Go(func() {
			if err := f(ctx, r.server.DSN()); err != nil {
				r.t.Errorf("%s: %v", name, err)
			}
		})
	}
	for _, w := range r.writers {
		work(fmt.Sprintf("writer %d", w.id), w.run)
	}
	work("reader", r.read)
	work("checkpoints", checkpoints)
	byItself := false
	select { // the end of the time is a kill in the middle of everything
	case <-ctx.Done():
	case <-r.server.Exited():
		byItself = true
	}
	r.server.Kill()
	cancel()
	all.Wait()
	return byItself
}

// read reads again and again what must agree.
func (r *run) read(ctx context.Context, dsn string) error {
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return unexpected(err)
	}
	defer c.Close(context.Background())
	for ctx.Err() == nil {
		list, err := rows(ctx, c, agreement)
		if err != nil {
			return unexpected(err)
		}
		if list[0][0] != "t" {
			return errors.New("a read has seen views and tables at different commits")
		}
		r.agreements++
	}
	return nil
}

// checkpoints asks for checkpoints, which seal, compact and trim.
func checkpoints(ctx context.Context, dsn string) error {
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return unexpected(err)
	}
	defer c.Close(context.Background())
	for ctx.Err() == nil {
		if err := c.Exec(ctx, "CHECKPOINT").Close(); err != nil {
			return unexpected(err)
		}
		time.Sleep(30 * time.Millisecond)
	}
	return nil
}

// check looks at everything after a start.
func (r *run) check() error {
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	c, err := r.server.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, w := range r.writers {
		doubt := w.doubt != nil
		was, err := w.settle(ctx, c)
		if err != nil {
			return fmt.Errorf("invariant D: %w", err)
		}
		if was {
			r.applied++
		} else if doubt {
			r.lost++
		}
	}
	if err := checkViews(ctx, c); err != nil {
		return fmt.Errorf("invariant V: %w", err)
	}
	return nil
}

// note counts how the server has died.
func (r *run) note(how string, byItself bool) {
	name, _, _ := strings.Cut(how, ":")
	if !byItself {
		name = "kill -9"
	}
	r.died[name]++
	for _, w := range r.writers {
		r.acknowledged += w.acknowledged
		w.acknowledged = 0
	}
}

func (r *run) summary() {
	rowCount := 0
	for _, w := range r.writers {
		rowCount += len(w.known.table) + len(w.known.stream)
	}
	slices.Sort(r.starts)
	var most, mid time.Duration
	if n := len(r.starts); n > 0 {
		mid, most = r.starts[n/2], r.starts[n-1]
	}
	r.t.Logf("%d operations acknowledged, %d rows at the end; of those under way at a crash %d were there, %d not; %d reads agreed; starts: median %s, longest %s",
		r.acknowledged, rowCount, r.applied, r.lost, r.agreements, mid.Round(time.Millisecond), most.Round(time.Millisecond))
	for _, how := range slices.Sorted(maps.Keys(r.died)) {
		r.t.Logf("%4d  %s", r.died[how], how)
	}
}
