package engine

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// reports implements catalog.Server: what system relations and functions show of
// the running server.
type reports struct {
	e     *Engine
	rates rates
}

// StartTime implements catalog.Server.
func (r *reports) StartTime() int64 { return r.e.started }

// ReloadTime implements catalog.Server.
func (r *reports) ReloadTime() int64 { return r.e.started }

// Reload implements catalog.Server: the configuration is read at the start only.
func (r *reports) Reload() bool { return true }

// RelationStats implements catalog.Server.
func (r *reports) RelationStats(oid OID) catalog.RelationStats {
	v := r.e.latest()
	st := v.relation(oid)
	switch {
	case st == nil:
		return indexStats(v, oid)
	case st.view != nil:
		return catalog.RelationStats{Rows: st.view.Rows(), Bytes: st.view.Bytes()}
	}
	disk, memory := st.rows.Bytes()
	return catalog.RelationStats{Rows: st.rows.Rows(), Bytes: disk + memory, Inserted: st.stats.Rows}
}

// indexStats gives the size of an index: it has an entry for each row.
func indexStats(v *Version, oid OID) catalog.RelationStats {
	def := v.Cat.RelationByOID(oid)
	if def == nil || def.Index == nil {
		return catalog.RelationStats{}
	}
	st := v.relation(def.Index.Table)
	switch {
	case st == nil:
		return catalog.RelationStats{}
	case st.view != nil:
		return catalog.RelationStats{Rows: st.view.Rows()}
	}
	return catalog.RelationStats{Rows: st.rows.Rows(), Bytes: st.rows.IndexBytes(def.Index.Slot)}
}

// DatabaseStats implements catalog.Server.
func (r *reports) DatabaseStats() catalog.DatabaseStats {
	t := &r.e.totals
	out := catalog.DatabaseStats{
		Commits: t.commits.Load(), Rollbacks: t.rollbacks.Load(), Deadlocks: t.deadlocks.Load(),
		Read: t.reads.Load(), Inserted: t.inserted.Load(), Updated: t.updated.Load(), Deleted: t.deleted.Load(), Sessions: t.sessions.Load(),
	}
	v := r.e.latest()
	for oid := range v.rels.slots {
		out.Bytes += r.RelationStats(oid).Bytes
	}
	return out
}

// ResetStats implements catalog.Server: the counters that there are belong to the
// data.
func (r *reports) ResetStats(OID) {}

// SequenceLast implements catalog.Server.
func (r *reports) SequenceLast(oid OID) (int64, bool) { return r.e.sequences.last(oid) }

// Activity implements catalog.Server.
func (r *reports) Activity() []catalog.Backend {
	var out []catalog.Backend
	for _, s := range r.e.openSessions() {
		out = append(out, s.backend())
	}
	return out
}

// openSessions gives the sessions by process number.
func (e *Engine) openSessions() []*Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]*Session, 0, len(e.sessions))
	for _, s := range e.sessions {
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].pid < out[j].pid })
	return out
}

// backend describes the session for pg_stat_activity.
func (s *Session) backend() catalog.Backend {
	a := &s.activity
	a.mu.Lock()
	defer a.mu.Unlock()
	b := catalog.Backend{
		PID: s.pid, Role: a.role, DB: s.db, Application: a.application, Kind: "client backend", Port: -1,
		Started: a.started, XactStart: a.xactStart, QueryStart: a.queryStart, StateChange: a.changed, State: a.state, Query: a.query, Xid: a.xid.Load(),
	}
	if host, port, ok := splitAddr(s.client.Addr); ok {
		b.Address, b.Port = host, port
	}
	if host, port, ok := splitAddr(s.client.Local); ok {
		b.ServerAddress, b.ServerPort = host, port
	}
	if s.client.TLS {
		b.TLS = "TLSv1.3"
	}
	if kind := s.e.locks.waitsFor(&s.locker); kind != "" {
		b.WaitType, b.WaitEvent = "Lock", kind
	}
	if a.state != "active" {
		b.WaitType, b.WaitEvent = "Client", "ClientRead"
	}
	return b
}

