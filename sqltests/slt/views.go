package slt

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ViewRunner runs a file with every query as a materialized view besides: the
// views of an epoch are made before its data, and compared with their queries
// after every statement that changes something.
//
// An epoch ends at each statement that is not a query, not a change of data and
// not a CREATE that can be done earlier: ALTER, DROP, SET and so on. There all
// views are dropped, and those of the next epoch are made over what is stored
// (what the statement refuses because of a view would be a test of dependencies,
// not of views). Transactions, and what other connections do, are run as they
// are, with comparisons behind them.
type ViewRunner struct {
	Server Server
	// Refused counts the queries that the server refuses as views with 0A000, by
	// message.
	Refused map[string]int
	// Made and Compared count views and comparisons.
	Made, Compared int

	rn    Runner
	views []*view
	// reads says which names the views (of the user) of a name mention.
	reads map[string]map[string]bool
	next  int
}

// view is a materialized view of one query.
type view struct {
	name   string
	record *Record
	reads  map[string]bool // the words of its query, and of views in it
}

// Run runs a file against an empty database, and gives what failed. Files whose
// statements wait for each other are not run: views change who waits for whom.
func (v *ViewRunner) Run(ctx context.Context, f *File) []Failure {
	for _, r := range f.Records {
		if r.Background {
			return nil
		}
	}
	v.rn = Runner{Server: v.Server, Judge: sameVerdict}
	v.Refused, v.reads = map[string]int{}, map[string]map[string]bool{}
	v.rn.begin(f)
	defer v.rn.closeAll(ctx)
	for _, e := range epochs(f, v.Server.Name()) {
		v.epoch(ctx, e)
		if v.rn.halted || ctx.Err() != nil || len(v.rn.failures) >= maxViewFailures {
			break
		}
	}
	return v.rn.failures
}

// maxViewFailures bounds what is reported: one broken operator shows in every
// comparison.
const maxViewFailures = 50

// sameVerdict judges outcomes only by whether they are errors: what they give
// is compared elsewhere, and the order of statements is another.
func sameVerdict(r *Record, o *Outcome) string {
	if r.Fails == (o.Err != nil) || r.Kind == Query {
		return ""
	}
	if o.Err != nil {
		return "with views, an unexpected error:\n" + indent(append([]string{"code " + o.Err.Code}, errorLines(o.Err)...))
	}
	return "with views, the expected error " + r.Code + " was not given"
}

// epoch runs one epoch.
func (v *ViewRunner) epoch(ctx context.Context, e epoch) {
	for _, r := range e.boundary {
		v.rn.step(ctx, r)
	}
	for _, r := range e.creates {
		v.rn.step(ctx, r)
		v.noteView(r)
	}
	late := map[*Record]bool{}
	for _, r := range e.body {
		if r.viewable() && !e.opaque[r] {
			late[r] = !v.make(ctx, r, true)
		}
	}
	for i, r := range e.body {
		v.rn.step(ctx, r)
		switch {
		case v.rn.halted:
			return
		case e.opaque[r]:
			if i+1 < len(e.body) && !e.opaque[e.body[i+1]] {
				v.compare(ctx, nil)
			}
		case late[r]:
			v.make(ctx, r, false)
		case changes(r):
			v.compare(ctx, writtenWords(r.SQL))
		}
	}
	v.compare(ctx, nil)
	v.drop(ctx)
}

// noteView remembers what a view that the file makes reads.
func (v *ViewRunner) noteView(r *Record) {
	ts := scan(r.SQL)
	for i, t := range ts {
		if t.text == "view" && i+1 < len(ts) {
			v.reads[ts[i+1].text] = v.closure(r.SQL)
			return
		}
	}
}

// closure gives the words of SQL, and those of the views that it mentions.
func (v *ViewRunner) closure(sql string) map[string]bool {
	out := map[string]bool{}
	for _, t := range scan(sql) {
		out[t.text] = true
		maps.Copy(out, v.reads[t.text])
	}
	return out
}

