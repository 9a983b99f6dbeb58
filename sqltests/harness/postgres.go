package harness

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// EnvPostgres names the variable with the address of a PostgreSQL 15 whose role
// is a superuser: postgres://user@host:port/database. Tests make databases of
// their own in it.
const EnvPostgres = "STREAMSQLD_TEST_POSTGRES"

var databases atomic.Int64

// Postgres gives the connection string of a new, empty database of the judge;
// it is dropped when the test ends. Without a judge the test is skipped, and
// says so.
func Postgres(tb testing.TB) string {
	tb.Helper()
	dsn := os.Getenv(EnvPostgres)
	if dsn == "" {
		Missing(tb, "postgres", "set "+EnvPostgres+"=postgres://postgres@127.0.0.1:5432/postgres")
	}
	dsn, drop, err := NewDatabase(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := drop(); err != nil {
			tb.Error(err)
		}
	})
	return dsn
}

// NewDatabase makes an empty database on the server that dsn names, and gives
// its connection string and what drops it again.
func NewDatabase(dsn string) (string, func() error, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", EnvPostgres, err)
	}
	name := fmt.Sprintf("streamsqld_test_%d_%d", os.Getpid(), databases.Add(1))
	create := "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
	if err := asJudge(dsn, checkVersion, create, "ALTER DATABASE "+name+" SET timezone = 'UTC'"); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	drop := func() error { return asJudge(dsn, nil, "DROP DATABASE "+name+" WITH (FORCE)") }
	return u.String(), drop, nil
}

// asJudge runs statements on the judge.
func asJudge(dsn string, check func(*pgconn.PgConn) error, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connecting to the judge: %w", err)
	}
	defer c.Close(ctx)
	if check != nil {
		if err := check(c); err != nil {
			return err
		}
	}
	for _, s := range statements {
		if _, err := c.Exec(ctx, s).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// checkVersion refuses a judge of another version: messages and grammar differ.
func checkVersion(c *pgconn.PgConn) error {
	version := c.ParameterStatus("server_version")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n != 15 {
		return fmt.Errorf("the judge has to be PostgreSQL 15, this is %s", version)
	}
	return nil
}
