package expr

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// viaIONode converts by text.
type viaIONode struct {
	x        *cell
	from, to *types.Type
	mod      int32
	buf      []byte
	out      vec.Vec
}

func (b *builder) viaIO(e *plan.ViaIO) (*cell, error) {
	x, err := b.compile(e.X)
	if err != nil {
		return nil, err
	}
	from := e.X.Type()
	k := b.begin('v').num(int64(from.OID)).num(int64(e.Typ.OID)).num(int64(e.TypMod)).num(int64(x.id)).done()
	return b.interior(k, e.Typ.Kind, partial, []*cell{x}, func(a []*cell) (node, error) {
		return &viaIONode{x: a[0], from: from, to: e.Typ, mod: e.TypMod}, nil
	})
}

func (x *viaIONode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	x.out.Reset(x.to.Kind, f.n)
	env := f.types()
	for i := range f.n {
		if v.IsNull(i) {
			x.out.SetNull(i)
			continue
		}
		x.buf = x.from.Out(env, x.buf[:0], v.Datum(i))
		d, err := x.to.In(env, string(x.buf), x.mod)
		if err != nil {
			f.bad.Set(i, err)
			d = types.Null
		}
		x.out.Set(i, d)
	}
	return &x.out
}

// types is the environment of text forms.
func (f *frame) types() *types.Env {
	if e := f.run.ctx.Env; e != nil {
		return &e.Env
	}
	return types.DefaultEnv
}

// domainNode checks a domain's constraints.
type domainNode struct {
	x       *cell
	typ     *types.Type
	schema  string // of the domain
	notNull bool
	names   []string
	checks  []*cell
}

func (b *builder) toDomain(e *plan.ToDomain) (*cell, error) {
	x, err := b.compile(e.X)
	if err != nil {
		return nil, err
	}
	x = b.operand(x, false)
	b.share(x)
	args := []*cell{x}
	b.caseArg = append(b.caseArg, x)
	for _, c := range e.Checks {
		a, err := b.compile(c.Cond)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	b.caseArg = b.caseArg[:len(b.caseArg)-1]
	k := b.begin('D').num(int64(e.Typ.OID)).flag(e.NotNull).cells(args).done()
	return b.interior(k, e.Typ.Kind, partial, args, func(a []*cell) (node, error) {
		n := &domainNode{x: a[0], typ: e.Typ, schema: e.Schema, notNull: e.NotNull, checks: a[1:]}
		for _, c := range e.Checks {
			n.names = append(n.names, c.Name)
		}
		return n, nil
	})
}

func (x *domainNode) eval(f *frame) *vec.Vec {
	v := x.x.eval(f)
	if x.notNull && v.Nulls != nil {
		for i := range f.n {
			if v.Nulls[i] {
				f.bad.Set(i, x.errNull())
			}
		}
	}
	for k, c := range x.checks {
		ok := c.eval(f)
		for i, b := range ok.Bools[:f.n] {
			if !b && !ok.IsNull(i) {
				f.bad.Set(i, x.errCheck(x.names[k]))
			}
		}
	}
	return v
}

func (x *domainNode) errNull() error {
	e := pgerr.New(pgerr.NotNullViolation, "domain %s does not allow null values", x.typ.SQLName(types.NoMod))
	e.Schema, e.DataType = x.schema, x.typ.Name
	return e
}

func (x *domainNode) errCheck(name string) error {
	e := pgerr.New(pgerr.CheckViolation, "value for domain %s violates check constraint %q", x.typ.SQLName(types.NoMod), name)
	e.Schema, e.DataType, e.Constraint = x.schema, x.typ.Name, name
	return e
}