// make makes the view of a query. False: not now, because something that the
// query needs may not be there yet.
func (v *ViewRunner) make(ctx context.Context, r *Record, early bool) bool {
	v.next++
	name := fmt.Sprintf("public.view_of_line_%d_%d", r.Line, v.next) // whatever the search path is
	o := v.exec(ctx, r, "CREATE MATERIALIZED VIEW "+name+r.columnList()+" AS "+r.SQL)
	switch {
	case o == nil:
		return true
	case o.Err == nil:
		v.Made++
		v.views = append(v.views, &view{name: name, record: r, reads: v.closure(r.SQL)})
		return true
	case o.Err.Code == "0A000":
		v.Refused[o.Err.Message]++
		return true
	case o.Err.Code == "42P16": // a column without a storable type: no view in PostgreSQL either
		return true
	case early:
		return false
	}
	v.rn.fail(r, "the query works, a view of it does not:\n"+indent(append([]string{"code " + o.Err.Code}, errorLines(o.Err)...)))
	return true
}

// columnList names a view's columns, as the query's own names may repeat.
func (r *Record) columnList() string {
	n := 0
	for _, p := range parseBlock(r.Expect).parts {
		n = len(splitCells(p.columns))
		if p.columns == "columns " {
			n = 0
		}
	}
	if n == 0 {
		return ""
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// exec runs SQL on the main connection for a record. nil: the connection
// failed, which is reported.
func (v *ViewRunner) exec(ctx context.Context, r *Record, sql string) *Outcome {
	v.rn.await(ctx, mainConn)
	c, err := v.rn.conn(ctx, mainConn)
	if err != nil {
		v.rn.fail(r, err.Error())
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	o, err := c.Run(ctx, &Record{Kind: Query, SQL: sql})
	if err != nil {
		v.rn.fail(r, sql+"\nthe connection failed: "+err.Error())
		c.Close(ctx)
		delete(v.rn.conns, mainConn)
		return nil
	}
	return o
}

// compare compares the views that read one of the words with their queries; nil:
// all of them. A view that differs is dropped, so that it is reported once.
func (v *ViewRunner) compare(ctx context.Context, words map[string]bool) {
	for _, w := range slices.Clone(v.views) {
		if words != nil && !meets(words, w.reads) {
			continue
		}
		v.Compared++
		batch := v.exec(ctx, w.record, w.record.SQL)
		kept := v.exec(ctx, w.record, "SELECT * FROM "+w.name)
		if batch == nil || kept == nil {
			return
		}
		if d := differAsView(batch, kept); d != "" {
			v.rn.fail(w.record, "the view differs from its query:\n"+d)
			v.exec(ctx, w.record, "DROP MATERIALIZED VIEW "+w.name)
			v.views = slices.DeleteFunc(v.views, func(o *view) bool { return o == w })
		}
	}
}

func meets(a, b map[string]bool) bool {
	for w := range a {
		if b[w] {
			return true
		}
	}
	return false
}

// drop drops all views.
func (v *ViewRunner) drop(ctx context.Context) {
	for _, w := range slices.Backward(v.views) {
		v.exec(ctx, w.record, "DROP MATERIALIZED VIEW IF EXISTS "+w.name)
	}
	v.views = nil
}

// differAsView compares a query's outcome ("want") with its view's, as
// multisets of rows.
func differAsView(batch, kept *Outcome) string {
	if batch.Err != nil || kept.Err != nil {
		return differ([]string{code(batch)}, []string{code(kept)})
	}
	want, got := valueRows(batch.Results[0]), valueRows(kept.Results[0])
	if SameRows(want, got, floats(batch.Results[0].Columns)) {
		return ""
	}
	return differ(want, got)
}

func code(o *Outcome) string {
	if o.Err == nil {
		return fmt.Sprintf("%d rows", len(o.rows()))
	}
	return o.Err.Code + ": " + o.Err.Message
}

// valueRows gives the rows of a result, sorted, with numerics written so that
// equal ones are the same text: a view's group keeps the image that made it.
func valueRows(r Result) []string {
	rows := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		row = slices.Clone(row)
		for j, c := range row {
			if c != nil && r.Columns[j].OID == oidNumeric {
				row[j] = trimZeros(c)
			}
		}
		rows[i] = formatRow(row)
	}
	return sorted(rows)
}

func trimZeros(c Cell) Cell {
	s := string(c)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return Cell(s)
}
