package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// activity lists the sessions; PostgreSQL counts them from 1.
func (c *call) activity() []catalog.Backend {
	if c.Server == nil {
		return nil
	}
	return c.Server.Activity()
}

// mayRead tells whether the role may see what a session does.
func (c *call) mayRead(b *catalog.Backend) bool {
	return c.MemberOf(c.Role, b.Role, true) || c.reader(readAllStats)
}

const hidden = "<insufficient privilege>"

// activityRows are the rows of pg_stat_activity, of one session if a number is
// given.
func activityRows(c *call) ([][]types.Datum, error) {
	var rows [][]types.Datum
	for _, b := range c.activity() {
		if c.has(0) && int64(b.PID) != c.num(0) {
			continue
		}
		rows = append(rows, c.activityRow(&b))
	}
	return rows, nil
}

func (c *call) activityRow(b *catalog.Backend) []types.Datum {
	n := types.Null
	datid, role := integer(b.DB), integer(b.Role)
	if b.Role == 0 {
		datid, role = n, n
	}
	if !c.mayRead(b) {
		return []types.Datum{datid, integer(b.PID), role, text(b.Application), n, text(hidden), n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n,
			n, n, n}
	}
	addr, port := n, integer(b.Port)
	if b.Address != "" {
		addr = address(b.Address)
	}
	if b.Role == 0 {
		port = n
	}
	xid := n
	if b.Xid != 0 {
		xid = integer(uint32(b.Xid))
	}
	tls := b.TLS != ""
	version, cipher, bits := n, n, n
	if tls {
		version, cipher, bits = text(b.TLS), text(b.Cipher), integer(b.Bits)
	}
	return []types.Datum{
		datid, integer(b.PID), role, text(b.Application), textOrNull(b.State), text(b.Query), textOrNull(b.WaitType), textOrNull(b.WaitEvent),
		when(b.XactStart), when(b.QueryStart), when(b.Started), when(b.StateChange), addr, n, port, xid, n, textOrNull(b.Kind),
		boolean(tls), version, cipher, bits, n, n, n, boolean(false), n, boolean(false), n, n,
	}
}

// ofBackend makes a function about the session of a number in the list, NULL when
// there is none or it is nobody's business.
func ofBackend(fn func(b *catalog.Backend) types.Datum, private types.Datum) scalar {
	return func(c *call) (types.Datum, error) {
		all := c.activity()
		i := c.num(0)
		if i < 1 || i > int64(len(all)) {
			return types.Null, nil
		}
		if b := &all[i-1]; c.mayRead(b) {
			return fn(b), nil
		}
		return private, nil
	}
}

// signal is pg_cancel_backend and pg_terminate_backend: only one's own sessions,
// those of roles one is a member of, or by right of pg_signal_backend.
func signal(verb string, send func(c *call, pid int32) bool) scalar {
	return func(c *call) (types.Datum, error) {
		pid := int32(c.num(0))
		for _, b := range c.activity() {
			if b.PID != pid {
				continue
			}
			if err := c.maySignal(&b, verb); err != nil {
				return types.Null, err
			}
			return boolean(send(c, pid)), nil
		}
		return boolean(false), nil // with a WARNING in PostgreSQL
	}
}

func (c *call) maySignal(b *catalog.Backend, verb string) error {
	me := c.RoleByOID(c.Role)
	if me != nil && me.Super {
		return nil
	}
	if target := c.RoleByOID(b.Role); target != nil && target.Super {
		return pgerr.New(pgerr.InsufficientPrivilege, "must be a superuser to %s superuser process", verb)
	}
	if !c.MemberOf(c.Role, b.Role, true) && !c.MemberOf(c.Role, signalBackend, true) {
		return pgerr.New(pgerr.InsufficientPrivilege, "must be a member of the role whose process is being %s or member of pg_signal_backend",
			map[string]string{"cancel": "canceled", "terminate": "terminated"}[verb])
	}
	return nil
}

// terminate ends a session, waiting for as long as the second argument says.
func terminate(c *call, pid int32) bool { return c.Server.Terminate(c.ctx, pid, c.num(1)) }

