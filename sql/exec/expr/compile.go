package expr

import (
	"encoding/binary"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
)

// builder makes the graph of one program.
type builder struct {
	layout Layout
	cc     *CompileCtx
	ids    map[string]int // key → id of equal subexpressions
	cells  map[int]*cell
	next   int
	slots  int
	// caseArg are the operands of the enclosing simple CASEs, ArrayCasts and
	// domain checks, innermost last.
	caseArg []*cell
	key     []byte
}

func newBuilder(layout Layout, cc *CompileCtx) *builder {
	return &builder{layout: layout, cc: cc, ids: map[string]int{}, cells: map[int]*cell{}}
}

func (b *builder) run() run {
	r := run{bind: b.cc.Bind, slots: b.slots}
	if r.bind == nil {
		r.bind = NewBinding(nil)
	}
	return r
}

// compile gives the cell of an expression.
func (b *builder) compile(e plan.Expr) (*cell, error) {
	switch e := e.(type) {
	case *plan.Col:
		return b.col(e)
	case *plan.Const:
		return b.constant(e.Val, e.Typ.Kind), nil
	case *plan.Param:
		return b.bound(e.Typ.Kind, &boundNode{kind: e.Typ.Kind, param: e.N}), nil
	case *plan.CaseArg:
		return b.caseArgument()
	case *plan.Grouping:
		return b.grouping(e)
	case *plan.Call:
		return b.call(e)
	case *plan.And:
		return b.junction(e.Args, false)
	case *plan.Or:
		return b.junction(e.Args, true)
	case *plan.Not, *plan.IsNull, *plan.BoolTest:
		return b.boolean(e)
	case *plan.Distinct:
		return b.distinct(e)
	case *plan.Case:
		return b.caseOf(e)
	case *plan.Coalesce:
		return b.coalesce(e)
	case *plan.MinMax:
		return b.minMax(e)
	case *plan.NullIf:
		return b.nullIf(e)
	case *plan.Relabel:
		return b.compile(e.X)
	case *plan.ViaIO:
		return b.viaIO(e)
	case *plan.ToDomain:
		return b.toDomain(e)
	case *plan.Subquery:
		return b.subquery(e)
	}
	return b.compileComposite(e)
}

// compileComposite compiles what deals with arrays and rows.
func (b *builder) compileComposite(e plan.Expr) (*cell, error) {
	switch e := e.(type) {
	case *plan.ArrayCmp:
		return b.arrayCmp(e)
	case *plan.MakeArray:
		return b.makeArray(e)
	case *plan.ArrayCast:
		return b.arrayCast(e)
	case *plan.Subscript:
		return b.subscript(e)
	case *plan.MakeRow:
		return b.makeRow(e)
	case *plan.Field:
		return b.field(e)
	case *plan.SetField:
		return b.setField(e)
	case *plan.RowNull:
		return b.rowNull(e)
	}
	return nil, pgerr.New(pgerr.InternalError, "expression %T cannot be compiled", e)
}

