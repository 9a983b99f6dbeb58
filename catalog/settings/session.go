package settings

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// Source is where a value comes from, as pg_settings names it.
type Source string

// The sources, the weakest first.
const (
	FromDefault  Source = "default"
	FromFile     Source = "configuration file"
	FromCommand  Source = "command line"
	FromDatabase Source = "database"
	FromUser     Source = "user"
	FromClient   Source = "client"
	FromOverride Source = "override"
	FromSession  Source = "session"
)

type setting struct {
	value  string
	source Source
}

// Base holds the server's values, under all sessions. It is filled before the
// first session begins and not changed after.
type Base struct {
	values map[string]setting
}

// NewBase makes a server's values: the defaults.
func NewBase() *Base {
	b := &Base{values: map[string]setting{}}
	b.values["server_version"] = setting{ServerVersion(), FromDefault}
	return b
}

// Set gives a parameter the server's value, whatever its context. It is what the
// configuration and flags do.
func (b *Base) Set(name, value string, source Source) error {
	p := Find(name)
	if p == nil {
		return unrecognized(name)
	}
	v, err := p.canonical(nil, value)
	if err != nil {
		return err
	}
	b.values[key(p.Name)] = setting{v, source}
	return nil
}

// Session holds the values of one session. It is used by one goroutine.
//
// S1: a value set in a transaction is gone when the transaction rolls back, or
// rolls back to a savepoint before it; one set with SET LOCAL is gone when the
// transaction ends in any way.
type Session struct {
	base *Base
	// reset holds what RESET goes back to, where it is not the server's value.
	reset map[string]setting
	vals  map[string]held
	// custom holds the names of the user's own parameters; a name stays known
	// when its setting is rolled back.
	custom map[string]*Param
	undo   []undone
	// told is what the client was last told of each reported parameter.
	told    map[string]string
	version uint64

	// texts are values that were asked for as of version textsAt; reportedAt is the
	// version that the client knows.
	texts               map[string]string
	textsAt, reportedAt uint64
}

// held is what a session has set: the value that stays and, over it, the one
// that ends with the transaction.
type held struct {
	session, local       setting
	hasSession, hasLocal bool
}

type undone struct {
	key string
	old held
}

// NewSession begins a session over the server's values.
func NewSession(b *Base) *Session {
	return &Session{base: b, reset: map[string]setting{}, vals: map[string]held{}, custom: map[string]*Param{}, told: map[string]string{}, texts: map[string]string{}, version: 1}
}

func key(name string) string { return strings.ToLower(name) }

func unrecognized(name string) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", name)
}

// find gives a parameter or a custom one that the session knows, nil when there
// is none.
func (s *Session) find(name string) *Param {
	if p := Find(name); p != nil {
		return p
	}
	return s.custom[key(name)]
}

// findOrMake is find for SET, which makes custom parameters.
func (s *Session) findOrMake(name string) (*Param, error) {
	if p := s.find(name); p != nil {
		return p, nil
	}
	if !strings.Contains(name, ".") {
		return nil, unrecognized(name)
	}
	bad := pgerr.New(pgerr.InvalidName, "invalid configuration parameter name \"%s\"", name)
	for _, part := range strings.Split(name, ".") {
		if !simpleName(part) {
			return nil, bad.WithDetail("Custom parameter names must be two or more simple identifiers separated by dots.")
		}
	}
	if class, _, _ := strings.Cut(name, "."); strings.EqualFold(class, "streamsqld") {
		return nil, bad.WithDetail("\"%s\" is a reserved prefix.", class)
	}
	p := &Param{Name: name, Type: String, Context: User, Hidden: true, Category: "Customized Options", Short: "GUC placeholder variable"}
	s.custom[key(name)] = p
	return p, nil
}

func simpleName(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '$')) {
			return false
		}
	}
	return s != ""
}

// mayChange tells why a session may not set a parameter.
func mayChange(p *Param, super bool) error {
	const cannot = "parameter \"%s\" cannot be "
	switch p.Context {
	case Internal:
		return pgerr.New(pgerr.CantChangeRuntimeParam, cannot+"changed", p.Name)
	case Postmaster:
		return pgerr.New(pgerr.CantChangeRuntimeParam, cannot+"changed without restarting the server", p.Name)
	case Sighup:
		return pgerr.New(pgerr.CantChangeRuntimeParam, cannot+"changed now", p.Name)
	case SuperuserBackend, Backend:
		return pgerr.New(pgerr.CantChangeRuntimeParam, cannot+"set after connection start", p.Name)
	case Superuser:
		if !super {
			return pgerr.New(pgerr.InsufficientPrivilege, "permission denied to set parameter \"%s\"", p.Name)
		}
	}
	return nil
}

