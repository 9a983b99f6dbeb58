package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// writer changes its own rows, over one connection at a time.
type writer struct {
	id    int
	rnd   *rand.Rand
	next  int    // the next n
	known *state // what was acknowledged
	// doubt is what the operation under way has done if it was committed; nil when
	// no commit was asked for.
	doubt *edits

	acknowledged int
	c            *pgconn.PgConn
}

func newWriter(id int, seed uint64) *writer {
	return &writer{id: id, rnd: rand.New(rand.NewPCG(seed, uint64(id))), known: newState()}
}

// run works until the connection is gone. An error is one that the server should
// not have given.
func (w *writer) run(ctx context.Context, dsn string) error {
	c, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return unexpected(err)
	}
	defer c.Close(context.Background())
	w.c = c
	if _, err := c.Prepare(ctx, "one", "INSERT INTO kept (writer, n, v) VALUES ($1, $2, $3)", nil); err != nil {
		return unexpected(err)
	}
	for ctx.Err() == nil {
		if err := w.operation(ctx); err != nil {
			return unexpected(err)
		}
		w.acknowledged++
	}
	return nil
}

// unexpected drops what is said when a server dies.
func unexpected(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return fmt.Errorf("%s: %w (%s)", pg.Code, err, pg.Detail)
	}
	return nil
}

// operation does one thing.
func (w *writer) operation(ctx context.Context) error {
	kinds := []func(context.Context, *edits) error{
		w.insertOne, w.insertOne, w.insertOne, w.insertMany, w.insertMany, w.copyStream, w.transaction, w.transaction, w.rolledBack, w.change, w.define,
	}
	next := newEdits()
	w.doubt = nil
	if err := kinds[w.rnd.IntN(len(kinds))](ctx, next); err != nil {
		return err
	}
	w.known.apply(next)
	w.doubt = nil
	return nil
}

// commits notes that what follows may commit, and lead to next.
func (w *writer) commits(next *edits) { w.doubt = next }

func (w *writer) exec(ctx context.Context, sql string) error {
	return w.c.Exec(ctx, sql).Close()
}

func (w *writer) number() (n, v int) {
	w.next++
	return w.next, w.rnd.IntN(1000)
}

func (w *writer) insertOne(ctx context.Context, next *edits) error {
	n, v := w.number()
	next.set(n, v)
	w.commits(next)
	text := func(x int) []byte { return fmt.Append(nil, x) }
	return w.c.ExecPrepared(ctx, "one", [][]byte{text(w.id), text(n), text(v)}, nil, nil).Read().Err
}

// values makes rows of a number of new numbers.
func (w *writer) values(count int, into map[int]int, stamp bool) string {
	var b strings.Builder
	for i := range count {
		n, v := w.number()
		into[n] = v
		if i > 0 {
			b.WriteString(", ")
		}
		if stamp {
			fmt.Fprintf(&b, "('%s', %d, %d, %d)", w.time(), w.id, n, v)
		} else {
			fmt.Fprintf(&b, "(%d, %d, %d)", w.id, n, v)
		}
	}
	return b.String()
}

func (w *writer) time() string {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.rnd.IntN(86400)) * time.Second)
	return at.Format("2006-01-02 15:04:05+00")
}

func (w *writer) insertTable(count int, next *edits) string {
	return "INSERT INTO kept (writer, n, v) VALUES " + w.values(count, next.table, false)
}

func (w *writer) insertStream(count int, next *edits) string {
	return "INSERT INTO seen VALUES " + w.values(count, next.stream, true)
}

func (w *writer) insertMany(ctx context.Context, next *edits) error {
	sql := w.insertTable(1+w.rnd.IntN(50), next)
	if w.rnd.IntN(2) == 0 { // several statements of one implicit transaction
		sql += ";" + w.insertStream(1+w.rnd.IntN(50), next)
	}
	w.commits(next)
	return w.exec(ctx, sql)
}

