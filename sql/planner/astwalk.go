package planner

import (
	"reflect"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// countRefs counts the unqualified references to a relation of that name
// anywhere in a statement, its own WITH included.
func countRefs(n any, name string) int {
	count := 0
	walkTree(reflect.ValueOf(n), func(x any) {
		if t, ok := x.(*ast.TableRef); ok && t.Name.Schema == "" && t.Name.Object == name {
			count++
		}
	})
	return count
}

// walkTree calls f with every pointer in a tree. It goes by reflection: WITH and rules
// are rare and statements are small, and a walker by type over sixty kinds of node would
// have to be kept.
func walkTree(v reflect.Value, f func(any)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			f(v.Interface())
		}
		walkTree(v.Elem(), f)
	case reflect.Struct:
		for i := range v.NumField() {
			switch v.Field(i).Kind() {
			case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice:
				walkTree(v.Field(i), f)
			}
		}
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice:
			for i := range v.Len() {
				walkTree(v.Index(i), f)
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
