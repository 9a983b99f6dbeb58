package sqltests

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/streamsqld/streamsqld/internal/fault"
	"github.com/streamsqld/streamsqld/sqltests/harness"
)

const kept = `CREATE TABLE kept (n int PRIMARY KEY, pad text);
	CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n, sum(n) AS total FROM kept`

// fill inserts rows n, n+1 … until an error comes, and gives the first number
// that was not acknowledged, and the error.
func fill(ctx context.Context, c *pgconn.PgConn, n, most, pad int) (int, error) {
	for ; n < most; n++ {
		sql := fmt.Sprintf("INSERT INTO kept VALUES (%d, repeat('%c', %d) || md5('%d'))", n, 'a'+n%26, pad, n)
		if _, err := c.Exec(ctx, sql).ReadAll(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// holds tells whether rows 0 to n-1 are there, and row n too perhaps, in the
// table and in the view.
func holds(t *testing.T, s *harness.Server, n int) {
	t.Helper()
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	got := one(t, c, "SELECT count(*) || '/' || count(*) FILTER (WHERE n < "+fmt.Sprint(n)+") || '/' || coalesce(max(n), -1) FROM kept")
	if want, doubt := fmt.Sprintf("%d/%d/%d", n, n, n-1), fmt.Sprintf("%d/%d/%d", n+1, n, n); got != want && got != doubt {
		t.Errorf("rows/acknowledged ones/largest: %s, want %s or %s", got, want, doubt)
	}
	if d := one(t, c, "SELECT (SELECT n || '/' || coalesce(total, 0) FROM counted) = (SELECT count(*) || '/' || coalesce(sum(n), 0) FROM kept)"); d != "t" {
		t.Error("the view differs from its query")
	}
}

// TestFailingDisk has operations on the log fail. What was acknowledged is
// there afterwards; after a failed fsync nothing more is acknowledged.
func TestFailingDisk(t *testing.T) {
	for _, f := range []struct {
		spec  string
		again bool // whether the server may go on acknowledging
	}{
		{"sync:20=EIO", false}, {"sync:1+=EIO", false}, {"write:30=EIO", true}, {"write:30+=ENOSPC", true}, {"write:25=ENOSPC", true},
	} {
		t.Run(f.spec, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			s := harness.Start(t, harness.Options{})
			c, err := s.Connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			must(t, c, kept)
			n, err := fill(ctx, c, 0, 10, 10)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if err := s.Start(fault.Env + "=" + f.spec); err != nil {
				t.Logf("not started with the fault: %v", err)
			} else {
				n = acknowledgeUntilItFails(t, s, n, f.again)
				s.Kill()
			}
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
			holds(t, s, n)
			c, err = s.Connect(ctx)
			if err != nil {
				t.Fatal(err)
			}
			must(t, c, "INSERT INTO kept VALUES (1000000, 'after')")
		})
	}
}

// acknowledgeUntilItFails inserts until the fault shows, then looks whether the
// server goes on as it should.
func acknowledgeUntilItFails(t *testing.T, s *harness.Server, n int, again bool) int {
	t.Helper()
	ctx := t.Context()
	c, err := s.Connect(ctx)
	if err != nil {
		t.Logf("no connection with the fault: %v", err)
		return n
	}
	defer c.Close(context.Background())
	n, err = fill(ctx, c, n, n+1000, 100)
	if err == nil {
		t.Error("the fault has not shown in 1000 commits")
		return n
	}
	t.Logf("after %d commits: %v", n, err)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code == "XX000" || pg.Code == "00000" {
		t.Errorf("no clear error: %v", err)
	}
	if !again {
		if o, err := s.Connect(ctx); err == nil {
			if _, err := fill(ctx, o, n+1, n+2, 1); err == nil {
				t.Error("a commit was acknowledged after a failed fsync")
			}
			if got := one(t, o, "SELECT count(*) FROM kept"); got == "0" {
				t.Error("nothing can be read any more")
			}
			o.Close(ctx)
		}
	}
	return n
}

// TestDamagedFiles flips bytes on disk, in the log and in the store, each in a
// copy of one data directory. The server then says what is damaged, at its start
// or when the place is read, or the damage was in nothing that it needs; it never
// gives other rows.
func TestDamagedFiles(t *testing.T) {
	s := harness.Start(t, harness.Options{})
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	must(t, c, kept)
	const n = 2000
	must(t, c, fmt.Sprintf("INSERT INTO kept SELECT g, repeat('x', 200) || md5(g::text) FROM generate_series(0, %d) g", n-1))
	must(t, c, "CHECKPOINT")
	must(t, c, "CREATE TABLE late (a int, b text)")
	must(t, c, "INSERT INTO late SELECT g, md5(g::text) FROM generate_series(1, 5000) g")
	s.Kill()
	files := filesIn(t, s.Dir())
	for _, name := range files {
		for _, share := range []float64{0.02, 0.3, 0.6} {
			t.Run(fmt.Sprintf("%s at %g", name, share), func(t *testing.T) { damaged(t, s.Dir(), name, share) })
		}
	}
}

// filesIn lists the files of a directory that hold data.
func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil && info.Size() > 64 {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func damaged(t *testing.T, dir, name string, share float64) {
	mine := t.TempDir()
	if err := os.CopyFS(mine, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if !flip(t, filepath.Join(mine, name), share) {
		return
	}
	s := harness.Prepare(t, harness.Options{Dir: mine})
	if err := s.Start(); err != nil {
		if text := err.Error(); strings.Contains(text, "panic") || strings.Contains(text, "SIG") {
			t.Errorf("the server did not end in good order: %.2000s", text)
		}
		return // a clear refusal
	}
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	for sql, want := range map[string]string{
		"SELECT count(*) || ' ' || sum(n) || ' ' || count(*) FILTER (WHERE pad = repeat('x', 200) || md5(n::text)) FROM kept": "2000 1999000 2000",
		"SELECT n || ' ' || total FROM counted":                                                     "2000 1999000",
		"SELECT pad = repeat('x', 200) || md5('777') FROM kept WHERE n = 777":                       "t",
		"SELECT count(*) || ' ' || count(*) FILTER (WHERE b = md5(a::text)) FROM late WHERE a >= 0": "5000 5000",
	} {
		results, err := c.Exec(t.Context(), sql).ReadAll()
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg) && pg.Code == "XX001": // says so
		case err != nil:
			t.Errorf("%s: %v", sql, err)
		case len(results[0].Rows) != 1 || string(results[0].Rows[0][0]) != want:
			t.Errorf("%s: a wrong answer: %q", sql, results[0].Rows)
		}
	}
}

// flip changes eight bytes of a file at a share of its length; false when nothing
// but zeros, which may be reserved space, is there.
func flip(t *testing.T, path string, share float64) bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := len(strings.TrimRight(string(data), "\x00"))
	at := int(share * float64(used))
	if at+8 > used {
		return false
	}
	for i := range 8 {
		data[at+i] ^= 0x5a
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

// TestFullDisk fills a small file system of its own.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount := func(args ...string) error {
		out, err := exec.Command("mount", append(args, "-t", "tmpfs", "streamsqld-test", dir)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if err := mount("-o", "size=320m"); err != nil {
		t.Skipf("SKIPPED: no small file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	s := harness.Start(t, harness.Options{Dir: filepath.Join(dir, "data")})
	c, err := s.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	must(t, c, kept)
	must(t, c, "SET synchronous_commit = off")
	// Most of the room goes to somebody else: the rest fills up soon.
	if err := os.WriteFile(filepath.Join(dir, "other"), make([]byte, 96<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := fillRandom(ctx, c, 0, 10000)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "53100" {
		t.Errorf("after %d rows: want 53100, got %v", n, err)
	}
	t.Logf("full after %d rows: %v", n, err)
	alive(t, s)
	holds(t, s, n)
	s.Kill()
	if err := mount("-o", "remount,size=2g"); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	holds(t, s, n)
	if c, err = s.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	must(t, c, "INSERT INTO kept VALUES (1000000, 'after')")
}

// fillRandom inserts rows that do not compress, 512 KiB each.
func fillRandom(ctx context.Context, c *pgconn.PgConn, n, most int) (int, error) {
	raw, random := make([]byte, 256<<10), rand.NewChaCha8([32]byte{})
	for ; n < most; n++ {
		_, _ = random.Read(raw) // never fails
		pad := hex.AppendEncode(nil, raw)
		if _, err := c.ExecParams(ctx, "INSERT INTO kept VALUES ($1, $2)", [][]byte{fmt.Append(nil, n), pad}, nil, nil, nil).Close(); err != nil {
			return n, err
		}
	}
	return n, nil
}
