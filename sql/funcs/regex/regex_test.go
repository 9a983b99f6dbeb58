package regex

import (
	"math/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// What PostgreSQL answers is in the vectors of package funcs. Here patterns that
// both understand are compared with Go's regexp, and nothing may make the engine
// fail otherwise than with an error.

func randomPattern(r *rand.Rand, depth int) string {
	switch n := r.Intn(10); {
	case depth == 0 || n < 4:
		return string("abc."[r.Intn(4)])
	case n < 6:
		return randomPattern(r, depth-1) + randomPattern(r, depth-1)
	case n < 7:
		return "(" + randomPattern(r, depth-1) + "|" + randomPattern(r, depth-1) + ")"
	case n < 8:
		return "(" + randomPattern(r, depth-1) + ")" + []string{"*", "+", "?", "{1,2}", "{2}"}[r.Intn(5)]
	case n < 9:
		return "[" + []string{"ab", "^a", "a-c"}[r.Intn(3)] + "]"
	}
	return []string{"^", "$", `\y`}[r.Intn(3)] + randomPattern(r, depth-1)
}

func TestAgainstGo(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 4000 {
		p := randomPattern(r, 4)
		re, err := Compile(p, Options{})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		want := regexp.MustCompile(`(?s)` + strings.ReplaceAll(p, `\y`, `\b`))
		want.Longest()
		m := re.NewMatcher()
		for range 10 {
			b := make([]byte, r.Intn(9))
			for i := range b {
				b[i] = "abc \n"[r.Intn(5)]
			}
			s := string(b)
			got, err := m.Match(s)
			if err != nil || got != want.MatchString(s) {
				t.Fatalf("%q in %q: %v %v", p, s, got, err)
			}
			loc, err := m.Find(s, 0)
			w := want.FindStringIndex(s)
			if err != nil || (loc == nil) != (w == nil) || loc != nil && (loc[0] != w[0] || loc[1] != w[1]) {
				t.Fatalf("%q in %q: %v %v, want %v", p, s, loc, err, w)
			}
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`(a|b)*c\1`, `[[:alpha:]-\]`, `a{3,`, `(?<=x)y`, `***=a`, `(?i)[^a-z]`, `\u12`} {
		f.Add(s, "aab c")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := Compile(pattern, Options{})
		if err != nil {
			if pgerr.CodeOf(err) != pgerr.InvalidRegularExpression {
				t.Fatal(err)
			}
			return
		}
		if len(text) < 50 {
			re.NewMatcher().Find(text, 0)
		}
	})
}

// The question whether a pattern matches takes time linear in the text.
func TestLinearTime(t *testing.T) {
	re, err := Compile(`(a*)*(a|aa)+b`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	ok, err := re.NewMatcher().Match(strings.Repeat("a", 1<<20))
	if ok || err != nil || time.Since(start) > 5*time.Second {
		t.Fatal(ok, err, time.Since(start))
	}
}

func TestLimits(t *testing.T) {
	for _, p := range []string{"((a{255}){255}){255}", strings.Repeat("(", 5000) + strings.Repeat(")", 5000)} {
		if _, err := Compile(p, Options{}); pgerr.CodeOf(err) != pgerr.InvalidRegularExpression {
			t.Errorf("%.20s…: %v", p, err)
		}
	}
	re, err := Compile(`^(a*)*\1(a*)*\2(a*)*\3b$`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		return
	}
	if _, err := re.NewMatcher().Match(strings.Repeat("a", 400)); err != nil && pgerr.CodeOf(err) != pgerr.ProgramLimitExceeded {
		t.Error(err)
	}
}
