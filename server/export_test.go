package server

// CheckGone looks after the clients of long statements now.
func (s *Server) CheckGone() { s.each((*conn).checkGone) }

// MaxPending is how many commits of a connection may be on their way.
const MaxPending = maxPending
