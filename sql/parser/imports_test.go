package parser

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestOnlyTwoRoomsKnowTiDB wants TiDB's packages in the room that runs its
// parser and the one that reads its tree, and nowhere else in the project.
func TestOnlyTwoRoomsKnowTiDB(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		allowed := strings.HasSuffix(dir, "sql/parser/lower") || strings.HasSuffix(dir, "sql/parser/tidb")
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if strings.HasPrefix(name, "github.com/pingcap/") && !allowed {
				t.Errorf("%s imports %s", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestASTDoesNotKnowTheParser wants sql/ast to stand below sql/parser.
func TestASTDoesNotKnowTheParser(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "ast", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			if strings.Contains(imp.Path.Value, "/sql/parser") {
				t.Errorf("%s imports %s", path, imp.Path.Value)
			}
		}
	}
}
