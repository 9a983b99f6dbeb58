package plan

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Key gives a text that two expressions share exactly when they compute the same
// from the same columns (positions do not matter). Plans of subqueries are told
// apart by identity.
func Key(e Expr) string { return KeyBy(e, unlike) }

func unlike(Node) Node { return nil }

// KeyBy is Key where alike gives the plan of a subquery that stands for all that
// compute the same, nil where each stands for itself.
func KeyBy(e Expr, alike func(Node) Node) string {
	var b strings.Builder
	writeKeyBy(&b, e, alike)
	return b.String()
}

// Equal tells whether two expressions have the same Key.
func Equal(a, b Expr) bool { return a == b || Key(a) == Key(b) }

// AggKey is Key for an aggregate; its column does not matter.
func AggKey(a *Agg) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v %v %d", a.Fn.OID, a.Distinct, a.Variadic, a.Ret.OID)
	for _, x := range a.Args {
		writeKey(&b, x)
	}
	b.WriteString(" order")
	writeSortKeys(&b, a.OrderBy)
	if a.Filter != nil {
		b.WriteString(" filter")
		writeKey(&b, a.Filter)
	}
	return b.String()
}

// WinKey is Key for a window call over a window; its column does not matter. It also
// tells whether anything in it is volatile.
func WinKey(w *WinCall, partition []Expr, order []SortKey) (key string, volatile bool) {
	var b strings.Builder
	f := &w.Frame
	fmt.Fprintf(&b, "%d %v %d %d %d %d %d", w.Fn.OID, w.Variadic, w.Ret.OID, f.Mode, f.Start, f.End, f.Exclude)
	write := func(part string, xs ...Expr) {
		b.WriteString(part)
		for _, x := range xs {
			if x != nil {
				writeKey(&b, x)
				volatile = volatile || IsVolatile(x)
			}
		}
	}
	write(" args", w.Args...)
	write(" filter", w.Filter)
	write(" start", f.StartX)
	write(" end", f.EndX)
	write(" by", partition...)
	b.WriteString(" order")
	writeSortKeys(&b, order)
	for _, k := range order {
		volatile = volatile || IsVolatile(k.X)
	}
	return b.String(), volatile
}

func writeSortKeys(b *strings.Builder, keys []SortKey) {
	for _, k := range keys {
		writeKey(b, k.X)
		fmt.Fprintf(b, "%v%v", k.Desc, k.NullsFirst)
	}
}

func writeKey(b *strings.Builder, e Expr) { writeKeyBy(b, e, unlike) }

func writeKeyBy(b *strings.Builder, e Expr, alike func(Node) Node) {
	fmt.Fprintf(b, "(%T %d %d", e, e.Type().OID, e.Mod())
	switch e := e.(type) {
	case *Col:
		fmt.Fprintf(b, " c%d", e.ID)
	case *Const:
		writeDatum(b, e.Val)
	case *Param:
		fmt.Fprintf(b, " $%d", e.N)
	case *Call:
		fmt.Fprintf(b, " f%d %v", e.Fn.OID, e.Variadic)
		for _, c := range e.Columns {
			fmt.Fprintf(b, " %s %d", c.Name, c.Type.OID)
		}
	case *IsNull:
		fmt.Fprintf(b, " %v", e.Not)
	case *RowNull:
		fmt.Fprintf(b, " %v", e.Not)
	case *BoolTest:
		fmt.Fprintf(b, " %v %v", e.Want, e.Not)
	case *Distinct:
		fmt.Fprintf(b, " f%d %v", e.Eq.OID, e.Not)
	case *Case:
		fmt.Fprintf(b, " %d %v", len(e.Whens), e.Arg != nil)
	case *MinMax:
		fmt.Fprintf(b, " %v", e.Least)
	case *NullIf:
		fmt.Fprintf(b, " f%d", e.Eq.OID)
	case *ArrayCmp:
		fmt.Fprintf(b, " f%d %v", e.Fn.OID, e.All)
	case *MakeArray:
		fmt.Fprintf(b, " %v", e.Multi)
	case *MakeRow:
		fmt.Fprintf(b, " %q", e.Names)
	case *Field:
		fmt.Fprintf(b, " %d", e.I)
	case *SetField:
		fmt.Fprintf(b, " %d", e.I)
	case *Subscript:
		for _, s := range e.Subs {
			fmt.Fprintf(b, " %v%v%v", s.Slice, s.Lo != nil, s.Hi != nil)
		}
		fmt.Fprintf(b, " %v", e.Assign != nil)
	case *ArrayCast:
		writeKeyBy(b, e.Elem, alike)
	case *ToDomain:
		fmt.Fprintf(b, " %v %d", e.NotNull, len(e.Checks))
	case *Subquery:
		if first := alike(e.Plan); first != nil { // what it is compared with is alike, too
			fmt.Fprintf(b, " %d %p)", e.Kind, first)
			return
		}
		fmt.Fprintf(b, " %p", e.Plan)
	case *Grouping:
		fmt.Fprintf(b, " %v %d", e.Args, e.Set)
	}
	for _, c := range e.Children() {
		writeKeyBy(b, c, alike)
	}
	b.WriteByte(')')
}

func writeDatum(b *strings.Builder, d types.Datum) {
	switch d.Kind() {
	case types.KindNone:
		b.WriteString(" null")
	case types.Bytes:
		s := d.Str()
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		b.Write(n[:])
		b.WriteString(s)
	case types.Numer:
		n := d.Numeric()
		fmt.Fprintf(b, " n%d %s %d", n.Form(), n.Coef(), n.Scale())
	case types.Inter:
		fmt.Fprintf(b, " i%v", d.Interval())
	default:
		fmt.Fprintf(b, " %d", d.Int())
	}
}

// IsVolatile tells whether e calls a volatile function; plans of subqueries are
// not looked into.
func IsVolatile(e Expr) bool {
	found := false
	Visit(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok && c.Fn.Volatility == funcs.Volatile {
			found = true
		}
		return !found
	})
	return found
}

// Leakproof tells whether e tells nobody anything of a row but by its value: it
// cannot fail, and has no effect.
func Leakproof(e Expr) bool {
	safe := true
	Visit(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Col, *Const, *Param, *And, *Or, *Not, *IsNull, *RowNull, *BoolTest, *Case, *CaseArg, *Coalesce, *Relabel:
		case *Call:
			safe = safe && x.Fn.Leakproof
		case *Distinct:
			safe = safe && x.Eq.Leakproof
		case *ArrayCmp:
			safe = safe && x.Fn.Leakproof
		default:
			safe = false
		}
		return safe
	})
	return safe
}

// HasSubquery tells whether e holds a subquery.
func HasSubquery(e Expr) bool {
	found := false
	Visit(e, func(x Expr) bool {
		if _, ok := x.(*Subquery); ok {
			found = true
		}
		return !found
	})
	return found
}
