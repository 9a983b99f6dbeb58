// Package plantest runs SQL over relations in memory, for tests of plans: a
// catalogue that CREATE TABLE, INDEX, VIEW and TYPE … AS ENUM fill, rows that
// INSERT brings, and queries that go through the parser, the planner and the
// batch side of the executor.
package plantest

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// OID is short for the catalogue's.
type OID = catalog.OID

// DB is a database in memory. It is not safe for use by several goroutines.
type DB struct {
	// Rules replaces the planner's rules when it is not nil.
	Rules []rules.Rule
	// Methods are the ways to run plans that are done without.
	Methods rules.Methods
	// Stats replaces the statistics of the rows there are when it is not nil.
	Stats rules.Stats
	// Path is the search path, behind pg_catalog.
	Path []string

	snap *catalog.Snapshot
	next OID
	rows map[OID][][]types.Datum // of every live column, in order
	cols map[columnKey]rules.ColumnStats
	sys  *catalog.Context
	env  *funcs.Env
}

// New makes an empty database.
func New() *DB { return Over(catalog.New()) }

// Over makes a database over a catalogue; its relations are empty.
func Over(s *catalog.Snapshot) *DB {
	d := &DB{snap: s, next: max(s.NextOID(), types.FirstUserOID), rows: map[OID][][]types.Datum{}, cols: map[columnKey]rules.ColumnStats{}, Path: []string{"public"}}
	d.env = &funcs.Env{Env: *types.DefaultEnv, Clock: func() int64 { return 0 }, Session: &session{d: d}}
	d.sys = &catalog.Context{Snapshot: s, Role: catalog.BootstrapRole, Server: noServer, Session: noSession, Env: &d.env.Env}
	d.env.System = sysfunc.Functions{Context: d.sys}
	d.env.Names = sysfunc.Functions{Context: d.sys}
	return d
}

// Catalog gives the catalogue as it is now.
func (d *DB) Catalog() *catalog.Snapshot { return d.snap }

// Context is what statements are planned under.
func (d *DB) Context() *planner.Context {
	d.sys.Snapshot, d.sys.Path = d.snap, d.path()
	var stats rules.Stats = counted{d}
	if d.Stats != nil {
		stats = d.Stats
	}
	return &planner.Context{
		Catalog: d.snap, Path: d.path(), Env: d.env, Stats: stats, Rules: d.Rules, Methods: d.Methods,
		ParseSQL: func(s string) (*ast.Select, error) {
			st, err := parser.Parse(s)
			if err != nil {
				return nil, err
			}
			return st[0].Stmt.(*ast.Select), nil
		},
		ParseExpr: parser.ParseExpr, ParseBody: parser.Parse,
	}
}

func (d *DB) path() catalog.Path { return d.snap.ResolvePath(d.Path, "postgres", 0) }

// Result is what a query gave, as text.
type Result struct {
	Cols []planner.OutCol
	Rows [][]string // NULL is "∅"
}

// Null stands for NULL in a Result.
const Null = "∅"

// String shows the rows, a line each, values separated by bars.
func (r *Result) String() string {
	var b strings.Builder
	for _, row := range r.Rows {
		b.WriteString(strings.Join(row, "|") + "\n")
	}
	return b.String()
}

// Plan plans a query.
func (d *DB) Plan(sql string) (*planner.Query, error) {
	sel, err := parseSelect(sql)
	if err != nil {
		return nil, err
	}
	return planner.Select(d.Context(), sel)
}

func parseSelect(sql string) (*ast.Select, error) {
	st, err := parser.Parse(sql)
	if err != nil {
		return nil, err
	}
	if len(st) != 1 {
		return nil, fmt.Errorf("%d statements", len(st))
	}
	sel, ok := st[0].Stmt.(*ast.Select)
	if !ok {
		return nil, fmt.Errorf("%T is no query", st[0].Stmt)
	}
	return sel, nil
}

// Query runs a query.
func (d *DB) Query(sql string) (*Result, error) {
	q, err := d.Plan(sql)
	if err != nil {
		return nil, err
	}
	rows, err := d.run(q.Root, columns(q.Cols))
	if err != nil {
		return nil, err
	}
	out := &Result{Cols: q.Cols}
	for _, r := range rows {
		text := make([]string, len(r))
		for i, v := range r {
			if text[i] = Null; !v.IsNull() {
				text[i] = q.Cols[i].Type.Text(&d.env.Env, v)
			}
		}
		out.Rows = append(out.Rows, text)
	}
	return out, nil
}

func columns(cols []planner.OutCol) []plan.ColID {
	out := make([]plan.ColID, len(cols))
	for i, c := range cols {
		out[i] = c.ID
	}
	return out
}

// run runs a plan and gives the listed columns of its rows.
func (d *DB) run(n plan.Node, cols []plan.ColID) ([][]types.Datum, error) {
	src, err := exec.Compile(d.runtime(), n)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	at := map[plan.ColID]int{}
	for i, id := range n.Out() {
		at[id] = i
	}
	var out [][]types.Datum
	var b vec.Batch
	for {
		if err := src.Next(context.Background(), &b); err != nil {
			return out, err
		}
		if b.N == 0 {
			return out, nil
		}
		for i := range b.N {
			pos := i
			if b.Sel != nil {
				pos = int(b.Sel[i])
			}
			row := make([]types.Datum, len(cols))
			for c, id := range cols {
				row[c] = kept(b.Cols[at[id]].Datum(pos))
			}
			out = append(out, row)
		}
	}
}

// kept makes a value independent of the batch it is from.
func kept(d types.Datum) types.Datum {
	if d.Kind() == types.Bytes {
		return types.NewString(strings.Clone(d.Str()))
	}
	return d
}

// Run runs a planned query and forgets its rows.
func (d *DB) Run(q *planner.Query) error {
	_, err := d.run(q.Root, columns(q.Cols))
	return err
}

func (d *DB) runtime() *exec.Runtime {
	return &exec.Runtime{Env: d.env, Rels: relations{d}, Workers: 1}
}

// Exec runs statements that change the database.
func (d *DB) Exec(sql string) error {
	st, err := parser.Parse(sql)
	if err != nil {
		return err
	}
	for _, s := range st {
		if err := d.exec(s.Stmt); err != nil {
			return fmt.Errorf("%w in %s", err, s.Text)
		}
	}
	return nil
}

func (d *DB) exec(s ast.Stmt) error {
	switch s := s.(type) {
	case *ast.CreateTable:
		return d.createTable(s)
	case *ast.CreateIndex:
		return d.createIndex(s)
	case *ast.CreateView:
		return d.createView(s)
	case *ast.CreateEnum:
		return d.createEnum(s)
	case *ast.CreateSchema:
		d.edit(func(e *catalog.Edit) {
			e.PutSchema(&catalog.Schema{OID: e.NewOID(), Name: s.Name, Owner: catalog.BootstrapRole})
		})
		return nil
	case *ast.Insert:
		return d.insert(s)
	}
	return pgerr.NotSupported("%T here", s)
}

func (d *DB) insert(s *ast.Insert) error {
	m, err := planner.Insert(d.Context(), s)
	if err != nil {
		return err
	}
	rows, err := d.run(m.Source, m.New)
	if err != nil {
		return err
	}
	d.rows[m.Rel.OID] = append(d.rows[m.Rel.OID], rows...)
	return nil
}
