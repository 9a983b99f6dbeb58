package engine

import "testing"

// A statement without tables goes all the way.
func TestSelect(t *testing.T) {
	s := openDatabase(t).session()
	defer s.close()
	if got := s.text("SELECT 1 + 1, 'a' || NULL, ARRAY[1, 2]"); got != "2|∅|{1,2}" {
		t.Fatalf("got %s", got)
	}
	s.fails("22012", "SELECT 1 / 0")
	s.fails("42P01", "SELECT * FROM nothing")
}
