package tidb

import (
	"fmt"
	"io"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/format"
)

// TiDB's parser leaves literals to a driver, which it finds in variables of
// its ast package. Ours keeps them as written: no literal is ever converted.
func init() {
	ast.NewValueExpr = func(v any, _, _ string) ast.ValueExpr { return &Value{V: v} }
	ast.NewParamMarkerExpr = func(int) ast.ParamMarkerExpr { return &param{Value{V: opaque{}}} }
	ast.NewDecimal = func(text string) (any, error) { return Decimal(text), nil }
	ast.NewHexLiteral = func(text string) (any, error) { return nil, fmt.Errorf("hex literal %s", text) }
	ast.NewBitLiteral = func(text string) (any, error) { return nil, fmt.Errorf("bit literal %s", text) }
}

// Decimal is the text of a number that is no integer, or one that does not fit
// 64 bits.
type Decimal string

// Value is a literal: nil, bool, int64, uint64, Decimal or string.
type Value struct {
	ast.TexprNode
	V any
}

// opaque hides a value from the grammar, which would turn an integer in GROUP
// BY and ORDER BY into a position.
type opaque struct{ v any }

// Accept implements ast.Node.
func (v *Value) Accept(visitor ast.Visitor) (ast.Node, bool) {
	n, skip := visitor.Enter(v)
	if skip {
		return visitor.Leave(n)
	}
	return visitor.Leave(n.(*Value))
}

// Restore implements ast.Node.
func (v *Value) Restore(ctx *format.RestoreCtx) error {
	ctx.WritePlainf("%v", v.V)
	return nil
}

// Format implements ast.ExprNode.
func (v *Value) Format(w io.Writer) { fmt.Fprintf(w, "%v", v.V) }

// SetValue implements ast.ValueExpr.
func (v *Value) SetValue(val any) { v.V = val }

// GetValue implements ast.ValueExpr.
func (v *Value) GetValue() any { return opaque{v.V} }

// GetDatumString implements ast.ValueExpr.
func (v *Value) GetDatumString() string { return v.GetString() }

// GetString implements ast.ValueExpr.
func (v *Value) GetString() string {
	s, _ := v.V.(string)
	return s
}

// GetProjectionOffset implements ast.ValueExpr.
func (v *Value) GetProjectionOffset() int { return -1 }

// SetProjectionOffset implements ast.ValueExpr.
func (v *Value) SetProjectionOffset(int) {}

// param is what ? would be; canonical text has none.
type param struct{ Value }

// SetOrder implements ast.ParamMarkerExpr.
func (*param) SetOrder(int) {}
