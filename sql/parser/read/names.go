package read

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// nameClass is a set of the kinds of words that may be a name somewhere.
type nameClass uint8

const (
	classColName  nameClass = 1 << iota // and unreserved and identifiers
	classTypeFunc                       // likewise
	classReserved
)

// isName tells whether the token n places ahead may be a name of the class.
func (r *Reader) isName(n int, class nameClass) bool {
	t := r.Peek(n)
	if t.Kind == lex.Ident {
		return true
	}
	if t.Kind != lex.Keyword {
		return false
	}
	switch t.Keyword.Category() {
	case keyword.Unreserved:
		return !r.lookahead(n)
	case keyword.ColName:
		return class&classColName != 0
	case keyword.TypeFuncName:
		return class&classTypeFunc != 0
	}
	return class&classReserved != 0 && !r.isLA(n)
}

// isLA tells whether the reserved word n places ahead is taken for another
// token.
func (r *Reader) isLA(n int) bool {
	next := r.Peek(n + 1).Keyword
	switch r.Peek(n).Keyword {
	case keyword.Not:
		return next == keyword.Between || next == keyword.In || next == keyword.Like ||
			next == keyword.Ilike || next == keyword.Similar
	case keyword.With:
		return next == keyword.Time || next == keyword.Ordinality
	}
	return false
}

func (r *Reader) name(class nameClass) ast.Ident {
	if !r.isName(0, class) {
		panic(r.Unexpected())
	}
	id := ast.Ident{Name: r.tok.Str, Pos: r.tok.Pos}
	r.Next()
	return id
}

// IsColID tells whether the current token may name a column, a table or
// anything else that stands alone.
func (r *Reader) IsColID() bool { return r.isName(0, classColName) }

// IsColIDAt is IsColID for the token n places ahead.
func (r *Reader) IsColIDAt(n int) bool { return r.isName(n, classColName) }

// ColID reads such a name.
func (r *Reader) ColID() ast.Ident { return r.name(classColName) }

// ColLabel reads a name that may be any word.
func (r *Reader) ColLabel() ast.Ident {
	return r.name(classColName | classTypeFunc | classReserved)
}

// IsTypeFuncName tells whether the current token may name a type or function.
func (r *Reader) IsTypeFuncName() bool { return r.isTypeFunc() }

// isTypeFunc tells whether the current token may name a type or function.
func (r *Reader) isTypeFunc() bool { return r.isName(0, classTypeFunc) }

// IsNonReserved tells whether the current token is a word that is not
// reserved.
func (r *Reader) IsNonReserved() bool { return r.isName(0, classColName|classTypeFunc) }

// NonReserved reads such a word.
func (r *Reader) NonReserved() ast.Ident { return r.name(classColName | classTypeFunc) }

// isBareLabel tells whether the current token may be a column label without
// AS.
func (r *Reader) isBareLabel() bool {
	switch r.tok.Kind {
	case lex.Ident:
		return !r.atEmit()
	case lex.Keyword:
		return r.tok.Keyword.BareLabel() && !r.lookahead(0) && !r.isLA(0)
	}
	return false
}

// Names reads one or more names with commas between them.
func (r *Reader) Names() []ast.Ident {
	var names []ast.Ident
	r.Commas(func() { names = append(names, r.ColID()) })
	return names
}

// ColumnList reads a list of names in parentheses.
func (r *Reader) ColumnList() []ast.Ident {
	r.ExpectChar('(')
	names := r.Names()
	r.ExpectChar(')')
	return names
}

// OptColumnList reads a list of names in parentheses if one follows.
func (r *Reader) OptColumnList() []ast.Ident {
	if !r.IsChar('(') {
		return nil
	}
	return r.ColumnList()
}

// AnyNameParts reads gram.y's any_name: a name with attributes.
func (r *Reader) AnyNameParts() []string {
	parts := []string{r.ColID().Name}
	for r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	return parts
}

// AnyName reads the name of an object that is not a relation.
func (r *Reader) AnyName() ast.Name {
	pos := r.tok.Pos
	return r.toName(r.AnyNameParts(), pos)
}

// QualifiedName reads the name of a relation.
func (r *Reader) QualifiedName() ast.Name {
	pos := r.tok.Pos
	parts := []string{r.ColID().Name}
	bad := false
	for {
		switch {
		case r.AcceptChar('.'):
			if r.AcceptChar('*') {
				bad = true
				continue
			}
			parts = append(parts, r.ColLabel().Name)
			continue
		case r.IsChar('['):
			// gram.y takes an indirection here and looks at it afterwards.
			r.subscript()
			bad = true
			continue
		}
		break
	}
	if bad {
		panic(r.Unexpected())
	}
	return r.toName(parts, pos)
}

func (r *Reader) toName(parts []string, pos ast.Pos) ast.Name {
	switch len(parts) {
	case 1:
		return ast.Name{Object: parts[0], Pos: pos}
	case 2:
		return ast.Name{Schema: parts[0], Object: parts[1], Pos: pos}
	case 3:
		return ast.Name{Catalog: parts[0], Schema: parts[1], Object: parts[2], Pos: pos}
	}
	r.Fail(pgerr.New(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s",
		strings.Join(parts, ".")).At(pos))
	return ast.Name{}
}

// QualifiedNames reads names of relations with commas between them.
func (r *Reader) QualifiedNames() []ast.Name {
	var names []ast.Name
	r.Commas(func() { names = append(names, r.QualifiedName()) })
	return names
}

// AnyNames reads names of objects with commas between them.
func (r *Reader) AnyNames() []ast.Name {
	var names []ast.Name
	r.Commas(func() { names = append(names, r.AnyName()) })
	return names
}

// StringConst reads a string literal.
func (r *Reader) StringConst() string {
	if r.tok.Kind != lex.String {
		panic(r.Unexpected())
	}
	s := r.tok.Str
	r.Next()
	return s
}

// NonReservedOrString reads a word that is not reserved, or a string.
func (r *Reader) NonReservedOrString() string {
	if r.tok.Kind == lex.String {
		return r.StringConst()
	}
	return r.NonReserved().Name
}

// Role reads the name of a role, which may be public or current_user.
func (r *Reader) Role() string {
	pos := r.tok.Pos
	if r.isSessionRole() {
		name := r.tok.Str
		r.Next()
		return name
	}
	name := r.NonReserved().Name
	if name == "none" {
		r.Fail(pgerr.New(pgerr.ReservedName, "role name \"%s\" is reserved", name).At(pos))
	}
	return name
}

func (r *Reader) isSessionRole() bool {
	return r.Is(keyword.CurrentRole) || r.Is(keyword.CurrentUser) || r.Is(keyword.SessionUser)
}

// RoleID reads the name of a role to be made or renamed.
func (r *Reader) RoleID() string {
	pos, session := r.tok.Pos, r.isSessionRole()
	name := r.Role()
	switch {
	case session:
		r.Fail(pgerr.New(pgerr.ReservedName, "%s cannot be used as a role name here", strings.ToUpper(name)).At(pos))
	case name == "public":
		r.Fail(pgerr.New(pgerr.ReservedName, "role name \"%s\" is reserved", name).At(pos))
	}
	return name
}

// Roles reads names of roles with commas between them.
func (r *Reader) Roles() []string {
	var roles []string
	r.Commas(func() { roles = append(roles, r.Role()) })
	return roles
}