// Startup sets what a session begins with, and goes back to with RESET: options
// of the client, of the role, of the database. Parameters that can be set at
// connection start only are taken too.
func (s *Session) Startup(name, value string, source Source, super bool) error {
	p, err := s.findOrMake(name)
	if err != nil {
		return err
	}
	if !(p.Context == Backend || p.Context == SuperuserBackend && super) {
		if err := mayChange(p, super); err != nil {
			return err
		}
	}
	if p.Name == "client_encoding" { // asyncpg sends it in quotes
		value = strings.Trim(value, "'")
	}
	v, err := p.canonical(s, value)
	if err != nil {
		return err
	}
	s.reset[key(p.Name)] = setting{v, source}
	s.version++
	return nil
}

// Assign sets a parameter that the server itself is the master of
// (transaction_isolation, is_superuser, session_authorization, …), past all
// checks and transactions.
func (s *Session) Assign(name, value string) {
	k, v := key(name), setting{value, FromOverride}
	if s.reset[k] != v {
		s.reset[k] = v
		s.version++
	}
}

// Check tells whether a value could be set, as ALTER ROLE … SET asks.
func (s *Session) Check(name, value string, super bool) error {
	p := s.find(name)
	if p == nil {
		if strings.Contains(name, ".") {
			return nil
		}
		return unrecognized(name)
	}
	if p.Context != Backend && p.Context != SuperuserBackend {
		if err := mayChange(p, super); err != nil {
			return err
		}
	}
	_, err := p.canonical(s, value)
	return err
}

// Set sets a parameter for the session or, with local, until the transaction
// ends.
func (s *Session) Set(name, value string, local, super bool) error {
	p, err := s.findOrMake(name)
	if err != nil {
		return err
	}
	if err := mayChange(p, super); err != nil {
		return err
	}
	v, err := p.canonical(s, value)
	if err != nil {
		return asNamed(err, p, name)
	}
	h := s.vals[key(p.Name)]
	if local {
		h.local, h.hasLocal = setting{v, FromSession}, true
	} else {
		h = held{session: setting{v, FromSession}, hasSession: true}
	}
	s.put(p, h)
	return nil
}

// asNamed gives an error about a parameter the name that the user has written.
func asNamed(err error, p *Param, name string) error {
	e := pgerr.From(err)
	if name == p.Name || p.Type == String {
		return e
	}
	c := *e
	c.Message = strings.ReplaceAll(c.Message, "\""+p.Name+"\"", "\""+name+"\"")
	return &c
}

// Reset is RESET name and SET name TO DEFAULT.
func (s *Session) Reset(name string, local, super bool) error {
	p := s.find(name)
	if p == nil {
		if !strings.Contains(name, ".") {
			return unrecognized(name)
		}
		var err error
		if p, err = s.findOrMake(name); err != nil {
			return err
		}
	}
	if err := mayChange(p, super); err != nil {
		return err
	}
	h := held{}
	if local {
		h = s.vals[key(p.Name)]
		h.local, h.hasLocal = s.resetSetting(p), true
	}
	s.put(p, h)
	return nil
}

// ResetAll is RESET ALL.
func (s *Session) ResetAll() {
	for k := range s.vals {
		if p := s.find(k); p != nil && !p.NoReset {
			s.put(p, held{})
		}
	}
}

// put changes what is held of a parameter, so that it can be undone.
func (s *Session) put(p *Param, h held) {
	k := key(p.Name)
	s.undo = append(s.undo, undone{k, s.vals[k]})
	s.hold(k, h)
}

func (s *Session) hold(k string, h held) {
	if h.hasSession || h.hasLocal {
		s.vals[k] = h
	} else {
		delete(s.vals, k)
	}
	s.version++
}

// Mark gives a point to roll back to: the transaction's begin, a savepoint.
func (s *Session) Mark() int { return len(s.undo) }

// Rollback undoes what was set since Mark gave n. At the end of a transaction
// that is rolled back n is 0.
func (s *Session) Rollback(n int) {
	for len(s.undo) > n {
		last := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		s.hold(last.key, last.old)
	}
}

// Commit ends a transaction that is committed: what SET LOCAL has set goes.
func (s *Session) Commit() {
	s.undo = s.undo[:0]
	for k, h := range s.vals {
		if h.hasLocal {
			h.local, h.hasLocal = setting{}, false
			s.hold(k, h)
		}
	}
}

// Version counts the changes, for who keeps something made of the values.
func (s *Session) Version() uint64 { return s.version }

func (s *Session) current(p *Param) setting {
	switch h := s.vals[key(p.Name)]; {
	case h.hasLocal:
		return h.local
	case h.hasSession:
		return h.session
	}
	return s.resetSetting(p)
}

func (s *Session) resetSetting(p *Param) setting {
	k := key(p.Name)
	if v, ok := s.reset[k]; ok {
		return v
	}
	if v, ok := s.base.values[k]; ok {
		return v
	}
	return setting{p.Boot, FromDefault}
}

func (s *Session) resetValue(p *Param) string { return s.resetSetting(p).value }

// value gives the canonical value.
func (s *Session) value(p *Param) string { return s.current(p).value }
