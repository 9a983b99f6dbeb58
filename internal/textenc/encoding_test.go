package textenc

import "testing"

// TestSingleBytes compares bytes whose meaning differs between tables with what
// PostgreSQL 15's convert_from gives; 0 is 22P05.
func TestSingleBytes(t *testing.T) {
	for _, c := range []struct {
		encoding string
		b        byte
		want     rune
	}{
		{"LATIN1", 0x85, 0x85}, {"LATIN9", 0xa4, 0x20ac}, {"WIN1252", 0x80, 0x20ac}, {"WIN1252", 0x81, 0},
		{"WIN1255", 0xca, 0}, {"KOI8U", 0xae, 0x255d}, {"KOI8U", 0xbe, 0x256c}, {"KOI8R", 0xc1, 'а'}, {"WIN866", 0x80, 'А'},
	} {
		got, err := ByName(c.encoding).ToUTF8(string([]byte{c.b}))
		if c.want == 0 {
			if err == nil {
				t.Errorf("%s 0x%02x is %q, want an error", c.encoding, c.b, got)
			}
			continue
		}
		if err != nil || got != string(c.want) {
			t.Errorf("%s 0x%02x is %q, %v, want %q", c.encoding, c.b, got, err, c.want)
			continue
		}
		if back, err := ByName(c.encoding).FromUTF8(got); err != nil || back != string([]byte{c.b}) {
			t.Errorf("%s %q is % x, %v, want %02x", c.encoding, got, back, err, c.b)
		}
	}
}

// TestWhole cuts texts at every byte: the parts give what the whole gives.
func TestWhole(t *testing.T) {
	texts := map[string]string{"SJIS": "aあ表ｱ\\", "BIG5": "中a文", "GB18030": "中😀x文", "EUC_JP": "ｱあa", "EUC_KR": "가a", "UHC": "가a각", "LATIN1": "aé"}
	for name, text := range texts {
		e := ByName(name)
		s, err := e.FromUTF8(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for cut := range len(s) + 1 {
			n := e.Whole([]byte(s[:cut]))
			front, err1 := e.ToUTF8(s[:n])
			back, err2 := e.ToUTF8(s[n:])
			if err1 != nil || err2 != nil || front+back != text {
				t.Errorf("%s cut at %d, whole to %d: %q, %v and %q, %v", name, cut, n, front, err1, back, err2)
			}
		}
	}
}
