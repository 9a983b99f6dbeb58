package slt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Column is a column of a result.
type Column struct {
	Name string
	OID  uint32
	Type string // as typeName gives it
}

// Result is what one statement has given.
type Result struct {
	Columns []Column // nil when there are no rows to give
	Rows    [][]Cell
	Tag     string
	Data    []string // of COPY … TO STDOUT: lines
}

// Outcome is what running a record has given.
type Outcome struct {
	Results []Result
	Err     *pgconn.PgError
	Notices []*pgconn.Notice
	Params  []string // of Describe: types
	Notes   []string // of Notifications
}

// Block writes the outcome as the record's block of expected results.
func (r *Record) Block(o *Outcome) []string { return r.block(o) }

// rows gives the rows of the only or first result.
func (o *Outcome) rows() [][]Cell {
	if len(o.Results) == 0 {
		return nil
	}
	return o.Results[0].Rows
}

// header gives the columns as a line: name:type|name:type.
func (r *Result) header() string {
	parts := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		parts[i] = escape(c.Name) + ":" + c.Type
	}
	return "columns " + strings.Join(parts, "|")
}

// block writes the outcome as the record's block of expected results.
func (r *Record) block(o *Outcome) []string {
	var lines []string
	switch {
	case o.Err != nil:
		lines = append([]string{"----"}, errorLines(o.Err)...)
	case r.Classic():
		return r.classicBlock(o)
	case r.Kind == Notifications:
		return append([]string{"----"}, o.Notes...)
	case r.Kind == Describe:
		lines = append(lines, "----", "params "+strings.Join(o.Params, "|"))
		for i := range o.Results {
			lines = append(lines, o.Results[i].header())
		}
	default:
		for i := range o.Results {
			lines = append(lines, r.resultLines(&o.Results[i])...)
		}
	}
	if len(o.Notices) == 0 {
		return lines
	}
	if len(lines) == 0 {
		lines = []string{"----"}
	}
	return slices.Insert(lines, 1, noticeLines(o.Notices)...)
}

// resultLines writes one result, from its "----" on.
func (r *Record) resultLines(res *Result) []string {
	if r.Kind == CopyOut {
		return append([]string{"---- tag " + res.Tag}, res.Data...)
	}
	if r.Kind != Query || res.Columns == nil {
		return []string{"---- tag " + res.Tag}
	}
	head := "----"
	if res.Tag != fmt.Sprintf("SELECT %d", len(res.Rows)) {
		head += " tag " + res.Tag
	}
	rows := make([]string, len(res.Rows))
	for i, row := range res.Rows {
		rows[i] = formatRow(row)
	}
	if r.sorts() {
		rows = sorted(rows)
	}
	return append([]string{head, res.header()}, rows...)
}

// sorts tells whether the rows of an exact result are compared sorted.
func (r *Record) sorts() bool {
	return r.Sort == RowSort || r.Sort == ValueSort || r.Sort == Auto && !ordered(r.SQL)
}

func (r *Record) classicBlock(o *Outcome) []string {
	values := r.classicValues(o.rows())
	flat := slices.Concat(values...)
	if r.Sort == ValueSort {
		slices.Sort(flat)
	}
	return append([]string{"----"}, flat...)
}

// errorLines writes the fields of an error.
func errorLines(e *pgconn.PgError) []string {
	lines := []string{"message " + escape(e.Message)}
	for _, f := range []struct{ name, value string }{
		{"detail", e.Detail}, {"hint", e.Hint}, {"where", e.Where}, {"schema", e.SchemaName}, {"table", e.TableName},
		{"column", e.ColumnName}, {"datatype", e.DataTypeName}, {"constraint", e.ConstraintName}, {"query", e.InternalQuery},
	} {
		if f.value != "" {
			lines = append(lines, f.name+" "+escape(f.value))
		}
	}
	if e.Position != 0 {
		lines = append(lines, fmt.Sprintf("position %d", e.Position))
	}
	return lines
}

// noticeLines writes notices, with their severity as first word.
func noticeLines(notices []*pgconn.Notice) []string {
	var lines []string
	for _, n := range notices {
		lines = append(lines, fmt.Sprintf("%s %s %s", strings.ToLower(n.Severity), n.Code, escape(n.Message)))
		if n.Detail != "" {
			lines = append(lines, "detail "+escape(n.Detail))
		}
		if n.Hint != "" {
			lines = append(lines, "hint "+escape(n.Hint))
		}
	}
	return lines
}

// block is a parsed block of results.
type block struct {
	notices []string // with their details and hints
	fields  []string // of an error
	params  string   // of Describe
	parts   []part
}

// part is one result of a block.
type part struct {
	tag, columns string // empty: not said
	lines        []string
}

var (
	noticeWords = []string{"notice", "warning", "info", "log", "debug"}
	errorWords  = []string{"message", "detail", "hint", "where", "schema", "table", "column", "datatype", "constraint", "query", "position"}
)

// parseBlock reads a block. Notices and fields of errors stand before the
// columns; behind them every line is a row.
func parseBlock(lines []string) *block {
	b := &block{}
	rows := false
	for _, line := range lines {
		word := firstWord(line)
		switch {
		case strings.HasPrefix(line, "----"):
			tag, _ := strings.CutPrefix(strings.TrimSpace(line[4:]), "tag ")
			b.parts = append(b.parts, part{tag: tag})
			rows = false
		case rows:
			b.addRow(line)
		case word == "columns":
			b.parts[len(b.parts)-1].columns = line
			rows = true
		case word == "params":
			b.params = line
		case slices.Contains(noticeWords, word), len(b.notices) > 0 && len(b.fields) == 0 && (word == "detail" || word == "hint"):
			b.notices = append(b.notices, line)
		case slices.Contains(errorWords, word):
			b.fields = append(b.fields, line)
		default:
			b.addRow(line)
			rows = true
		}
	}
	return b
}

func (b *block) addRow(line string) {
	if len(b.parts) > 0 {
		p := &b.parts[len(b.parts)-1]
		p.lines = append(p.lines, line)
	}
}

// rows gives the rows of all results.
func (b *block) rows() []string {
	var out []string
	for _, p := range b.parts {
		out = append(out, p.lines...)
	}
	return out
}
