package planner

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeName resolves a type as written to a type and its modifier.
func (b *binder) typeName(n *ast.TypeName) (*types.Type, int32, error) {
	t, mod, err := ResolveType(b.Context, n)
	if err != nil {
		return nil, 0, err
	}
	b.depend(t.OID, 0)
	b.Names.typ(n, t)
	return t, mod, nil
}

// ResolveType resolves a type as written to a type and its modifier. A type that
// does not exist is 42704.
func ResolveType(c *Context, n *ast.TypeName) (*types.Type, int32, error) {
	if n.PctType {
		return pctType(c, n)
	}
	if n.Name.Catalog != "" && c.Env != nil && c.Env.Session != nil && n.Name.Catalog != c.Env.Session.Database() {
		return nil, 0, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", dotted([]string{n.Name.Catalog, n.Name.Schema, n.Name.Object}))
	}
	t := lookupType(c, n.Name)
	if t == nil && n.Name.Schema != "" && n.Name.Schema != "pg_temp" && c.Catalog.Schema(n.Name.Schema) == nil {
		return nil, 0, pgerr.New(pgerr.UndefinedSchema, "schema \"%s\" does not exist", n.Name.Schema).At(n.Pos)
	}
	if t == nil {
		return nil, 0, pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", typeNameText(n)).At(n.Pos)
	}
	mod, err := typeMod(c, t, n.Mods, n.Pos)
	if err != nil {
		return nil, 0, err
	}
	if len(n.ArrayDims) > 0 {
		if t.Array == nil {
			return nil, 0, pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", typeNameText(n)).At(n.Pos)
		}
		t = t.Array
	}
	return t, mod, nil
}

func lookupType(c *Context, n ast.Name) *types.Type {
	if n.Schema == "" {
		return c.Catalog.FindType(c.Path, n.Object)
	}
	if n.Schema == "pg_temp" && c.Temp != 0 {
		return c.Catalog.Type(c.Temp, n.Object)
	}
	s := c.Catalog.Schema(n.Schema)
	if s == nil {
		return nil
	}
	return c.Catalog.Type(s.OID, n.Object)
}

func typeNameText(n *ast.TypeName) string {
	return n.Name.String() + strings.Repeat("[]", len(n.ArrayDims))
}

// pctType resolves relation.column%TYPE.
func pctType(c *Context, n *ast.TypeName) (*types.Type, int32, error) {
	schema, rel := n.Name.Catalog, n.Name.Schema
	r, err := c.Catalog.LookupRelation(c.Path, schema, rel, c.Temp)
	if err != nil {
		return nil, 0, pgerr.AtPos(err, n.Pos)
	}
	col, _ := r.Column(n.Name.Object)
	if col == nil {
		return nil, 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", n.Name.Object, rel).At(n.Pos)
	}
	return c.Catalog.TypeByOID(col.TypeOID), col.Mod, nil
}

// typeMod turns a type's modifiers into its typmod (the typmodin functions).
func typeMod(c *Context, t *types.Type, mods []ast.Expr, pos int32) (int32, error) {
	if len(mods) == 0 {
		return types.NoMod, nil
	}
	ns := make([]int64, len(mods))
	for i, m := range mods {
		var err error
		n, ok := modValue(m)
		if l, is := m.(*ast.Literal); is && (l.Kind == ast.LitInteger || l.Kind == ast.LitNumeric || l.Kind == ast.LitString) {
			if n, err = types.ParseIntText(l.Text, 32); err != nil {
				return 0, pgerr.AtPos(err, pos)
			}
			ok = true
		}
		if !ok {
			return 0, pgerr.New(pgerr.SyntaxError, "type modifiers must be simple constants or identifiers").At(pos)
		}
		ns[i] = n
	}
	mod, err := modOf(c, t, ns)
	if err != nil {
		return 0, pgerr.AtPos(err, pos)
	}
	return mod, nil
}

func modValue(e ast.Expr) (int64, bool) {
	switch x := e.(type) {
	case *ast.Literal:
		n, err := strconv.ParseInt(x.Text, 10, 64)
		return n, err == nil
	case *ast.UnaryOp:
		n, ok := modValue(x.X)
		return -n, ok && x.Op == "-"
	}
	return 0, false
}

const (
	maxCharLen   = 10485760
	maxPrecision = 6
	maxBits      = 83886080
)

