package funcs

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func (r *vecRunner) set(b *vecBlock, f *Func) {
	for i, row := range b.rows {
		args, err := b.parse(row)
		if err != nil {
			r.expect(b, i, "input", "!"+errText(err))
			continue
		}
		got, err := b.callSet(f, args)
		if err != nil {
			got = "!" + escape(errText(err))
		}
		r.expect(b, i, "set", got)
		r.calls++
	}
}

// callSet shows the rows of a set-returning function, records as PostgreSQL
// shows them.
func (b *vecBlock) callSet(f *Func, args []types.Datum) (string, error) {
	for _, a := range args {
		if f.Strict && a.IsNull() {
			return `\b`, nil
		}
	}
	call := b.call(f, nil)
	call.Columns = f.Out
	fn, err := call.BindSet()
	if err != nil {
		return "", err
	}
	c := &Ctx{Context: context.Background(), Env: b.env, Bad: &vec.RowErrors{}}
	src, err := fn(c, args)
	if err != nil {
		return "", err
	}
	defer src.Close()
	var rows []string
	var batch vec.Batch
	for {
		if err := src.Next(c.Context, &batch); err != nil {
			return "", err
		}
		if batch.N == 0 {
			break
		}
		for i := range batch.N {
			rows = append(rows, b.showRow(f, &batch, batch.Row(i)))
		}
	}
	if rows == nil {
		return `\b`, nil
	}
	return escape(strings.Join(rows, "\v")), nil
}

func (b *vecBlock) showRow(f *Func, batch *vec.Batch, i int) string {
	if len(f.Out) < 2 {
		if d := batch.Cols[0].Datum(i); !d.IsNull() {
			return b.ret.Text(&b.env.Env, d)
		}
		return `\N`
	}
	fields := make([]string, len(f.Out))
	for j, c := range f.Out {
		if d := batch.Cols[j].Datum(i); !d.IsNull() {
			fields[j] = quoteField(c.Type.Text(&b.env.Env, d))
		}
	}
	return "(" + strings.Join(fields, ",") + ")"
}

// quoteField is how a record's text form shows a field.
func quoteField(s string) string {
	if s != "" && !strings.ContainsAny(s, "\"\\(), \t\n\r\v\f") {
		return s
	}
	return `"` + strings.NewReplacer(`"`, `""`, `\`, `\\`).Replace(s) + `"`
}
