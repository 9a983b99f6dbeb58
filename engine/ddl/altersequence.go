package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// alterSequence runs ALTER SEQUENCE.
func (r *run) alterSequence(st *ast.AlterSequence) error {
	seq, err := r.locked(st.Name, st.IfExists, ShareRowExclusive)
	if seq == nil || err != nil {
		return err
	}
	if seq.Kind != catalog.Sequence {
		return pgerr.New(pgerr.WrongObjectType, "\"%s\" is not a sequence", seq.Name)
	}
	if err := r.mustOwn(seq); err != nil {
		return err
	}
	return r.changeSequence(seq, st.Options, false)
}

// changeSequence changes a sequence's parameters, and its position if they say so.
func (r *run) changeSequence(seq *catalog.Relation, opts []ast.SeqOption, identity bool) error {
	seq = seq.Clone()
	o := &sequenceOptions{r: r, seq: seq, list: opts, alter: true, identity: identity}
	o.last, o.called = r.s.SequencePosition(seq)
	if err := o.apply(); err != nil {
		return err
	}
	if err := o.own(); err != nil {
		return err
	}
	r.e.PutRelation(seq)
	if o.moved {
		return r.s.RestartSequence(seq, o.last, o.called)
	}
	return nil
}