func modOf(c *Context, t *types.Type, ns []int64) (int32, error) {
	one := func() error {
		if len(ns) != 1 {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid type modifier")
		}
		return nil
	}
	switch t.OID {
	case types.VarcharOID, types.BpcharOID:
		if err := one(); err != nil {
			return 0, err
		}
		name := map[types.OID]string{types.VarcharOID: "varchar", types.BpcharOID: "char"}[t.OID]
		if ns[0] < 1 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "length for type %s must be at least 1", name)
		}
		if ns[0] > maxCharLen {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "length for type %s cannot exceed %d", name, maxCharLen)
		}
		return int32(ns[0]) + 4, nil
	case types.BitOID, types.VarbitOID:
		if err := one(); err != nil {
			return 0, err
		}
		if ns[0] < 1 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "length for type %s must be at least 1", t.Name)
		}
		if ns[0] > maxBits {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "length for type %s cannot exceed %d", t.Name, maxBits)
		}
		return int32(ns[0]), nil
	case types.NumericOID:
		return numericMod(ns)
	case types.TimeOID, types.TimetzOID, types.TimestampOID, types.TimestamptzOID:
		if err := one(); err != nil {
			return 0, err
		}
		return timeMod(c, t, ns[0])
	case types.IntervalOID:
		return intervalMod(c, ns)
	}
	return 0, pgerr.New(pgerr.SyntaxError, "type modifier is not allowed for type \"%s\"", t.Name)
}

func numericMod(ns []int64) (int32, error) {
	if len(ns) > 2 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "invalid NUMERIC type modifier")
	}
	p, s := ns[0], int64(0)
	if p < 1 || p > 1000 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "NUMERIC precision %d must be between 1 and 1000", p)
	}
	if len(ns) == 2 {
		if s = ns[1]; s < -1000 || s > 1000 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "NUMERIC scale %d must be between -1000 and 1000", s)
		}
	}
	return int32(p<<16|s&0x7ff) + 4, nil
}

func timeMod(c *Context, t *types.Type, p int64) (int32, error) {
	name := map[types.OID]string{types.TimeOID: "TIME", types.TimetzOID: "TIME", types.TimestampOID: "TIMESTAMP", types.TimestamptzOID: "TIMESTAMP"}[t.OID]
	zone := ""
	if t.OID == types.TimetzOID || t.OID == types.TimestamptzOID {
		zone = " WITH TIME ZONE"
	}
	if p < 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "%s(%d)%s precision must not be negative", name, p, zone)
	}
	return int32(c.cutPrecision(p, name, zone)), nil
}

// cutPrecision warns of a precision that is more than there can be.
func (c *Context) cutPrecision(p int64, name, zone string) int64 {
	if p > maxPrecision && c.Notices != nil {
		c.Notices(pgerr.Warning(pgerr.InvalidParameterValue, "%s(%d)%s precision reduced to maximum allowed, %d", name, p, zone, maxPrecision))
	}
	return min(p, maxPrecision)
}

func intervalMod(c *Context, ns []int64) (int32, error) {
	const full = 0xFFFF
	mask, p := ns[0], int64(full)
	if len(ns) == 2 {
		if p = ns[1]; p < 0 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "INTERVAL(%d) precision must not be negative", p)
		}
		p = c.cutPrecision(p, "INTERVAL", "")
	} else if mask == ast.IntervalFull {
		return types.NoMod, nil
	}
	return int32(mask&0x7FFF<<16 | p), nil
}

// formatType shows a type as messages do.
func formatType(t *types.Type, mod int32) string { return t.SQLName(mod) }

// FormatType shows a type with its modifier as format_type does, qualified when
// it is not on the search path.
func FormatType(c *Context, t *types.Type, mod int32) string {
	elem := t
	if t.IsArray() {
		elem = t.Elem
	}
	if elem.OID < types.FirstUserOID {
		return t.SQLName(mod)
	}
	if found := c.Catalog.FindType(c.Path, elem.Name); found != nil && found.OID == elem.OID {
		return t.SQLName(mod)
	}
	if s := c.Catalog.SchemaByOID(elem.Schema); s != nil {
		return types.QuoteIdent(s.Name) + "." + t.SQLName(mod)
	}
	return t.SQLName(mod)
}
