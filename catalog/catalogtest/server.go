package catalogtest

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
)

// Server is a running server made up for tests: what its fields say.
type Server struct {
	Relations            map[OID]catalog.RelationStats
	Database             catalog.DatabaseStats
	Backends             []catalog.Backend
	LockList             []catalog.Lock
	Sequences            map[OID]int64
	StreamList           []catalog.StreamStats
	ViewList             []catalog.ViewStats
	DDL                  []catalog.DDLProgress
	Canceled, Terminated []int32
}

// The methods of catalog.Server.

func (s *Server) StartTime() int64  { return 1000000 }
func (s *Server) ReloadTime() int64 { return 2000000 }
func (s *Server) Reload() bool      { return true }

func (s *Server) RelationStats(oid OID) catalog.RelationStats { return s.Relations[oid] }
func (s *Server) DatabaseStats() catalog.DatabaseStats        { return s.Database }

// ResetStats forgets the counters of a relation.
func (s *Server) ResetStats(oid OID) { delete(s.Relations, oid) }

// SequenceLast says what Sequences holds.
func (s *Server) SequenceLast(oid OID) (int64, bool) {
	last, ok := s.Sequences[oid]
	return last, ok
}

func (s *Server) Activity() []catalog.Backend { return s.Backends }
func (s *Server) Locks() []catalog.Lock       { return s.LockList }

func (s *Server) Cancel(pid int32) bool {
	s.Canceled = append(s.Canceled, pid)
	return true
}

func (s *Server) Terminate(_ context.Context, pid int32, _ int64) bool {
	s.Terminated = append(s.Terminated, pid)
	return true
}

func (s *Server) Position() uint64                { return 0x1_0000_0010 }
func (s *Server) Commit() uint64                  { return 41 }
func (s *Server) Streams() []catalog.StreamStats  { return s.StreamList }
func (s *Server) Views() []catalog.ViewStats      { return s.ViewList }
func (s *Server) Progress() []catalog.DDLProgress { return s.DDL }

// Session is a session made up for tests.
type Session struct {
	Role     OID
	Values   *settings.Session
	Stmts    []catalog.Prepared
	Open     []catalog.Cursor
	Advisory []catalog.AdvisoryKey
}

// The methods of catalog.Session.

func (s *Session) Database() string             { return "postgres" }
func (s *Session) SessionRole() OID             { return s.Role }
func (s *Session) PID() int32                   { return 7 }
func (s *Session) Settings() *settings.Session  { return s.Values }
func (s *Session) Prepared() []catalog.Prepared { return s.Stmts }
func (s *Session) Cursors() []catalog.Cursor    { return s.Open }

func (s *Session) Xid(assign bool) uint64 {
	if assign {
		return 42
	}
	return 0
}

func (s *Session) AdvisoryLock(_ context.Context, key catalog.AdvisoryKey, _, _, _ bool) (bool, error) {
	s.Advisory = append(s.Advisory, key)
	return true, nil
}

func (s *Session) AdvisoryUnlock(key catalog.AdvisoryKey, _ bool) bool {
	for i, k := range s.Advisory {
		if k == key {
			s.Advisory = append(s.Advisory[:i], s.Advisory[i+1:]...)
			return true
		}
	}
	return false
}

func (s *Session) AdvisoryUnlockAll() { s.Advisory = nil }

// Listening implements catalog.Session.
func (s *Session) Listening() []string { return nil }

// Notify implements catalog.Session.
func (s *Session) Notify(string, string) error { return nil }

// User implements catalog.Session.
func (s *Session) User() string { return "" }

// SessionUser implements catalog.Session.
func (s *Session) SessionUser() string { return "" }
