package fulltext

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// The files in testdata hold what PostgreSQL answers: tokens.txt random texts with the
// kinds and texts of their tokens (ts_parse), as JSON; stems.txt dictionaries, words and
// lexemes (ts_lexize).

func lines(t *testing.T, name string, f func(line string)) {
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	n := 0
	for ; in.Scan(); n++ {
		f(in.Text())
	}
	if in.Err() != nil || n < 1000 {
		t.Fatal(in.Err(), n)
	}
}

func TestTokens(t *testing.T) {
	lines(t, "tokens.txt", func(line string) {
		var want struct {
			text   string
			tokens []any
		}
		if err := json.Unmarshal([]byte(line), &[]any{&want.text, &want.tokens}); err != nil {
			t.Fatal(err)
		}
		var got []any
		for _, k := range Tokens(want.text) {
			got = append(got, []any{float64(k.Kind), k.Text})
		}
		if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want.tokens); g != w {
			t.Errorf("%q:\n got %s\nwant %s", want.text, g, w)
		}
	})
}

func TestStems(t *testing.T) {
	byName := map[string]*Dict{}
	for _, d := range dicts() {
		byName[d.Name] = d
	}
	lines(t, "stems.txt", func(line string) {
		f := strings.Split(line, "\t")
		got, known, err := byName[f[0]].Lexize(f[1])
		if g := strings.Join(got, ","); err != nil || !known || g != f[2] {
			t.Errorf("%s %q: %q, want %q (%v)", f[0], f[1], g, f[2], err)
		}
	})
}

// Every text has tokens up to its end or none that PostgreSQL would find; nothing panics.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "a-b http://x.y/z?q", "<a href=\"\\\"\">", "-1.2.3e+", "ü@ö.de", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, k := range Tokens(s) {
			if k.Text == "" || !strings.Contains(s, k.Text) {
				t.Fatalf("%q: token %q", s, k.Text)
			}
		}
	})
}
