package ddl

import (
	"math"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// createSequence runs CREATE SEQUENCE.
func (r *run) createSequence(st *ast.CreateSequence) error {
	s, p, err := r.relationSchema(st.Name, st.Persistence)
	if err != nil {
		return err
	}
	if p == ast.Unlogged {
		return pgerr.NotSupported("an unlogged sequence")
	}
	skip, err := r.reserve(s, st.Name.Object, st.IfNotExists)
	if skip || err != nil {
		return err
	}
	seq := r.newSequence(s, st.Name.Object, p)
	o := &sequenceOptions{r: r, seq: seq, list: st.Options}
	if err := o.apply(); err != nil {
		return err
	}
	if err := o.own(); err != nil {
		return err
	}
	r.putNew(seq)
	return nil
}

// reserve locks the name of a new relation and checks that it is free; skip tells
// that it is not, and that this is fine.
func (r *run) reserve(s *catalog.Schema, name string, ifNotExists bool) (skip bool, err error) {
	if err := checkNotSystem(s, name); err != nil {
		return false, err
	}
	if err := r.lockName(s.OID, name); err != nil {
		return false, err
	}
	exists, err := r.checkFree(s, name)
	if exists && ifNotExists {
		r.notice(pgerr.DuplicateTable, "relation \"%s\" already exists, skipping", name)
		return true, nil
	}
	return false, err
}

func persistence(p ast.Persistence) byte {
	return map[ast.Persistence]byte{ast.Permanent: 'p', ast.Temporary: 't', ast.Unlogged: 'u'}[p]
}

// newSequence makes a sequence without parameters yet.
func (r *run) newSequence(s *catalog.Schema, name string, p ast.Persistence) *catalog.Relation {
	seq := &catalog.Relation{
		OID: r.e.NewOID(), Schema: s.OID, Name: name, Kind: catalog.Sequence, Owner: r.s.Role(), Persistence: persistence(p),
		Seq: &catalog.SequenceDef{TypeOID: types.Int8OID},
	}
	seq.Columns = slices.Clone(r.e.Attributes(seq))
	return seq
}

// sequenceOptions applies the options of CREATE and ALTER SEQUENCE (init_params).
type sequenceOptions struct {
	r    *run
	seq  *catalog.Relation
	list []ast.SeqOption
	// alter tells ALTER SEQUENCE, identity a sequence of an identity column.
	alter, identity bool
	// last and called are the position; moved tells that it is to be set.
	last          int64
	called, moved bool
	by            map[string]*ast.SeqOption
}

func (o *sequenceOptions) apply() error {
	o.by = map[string]*ast.SeqOption{}
	for i := range o.list {
		opt := &o.list[i]
		if o.by[opt.Name] != nil {
			return pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(opt.Pos)
		}
		o.by[opt.Name] = opt
	}
	reset, err := o.dataType()
	if err != nil {
		return err
	}
	for _, step := range []func() error{o.increment, o.cycle, func() error { return o.bounds(reset) }, o.start, o.restart, o.cache} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// limits are the least and the greatest value of an integer type.
func limits(t OID) (lo, hi int64) {
	switch t {
	case types.Int2OID:
		return math.MinInt16, math.MaxInt16
	case types.Int4OID:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// reset tells which bounds follow the type, because they were its own before.
type reset struct{ min, max bool }

func (o *sequenceOptions) dataType() (reset, error) {
	d := o.seq.Seq
	opt := o.by["as"]
	if opt == nil {
		return reset{!o.alter, !o.alter}, nil
	}
	t, _, err := planner.ResolveType(o.r.planner(), opt.Type)
	if err != nil {
		return reset{}, err
	}
	switch t.OID {
	case types.Int2OID, types.Int4OID, types.Int8OID:
	default:
		what := "sequence type"
		if o.identity {
			what = "identity column type"
		}
		return reset{}, pgerr.New(pgerr.InvalidParameterValue, "%s must be smallint, integer, or bigint", what)
	}
	lo, hi := limits(d.TypeOID)
	re := reset{!o.alter || d.Increment < 0 && d.Min == lo, !o.alter || d.Increment > 0 && d.Max == hi}
	d.TypeOID = t.OID
	return re, nil
}

func (o *sequenceOptions) increment() error {
	d := o.seq.Seq
	if opt := o.by["increment"]; opt != nil {
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		if n == 0 {
			return pgerr.New(pgerr.InvalidParameterValue, "INCREMENT must not be zero")
		}
		d.Increment = n
	} else if !o.alter {
		d.Increment = 1
	}
	return nil
}

func (o *sequenceOptions) cycle() error {
	if opt := o.by["cycle"]; opt != nil {
		o.seq.Seq.Cycle = opt.Bool
	}
	return nil
}

func (o *sequenceOptions) bounds(re reset) error {
	d := o.seq.Seq
	lo, hi := limits(d.TypeOID)
	opt := o.by["maxvalue"]
	switch {
	case opt != nil && opt.Value != nil:
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		d.Max = n
	case opt != nil || re.max:
		if d.Max = hi; d.Increment < 0 {
			d.Max = -1
		}
	}
	name := o.r.e.TypeByOID(d.TypeOID).SQLName(types.NoMod)
	if d.Max < lo || d.Max > hi {
		return pgerr.New(pgerr.InvalidParameterValue, "MAXVALUE (%d) is out of range for sequence data type %s", d.Max, name)
	}
	opt = o.by["minvalue"]
	switch {
	case opt != nil && opt.Value != nil:
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		d.Min = n
	case opt != nil || re.min:
		if d.Min = 1; d.Increment < 0 {
			d.Min = lo
		}
	}
	if d.Min < lo || d.Min > hi {
		return pgerr.New(pgerr.InvalidParameterValue, "MINVALUE (%d) is out of range for sequence data type %s", d.Min, name)
	}
	if d.Min >= d.Max {
		return pgerr.New(pgerr.InvalidParameterValue, "MINVALUE (%d) must be less than MAXVALUE (%d)", d.Min, d.Max)
	}
	return nil
}

func (o *sequenceOptions) start() error {
	d := o.seq.Seq
	if opt := o.by["start"]; opt != nil {
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		d.Start = n
	} else if !o.alter {
		if d.Start = d.Min; d.Increment < 0 {
			d.Start = d.Max
		}
	}
	return within("START value", d.Start, d)
}

func within(what string, n int64, d *catalog.SequenceDef) error {
	switch {
	case n < d.Min:
		return pgerr.New(pgerr.InvalidParameterValue, "%s (%d) cannot be less than MINVALUE (%d)", what, n, d.Min)
	case n > d.Max:
		return pgerr.New(pgerr.InvalidParameterValue, "%s (%d) cannot be greater than MAXVALUE (%d)", what, n, d.Max)
	}
	return nil
}

func (o *sequenceOptions) restart() error {
	d := o.seq.Seq
	opt := o.by["restart"]
	switch {
	case opt != nil && opt.Value != nil:
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		o.last, o.called, o.moved = n, false, true
	case opt != nil:
		o.last, o.called, o.moved = d.Start, false, true
	case !o.alter:
		o.last, o.called = d.Start, false
	}
	return within("RESTART value", o.last, d)
}

func (o *sequenceOptions) cache() error {
	d := o.seq.Seq
	if opt := o.by["cache"]; opt != nil {
		n, err := seqValue(opt.Value)
		if err != nil {
			return err
		}
		if n <= 0 {
			return pgerr.New(pgerr.InvalidParameterValue, "CACHE (%d) must be greater than zero", n)
		}
		d.Cache = n
	} else if !o.alter {
		d.Cache = 1
	}
	return nil
}

// seqValue reads a number of an option, signed.
func seqValue(e ast.Expr) (int64, error) {
	text, sign := "", ""
	for {
		switch x := e.(type) {
		case *ast.UnaryOp:
			if x.Op == "-" {
				sign = "-"
			}
			e = x.X
			continue
		case *ast.Literal:
			text = x.Text
		}
		break
	}
	n, err := strconv.ParseInt(sign+text, 10, 64)
	if err == nil {
		return n, nil
	}
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		return 0, pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type bigint", sign+text)
	}
	return 0, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bigint: \"%s\"", sign+text)
}

// own applies OWNED BY (process_owned_by).
func (o *sequenceOptions) own() error {
	opt := o.by["owned by"]
	if opt == nil {
		return nil
	}
	d := o.seq.Seq
	if o.alter && d.OwnerTable != 0 && o.identitySequence() {
		return pgerr.New(pgerr.FeatureNotSupported, "cannot change ownership of identity sequence").
			WithDetail("Sequence \"%s\" is linked to table \"%s\".", o.seq.Name, o.r.e.RelationByOID(d.OwnerTable).Name)
	}
	switch n := len(opt.Owner); n {
	case 0:
		d.OwnerTable, d.OwnerColumn = 0, 0
		return nil
	case 1:
		return pgerr.New(pgerr.SyntaxError, "invalid OWNED BY option").WithHint("Specify OWNED BY table.column or OWNED BY NONE.")
	default:
		name := ast.Name{Object: opt.Owner[n-2], Pos: opt.Pos}
		if n > 2 {
			name.Schema = opt.Owner[n-3]
		}
		return o.ownedBy(name, opt.Owner[n-1])
	}
}

func (o *sequenceOptions) identitySequence() bool {
	t := o.r.e.RelationByOID(o.seq.Seq.OwnerTable)
	if t == nil {
		return false
	}
	c := &t.Columns[o.seq.Seq.OwnerColumn-1]
	return c.Identity != 0 && c.Seq == o.seq.OID
}

func (o *sequenceOptions) ownedBy(name ast.Name, column string) error {
	t, err := o.r.locked(name, false, AccessShare)
	if err != nil {
		return err
	}
	switch t.Kind {
	case catalog.Table, catalog.View, catalog.Stream:
	default:
		return pgerr.New(pgerr.WrongObjectType, "sequence cannot be owned by relation \"%s\"", t.Name).WithDetail("%s", unsupportedKind(t))
	}
	if t.Owner != o.seq.Owner {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "sequence must have same owner as table it is linked to")
	}
	if t.Schema != o.seq.Schema {
		return pgerr.New(pgerr.ObjectNotInPrerequisiteState, "sequence must be in same schema as table it is linked to")
	}
	_, attr := t.Column(column)
	if attr == 0 {
		return undefinedColumn(column, t)
	}
	o.seq.Seq.OwnerTable, o.seq.Seq.OwnerColumn = t.OID, attr
	return nil
}

// undefinedColumn says that a relation has no such column.
func undefinedColumn(column string, rel *catalog.Relation) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", column, rel.Name)
}

// kindsPlural are the kinds of relation as details name them.
var kindsPlural = map[catalog.RelKind]string{
	catalog.Table: "tables", catalog.Stream: "streams", catalog.View: "views", catalog.MatView: "materialized views", catalog.Index: "indexes",
	catalog.Sequence: "sequences", catalog.Composite: "composite types", catalog.Virtual: "tables",
}

// unsupportedKind is the detail of an operation on a relation of the wrong kind.
func unsupportedKind(rel *catalog.Relation) string {
	kind := kindsPlural[rel.Kind]
	if rel.Shown == 'v' {
		kind = "views"
	}
	return "This operation is not supported for " + kind + "."
}
