package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// sharedStage gives the changes of its input to several users: the first to run in
// a step runs the input and keeps its changes, the others are given these.
type sharedStage struct {
	in    stage
	kinds []types.Kind
	users int

	at   *step // the step whose changes are kept
	kept []*vec.Batch
	left int // users that are still to run
}

func (s *sharedStage) run(ctx context.Context, st *step, emit Emit) error {
	if s.users == 1 {
		return s.in.run(ctx, st, emit)
	}
	if s.at != st {
		s.at, s.left = st, s.users
		if err := s.in.run(ctx, st, s.keep); err != nil {
			return err
		}
	}
	s.left--
	for _, b := range s.kept {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	if s.left == 0 {
		s.kept, s.at = s.kept[:0], nil
	}
	return nil
}

// keep copies a batch.
func (s *sharedStage) keep(d *vec.Batch) error {
	b := &vec.Batch{}
	b.Reset(s.kinds)
	b.AppendBatch(d)
	s.kept = append(s.kept, b)
	return nil
}

// sharedFlow is a flow with several users.
type sharedFlow struct {
	flow
	s *sharedStage
}

// share makes a flow that may be used several times.
func (c *circuitCompiler) share(f flow) *sharedFlow {
	s := &sharedStage{in: f.stage}
	for _, t := range c.typesOf(f.cols) {
		s.kinds = append(s.kinds, t.Kind)
	}
	return &sharedFlow{flow{s, f.cols}, s}
}

// use gives the flow to one more user.
func (f *sharedFlow) use() flow {
	f.s.users++
	return f.flow
}

// sharedCTE is a common table expression: its definition, compiled for the first
// of the scans that read it.
type sharedCTE struct {
	def  *plan.With
	flow *sharedFlow
}

func (c *circuitCompiler) with(n *plan.With, want plan.ColSet) (flow, error) {
	c.shared[n.ID] = &sharedCTE{def: n}
	return c.flow(n.Body, want)
}

func (c *circuitCompiler) cteScan(n *plan.CTEScan) (flow, error) {
	s := c.shared[n.ID]
	if s == nil {
		return flow{}, pgerr.New(pgerr.InternalError, "common table expression \"%s\" is not in scope", n.Name)
	}
	if s.flow == nil {
		in, err := c.whole(s.def.Def, s.def.DefCols)
		if err != nil {
			return flow{}, err
		}
		s.flow = c.share(flow{in, s.def.DefCols})
	}
	for i, id := range n.Cols {
		c.types[id] = c.types[s.def.DefCols[i]]
	}
	f := s.flow.use()
	return flow{f.stage, n.Cols}, nil
}