// splitAddr takes host:port apart; a Unix socket's name is nothing of the kind.
func splitAddr(addr string) (host string, port int32, ok bool) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return host, int32(n), err == nil
}

// Locks implements catalog.Server.
func (r *reports) Locks() []catalog.Lock {
	list := r.e.locks.list()
	for i := range list {
		if s := r.e.session(list[i].PID); s != nil {
			list[i].DB = s.db
		}
	}
	return list
}

// Cancel implements catalog.Server.
func (r *reports) Cancel(pid int32) bool {
	s := r.e.session(pid)
	if s == nil {
		return false
	}
	s.cancel(errCanceled)
	return true
}

func (e *Engine) session(pid int32) *Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sessions[pid]
}

// Terminate implements catalog.Server.
func (r *reports) Terminate(ctx context.Context, pid int32, timeoutMs int64) bool {
	s := r.e.session(pid)
	if s == nil {
		return false
	}
	s.terminate()
	if timeoutMs <= 0 {
		return true
	}
	ctx, stop := context.WithTimeout(ctx, time.Duration(timeoutMs)*time.Millisecond)
	defer stop()
	select {
	case <-s.gone:
		return true
	case <-ctx.Done():
		return false
	}
}

// Position implements catalog.Server.
func (r *reports) Position() uint64 { return uint64(r.e.log.Tail()) }

// Commit implements catalog.Server.
func (r *reports) Commit() uint64 { return uint64(r.e.latest().Seq) }

// Streams implements catalog.Server.
func (r *reports) Streams() []catalog.StreamStats {
	out := r.streams()
	open := r.e.openWindows()
	for i := range out {
		s := &out[i]
		ends := open[s.OID]
		if len(ends) == 0 {
			continue
		}
		s.OpenWindows, s.OldestWindow = int64(len(ends)), slices.Min(slices.Collect(maps.Keys(ends)))
		s.Waiting = "the oldest window ends at " + utc(s.OldestWindow) + ", no row has moved the watermark yet"
		if s.Watermark != window.NoTime {
			s.Waiting = "the oldest window ends at " + utc(s.OldestWindow) + ", the watermark is at " + utc(s.Watermark)
		}
	}
	return out
}

// utc is a time as text.
func utc(us int64) string { return types.TTimestamptz.Text(types.DefaultEnv, types.NewInt(us)) }

// openWindows gives, per stream, the watermarks at which views over it that are
// emitted on window close will emit rows which they have.
func (e *Engine) openWindows() map[OID]map[int64]bool {
	out := map[OID]map[int64]bool{}
	_ = e.line.do(func() {
		for _, v := range e.line.state.views {
			v.circuit.Open(func(input int, due int64) {
				oid := v.inputs[input].Rel
				if out[oid] == nil {
					out[oid] = map[int64]bool{}
				}
				out[oid][due] = true
			})
		}
	})
	return out
}

// streams is Streams without what the commit line has to be asked for.
func (r *reports) streams() []catalog.StreamStats {
	v := r.e.latest()
	var out []catalog.StreamStats
	for _, def := range v.Cat.Relations() {
		if def.Kind != catalog.Stream || def.Stream.LateOf != 0 {
			continue
		}
		if st := v.relation(def.OID); st != nil && st.rows != nil {
			out = append(out, r.stream(v, def, st))
		}
	}
	return out
}

func (r *reports) stream(v *Version, def *catalog.Relation, st *relState) catalog.StreamStats {
	disk, memory := st.rows.Bytes()
	s := catalog.StreamStats{
		OID: def.OID, Rows: st.rows.Rows(), Bytes: disk + memory, Late: st.stats.Late, Dropped: st.stats.Dropped,
		Rate: r.rates.of(def.OID), FirstTime: st.stats.First, LastTime: st.stats.Last,
		LastCommit: uint64(st.stats.LastSeq), LastRow: st.stats.LastRow, Watermark: window.NoTime, MaxTime: st.mark.Max,
	}
	if def.Stream.Time == 0 {
		s.HeldBack = "the stream has no event time"
		return s
	}
	rules := def.Stream.Rules
	s.Watermark = st.mark.Watermark(rules)
	s.Idle = st.mark.Floor != window.NoTime && st.mark.Floor >= s.Watermark && st.mark.Floor > window.NoTime
	switch {
	case st.mark.Max == window.NoTime && !s.Idle && st.stats.Last != window.NoTime:
		s.HeldBack = fmt.Sprintf("every row so far is dated further ahead than max_future_skew, %s, allows", (time.Duration(rules.Skew) * time.Microsecond).String())
	case st.mark.Max == window.NoTime && !s.Idle:
		s.HeldBack = "no row has come yet"
	case s.Idle:
		s.HeldBack = "no row has come for longer than the idle timeout, so the clock moves it"
	default:
		s.HeldBack = fmt.Sprintf("the latest row is dated %s, less the delay of %s",
			utc(st.mark.Max), (time.Duration(rules.Delay) * time.Microsecond).String())
	}
	return s
}

