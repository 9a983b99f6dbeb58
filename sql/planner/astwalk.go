package planner

import (
	"reflect"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// countRefs counts the unqualified references to a relation of that name
// anywhere in a statement, its own WITH included.
func countRefs(n any, name string) int {
	w := refCounter{name: name}
	w.walk(reflect.ValueOf(n))
	return w.n
}

type refCounter struct {
	name string
	n    int
}

// walk goes through the tree by reflection: WITH is rare and statements are
// small, and a walker by type over sixty kinds of node would have to be kept.
func (w *refCounter) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if t, ok := v.Interface().(*ast.TableRef); ok && v.Kind() == reflect.Pointer && t.Name.Schema == "" && t.Name.Object == w.name {
			w.n++
		}
		w.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			switch v.Field(i).Kind() {
			case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice:
				w.walk(v.Field(i))
			}
		}
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice:
			for i := range v.Len() {
				w.walk(v.Index(i))
			}
		}
	}
}

// sameSyntax tells whether two expressions are written alike, wherever they stand.
func sameSyntax(x, y ast.Expr) bool { return sameTree(reflect.ValueOf(x), reflect.ValueOf(y)) }

func sameTree(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return sameTree(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).Name != "Pos" && !sameTree(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameTree(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}
