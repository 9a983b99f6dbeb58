package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/server"
)

// TestPgx goes through a real client library, in each of its ways to run a
// query.
func TestPgx(t *testing.T) {
	s := startServer(t, nil)
	ctx := context.Background()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			conn, err := pgx.Connect(ctx, "postgres://me@"+s.addr+"/db?sslmode=prefer&application_name=test")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(ctx)
			if v := conn.PgConn().ParameterStatus("server_version"); v != server.ServerVersion {
				t.Errorf("server_version %q", v)
			}
			var a int
			var b *int
			var n string
			if err := conn.QueryRow(ctx, "select 1 as a, null::int as b, 'x' as n", mode).Scan(&a, &b, &n); err != nil || a != 1 || b != nil || n != "x" {
				t.Error(a, b, n, err)
			}
			for i := range 3 {
				rows, _ := conn.Query(ctx, fmt.Sprintf("select generate_series(1,%d)", 1000*i), mode)
				got, err := pgx.CollectRows(rows, pgx.RowTo[int])
				if err != nil || len(got) != 1000*i {
					t.Error(len(got), err)
				}
			}
			if _, err := conn.Exec(ctx, "select generate_series(1,3)"+strings.Repeat(" ", 600<<10), mode); err != nil {
				t.Error(err)
			}
			if err := conn.Ping(ctx); err != nil {
				t.Fatal("behind a large statement:", err)
			}
			var pgErr *pgconn.PgError
			if _, err := conn.Exec(ctx, "select * from nope", mode); !errors.As(err, &pgErr) || pgErr.Code != "42P01" || pgErr.Position != 15 {
				t.Error(err)
			}
			if err := conn.Ping(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPgxBatchCopyCancel(t *testing.T) {
	s := startServer(t, withCommits(100))
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "postgres://me@"+s.addr+"/db")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	go func() {
		for p := range s.engine.commits {
			p.finish(nil)
		}
	}()
	defer close(s.engine.commits)

	var batch pgx.Batch
	for range 10 {
		batch.Queue("select $1::text", "ä")
		batch.Queue("insert into t values (1, 'x')")
	}
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		t.Error(err)
	}

	tag, err := conn.PgConn().CopyFrom(ctx, strings.NewReader(strings.Repeat("1\tx\n", 100000)), "copy t from stdin")
	if err != nil || tag.RowsAffected() != 100000 {
		t.Error(tag, err)
	}
	var out bytes.Buffer
	if _, err := conn.PgConn().CopyTo(ctx, &out, "copy (values (1,'x'),(2,null)) to stdout"); err != nil || out.String() != "1\tx\n2\t\\N\n" {
		t.Errorf("%q %v", out.String(), err)
	}

	if _, err := conn.Exec(ctx, "listen c"); err != nil {
		t.Error(err)
	}
	s.engine.notify(server.Notification{PID: 1, Channel: "c", Payload: "p"})
	if n, err := conn.WaitForNotification(ctx); err != nil || n.Payload != "p" {
		t.Error(n, err)
	}
}
