package crash

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var pointCall = regexp.MustCompile(`\bcrash\.Point\("([^"]+)"\)`)

// sourcePoints finds the crash points in the server's source.
func sourcePoints(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	root := filepath.Join("..", "..")
	for _, room := range []string{"engine", "storage", "server", "cmd", "sql"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range pointCall.FindAllSubmatch(text, -1) {
				seen[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) == 0 {
		t.Fatal("no crash points in the source")
	}
	return slices.Sorted(maps.Keys(seen))
}

// passes is how many passes of a point a round may see.
func passes(name string) int {
	room, _, _ := strings.Cut(name, ".")
	switch room {
	case "recover":
		return 1
	case "line", "log", "tx":
		if strings.Contains(name, "rotate") || strings.Contains(name, "trim") {
			return 3
		}
		return 60
	}
	return 2
}
