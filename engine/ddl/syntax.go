package ddl

import (
	"reflect"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// columnRefs gives the references to columns in an expression, those in subqueries
// too.
func columnRefs(e any) []*ast.ColumnRef {
	var out []*ast.ColumnRef
	visit(reflect.ValueOf(e), func(n any) {
		if c, ok := n.(*ast.ColumnRef); ok && len(c.Parts) > 0 && !c.Star {
			out = append(out, c)
		}
	})
	return out
}

// visit calls fn for every node (a pointer) of a syntax tree. It goes by
// reflection: a walker by type over sixty kinds of node would have to be kept.
func visit(v reflect.Value, fn func(n any)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			fn(v.Interface())
		}
		visit(v.Elem(), fn)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); nested(f.Kind()) {
				visit(f, fn)
			}
		}
	case reflect.Slice:
		if nested(v.Type().Elem().Kind()) {
			for i := range v.Len() {
				visit(v.Index(i), fn)
			}
		}
	}
}

func nested(k reflect.Kind) bool {
	return k == reflect.Pointer || k == reflect.Interface || k == reflect.Struct || k == reflect.Slice
}
