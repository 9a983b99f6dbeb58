package settings

// Session holds.
type Session struct{}
