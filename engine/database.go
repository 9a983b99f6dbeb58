package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// databaseView is a catalogue as the sessions of a database see it.
type databaseView struct{ all, own *catalog.Snapshot }

// database finds the database asked for. One named after the user is what clients
// ask for by default: if there is none, it leads to postgres, with a notice.
func (s *Session) database(name string) error {
	cat := s.e.catalog()
	d := cat.DatabaseNamed(name)
	switch {
	case name == "":
		d = cat.DatabaseByOID(catalog.DatabaseOID)
	case d == nil && name == s.user:
		d = cat.DatabaseByOID(catalog.DatabaseOID)
		s.greeting = append(s.greeting, pgerr.Notice(pgerr.WarningCode, "database \"%s\" does not exist, connected to \"%s\"", name, d.Name))
	case d == nil:
		return fatal(pgerr.New(pgerr.InvalidCatalogName, "database \"%s\" does not exist", name))
	}
	if d.Closed {
		return fatal(pgerr.New(pgerr.ObjectNotInPrerequisiteState, "database \"%s\" is not currently accepting connections", d.Name))
	}
	s.db = d.OID
	if !cat.In(d.OID).Allowed(s.role, catalog.OnDatabase, d.Owner, d.ACL, "c", false) {
		return fatal(pgerr.New(pgerr.InsufficientPrivilege, "permission denied for database \"%s\"", d.Name).
			WithDetail("User does not have CONNECT privilege."))
	}
	return nil
}

// room tells whether the session's database takes another connection; the engine's
// mutex is held.
func (s *Session) room() error {
	d := s.e.catalog().DatabaseByOID(s.db)
	if d == nil || d.ConnLimit < 0 || s.super {
		return nil
	}
	n := 0
	for _, x := range s.e.sessions {
		if x.db == s.db {
			n++
		}
	}
	if n >= d.ConnLimit {
		return fatal(pgerr.New(pgerr.TooManyConnections, "too many connections for database \"%s\"", d.Name))
	}
	return nil
}

// storedSettings applies what ALTER DATABASE … SET and ALTER ROLE … SET keep. What is
// not valid any more is a warning.
func (s *Session) storedSettings() {
	cat := s.e.catalog()
	apply := func(config map[string]string, source settings.Source) {
		for _, name := range slices.Sorted(maps.Keys(config)) {
			if err := s.settings.Startup(name, config[name], source, true); err != nil {
				e := pgerr.From(err)
				e.Severity = pgerr.SevWarning
				s.greeting = append(s.greeting, e)
			}
		}
	}
	if d := cat.DatabaseByOID(s.db); d != nil {
		apply(d.Config, settings.FromDatabase)
	}
	if r := cat.Role(s.user); r != nil {
		apply(r.Config, settings.FromUser)
	}
}

// DatabaseUsers implements ddl.Session: like PostgreSQL it waits five seconds for
// sessions that are about to end.
func (d ddlSession) DatabaseUsers(ctx context.Context, db OID, end bool) (int, error) {
	deadline := time.After(5 * time.Second)
	for {
		var other *Session
		n := 0
		for _, x := range d.s.e.openSessions() {
			if x.db == db && x != d.s {
				other, n = x, n+1
				if end {
					x.terminate()
				}
			}
		}
		if other == nil {
			return 0, nil
		}
		select {
		case <-other.gone:
		case <-deadline:
			return n, nil
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
}
