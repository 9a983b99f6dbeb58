package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/planner/fold"
	"github.com/streamsqld/streamsqld/sql/types"
)

// newBound is the bound of a partition while it is read.
type newBound struct {
	*run
	parent *catalog.Relation
	name   string // of the partition
	b      *catalog.PartBounds
	st     *ast.PartitionBound
	part   *catalog.Part
}

// bound reads the bound of a new partition and checks it against those there are
// (transformPartitionBound, check_new_partition_bound).
func (r *run) bound(parent *catalog.Relation, name string, st *ast.PartitionBound) (*catalog.Part, error) {
	n := &newBound{r, parent, name, r.e.PartBounds(parent), st, &catalog.Part{Parent: parent.OID, Default: st.Default}}
	if st.Default {
		if n.b.Key.Strategy == catalog.PartHash {
			return nil, pgerr.New(pgerr.InvalidTableDefinition, "a hash-partitioned table may not have a default partition")
		}
		for _, p := range r.e.Partitions(parent) {
			if p.Part.Default {
				return nil, pgerr.New(pgerr.InvalidObjectDefinition, "partition \"%s\" conflicts with existing default partition \"%s\"", name, p.Name).At(st.Pos)
			}
		}
		return n.part, nil
	}
	switch n.b.Key.Strategy {
	case catalog.PartList:
		return n.part, n.list()
	case catalog.PartHash:
		return n.part, n.hash()
	}
	return n.part, n.ranges()
}

// hash reads FOR VALUES WITH.
func (n *newBound) hash() error {
	if n.st.With == nil {
		return pgerr.New(pgerr.InvalidTableDefinition, "invalid bound specification for a hash partition").At(n.st.Pos)
	}
	has := map[string]int64{}
	for _, w := range n.st.With {
		if w.Name != "modulus" && w.Name != "remainder" {
			return pgerr.New(pgerr.SyntaxError, "unrecognized hash partition bound specification \"%s\"", w.Name).At(w.Pos)
		}
		if _, ok := has[w.Name]; ok {
			return pgerr.New(pgerr.DuplicateObject, "%s for hash partition provided more than once", w.Name).At(w.Pos)
		}
		has[w.Name] = w.Value
	}
	for _, name := range []string{"modulus", "remainder"} {
		if _, ok := has[name]; !ok {
			return pgerr.New(pgerr.SyntaxError, "%s for hash partition must be specified", name)
		}
	}
	invalid := func(text string) error { return pgerr.New(pgerr.InvalidTableDefinition, "%s", text) }
	switch {
	case has["modulus"] <= 0:
		return invalid("modulus for hash partition must be an integer value greater than zero")
	case has["remainder"] < 0:
		return invalid("remainder for hash partition must be an integer value greater than or equal to zero")
	case has["remainder"] >= has["modulus"]:
		return invalid("remainder for hash partition must be less than modulus")
	}
	n.part.Modulus, n.part.Remainder = int32(has["modulus"]), int32(has["remainder"])
	return n.divides()
}

// divides checks the modulus of a new partition of HASH: of any two that there are, the
// smaller divides the larger. The remainder is that of no other partition.
func (n *newBound) divides() error {
	const factor = "every hash partition modulus must be a factor of the next larger modulus"
	own := int(n.part.Modulus)
	var before, behind *catalog.Relation
	parts := n.e.Partitions(n.parent)
	for _, p := range parts {
		if q := p.Part; int(q.Modulus) < own || int(q.Modulus) == own && q.Remainder <= n.part.Remainder {
			before = p
		} else if behind == nil {
			behind = p
		}
	}
	if before != nil && own%int(before.Part.Modulus) != 0 {
		return pgerr.New(pgerr.InvalidObjectDefinition, factor).
			WithDetail("The new modulus %d is not divisible by %d, the modulus of existing partition \"%s\".", own, before.Part.Modulus, before.Name)
	}
	if behind != nil && int(behind.Part.Modulus)%own != 0 {
		return pgerr.New(pgerr.InvalidObjectDefinition, factor).
			WithDetail("The new modulus %d is not a factor of %d, the modulus of existing partition \"%s\".", own, behind.Part.Modulus, behind.Name)
	}
	// As there, the first one met from the own remainder on.
	var hit *catalog.Relation
	least := 0
	for _, p := range parts {
		m, r := int(p.Part.Modulus), int(p.Part.Remainder)
		at := int(n.part.Remainder)
		if small := min(m, own); at%small != r%small {
			continue
		}
		for at%m != r {
			at += own
		}
		if hit == nil || at < least {
			hit, least = p, at
		}
	}
	if hit != nil {
		return n.overlap(hit, n.st.Pos)
	}
	return nil
}