// Views implements catalog.Server.
func (r *reports) Views() []catalog.ViewStats {
	v := r.e.latest()
	var out []catalog.ViewStats
	for _, def := range v.Cat.Relations() {
		st := v.relation(def.OID)
		if def.Kind != catalog.MatView || st == nil || st.view == nil {
			continue
		}
		c := st.counters
		x := catalog.ViewStats{
			OID: def.OID, State: "running", Commit: uint64(v.Seq), Watermark: st.mark.Floor, Rows: st.view.Rows(), Bytes: st.view.Bytes(),
		}
		if c != nil {
			x.RowsIn, x.RowsOut, x.StepMicros = c.rowsIn.Load(), c.rowsOut.Load(), c.micros.Load()
			x.StateBytes, x.LastErrorAt = c.stateBytes.Load(), c.lastErrAt.Load()
		}
		if st.err != nil {
			e := pgerr.From(st.err)
			x.State, x.LastError, x.LastErrorCode = "failed", e.Message, string(e.Code)
			if e.Code == pgerr.OutOfMemory {
				x.State = "stopped"
			}
		}
		out = append(out, x)
	}
	return out
}

// Progress implements catalog.Server.
func (r *reports) Progress() []catalog.DDLProgress { return r.e.building.list() }

var _ catalog.Server = (*reports)(nil)

// rates remember how many rows streams had, second by second.
type rates struct {
	mu      sync.Mutex
	samples []rateSample
}

type rateSample struct {
	at   time.Time
	rows map[OID]int64
}

// rateSeconds is over how long a rate is taken.
const rateSeconds = 10

// sample notes the counters as they are.
func (r *rates) sample(v *Version) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.samples); n > 0 && now.Sub(r.samples[n-1].at) < time.Second {
		return
	}
	rows := map[OID]int64{}
	for oid, slot := range v.rels.slots {
		if st := v.rels.chunks[slot/relChunk][slot%relChunk]; st != nil && st.rows != nil {
			rows[oid] = st.stats.Rows
		}
	}
	r.samples = append(r.samples, rateSample{now, rows})
	if len(r.samples) > rateSeconds+1 {
		r.samples = r.samples[1:]
	}
}

// of is the mean of rows per second over the last seconds.
func (r *rates) of(oid OID) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.samples)
	if n < 2 {
		return 0
	}
	first, last := r.samples[0], r.samples[n-1]
	return float64(last.rows[oid]-first.rows[oid]) / last.at.Sub(first.at).Seconds()
}

// building lists the materialized views that are being filled.
type building struct {
	mu   sync.Mutex
	jobs map[*Session]catalog.DDLProgress
}

func (b *building) begin(s *Session, def *catalog.Relation, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.jobs == nil {
		b.jobs = map[*Session]catalog.DDLProgress{}
	}
	b.jobs[s] = catalog.DDLProgress{
		PID: s.pid, Command: "CREATE MATERIALIZED VIEW", Relation: def.OID, Phase: "reading what is stored", Total: total, Started: s.e.now(), Query: def.View.SQL,
	}
}

func (b *building) end(s *Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.jobs, s)
}

func (b *building) list() []catalog.DDLProgress {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []catalog.DDLProgress
	for _, j := range b.jobs {
		out = append(out, j)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].PID < out[j].PID })
	return out
}
