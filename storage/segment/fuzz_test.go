package segment

import (
	"testing"
)

// What is read of a damaged store gives errors, never a panic.
func FuzzRead(f *testing.F) {
	st := openStore(f)
	f.Add(build(f, st, []int{100, 50}, 3).AppendMeta(nil))
	f.Add(appendRunPage(nil, []Entry{{[]byte("a"), 1}, {[]byte("ab"), 2}}))
	f.Add(sealPart([]byte("some part")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ReadMeta(b); err == nil {
			if again, err := ReadMeta(s.AppendMeta(nil)); err != nil || again.Rows() != s.Rows() {
				t.Fatalf("what was read is not read again: %v", err)
			}
		}
		if r, err := ReadRunMeta(b); err == nil && r == nil {
			t.Fatal("neither a run nor an error")
		}
		if entries, ok := openRunPage(b); ok {
			_ = entries
		}
		_, _ = unsealPart(b)
		if d, rest, ok := ReadDatum(b); ok {
			again, _, ok := ReadDatum(AppendDatum(nil, d))
			if !ok || !again.SameImage(d) || len(rest) > len(b) {
				t.Fatalf("%v is read again as %v", d, again)
			}
		}
	})
}
