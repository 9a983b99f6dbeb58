package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
)

// What functions, the planner and the catalogue ask of a session.

// User implements funcs.Session.
func (s *Session) User() string { return s.user }

// SessionUser implements catalog.Session.
func (s *Session) SessionUser() string { return s.settings.Text("session_authorization") }

// Database implements funcs.Session and catalog.Session.
func (s *Session) Database() string { return s.sys.DatabaseName() }

// BackendPID implements funcs.Session.
func (s *Session) BackendPID() int32 { return s.pid }

// SearchPath implements funcs.Session.
func (s *Session) SearchPath(implicit bool) []string {
	snap := s.sys.Snapshot
	if implicit {
		return schemaNames(snap, s.path())
	}
	var out []string
	for _, n := range s.settings.SearchPath() {
		if n == "$user" {
			n = s.user
		}
		if snap.Schema(n) != nil {
			out = append(out, n)
		}
	}
	return out
}

func schemaNames(snap *catalog.Snapshot, path catalog.Path) []string {
	var out []string
	for _, oid := range path {
		if sc := snap.SchemaByOID(oid); sc != nil {
			out = append(out, sc.Name)
		}
	}
	return out
}

// Setting implements funcs.Session.
func (s *Session) Setting(name string) (string, bool) { return s.settings.Lookup(name) }

// SetSetting implements funcs.Session.
func (s *Session) SetSetting(name, value string, local bool) (string, error) {
	if err := s.changeSetting(name, value, local); err != nil {
		return "", err
	}
	s.settingsChanged()
	v, _ := s.settings.Lookup(name)
	return v, nil
}

// Random implements funcs.Session.
func (s *Session) Random() float64 { return s.rng.Float64() }

// Seed implements funcs.Session.
func (s *Session) Seed(f float64) { s.rng = funcs.SeedPrng(f) }

// SessionRole implements catalog.Session.
func (s *Session) SessionRole() OID { return s.role }

// Settings implements catalog.Session.
func (s *Session) Settings() *settings.Session { return s.settings }

// Xid implements catalog.Session.
func (s *Session) Xid(assign bool) uint64 {
	if s.tx == nil {
		return 0
	}
	if assign {
		return s.tx.number()
	}
	return s.tx.id
}

// AdvisoryLock implements catalog.Session.
func (s *Session) AdvisoryLock(ctx context.Context, key catalog.AdvisoryKey, shared, xact, try bool) (bool, error) {
	who := &s.sessionLocks
	if xact {
		who = &s.locker
	}
	mode := keyExclusive
	if shared {
		mode = keyShared
	}
	_, err := s.e.locks.acquire(ctx, who, advisoryTag(s.db, key), mode, lockPolicy{noWait: try, timeout: s.lockPolicy().timeout})
	if err == errLockNotAvailable {
		return false, nil
	}
	return err == nil, err
}

// advisoryTag is a number of a database's; whether it is a pair is the lowest bit.
func advisoryTag(db OID, key catalog.AdvisoryKey) lockTag {
	t := lockTag{kind: lockAdvisory, rel: db << 1, id: uint64(key.Key)}
	if key.Pair {
		t.rel |= 1
	}
	return t
}

// AdvisoryUnlock implements catalog.Session.
func (s *Session) AdvisoryUnlock(key catalog.AdvisoryKey, shared bool) bool {
	ok := s.e.locks.releaseOne(&s.sessionLocks, advisoryTag(s.db, key))
	if !ok {
		s.notice(pgerr.Warning(pgerr.WarningCode, "you don't own a lock of type %s", map[bool]string{true: "ShareLock", false: "ExclusiveLock"}[shared]))
	}
	return ok
}

// AdvisoryUnlockAll implements catalog.Session.
func (s *Session) AdvisoryUnlockAll() { s.e.locks.release(&s.sessionLocks) }

// plannerContext is what statements of the session are planned under.
func (s *Session) plannerContext(params []*types.Type) *planner.Context {
	s.systemContext()
	pc := s.e.plannerContext(s.sys.Snapshot, s.sys.Path, s.env)
	pc.Temp, pc.Params, pc.Notices = s.sys.Temp, params, s.notice
	pc.Role, pc.NoRowSecurity = s.role, !s.settings.Bool("row_security")
	if s.tx != nil && s.tx.read != nil {
		pc.Stats = &statistics{e: s.e, v: s.tx.read, cat: s.sys.Snapshot, env: s.env}
	}
	set := s.settings
	pc.Methods = rules.Methods{
		NoSeqScan: !set.Bool("enable_seqscan"), NoIndexScan: !set.Bool("enable_indexscan"), NoHashJoin: !set.Bool("enable_hashjoin"),
		NoMergeJoin: !set.Bool("enable_mergejoin"), NoNestLoop: !set.Bool("enable_nestloop"), WorkMem: s.hashMem(),
	}
	return pc
}

// hashMem is what a hash table of the session may take, in bytes.
func (s *Session) hashMem() int64 {
	return int64(float64(s.settings.Int("work_mem")<<10) * s.settings.Real("hash_mem_multiplier"))
}

// plannerContext is what texts are planned under that belong to no session.
func (e *Engine) plannerContext(snap *catalog.Snapshot, path catalog.Path, env *funcs.Env) *planner.Context {
	return &planner.Context{Catalog: snap, Path: path, Env: env, ParseSQL: parseQuery, ParseExpr: parser.ParseExpr, ParseBody: parser.Parse}
}

// parseQuery parses the text of a view.
func parseQuery(sql string) (*ast.Select, error) {
	st, err := parser.Parse(sql)
	if err != nil {
		return nil, err
	}
	if len(st) == 1 {
		if q, ok := st[0].Stmt.(*ast.Select); ok {
			return q, nil
		}
	}
	return nil, pgerr.New(pgerr.InternalError, "the definition of a view is no query")
}

// bindRowText binds a stored expression over a relation's row.
func (e *Engine) bindRowText(pc *planner.Context, text string, r *catalog.Relation, what planner.RowPlace) (*planner.RowExpr, error) {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	return planner.BindRow(pc, x, r, what)
}

// envOf gives the formats that frozen settings mean.
func (e *Engine) envOf(frozen map[string]string) (types.Env, error) {
	s := settings.NewSession(e.base)
	for _, name := range slices.Sorted(maps.Keys(frozen)) {
		if err := s.Set(name, frozen[name], false, true); err != nil {
			return types.Env{}, err
		}
	}
	return s.Env(), nil
}

// defaultEnv is the environment of expressions that may depend on no session.
func defaultEnv() *funcs.Env { return &funcs.Env{Env: *types.DefaultEnv} }