func (b *builder) compileAll(list []plan.Expr) ([]*cell, error) {
	out := make([]*cell, len(list))
	for i, e := range list {
		x, err := b.compile(e)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// leafCell makes a cell that may not be shared: its column is repeated memory of
// the one place that reads it. Cells of equal keys still have one id.
func (b *builder) leafCell(key string, kind types.Kind, n node) *cell {
	tr := traits{rowFree: true, safe: true, leaf: true}
	return &cell{n: n, slot: -1, id: b.id(key), kind: kind, traits: tr}
}

func (b *builder) id(key string) int {
	if key == "" {
		b.next++
		return b.next
	}
	id, ok := b.ids[key]
	if !ok {
		b.next++
		id = b.next
		b.ids[key] = id
	}
	return id
}

func (b *builder) col(e *plan.Col) (*cell, error) {
	if pos, ok := b.layout[e.ID]; ok {
		k := b.begin('c').num(int64(pos)).done()
		id := b.id(k)
		if x := b.cells[id]; x != nil {
			return x, nil
		}
		x := &cell{n: &colNode{pos}, slot: -1, id: id, kind: e.Typ.Kind, traits: traits{safe: true, leaf: true}}
		b.cells[id] = x
		return x, nil
	}
	if b.cc.Bind != nil {
		if slot, ok := b.cc.Bind.slots[e.ID]; ok {
			return b.bound(e.Typ.Kind, &boundNode{kind: e.Typ.Kind, slot: slot}), nil
		}
	}
	return nil, errColumn(e.ID)
}

func (b *builder) constant(d types.Datum, kind types.Kind) *cell {
	x := b.leafCell(b.begin('k').num(int64(kind)).datum(d).done(), kind, &constNode{kind: kind, val: d})
	x.nullConst = d.IsNull()
	return x
}

func (b *builder) bound(kind types.Kind, n *boundNode) *cell {
	return b.leafCell(b.begin('p').num(int64(n.param)).num(int64(n.slot)).done(), kind, n)
}

func (b *builder) caseArgument() (*cell, error) {
	if len(b.caseArg) == 0 {
		return nil, pgerr.New(pgerr.InternalError, "case operand outside of a case")
	}
	x := b.caseArg[len(b.caseArg)-1]
	b.share(x)
	return x, nil
}

// share gives a cell that is used again a slot.
func (b *builder) share(x *cell) {
	if x.slot < 0 && !x.leaf {
		x.slot = b.slots
		b.slots++
	}
}

// interior adds a node over operands, or finds the one that is there. mk gets the
// operands as the node shall hold them; own are the node's own traits.
func (b *builder) interior(key string, kind types.Kind, own traits, args []*cell, mk func(args []*cell) (node, error)) (*cell, error) {
	tr := own
	for _, a := range args {
		tr.rowFree = tr.rowFree && a.rowFree
		tr.safe = tr.safe && a.safe
		tr.volatile = tr.volatile || a.volatile
		tr.cost += a.cost
	}
	if tr.volatile {
		key, tr.rowFree, tr.safe = "", false, false
	}
	id := b.id(key)
	if x := b.cells[id]; x != nil {
		b.share(x)
		return x, nil
	}
	held := make([]*cell, len(args))
	for i, a := range args {
		held[i] = b.operand(a, tr.rowFree)
	}
	n, err := mk(held)
	if err != nil {
		return nil, err
	}
	x := &cell{n: n, slot: -1, id: id, kind: kind, traits: tr}
	b.cells[id] = x
	return x, nil
}

// operand gives the cell that a parent holds for x: one that repeats the value
// when x needs computing once only and the parent runs for every row.
func (b *builder) operand(x *cell, parentRowFree bool) *cell {
	if _, once := x.n.(*onceNode); once || !x.rowFree || x.leaf || parentRowFree {
		return x
	}
	if x.once == nil {
		tr := x.traits
		tr.cost = 0
		x.once = &cell{n: &onceNode{kind: x.kind, x: x}, slot: -1, id: b.id(""), kind: x.kind, traits: tr}
	} else {
		b.share(x.once)
	}
	return x.once
}

// keyBuilder spells what makes subexpressions equal.
type keyBuilder struct{ b *builder }

func (b *builder) begin(tag byte) keyBuilder {
	b.key = append(b.key[:0], tag)
	return keyBuilder{b}
}

func (k keyBuilder) num(n int64) keyBuilder {
	k.b.key = binary.AppendVarint(k.b.key, n)
	return k
}

func (k keyBuilder) str(s string) keyBuilder {
	k.b.key = append(binary.AppendUvarint(k.b.key, uint64(len(s))), s...)
	return k
}

func (k keyBuilder) flag(f bool) keyBuilder {
	if f {
		return k.num(1)
	}
	return k.num(0)
}

func (k keyBuilder) cells(list []*cell) keyBuilder {
	k.num(int64(len(list)))
	for _, x := range list {
		k.num(int64(x.id))
	}
	return k
}

// types adds the operands' types: functions may look at them.
func (k keyBuilder) types(list []plan.Expr) keyBuilder {
	for _, e := range list {
		k.num(int64(e.Type().OID)).num(int64(e.Mod()))
	}
	return k
}

func (k keyBuilder) datum(d types.Datum) keyBuilder {
	k.num(int64(d.Kind()))
	switch d.Kind() {
	case types.KindNone:
	case types.Numer:
		n := d.Numeric()
		k.num(int64(n.Form())).num(int64(n.Scale()))
		if n.Form() == types.NumFinite {
			k.str(n.Coef().String())
		}
	case types.Inter:
		v := d.Interval()
		k.num(int64(v.Months)).num(int64(v.Days)).num(v.Micros)
	case types.Bytes:
		k.str(d.Str())
	default:
		k.num(d.Int()) // the bits of a float, too
	}
	return k
}

func (k keyBuilder) done() string { return string(k.b.key) }
