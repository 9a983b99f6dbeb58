package sqltests

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamsqld/streamsqld/sqltests/harness"
	"github.com/streamsqld/streamsqld/sqltests/slt"
)

// TestSuite runs the .slt and .test files of a directory that is not part of
// the repository, against this server and, where there is one, PostgreSQL.
func TestSuite(t *testing.T) {
	dir := os.Getenv("STREAMSQLD_TEST_SUITE")
	if dir == "" {
		t.Skip("STREAMSQLD_TEST_SUITE names no directory of a public suite")
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".slt" && ext != ".test" {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if os.Getenv(harness.EnvPostgres) != "" {
				t.Run("postgresql", func(t *testing.T) { play(t, path, &judge{dsn: harness.Postgres(t)}, slt.Simple) })
			}
			t.Run("streamsqld", func(t *testing.T) { play(t, path, startDaemon(t), slt.Simple) })
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
