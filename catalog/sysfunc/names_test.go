package sysfunc

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/catalogtest"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

var fixture = sync.OnceValue(catalogtest.Fixture)

// session gives the functions as the superuser of the fixture sees them.
func session(path ...string) Functions {
	s := fixture()
	if path == nil {
		path = []string{"$user", "public"}
	}
	c := &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Path: s.ResolvePath(path, "postgres", 0)}
	f := Functions{c}
	env := *types.DefaultEnv
	env.Names = f
	c.Env = &env
	return f
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func failure(t *testing.T, err error) string {
	t.Helper()
	var e *pgerr.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	return "E|" + string(e.Code) + "|" + e.Message + "|" + e.Hint
}

// TestNames compares how names are read and shown with PostgreSQL.
func TestNames(t *testing.T) {
	f := session()
	for _, line := range lines(t, "names.txt") {
		p := strings.SplitN(line, "|", 3)
		if len(p) != 3 {
			t.Fatalf("%q", line)
		}
		if got := asName(t, f, p[0], p[1]); got != p[2] {
			t.Errorf("%s %q\n got %s\nwant %s", p[0], p[1], got, p[2])
		}
	}
}

func asName(t *testing.T, f Functions, what, name string) string {
	t.Helper()
	typ := types.ByName(strings.TrimPrefix(what, "to_"))
	var d types.Datum
	var err error
	if strings.HasPrefix(what, "to_") {
		d, err = f.Call(context.Background(), what, []types.Datum{text(name)})
	} else {
		d, err = typ.In(f.Env, name, types.NoMod)
	}
	switch {
	case err != nil:
		return failure(t, err)
	case d.IsNull():
		return "S|NULL"
	}
	return "S|" + typ.Text(f.Env, d)
}
