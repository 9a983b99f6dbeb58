package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// plFunction is a function in PL/pgSQL made ready for a session: the types of its
// variables, and the plans of its texts as they come up.
type plFunction struct {
	def  *catalog.Function
	tree *plpgsql.Function
	name string // as contexts show it
	vars []plType
	// in are the numbers of the parameters that calls give, out those of the result.
	in, out []int
	ret     *types.Type
	// rows are the columns of a result with several, nil for one value.
	rows  []types.Field
	exprs []*plExpr
	snap  *catalog.Snapshot
}

// plType is the type of a variable. rec: it holds a row; typ is then its composite
// type, nil for RECORD.
type plType struct {
	typ *types.Type
	mod int32
	rec bool
}

// plKey tells the forms of a function apart: polymorphic arguments, and the relation
// of a trigger.
type plKey struct {
	oid  OID
	args string
	rel  OID
}

// plFunction gives a function ready to run for arguments and a result of these types.
func (s *Session) plFunction(f *catalog.Function, args []*types.Type, ret *types.Type, rel OID) (*plFunction, error) {
	key := plKey{oid: f.OID, rel: rel}
	poly := false
	for _, oid := range append(f.Inputs(), f.Ret) {
		t := types.ByOID(oid)
		poly = poly || t != nil && t.IsPolymorphic()
	}
	if poly {
		var b strings.Builder
		for _, t := range append(slices.Clone(args), ret) {
			b.WriteString(strconv.Itoa(int(t.OID)) + ",")
		}
		key.args = b.String()
	}
	snap := s.systemContext().Snapshot
	if p := s.plFunctions[key]; p != nil && p.def == f {
		if p.snap == snap {
			return p, nil
		}
	}
	p, err := s.compilePL(f, args, ret)
	if err != nil {
		return nil, err
	}
	if old := s.plFunctions[key]; old != nil && old.def == f && slices.EqualFunc(old.vars, p.vars, samePLType) {
		old.snap = snap // its plans are made again as they must
		return old, nil
	}
	if s.plFunctions == nil {
		s.plFunctions = map[plKey]*plFunction{}
	}
	if f.OID != 0 {
		s.plFunctions[key] = p
	}
	return p, nil
}

func samePLType(a, b plType) bool {
	return a.rec == b.rec && a.mod == b.mod && (a.typ == b.typ || a.typ != nil && b.typ != nil && types.Same(a.typ, b.typ) && sameFields(a.typ.Fields, b.typ.Fields))
}

func sameFields(a, b []types.Field) bool {
	return slices.EqualFunc(a, b, func(x, y types.Field) bool {
		return x.Name == y.Name && types.Same(x.Type, y.Type) && x.Mod == y.Mod && x.Dropped == y.Dropped
	})
}

func (s *Session) compilePL(f *catalog.Function, args []*types.Type, ret *types.Type) (*plFunction, error) {
	tree, err := ddl.ParsePLpgSQL(f)
	p := &plFunction{def: f, tree: tree, ret: ret, snap: s.systemContext().Snapshot}
	p.name = s.plName(f)
	if err != nil {
		return nil, unplacedPL(err)
	}
	p.exprs = make([]*plExpr, tree.Exprs)
	p.vars = make([]plType, len(tree.Vars))
	given := 0
	if f.Ret == types.TriggerOID {
		for i, t := range ddl.TriggerTypes {
			p.vars[i] = plType{t, types.NoMod, t == nil}
		}
		given = len(ddl.TriggerTypes)
	}
	n := 0
	for i := range f.Args {
		a := &f.Args[i]
		t := p.snap.TypeByOID(a.Type)
		if a.Input() {
			if n < len(args) && t.IsPolymorphic() {
				t = args[n]
			}
			p.in = append(p.in, i)
			n++
		}
		if a.Output() {
			p.out = append(p.out, i)
			if t.IsPolymorphic() {
				t = polymorphicOut(f, args, t, ret)
			}
		}
		p.vars[i] = newPLType(t, types.NoMod)
		given++
	}
	if err := s.declaredTypes(p, given); err != nil {
		return nil, err
	}
	p.result()
	return p, nil
}