// address gives a host as inet, without the zone that an IPv6 address may have;
// NULL when it is none.
func address(host string) types.Datum {
	host, _, _ = strings.Cut(host, "%")
	d, err := types.ByOID(types.InetOID).In(nil, host, types.NoMod)
	if err != nil {
		return types.Null
	}
	return d
}

func clientOf(fn func(b *catalog.Backend) types.Datum) scalar {
	return func(c *call) (types.Datum, error) {
		if b := c.self(); b != nil && b.Address != "" {
			return fn(b), nil
		}
		return types.Null, nil
	}
}

func init() {
	addTables(map[string]table{
		"pg_stat_get_activity": activityRows,
		"pg_stat_get_backend_idset": func(c *call) ([][]types.Datum, error) {
			var rows [][]types.Datum
			for i := range c.activity() {
				rows = append(rows, []types.Datum{integer(i + 1)})
			}
			return rows, nil
		},
	})
	term := signal("terminate", terminate)
	add(map[string]scalar{
		"pg_cancel_backend": signal("cancel", func(c *call, pid int32) bool { return c.Server.Cancel(pid) }),
		"pg_terminate_backend": func(c *call) (types.Datum, error) {
			if c.num(1) < 0 {
				return types.Null, pgerr.New(pgerr.NumericValueOutOfRange, "\"timeout\" must not be negative")
			}
			return term(c)
		},
		"pg_stat_get_backend_pid":             ofBackend(func(b *catalog.Backend) types.Datum { return integer(b.PID) }, types.Null),
		"pg_stat_get_backend_userid":          ofBackend(func(b *catalog.Backend) types.Datum { return integer(b.Role) }, types.Null),
		"pg_stat_get_backend_dbid":            ofBackend(func(b *catalog.Backend) types.Datum { return integer(b.DB) }, types.Null),
		"pg_stat_get_backend_activity":        ofBackend(func(b *catalog.Backend) types.Datum { return text(b.Query) }, text(hidden)),
		"pg_stat_get_backend_wait_event":      ofBackend(func(b *catalog.Backend) types.Datum { return textOrNull(b.WaitEvent) }, text(hidden)),
		"pg_stat_get_backend_wait_event_type": ofBackend(func(b *catalog.Backend) types.Datum { return textOrNull(b.WaitType) }, text(hidden)),
		"pg_stat_get_backend_activity_start":  ofBackend(func(b *catalog.Backend) types.Datum { return when(b.QueryStart) }, types.Null),
		"pg_stat_get_backend_xact_start":      ofBackend(func(b *catalog.Backend) types.Datum { return when(b.XactStart) }, types.Null),
		"pg_stat_get_backend_start":           ofBackend(func(b *catalog.Backend) types.Datum { return when(b.Started) }, types.Null),
		"pg_stat_get_backend_client_addr":     ofBackend(func(b *catalog.Backend) types.Datum { return address(b.Address) }, types.Null),
		"pg_stat_get_backend_client_port":     ofBackend(func(b *catalog.Backend) types.Datum { return integer(b.Port) }, types.Null),
		"inet_client_addr":                    clientOf(func(b *catalog.Backend) types.Datum { return address(b.Address) }),
		"inet_client_port":                    clientOf(func(b *catalog.Backend) types.Datum { return integer(b.Port) }),
		"inet_server_addr":                    clientOf(func(b *catalog.Backend) types.Datum { return address(b.ServerAddress) }),
		"inet_server_port":                    clientOf(func(b *catalog.Backend) types.Datum { return integer(b.ServerPort) }),
		"pg_blocking_pids":                    blockingPIDs,
		"pg_safe_snapshot_blocking_pids":      func(*call) (types.Datum, error) { return array(int4Array), nil },
	})
}

// blockingPIDs lists the sessions that hold what a session waits for.
func blockingPIDs(c *call) (types.Datum, error) {
	if c.Server == nil {
		return array(int4Array), nil
	}
	locks := c.Server.Locks()
	var pids []int32
	seen := map[int32]bool{}
	for _, w := range locks {
		if int64(w.PID) != c.num(0) || w.Granted {
			continue
		}
		for _, h := range locks {
			if h.Granted && h.PID != w.PID && h.SameObject(w) && !seen[h.PID] {
				seen[h.PID] = true
				pids = append(pids, h.PID)
			}
		}
	}
	return ints(int4Array, pids), nil
}
