package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// explainOptions are EXPLAIN's options.
type explainOptions struct {
	analyze, verbose, costs, timing, summary, settings, json bool
}

// explainOptionsOf checks EXPLAIN's options as PostgreSQL's ExplainQuery does.
func explainOptionsOf(list []ast.Option) (*explainOptions, error) {
	o := &explainOptions{costs: true}
	timing, summary := false, false
	for i := range list {
		x := &list[i]
		flag := map[string]*bool{
			"analyze": &o.analyze, "verbose": &o.verbose, "costs": &o.costs, "timing": &o.timing, "summary": &o.summary,
			"settings": &o.settings, "buffers": new(bool), "wal": new(bool),
		}[x.Name]
		switch {
		case x.Name == "format":
			if err := o.format(x); err != nil {
				return nil, err
			}
			continue
		case flag == nil:
			return nil, pgerr.New(pgerr.SyntaxError, "unrecognized EXPLAIN option \"%s\"", x.Name).At(x.Pos)
		}
		v := "true"
		if x.Value != nil {
			v = strings.ToLower(optionText(x.Value))
		}
		switch v {
		case "true", "on", "1":
			*flag = true
		case "false", "off", "0":
			*flag = false
		default:
			return nil, pgerr.New(pgerr.SyntaxError, "%s requires a Boolean value", x.Name)
		}
		timing, summary = timing || x.Name == "timing", summary || x.Name == "summary"
	}
	if timing && o.timing && !o.analyze {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE")
	}
	if !timing {
		o.timing = o.analyze
	}
	if !summary {
		o.summary = o.analyze
	}
	return o, nil
}

func (o *explainOptions) format(x *ast.Option) error {
	v := ""
	if x.Value != nil {
		v = strings.ToLower(optionText(x.Value))
	}
	switch v {
	case "text":
		o.json = false
	case "json":
		o.json = true
	case "xml", "yaml":
		return pgerr.NotSupported("EXPLAIN (FORMAT %s)", strings.ToUpper(v)).At(x.Pos)
	default:
		return pgerr.New(pgerr.InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": \"%s\"", v).At(x.Pos)
	}
	return nil
}

// explainType is the type of EXPLAIN's column.
func explainType(st ast.Stmt) *types.Type {
	var list []ast.Option
	switch x := st.(type) {
	case *ast.Explain:
		list = x.Options
	case *ast.ExplainView:
		list = x.Options
	}
	if o, err := explainOptionsOf(list); err == nil && o.json {
		return types.TJSON
	}
	return types.TText
}

// explained is a plan to show.
type explained struct {
	opt   *explainOptions
	root  plan.Node
	meta  *plan.Meta
	est   *rules.Estimator
	stats *exec.Stats // nil without ANALYZE
	// top is the title of a node above the plan ("Insert on t"), "" for none; topRows
	// is what it gave.
	top     string
	topRows int64
	// parts are the parts of the statement that run besides the plan.
	parts []*planner.Part
	// note gives details of what a circuit keeps for a node.
	note func(n plan.Node) []string
	// tail are the lines after the plan.
	tail []string
	times
}

type times struct{ planning, execution time.Duration }

