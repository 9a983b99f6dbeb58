package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// EnvBinary names a variable with the path of a binary to use in place of one
// built from this tree, for instance one built with -race.
const EnvBinary = "STREAMSQLD_TEST_BINARY"

// EnvBuildFlags names a variable with flags for go build, separated by spaces.
const EnvBuildFlags = "STREAMSQLD_TEST_BUILDFLAGS"

var build struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Binary gives the path of the server's binary, which is built at the first
// call. The test fails when the server does not build.
func Binary(tb testing.TB) string {
	tb.Helper()
	build.once.Do(func() { build.path, build.err = buildBinary() })
	if build.err != nil {
		tb.Fatal(build.err)
	}
	return build.path
}

func buildBinary() (string, error) {
	if path := os.Getenv(EnvBinary); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "streamsqld-test-")
	if err != nil {
		return "", err
	}
	build.dir = dir
	path := filepath.Join(dir, "streamsqld")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	args := append([]string{"build"}, fields(os.Getenv(EnvBuildFlags))...)
	cmd := exec.Command("go", append(args, "-o", path, "github.com/streamsqld/streamsqld/cmd/streamsqld")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the server: %w\n%s", err, out)
	}
	return path, nil
}

// Main is for TestMain: it runs the tests and removes the binary that was built
// for them. It gives the exit code.
func Main(m *testing.M) int {
	defer func() {
		if build.dir != "" {
			os.RemoveAll(build.dir)
		}
	}()
	return m.Run()
}