// copyStream loads rows, now and then so many that they are staged in several
// chunks.
func (w *writer) copyStream(ctx context.Context, next *edits) error {
	count := 1 + w.rnd.IntN(400)
	if w.rnd.IntN(8) == 0 {
		count = 10000
	}
	var b strings.Builder
	for range count {
		n, v := w.number()
		next.stream[n] = v
		fmt.Fprintf(&b, "%s,%d,%d,%d\n", w.time(), w.id, n, v)
	}
	w.commits(next)
	_, err := w.c.CopyFrom(ctx, strings.NewReader(b.String()), "COPY seen FROM STDIN WITH (FORMAT csv)")
	return err
}

// some gives up to count numbers of the writer's rows in the table.
func (w *writer) some(count int, next *edits) []int {
	var out []int
	for range 20 * count {
		if n := 1 + w.rnd.IntN(w.next+1); len(out) < count {
			if _, ok := next.value(w.known, n); ok {
				out = append(out, n)
			}
		}
	}
	return out
}

// edits makes statements that change and delete rows of the table.
func (w *writer) edits(next *edits) []string {
	var out []string
	for _, n := range w.some(2, next) {
		v, _ := next.value(w.known, n)
		next.set(n, v+1)
		out = append(out, fmt.Sprintf("UPDATE kept SET v = v + 1 WHERE writer = %d AND n = %d", w.id, n))
	}
	for _, n := range w.some(1, next) {
		next.remove(n)
		out = append(out, fmt.Sprintf("DELETE FROM kept WHERE writer = %d AND n = %d", w.id, n))
	}
	return out
}

// change updates the newest rows in one statement.
func (w *writer) change(ctx context.Context, next *edits) error {
	d, from := 1+w.rnd.IntN(3), w.next-200
	for n := from; n <= w.next; n++ {
		if v, ok := next.value(w.known, n); ok {
			next.set(n, v+d)
		}
	}
	w.commits(next)
	return w.exec(ctx, fmt.Sprintf("UPDATE kept SET v = v + %d WHERE writer = %d AND n >= %d", d, w.id, from))
}

// transaction is a block of several statements, with a savepoint that is given up.
func (w *writer) transaction(ctx context.Context, next *edits) error {
	list := []string{"BEGIN", w.insertTable(1+w.rnd.IntN(10), next), w.insertStream(1+w.rnd.IntN(10), next), "SAVEPOINT s"}
	dropped := next.clone()
	list = append(list, w.edits(dropped)...)
	list = append(list, w.insertTable(3, dropped), "ROLLBACK TO s")
	list = append(list, w.edits(next)...)
	for _, sql := range list {
		if err := w.exec(ctx, sql); err != nil {
			return err
		}
	}
	w.commits(next)
	return w.exec(ctx, "COMMIT")
}

func (w *writer) rolledBack(ctx context.Context, next *edits) error {
	gone := next.clone()
	for _, sql := range append(append([]string{"BEGIN", w.insertTable(20, gone)}, w.edits(gone)...), w.insertStream(20, gone), "ROLLBACK") {
		if err := w.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// define makes a table of the writer's own with a view over it, or drops one, and
// writes a row in the same transaction.
func (w *writer) define(ctx context.Context, next *edits) error {
	k := w.rnd.IntN(3)
	name := fmt.Sprintf("note_%d_%d", w.id, k)
	list := []string{"BEGIN", w.insertTable(1, next)}
	if w.known.notes[k] {
		next.notes[k] = false
		list = append(list, "DROP TABLE "+name+" CASCADE")
	} else {
		next.notes[k] = true
		list = append(list, "CREATE TABLE "+name+" (n int PRIMARY KEY)", "INSERT INTO "+name+" VALUES (1), (2)",
			"CREATE VIEW "+name+"_view AS SELECT count(*) AS rows FROM "+name)
	}
	for _, sql := range list {
		if err := w.exec(ctx, sql); err != nil {
			return err
		}
	}
	w.commits(next)
	return w.exec(ctx, "COMMIT")
}
