package copy

// seen remembers some of a column's short texts: columns of codes, names and states
// hold the same few again and again, which then share their memory.
type seen [64]struct {
	raw    string // as it was read
	padded string // with blanks
}

// seenBytes is how long a text can be that is worth looking for.
const seenBytes = 24

// text gives b as a string of n bytes, padded with blanks.
func (s *seen) text(a *arena, b []byte, n int) string {
	if len(b) == 0 || len(b) > seenBytes || s == nil {
		return a.padded(b, n)
	}
	// Codes differ in their ends, or in their lengths.
	h := uint(b[0])*7 + uint(b[len(b)-1])*31 + uint(b[len(b)/2])*13 + uint(len(b))
	e := &s[(h^h>>6)%uint(len(s))]
	if e.raw == string(b) && len(e.padded) == n {
		return e.padded
	}
	e.padded = a.padded(b, n)
	e.raw = e.padded[:len(b)]
	return e.padded
}