// list reads FOR VALUES IN.
func (n *newBound) list() error {
	if n.st.In == nil {
		return pgerr.New(pgerr.InvalidTableDefinition, "invalid bound specification for a list partition").At(n.st.Pos)
	}
	for _, e := range n.st.In {
		v, err := n.value(0, e)
		if err != nil {
			return err
		}
		repeated := false
		for _, old := range n.part.Values {
			repeated = repeated || n.b.Same(old, v)
		}
		if repeated {
			continue
		}
		for _, p := range n.e.Partitions(n.parent) {
			for _, old := range p.Part.Values {
				if n.b.Same(old, v) {
					return n.overlap(p, ast.Leftmost(e))
				}
			}
		}
		n.part.Values = append(n.part.Values, v)
	}
	return nil
}

func (n *newBound) overlap(p *catalog.Relation, pos int32) error {
	return pgerr.New(pgerr.InvalidObjectDefinition, "partition \"%s\" would overlap partition \"%s\"", n.name, p.Name).At(pos)
}

// ranges reads FOR VALUES FROM … TO ….
func (n *newBound) ranges() (err error) {
	if n.st.From == nil {
		return pgerr.New(pgerr.InvalidTableDefinition, "invalid bound specification for a range partition").At(n.st.Pos)
	}
	keys := len(n.b.Key.Columns)
	if len(n.st.From) != keys {
		return pgerr.New(pgerr.InvalidTableDefinition, "FROM must specify exactly one value per partitioning column")
	}
	if len(n.st.To) != keys {
		return pgerr.New(pgerr.InvalidTableDefinition, "TO must specify exactly one value per partitioning column")
	}
	if n.part.From, err = n.rangeBound(n.st.From); err != nil {
		return err
	}
	if n.part.To, err = n.rangeBound(n.st.To); err != nil {
		return err
	}
	if n.b.Compare(n.part.From, n.part.To) >= 0 {
		return pgerr.New(pgerr.InvalidObjectDefinition, "empty range bound specified for partition \"%s\"", n.name).
			WithDetail("Specified lower bound %s is greater than or equal to upper bound %s.", n.b.Show(n.part.From), n.b.Show(n.part.To)).
			At(ast.Leftmost(n.st.From[0]))
	}
	for _, p := range n.e.Partitions(n.parent) {
		if p.Part.Default || n.b.Compare(n.part.From, p.Part.To) >= 0 || n.b.Compare(p.Part.From, n.part.To) >= 0 {
			continue
		}
		at := n.st.From[0] // where the new range meets the old one
		if n.b.Compare(n.part.From, p.Part.From) < 0 {
			at = n.st.To[0]
		}
		return n.overlap(p, ast.Leftmost(at))
	}
	return nil
}

func (n *newBound) rangeBound(list []ast.Expr) ([]catalog.PartValue, error) {
	out := make([]catalog.PartValue, len(list))
	for i, e := range list {
		ref, ok := e.(*ast.ColumnRef)
		switch {
		case ok && len(ref.Parts) == 1 && ref.Parts[0] == "minvalue":
			out[i].Inf = -1
		case ok && len(ref.Parts) == 1 && ref.Parts[0] == "maxvalue":
			out[i].Inf = 1
		default:
			v, err := n.value(i, e)
			if err != nil {
				return nil, err
			}
			if v.Null {
				return nil, pgerr.New(pgerr.InvalidObjectDefinition, "cannot specify NULL in range bound")
			}
			out[i] = v
		}
		if i > 0 && out[i-1].Inf != 0 && out[i].Inf != out[i-1].Inf {
			word := map[int8]string{-1: "MINVALUE", 1: "MAXVALUE"}[out[i-1].Inf]
			return nil, pgerr.New(pgerr.DatatypeMismatch, "every bound following %s must also be %s", word, word).At(ast.Leftmost(e))
		}
	}
	return out, nil
}

// value evaluates an expression for the i-th column of the key.
func (n *newBound) value(i int, e ast.Expr) (catalog.PartValue, error) {
	var col catalog.Column
	if x := n.b.Key.Expr(i); x != nil {
		col = catalog.Column{Name: x.Text, TypeOID: x.TypeOID, Mod: types.NoMod}
	} else {
		col = n.parent.Columns[n.b.Key.Columns[i]-1]
	}
	col.Type = n.b.Types[i]
	if ref, ok := e.(*ast.ColumnRef); ok {
		return catalog.PartValue{}, pgerr.New(pgerr.InvalidColumnReference, "cannot use column reference in partition bound expression").At(ref.Pos)
	}
	ctx := n.planner()
	x, _, _, err := planner.BindDefault(ctx, e, &col, false, nil)
	if pgerr.CodeOf(err) == pgerr.DatatypeMismatch {
		err = pgerr.New(pgerr.DatatypeMismatch, "specified value cannot be cast to type %s for column \"%s\"", n.typeName(col.Type), col.Name).At(ast.Leftmost(e))
	}
	if err != nil {
		return catalog.PartValue{}, err
	}
	k, ok := fold.Expr(x, ctx.Env).(*plan.Const)
	if !ok {
		return catalog.PartValue{}, pgerr.NotSupported("a partition bound that is not a constant").At(ast.Leftmost(e))
	}
	if k.Val.IsNull() {
		return catalog.PartValue{Null: true}, nil
	}
	return catalog.PartValue{Text: col.Type.Text(types.DefaultEnv, k.Val)}, nil
}
