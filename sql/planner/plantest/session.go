package plantest

import (
	"github.com/streamsqld/streamsqld/catalog/catalogtest"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var (
	noServer  = &catalogtest.Server{}
	noSession = &catalogtest.Session{Values: settings.NewSession(settings.NewBase())}
)

// session is the session that statements run in: the superuser's, with default
// settings.
type session struct{ d *DB }

// The methods of funcs.Session.

func (s *session) User() string        { return "postgres" }
func (s *session) SessionUser() string { return "postgres" }
func (s *session) Database() string    { return "postgres" }
func (s *session) BackendPID() int32   { return 7 }

// SearchPath gives the search path.
func (s *session) SearchPath(implicit bool) []string {
	if implicit {
		return append([]string{"pg_catalog"}, s.d.Path...)
	}
	return s.d.Path
}

// Setting gives a parameter.
func (s *session) Setting(name string) (string, bool) {
	return noSession.Values.Lookup(name)
}

// SetSetting is not for here.
func (s *session) SetSetting(name, _ string, _ bool) (string, error) {
	return "", pgerr.NotSupported("setting %s", name)
}

func (s *session) Random() float64 { return 0.5 }
func (s *session) Seed(float64)    {}
