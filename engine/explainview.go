package engine

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// explainCreate shows how a materialized view would be maintained.
func (s *Session) explainCreate(x *explained, st *ast.CreateMatView) error {
	if x.opt.analyze {
		return pgerr.NotSupported("EXPLAIN ANALYZE of CREATE MATERIALIZED VIEW").
			WithHint("EXPLAIN ANALYZE MATERIALIZED VIEW shows the counters of one that exists.").At(st.Pos)
	}
	emit := st.Query.Emit == ast.EmitWindowClose
	for _, o := range st.Options {
		if o.Name == "emit" && o.Value != nil {
			emit = strings.EqualFold(optionText(o.Value), emitClose)
		}
	}
	pc := s.plannerContext(nil)
	q, err := planner.View(pc, st.Query, emit)
	if err != nil {
		return err
	}
	c, err := exec.CompileCircuit(q.Root, pc.Env)
	if err != nil {
		return err
	}
	x.maintained(q, c, s.tx.catalog(), false)
	return nil
}

// explainView runs EXPLAIN ANALYZE MATERIALIZED VIEW: the operators that maintain
// it, with what they have done since the server started and what they keep.
func (s *Session) explainView(st *ast.ExplainView) (*result, error) {
	opt, err := explainOptionsOf(st.Options)
	if err != nil {
		return nil, err
	}
	r, err := s.relation(st.Name)
	if err != nil {
		return nil, err
	}
	if r.Kind != catalog.MatView {
		return nil, pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a materialized view", r.Name).At(st.Name.Pos)
	}
	x := &explained{opt: opt}
	var in, out int64
	err = s.e.line.do(func() {
		if v := s.e.line.state.view(r.OID); v != nil {
			x.maintained(v.query, v.circuit, s.tx.read.Cat, opt.analyze)
			in, out = v.rowsIn.Load(), v.rowsOut.Load()
		}
	})
	if err != nil {
		return nil, err
	}
	if x.root == nil {
		return nil, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "materialized view \"%s\" has not been populated", r.Name)
	}
	if opt.analyze {
		x.tail = append(x.tail, fmt.Sprintf("Changes: %d in, %d out", in, out))
	}
	return x.result(), nil
}

// maintained fills in what a circuit is: which nodes of the plan hold state and
// what lets them forget. What the circuit reports is copied, since it goes on.
func (x *explained) maintained(q *planner.ViewQuery, c *exec.Circuit, snap *catalog.Snapshot, counts bool) {
	x.root, x.meta, x.opt.costs, x.opt.summary = q.Root, q.Meta, false, false
	state := map[plan.Node][]exec.NodeInfo{}
	for _, n := range c.Nodes() {
		state[n.Plan] = append(state[n.Plan], n)
	}
	x.note = func(n plan.Node) []string { return stateNote(state[n], snap, counts) }
	for _, in := range c.Inputs() {
		if r := snap.RelationByOID(in.Rel); r != nil {
			x.tail = append(x.tail, fmt.Sprintf("Maintained from changes of: %s", r.Name))
		}
	}
}

// stateNote tells what a node of the plan keeps.
func stateNote(nodes []exec.NodeInfo, snap *catalog.Snapshot, counts bool) []string {
	if len(nodes) == 0 {
		return nil
	}
	var kept int
	var bytes, in, out int64
	var closers []string
	for _, n := range nodes {
		kept += n.Kept
		bytes += n.Bytes
		in += n.In
		out += n.Out
		for _, oid := range n.ClosedBy {
			if r := snap.RelationByOID(oid); r != nil {
				closers = append(closers, r.Name)
			}
		}
	}
	details := []string{"State: kept for ever"}
	if closers != nil {
		details[0] = "State: closed by the watermark of " + strings.Join(closers, ", ")
	}
	if counts {
		details = append(details, fmt.Sprintf("Kept: %d in %dkB", kept, (bytes+1023)>>10), fmt.Sprintf("Changes: %d in, %d out", in, out))
	}
	return details
}
