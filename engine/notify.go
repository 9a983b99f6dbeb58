package engine

import (
	"slices"
	"sort"
	"sync"

	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// notification is a NOTIFY on its way: it is delivered when its transaction is
// published.
type notification = port.Notification

// inbox holds the notifications that a session has not told its client.
type inbox struct {
	mu   sync.Mutex
	list []notification
	wake chan struct{}
}

func newInbox() inbox { return inbox{wake: make(chan struct{}, 1)} }

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) put(n notification) {
	b.mu.Lock()
	b.list = append(b.list, n)
	b.mu.Unlock()
	b.signal()
}

// channels are who listens to what.
type channels struct {
	mu   sync.Mutex
	subs map[string]map[*Session]struct{}
}

func (c *channels) listen(name string, s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subs == nil {
		c.subs = map[string]map[*Session]struct{}{}
	}
	if c.subs[name] == nil {
		c.subs[name] = map[*Session]struct{}{}
	}
	c.subs[name][s] = struct{}{}
}

func (c *channels) unlisten(name string, s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.subs[name], s)
}

func (c *channels) unlistenAll(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, subs := range c.subs {
		delete(subs, s)
	}
}

// listening gives the channels that a session listens to.
func (c *channels) listening(s *Session) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for name, subs := range c.subs {
		if _, ok := subs[s]; ok {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// notify delivers notifications to who listens.
func (e *Engine) notify(list []notification) {
	if len(list) == 0 {
		return
	}
	e.channels.mu.Lock()
	defer e.channels.mu.Unlock()
	for _, n := range list {
		for s := range e.channels.subs[n.Channel] {
			if uint32(s.db) == n.DB {
				s.inbox.put(n)
			}
		}
	}
}

// Notifications implements port.Session.
func (s *Session) Notifications() []port.Notification {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	list := s.inbox.list
	s.inbox.list = nil
	return list
}

// Wake implements port.Session.
func (s *Session) Wake() <-chan struct{} { return s.inbox.wake }

func (s *Session) listen(st *ast.Listen) (*result, error) {
	s.tx.atCommit = append(s.tx.atCommit, func() { s.e.channels.listen(st.Channel, s) })
	return tagged("LISTEN"), nil
}

// listenNow does what LISTEN and UNLISTEN of a committed transaction ask for. The
// commit line has delivered the transaction's own notifications to who listened
// before it: channels that are new get theirs here.
func (s *Session) listenNow(t *tx) {
	if len(t.atCommit) == 0 {
		return
	}
	before := s.e.channels.listening(s)
	for _, fn := range t.atCommit {
		fn()
	}
	after := s.e.channels.listening(s)
	for _, n := range t.notes {
		if slices.Contains(after, n.Channel) && !slices.Contains(before, n.Channel) {
			s.inbox.put(n)
		}
	}
}

func (s *Session) unlisten(st *ast.Unlisten) (*result, error) {
	s.tx.atCommit = append(s.tx.atCommit, func() {
		if st.All {
			s.e.channels.unlistenAll(s)
		} else {
			s.e.channels.unlisten(st.Channel, s)
		}
	})
	return tagged("UNLISTEN"), nil
}

// notifySQL runs NOTIFY: the same message twice in a transaction is sent once.
func (s *Session) notifySQL(st *ast.Notify) (*result, error) {
	if err := s.Notify(st.Channel, st.Payload); err != nil {
		return nil, err
	}
	return tagged("NOTIFY"), nil
}

const (
	maxChannel = 63
	maxPayload = 7999
)

// Notify implements catalog.Session.
func (s *Session) Notify(channel, payload string) error {
	switch {
	case channel == "":
		return pgerr.New(pgerr.InvalidParameterValue, "channel name cannot be empty")
	case len(channel) > maxChannel:
		return pgerr.New(pgerr.InvalidParameterValue, "channel name too long")
	case len(payload) > maxPayload:
		return pgerr.New(pgerr.InvalidParameterValue, "payload string too long")
	}
	n := notification{PID: s.pid, DB: uint32(s.db), Channel: channel, Payload: payload}
	if !slices.Contains(s.tx.notes, n) {
		s.tx.notes = append(s.tx.notes, n)
	}
	return nil
}

// Listening implements catalog.Session.
func (s *Session) Listening() []string { return s.e.channels.listening(s) }
