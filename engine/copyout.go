package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	copyfmt "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// copy runs COPY in either direction.
func (s *Session) copy(ctx context.Context, p *prepared, st *ast.Copy, args []types.Datum, sink port.Sink) (*result, error) {
	if st.From {
		return s.copyFrom(ctx, st, sink)
	}
	if st.Program {
		return nil, pgerr.NotSupported("COPY TO PROGRAM")
	}
	opts, own, err := copyOptions(false, st.Options)
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		return nil, pgerr.New(pgerr.SyntaxError, "COPY %s cannot be used with COPY TO", o.Name).At(o.Pos)
	}
	q, table, err := s.copyQuery(st)
	if err != nil {
		return nil, unplaced(err)
	}
	inner := &prepared{st: &ast.Statement{Stmt: q, Text: p.st.Text, Start: p.st.Start, NumParams: p.st.NumParams}, given: p.params}
	if err := s.analyze(inner); err != nil {
		return nil, err
	}
	if inner.cols == nil {
		return nil, pgerr.New(pgerr.FeatureNotSupported, "COPY query must have a RETURNING clause")
	}
	r, err := s.execute(ctx, inner, args, sink)
	if err != nil {
		return nil, err
	}
	defer r.close()
	return s.copyRows(ctx, r.src, inner.cols, opts, st, table, sink)
}

// copyQuery gives the query whose rows go out: that of the statement, or one over
// the table's columns.
func (s *Session) copyQuery(st *ast.Copy) (ast.Stmt, string, error) {
	if st.Query != nil {
		if _, ok := st.Query.(*ast.Subscribe); ok {
			return nil, "", pgerr.NotSupported("SUBSCRIBE")
		}
		if q, ok := st.Query.(*ast.Select); ok && q.IntoTarget() != nil {
			return nil, "", pgerr.New(pgerr.FeatureNotSupported, "COPY (SELECT INTO) is not supported")
		}
		return st.Query, "", nil
	}
	r, err := s.relation(*st.Table)
	if err != nil {
		return nil, "", err
	}
	if r.Kind == catalog.Index {
		return nil, "", pgerr.New(pgerr.WrongObjectType, "\"%s\" is an index", r.Name)
	}
	if r.Kind == catalog.View || r.Kind == catalog.Sequence {
		kind := map[catalog.RelKind]string{catalog.View: "view", catalog.Sequence: "sequence"}[r.Kind]
		e := pgerr.New(pgerr.WrongObjectType, "cannot copy from %s \"%s\"", kind, r.Name)
		if r.Kind == catalog.View {
			e.WithHint("Try the COPY (SELECT ...) TO variant.")
		}
		return nil, "", e.At(st.Table.Pos)
	}
	if r.PartKey != nil {
		return nil, "", pgerr.New(pgerr.WrongObjectType, "cannot copy from partitioned table \"%s\"", r.Name).
			WithHint("Try the COPY (SELECT ...) TO variant.")
	}
	attrs, err := copyColumns(r, st.Columns, false)
	if err != nil {
		return nil, "", err
	}
	q := &ast.Select{From: []ast.TableExpr{&ast.TableRef{Name: *st.Table, Only: true, Pos: st.Table.Pos}}, Pos: st.Pos}
	for _, a := range attrs {
		q.Targets = append(q.Targets, ast.Target{X: &ast.ColumnRef{Parts: []string{r.Columns[a-1].Name}, Pos: -1}, Pos: -1})
	}
	return q, r.Name, nil
}

func (s *Session) copyRows(ctx context.Context, src vec.Source, cols []port.Column, opts *copyfmt.Options, st *ast.Copy, table string, sink port.Sink) (*result, error) {
	out := make([]copyfmt.Column, len(cols))
	for i, c := range cols {
		out[i] = copyfmt.Column{Name: c.Name, Type: c.Type, Mod: c.Mod}
	}
	env := s.env.Env
	enc, err := copyfmt.NewEncoder(opts, table, out, func(name string) bool {
		for _, c := range out {
			if c.Name == name {
				return true
			}
		}
		return false
	}, &env)
	if err != nil {
		return nil, err
	}
	w, finish, err := copyTarget(st, opts, len(cols), sink)
	if err != nil {
		return nil, err
	}
	n, err := encodeAll(ctx, enc, src, w)
	if err == nil {
		err = finish()
	}
	if err != nil {
		return nil, err
	}
	return tagged(fmt.Sprintf("COPY %d", n)), nil
}

func encodeAll(ctx context.Context, enc *copyfmt.Encoder, src vec.Source, w io.Writer) (n int64, err error) {
	if err := enc.Begin(w); err != nil {
		return 0, err
	}
	for {
		var b vec.Batch
		if err := src.Next(ctx, &b); err != nil {
			return n, err
		}
		if b.N == 0 {
			return n, enc.End(w)
		}
		if err := enc.Rows(w, &b); err != nil {
			return n, err
		}
		n += int64(b.N)
	}
}

// copyTarget opens where the rows go: the client, or a file on the server.
func copyTarget(st *ast.Copy, opts *copyfmt.Options, n int, sink port.Sink) (io.Writer, func() error, error) {
	if st.Filename == "" {
		format := int16(0)
		if opts.Format == copyfmt.Binary {
			format = 1
		}
		w, err := sink.CopyOut(format, n)
		return w, sink.CopyOutDone, err
	}
	if !filepath.IsAbs(st.Filename) {
		return nil, nil, pgerr.New(pgerr.InvalidName, "relative path not allowed for COPY to file")
	}
	f, err := os.OpenFile(st.Filename, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, nil, fileError(err, "could not open file \"%s\" for writing", st.Filename)
	}
	buf := bufio.NewWriter(f)
	return buf, func() error {
		err := buf.Flush()
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return pgerr.Wrap(err, pgerr.IoError, "could not write to COPY file")
		}
		return nil
	}, nil
}
