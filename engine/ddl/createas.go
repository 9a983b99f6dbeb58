package ddl

import (
	"fmt"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// createTableAs runs CREATE TABLE AS and SELECT INTO.
func (r *run) createTableAs(st *ast.CreateTableAs) (string, error) {
	const tag = "CREATE TABLE AS"
	if err := checkMethod(st.Method); err != nil {
		return "", err
	}
	if err := checkTablespace(st.Space); err != nil {
		return "", err
	}
	s, p, err := r.relationSchema(st.Name, st.Persistence)
	if err != nil {
		return "", err
	}
	skip, err := r.reserve(s, st.Name.Object, st.IfNotExists)
	if skip || err != nil {
		return tag, err
	}
	onCommit, err := onCommitOf(st.OnCommit, p)
	if err != nil {
		return "", err
	}
	options, err := relOptions(st.Options, heapOptions)
	if err != nil {
		return "", err
	}
	out, err := r.queryColumns(st)
	if err != nil {
		return "", err
	}
	cols, err := resultColumns(out, st.Columns, func() error { return pgerr.New(pgerr.SyntaxError, "too many column names were specified") })
	if err != nil {
		return "", err
	}
	for i := range cols {
		cols[i].Dims = 0
	}
	t := &catalog.Relation{
		OID: r.e.NewOID(), Schema: s.OID, Name: st.Name.Object, Kind: catalog.Table, Owner: r.s.Role(), Persistence: persistence(p), Columns: cols,
		OnCommit: onCommit, Options: options,
	}
	r.putRowType(t)
	r.putNew(t)
	if st.NoData {
		return tag, nil
	}
	n, err := r.s.Fill(r.ctx, t.OID, st.Query)
	return fmt.Sprintf("SELECT %d", n), err
}

// queryColumns are the columns of the query that fills a new table.
func (r *run) queryColumns(st *ast.CreateTableAs) ([]planner.OutCol, error) {
	sel, ok := st.Query.(*ast.Select)
	if !ok {
		return r.s.Describe(r.ctx, st.Query)
	}
	if sel.Emit != ast.EmitDefault {
		return nil, pgerr.New(pgerr.SyntaxError, "EMIT is for materialized views").At(sel.EmitPos)
	}
	q, err := planner.Select(r.planner(), sel)
	if err != nil {
		return nil, err
	}
	return q.Cols, nil
}
