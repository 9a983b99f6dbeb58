package crash

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// rows runs a query and gives its rows as text.
func rows(ctx context.Context, c *pgconn.PgConn, sql string) ([][]string, error) {
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	var out [][]string
	for _, r := range results {
		for _, row := range r.Rows {
			line := make([]string, len(row))
			for i, cell := range row {
				line[i] = string(cell)
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// found reads a writer's part of the database. A row that is there twice is an
// error.
func found(ctx context.Context, c *pgconn.PgConn, id int) (*state, error) {
	s := newState()
	for _, part := range []struct {
		relation string
		into     map[int]int
	}{{"kept", s.table}, {"seen", s.stream}} {
		list, err := rows(ctx, c, fmt.Sprintf("SELECT n, v FROM %s WHERE writer = %d", part.relation, id))
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			n, _ := strconv.Atoi(r[0])
			v, _ := strconv.Atoi(r[1])
			if _, twice := part.into[n]; twice {
				return nil, fmt.Errorf("row %d of writer %d is in %s twice", n, id, part.relation)
			}
			part.into[n] = v
		}
	}
	list, err := rows(ctx, c, fmt.Sprintf("SELECT relname FROM pg_class WHERE relname LIKE 'note\\_%d\\_%%' AND relkind = 'r'", id))
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		k, _ := strconv.Atoi(r[0][strings.LastIndex(r[0], "_")+1:])
		s.notes[k] = true
		n, err := rows(ctx, c, "SELECT rows FROM "+r[0]+"_view")
		if err != nil {
			return nil, err
		}
		if n[0][0] != "2" {
			return nil, fmt.Errorf("%s has %s rows", r[0], n[0][0])
		}
	}
	return s, nil
}

// settle compares what a writer finds with what it knows, and makes it what it
// knows. It tells whether an operation in doubt was there.
func (w *writer) settle(ctx context.Context, c *pgconn.PgConn) (was bool, err error) {
	got, err := found(ctx, c, w.id)
	if err != nil {
		return false, err
	}
	before := ""
	if !got.equal(w.known) {
		before = w.known.differ(got)
		if w.doubt == nil {
			return false, fmt.Errorf("writer %d: not what was acknowledged: %s", w.id, before)
		}
		w.known.apply(w.doubt)
		if !got.equal(w.known) {
			return false, fmt.Errorf("writer %d: neither what was acknowledged (%s) nor that with the operation under way (%s)",
				w.id, before, w.known.differ(got))
		}
	}
	w.known, w.doubt = got, nil
	return before != "", nil
}

// checkViews compares every view with its query.
func checkViews(ctx context.Context, c *pgconn.PgConn) error {
	for _, v := range views {
		list, err := rows(ctx, c, fmt.Sprintf(`SELECT count(*) FROM ((SELECT * FROM %[1]s EXCEPT ALL %[2]s) UNION ALL (%[2]s EXCEPT ALL SELECT * FROM %[1]s)) d`, v.name, v.query))
		if err != nil {
			return err
		}
		if list[0][0] != "0" {
			return fmt.Errorf("view %s differs from its query in %s rows", v.name, list[0][0])
		}
	}
	return nil
}
