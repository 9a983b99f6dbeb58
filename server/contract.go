// Package server speaks PostgreSQL's wire protocol and HTTP: messages in,
// messages out. It knows no SQL: statements go to a Session as text, and rows
// come back as vectors.
//
// # How a connection works
//
// A connection has a goroutine that reads messages (input), runs each on its
// session, and appends the answer to a buffer (output). The buffer goes out when
// it is large, or when no message is left to be read: then, and only then, the
// goroutine waits. Commits that are on their way when Sync returns are waited for
// by a second goroutine, which exists only while there are some; it keeps the
// answers in order (output's O1).
//
// Whatever else may happen to a connection while it waits (a notification, a
// shutdown, a limit on idling) pokes it: the read deadline passes, and the
// connection's own goroutine looks at what has happened. So nothing but output
// is shared between goroutines.
//
// Messages are encoded and decoded by pgproto3, but for those of the query
// phase that come and go in thousands.
//
// Not taken: a second goroutine per connection that reads ahead. It would cost a
// switch between goroutines for every message that a client waits for, and a
// connection that ends would still have to end its read through the deadline.
package server

import "github.com/streamsqld/streamsqld/engine/port"

// The server's side of what it and the engine say to each other.
type (
	Engine        = port.Engine
	ClientInfo    = port.ClientInfo
	Authenticator = port.Authenticator
	Session       = port.Session
	Pending       = port.Pending
	Notifier      = port.Notifier
	Parameter     = port.Parameter
	Idler         = port.Idler
	Notification  = port.Notification
	Column        = port.Column
	Sink          = port.Sink
	CopyReader    = port.CopyReader
)