// polymorphicOut is the type of an OUT parameter that follows the arguments.
func polymorphicOut(f *catalog.Function, args []*types.Type, t, ret *types.Type) *types.Type {
	for i, oid := range f.Inputs() {
		if i >= len(args) {
			break
		}
		in := types.ByOID(oid)
		switch {
		case in == nil || !in.IsPolymorphic():
		case in.OID == t.OID:
			return args[i]
		case strings.HasSuffix(t.Name, "array") && args[i].Array != nil && !strings.HasSuffix(in.Name, "array"):
			return args[i].Array
		case strings.HasSuffix(in.Name, "array") && args[i].Elem != nil:
			return args[i].Elem
		}
	}
	return ret
}

func newPLType(t *types.Type, mod int32) plType {
	return plType{t, mod, t.OID == types.RecordOID || t.Class == types.Composite}.bare()
}

// bare gives RECORD no type.
func (t plType) bare() plType {
	if t.typ != nil && t.typ.OID == types.RecordOID {
		t.typ = nil
	}
	return t
}

// declaredTypes resolves the types of the variables that the body declares.
func (s *Session) declaredTypes(p *plFunction, given int) error {
	pc := s.plannerContext(nil)
	for _, v := range p.tree.Vars[given:] {
		t := plType{mod: types.NoMod}
		switch {
		case v.Number == p.tree.Found:
			t.typ = types.TBool
		case v.Like != nil:
			t = p.vars[v.Like.Number]
			for range v.LikeDims {
				if t.typ == nil || t.typ.Array == nil {
					return pgerr.New(pgerr.UndefinedObject, "could not find array type for data type record")
				}
				t = plType{typ: t.typ.Array, mod: t.mod}
			}
		case v.Kind == plpgsql.Record:
			t.rec = true
		case v.Type == nil && v.Kind == plpgsql.Cursor:
			t.typ = types.ByOID(refcursorOID)
		case v.Type == nil && v.Const:
			t.typ = types.TText
		case v.Type == nil:
			t.typ = types.TInt4
		default:
			typ, mod, err := s.plTypeName(pc, v)
			if err != nil {
				e := *pgerr.From(err)
				e.Pos = 0
				return e.WithWhere("compilation of PL/pgSQL function \"%s\" near line %d", p.def.Name, v.Line)
			}
			t = newPLType(typ, mod)
		}
		p.vars[v.Number] = t
	}
	return nil
}

const refcursorOID = 1790

func (s *Session) plTypeName(pc *planner.Context, v *plpgsql.Var) (*types.Type, int32, error) {
	t, mod, err := planner.ResolveType(pc, v.Type)
	if e, ok := err.(*pgerr.Error); ok && v.Kind == plpgsql.RowType && e.Code == pgerr.UndefinedObject {
		return nil, 0, pgerr.New(pgerr.UndefinedTable, "relation \"%s\" does not exist", v.Type.Name.String())
	}
	return t, mod, err
}

// result says of what shape the result is.
func (p *plFunction) result() {
	switch {
	case len(p.out) > 1 || len(p.out) == 1 && (p.def.Ret == types.RecordOID || p.def.Procedure):
		for i, v := range p.out {
			p.rows = append(p.rows, types.Field{Name: catalog.OutName(p.def.Args[v].Name, i), Type: p.fieldType(v), Mod: types.NoMod})
		}
	case p.ret != nil && p.ret.Class == types.Composite:
		p.rows = liveFields(p.ret.Fields)
	}
}

func (p *plFunction) fieldType(v int) *types.Type {
	if t := p.vars[v].typ; t != nil {
		return t
	}
	return types.TRecord
}

func liveFields(list []types.Field) []types.Field {
	return slices.DeleteFunc(slices.Clone(list), func(f types.Field) bool { return f.Dropped })
}

// plName is how contexts name a function.
func (s *Session) plName(f *catalog.Function) string {
	if f.OID == 0 {
		return f.Name
	}
	var parts []string
	snap := s.systemContext().Snapshot
	for _, oid := range f.Inputs() {
		if t := snap.TypeByOID(oid); t != nil {
			parts = append(parts, t.SQLName(types.NoMod))
		}
	}
	n := catalog.QuoteIdent(f.Name)
	if !slices.Contains(s.path(), f.Schema) {
		if sc := snap.SchemaByOID(f.Schema); sc != nil {
			n = catalog.QuoteIdent(sc.Name) + "." + n
		}
	}
	return n + "(" + strings.Join(parts, ",") + ")"
}

func unplacedPL(err error) error {
	if e, ok := err.(*pgerr.Error); ok {
		c := *e
		c.Pos = 0
		return &c
	}
	return err
}
