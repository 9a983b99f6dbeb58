package server_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/server"
)

const insert = "insert into t values (1, 'x')"

func withCommits(n int) func(*server.Config, *fakeEngine) {
	return func(_ *server.Config, e *fakeEngine) { e.commits = make(chan *fakePending, n) }
}

// Statements run while the commits before them are on their way, and answers
// keep their order whatever order commits end in.
func TestCommitsOnTheirWay(t *testing.T) {
	s := startServer(t, withCommits(10))
	c := s.connect(t, nil)
	c.run(insert)
	first := <-s.engine.commits
	c.run(insert)
	second := <-s.engine.commits
	c.run(insert)
	third := <-s.engine.commits
	c.send(query("select 1"), query("set application_name = 'late'"))
	third.finish(nil)
	second.finish(pgerr.New(pgerr.TRSerializationFailure, "could not serialize"))
	first.finish(nil)
	var got string
	for range 5 {
		for _, types := range nextAnswer(c) {
			got += string(types)
		}
		got += " "
	}
	// ParseComplete, BindComplete, CommandComplete … of each, with the error of the
	// second commit where its ReadyForQuery is due.
	if want := "12CZ 12CEZ 12CZ TDCZ CSZ "; got != want {
		t.Errorf("answers %q, expected %q", got, want)
	}
}

// nextAnswer gives the types of the messages up to ReadyForQuery.
func nextAnswer(c *client) (types []byte) {
	c.t.Helper()
	for {
		m, err := c.fe.Receive()
		if err != nil {
			c.t.Fatal(err)
		}
		b, _ := m.Encode(nil)
		types = append(types, b[0])
		if b[0] == 'Z' {
			return types
		}
	}
}

// A commit's answer comes when it is durable, though the client says nothing
// more; and what was answered before it does not wait for it.
func TestCommitIsAnsweredWhileIdle(t *testing.T) {
	s := startServer(t, withCommits(10))
	c := s.connect(t, nil)
	c.send(query("select 1"), query("select 2"))
	c.run(insert)
	commit := <-s.engine.commits
	c.expect("ZZ")
	commit.finish(nil)
	c.expect("CZ")
}

func TestManyCommitsOnTheirWay(t *testing.T) {
	const n = 3 * server.MaxPending
	s := startServer(t, withCommits(n))
	c := s.connect(t, nil)
	sent := make(chan error, 1)
	go func() {
		for range n {
			c.fe.Send(&pgproto3.Parse{Query: insert})
			c.fe.Send(&pgproto3.Bind{})
			c.fe.Send(&pgproto3.Execute{})
			c.fe.Send(&pgproto3.Sync{})
		}
		sent <- c.fe.Flush()
	}()
	// The server takes no more than it may before the first commit is answered.
	commits := make([]*fakePending, 0, n)
	for range server.MaxPending {
		commits = append(commits, <-s.engine.commits)
	}
	for i := range n {
		commits[i].finish(nil)
		if got := string(nextAnswer(c)); got != "12CZ" {
			t.Fatalf("answer %d is %q", i, got)
		}
		if len(commits) < n {
			commits = append(commits, <-s.engine.commits)
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// Large answers behind a commit do not pile up without bound.
func TestMuchOutputBehindACommit(t *testing.T) {
	s := startServer(t, withCommits(10))
	c := s.connect(t, nil)
	c.run(insert)
	c.send(query("select generate_series(1,300000)"))
	commit := <-s.engine.commits
	commit.finish(nil)
	c.expect("Z")
	if got := c.expect("C"); got != `C "SELECT 300000"` {
		t.Error(got)
	}
	c.expect("Z")
}

func TestClientLeavesItsCommits(t *testing.T) {
	s := startServer(t, withCommits(10))
	c := s.connect(t, nil)
	c.run(insert)
	commit := <-s.engine.commits
	c.nc.Close()
	commit.finish(nil)
}

func TestCommitThatEndsTheConnection(t *testing.T) {
	s := startServer(t, withCommits(10))
	c := s.connect(t, nil)
	c.run(insert)
	(<-s.engine.commits).finish(fatalTest())
	c.expectError("FATAL", "57P01")
	c.expectEnd()
}