// explain runs EXPLAIN.
func (s *Session) explain(ctx context.Context, p *prepared, st *ast.Explain, args []types.Datum) (*result, error) {
	opt, err := explainOptionsOf(st.Options)
	if err != nil {
		return nil, err
	}
	inner := st.Stmt
	if x, ok := inner.(*ast.Execute); ok {
		q, vals, err := s.executed(ctx, x)
		if err != nil {
			return nil, err
		}
		inner, args = q.st.Stmt, vals
		p = q
	}
	if sel, ok := inner.(*ast.Select); ok && sel.IntoTarget() != nil {
		if opt.analyze {
			return nil, pgerr.NotSupported("EXPLAIN ANALYZE of SELECT INTO").At(st.Pos)
		}
		inner = sel.WithoutInto()
	}
	q := &prepared{st: &ast.Statement{Stmt: inner, Text: p.st.Text, Start: p.st.Start, NumParams: p.st.NumParams}, given: p.params}
	x := &explained{opt: opt}
	begin := time.Now()
	switch c := inner.(type) {
	case *ast.Select:
		err = s.explainQuery(ctx, x, q, args)
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		if err := s.analyzeModify(q); err != nil {
			return nil, err
		}
		if q.plan.ruled {
			return s.explainRuled(ctx, opt, q, args)
		}
		err = s.explainModify(ctx, x, q, args)
	case *ast.CreateTableAs:
		q.st = &ast.Statement{Stmt: c.Query, Text: p.st.Text, Start: p.st.Start, NumParams: p.st.NumParams}
		if opt.analyze {
			return nil, pgerr.NotSupported("EXPLAIN ANALYZE of CREATE TABLE AS").At(st.Pos)
		}
		err = s.explainQuery(ctx, x, q, args)
	case *ast.CreateMatView:
		err = s.explainCreate(x, c)
	case *ast.DeclareCursor:
		q.st = &ast.Statement{Stmt: c.Query, Text: p.st.Text, Start: p.st.Start, NumParams: p.st.NumParams}
		err = s.explainQuery(ctx, x, q, args)
	default:
		return rowsResult("EXPLAIN", 1, [][]string{{"Utility statements have no plan structure"}}), nil
	}
	if err != nil {
		return nil, err
	}
	if x.planning == 0 {
		x.planning = time.Since(begin)
	}
	return x.result(), nil
}

func (s *Session) explainQuery(ctx context.Context, x *explained, q *prepared, args []types.Datum) error {
	begin := time.Now()
	if err := s.analyzeQuery(q); err != nil {
		return err
	}
	if err := q.plan.query.Fails; err != nil {
		return err
	}
	x.planning = time.Since(begin)
	x.root, x.meta, x.parts = q.plan.query.Root, q.plan.query.Meta, q.plan.query.Parts
	x.est = rules.NewEstimator(x.meta, s.plannerContext(nil).Stats)
	if !x.opt.analyze {
		return nil
	}
	return s.analyzed(x, func() error {
		r, err := s.query(ctx, q, args)
		if err != nil {
			return err
		}
		defer r.close()
		for {
			var b vec.Batch
			if err := r.src.Next(ctx, &b); err != nil || b.N == 0 {
				return err
			}
		}
	})
}

// analyzed runs a statement with counters.
func (s *Session) analyzed(x *explained, run func() error) error {
	s.stats = exec.NewStats()
	x.stats = s.stats
	defer func() { s.stats = nil }()
	begin := time.Now()
	err := run()
	x.execution = time.Since(begin)
	return err
}

func (s *Session) explainModify(ctx context.Context, x *explained, q *prepared, args []types.Datum) error {
	begin := time.Now()
	if err := s.analyzeModify(q); err != nil {
		return err
	}
	x.planning = time.Since(begin)
	m := q.plan.modify
	x.root, x.meta, x.parts = m.Source, m.Meta, m.Parts
	x.est = rules.NewEstimator(x.meta, s.plannerContext(nil).Stats)
	x.top = modifyTitle(m)
	if !x.opt.analyze {
		return nil
	}
	return s.analyzed(x, func() error {
		r, err := s.modifyPlanned(ctx, q, args)
		if err != nil {
			return err
		}
		if r.src != nil {
			var b vec.Batch
			for err == nil {
				if err = r.src.Next(ctx, &b); b.N == 0 {
					break
				}
				x.topRows += int64(b.N)
			}
		}
		r.close()
		return err
	})
}

// result formats the plan.
func (x *explained) result() *result {
	if x.opt.json {
		return rowsResult("EXPLAIN", 1, [][]string{{x.asJSON()}})
	}
	lines := x.asText()
	rows := make([][]string, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, []string{l})
	}
	return rowsResult("EXPLAIN", 1, slices.Clip(rows))
}
