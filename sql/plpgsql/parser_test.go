package plpgsql

import (
	"errors"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// TestErrors checks messages and places, which PostgreSQL gives for these bodies.
func TestErrors(t *testing.T) {
	for src, want := range map[string]struct {
		message string
		pos     int32
	}{
		"BEGIN y := 1; END":                              {`"y" is not a known variable`, 7},
		"BEGIN IF THEN END IF; END":                      {`missing expression at or near "THEN"`, 10},
		"BEGIN FOO; END":                                 {`syntax error at or near "FOO"`, 7},
		"BEGIN EXIT; END":                                {"EXIT cannot be used outside a loop, unless it has a label", 7},
		"DECLARE a int; a int; BEGIN END":                {`duplicate declaration at or near "a"`, 16},
		"DECLARE v CONSTANT int := 1; BEGIN v := 2; END": {`variable "v" is declared CONSTANT`, 36},
		"BEGIN RETURN NEXT 1; END":                       {"cannot use RETURN NEXT in a non-SETOF function", 19},
		"BEGIN":                                          {"syntax error at end of input", 6},
		"":                                               {"syntax error at end of input", 1},
	} {
		_, err := Parse(src, Options{})
		var e *pgerr.Error
		if !errors.As(err, &e) || e.Message != want.message || e.Pos != want.pos {
			t.Errorf("%s: %v at %d, want %q at %d", src, err, posOf(e), want.message, want.pos)
		}
	}
}

func posOf(e *pgerr.Error) int32 {
	if e == nil {
		return 0
	}
	return e.Pos
}

// FuzzParse checks that no body makes the parser panic.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"DECLARE x int := 1; c CURSOR (k int) FOR SELECT k; BEGIN OPEN c(1); FETCH c INTO x; CLOSE c; END",
		"BEGIN FOR i IN REVERSE 1..2 BY 3 LOOP EXIT WHEN i > 1; END LOOP; EXCEPTION WHEN OTHERS THEN RAISE; END",
		"<<a>> BEGIN RAISE EXCEPTION 'x %', 1 USING HINT = 'h'; GET DIAGNOSTICS = ; SELECT 1 INTO; END a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		_, _ = Parse(src, Options{Name: "f", Given: []Given{{Names: []string{"x", "$1"}}}})
	})
}
