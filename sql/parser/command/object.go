package command

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// nameStyle is how the objects of a kind are named in DROP, COMMENT and ALTER.
type nameStyle uint8

const (
	styleAny       nameStyle = iota // any_name
	styleName                       // a single name
	styleType                       // a type
	styleRole                       // a role
	styleOn                         // name ON table
	styleCall                       // a function with the types of its arguments
	styleAggregate                  // an aggregate with them
	styleOp                         // an operator with the types of its arguments
	styleUsing                      // any_name USING method
	styleCast                       // (type AS type)
	styleNone                       // something else: refused by name
)

// object is a kind of object by the words that name it.
type object struct {
	words []string
	kind  ast.ObjectKind
	style nameStyle
	// drop is set if gram.y has DROP IF EXISTS a, b CASCADE for the kind.
	drop bool
}

// objects are the kinds of object. Words are looked up in this order.
var objects = []object{
	{[]string{"table"}, ast.ObjTable, styleAny, true},
	{[]string{"stream"}, ast.ObjStream, styleAny, true},
	{[]string{"source"}, ast.ObjStream, styleAny, true},
	{[]string{"sink"}, ast.ObjSink, styleAny, true},
	{[]string{"connection"}, ast.ObjConnection, styleAny, true},
	{[]string{"view"}, ast.ObjView, styleAny, true},
	{[]string{"materialized", "view"}, ast.ObjMatView, styleAny, true},
	{[]string{"continuous", "view"}, ast.ObjMatView, styleAny, true},
	{[]string{"index"}, ast.ObjIndex, styleAny, true},
	{[]string{"sequence"}, ast.ObjSequence, styleAny, true},
	{[]string{"schema"}, ast.ObjSchema, styleName, true},
	{[]string{"type"}, ast.ObjType, styleType, true},
	{[]string{"domain"}, ast.ObjDomain, styleType, true},
	{[]string{"database"}, ast.ObjDatabase, styleName, false},
	{[]string{"user", "mapping"}, ast.ObjUserMapping, styleNone, false},
	{[]string{"role"}, ast.ObjRole, styleRole, true},
	{[]string{"user"}, ast.ObjRole, styleRole, true},
	{[]string{"group"}, ast.ObjRole, styleRole, true},
	{[]string{"function"}, ast.ObjFunction, styleCall, true},
	{[]string{"procedure"}, ast.ObjProcedure, styleCall, true},
	{[]string{"routine"}, ast.ObjRoutine, styleCall, true},
	{[]string{"aggregate"}, ast.ObjAggregate, styleAggregate, true},
	{[]string{"operator", "class"}, ast.ObjOperatorClass, styleUsing, true},
	{[]string{"operator", "family"}, ast.ObjOperatorFamily, styleUsing, true},
	{[]string{"operator"}, ast.ObjOperator, styleOp, true},
	{[]string{"extension"}, ast.ObjExtension, styleName, true},
	{[]string{"event", "trigger"}, ast.ObjEventTrigger, styleName, true},
	{[]string{"trigger"}, ast.ObjTrigger, styleOn, true},
	{[]string{"rule"}, ast.ObjRule, styleOn, true},
	{[]string{"policy"}, ast.ObjPolicy, styleOn, true},
	{[]string{"collation"}, ast.ObjCollation, styleAny, true},
	{[]string{"conversion"}, ast.ObjConversion, styleAny, true},
	{[]string{"cast"}, ast.ObjCast, styleCast, true},
	{[]string{"transform"}, ast.ObjTransform, styleNone, true},
	{[]string{"procedural", "language"}, ast.ObjLanguage, styleName, true},
	{[]string{"language"}, ast.ObjLanguage, styleName, true},
	{[]string{"tablespace"}, ast.ObjTablespace, styleName, true},
	{[]string{"publication"}, ast.ObjPublication, styleName, true},
	{[]string{"subscription"}, ast.ObjSubscription, styleName, true},
	{[]string{"server"}, ast.ObjServer, styleName, true},
	{[]string{"foreign", "table"}, ast.ObjForeignTable, styleAny, true},
	{[]string{"foreign", "data", "wrapper"}, ast.ObjForeignDataWrapper, styleName, true},
	{[]string{"statistics"}, ast.ObjStatistics, styleAny, true},
	{[]string{"access", "method"}, ast.ObjAccessMethod, styleName, true},
	{[]string{"text", "search", "parser"}, ast.ObjTextSearch, styleAny, true},
	{[]string{"text", "search", "dictionary"}, ast.ObjTextSearch, styleAny, true},
	{[]string{"text", "search", "template"}, ast.ObjTextSearch, styleAny, true},
	{[]string{"text", "search", "configuration"}, ast.ObjTextSearch, styleAny, true},
	{[]string{"large", "object"}, ast.ObjLargeObject, styleNone, false},
}

// object reads the words of a kind of object.
func (r cmd) object() (object, bool) {
	for _, o := range objects {
		if r.AreWords(o.words...) {
			r.Skip(len(o.words))
			return o, true
		}
	}
	return object{}, false
}

// badObject fails behind the longest beginning of the words of a kind.
func (r cmd) badObject() {
	longest := 0
	for _, o := range objects {
		longest = max(longest, r.common(o.words))
	}
	r.Skip(longest)
	panic(r.Unexpected())
}

// common is the number of words that are the next tokens.
func (r cmd) common(words []string) int {
	n := 0
	for n < len(words) && r.WordAt(n, words[n]) {
		n++
	}
	return n
}

// objectName reads the name of an object; table is what it belongs to.
func (r cmd) objectName(style nameStyle) (name, table ast.Name) {
	pos := r.Pos()
	switch style {
	case styleAny:
		return r.AnyName(), table
	case styleName:
		return ast.Name{Object: r.ColID().Name, Pos: pos}, table
	case styleRole:
		return ast.Name{Object: r.Role(), Pos: pos}, table
	case styleType:
		return r.ConstTypeName().Name, table
	case styleOn:
		name = ast.Name{Object: r.ColID().Name, Pos: pos}
		r.Expect(keyword.On)
		return name, r.AnyName()
	case styleCall:
		return r.functionWithArgs(false), table
	case styleAggregate:
		return r.functionWithArgs(true), table
	case styleOp:
		return r.operatorWithArgs(), table
	case styleUsing:
		name = r.AnyName()
		r.Expect(keyword.Using)
		r.ColID()
		return name, table
	}
	return r.castName(), table
}

// functionWithArgs reads a function and the types of its arguments.
func (r cmd) functionWithArgs(aggregate bool) ast.Name {
	n := r.functionName()
	if aggregate || r.IsChar('(') {
		r.ExpectChar('(')
		args := r.argTypes(aggregate)
		r.ExpectChar(')')
		n.Args = &args
	}
	return n
}

// functionName reads gram.y's func_name.
func (r cmd) functionName() ast.Name {
	pos := r.Pos()
	parts := []string{r.NonReserved().Name}
	for r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	return nameOf(parts, pos)
}

// argTypes reads the arguments of a function or an aggregate.
func (r cmd) argTypes(aggregate bool) (a ast.FuncArgs) {
	read := func() { a.Params = append(a.Params, r.argType()) }
	switch {
	case aggregate && r.AcceptChar('*'):
		a.Star = true
		return a
	case !aggregate && r.IsChar(')'):
		return a
	case !aggregate || !r.Is(keyword.Order):
		r.Commas(read)
	}
	if a.Direct = len(a.Params); !aggregate || !r.acceptPair(keyword.Order, keyword.By) {
		return a
	}
	a.Ordered = true
	r.Commas(read)
	if a.Direct > 0 && a.Params[a.Direct-1].Mode == 'v' {
		last := a.Params[a.Direct-1]
		if more := a.Params[a.Direct:]; len(more) != 1 || more[0].Mode != 'v' || more[0].Type.Name.Object != last.Type.Name.Object {
			r.Fail(pgerr.New(pgerr.FeatureNotSupported, "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated argument of the same data type").At(more[0].Pos))
		}
		a.Params = a.Params[:a.Direct]
	}
	return a
}

// argType reads gram.y's func_arg: a class, a name and a type.
func (r cmd) argType() ast.FuncParam {
	p := ast.FuncParam{Mode: 'i', Pos: r.Pos()}
	given := r.argClass(&p.Mode)
	if r.isArgName() {
		p.Name = r.NonReserved().Name
		if !given {
			r.argClass(&p.Mode)
		}
	}
	p.Type = r.FuncType()
	return p
}

// argClass reads the class of an argument, if it is given.
func (r cmd) argClass(mode *byte) bool {
	switch {
	case r.Accept(keyword.In):
		if r.Accept(keyword.Out) {
			*mode = 'b'
		}
	case r.Accept(keyword.Out):
		*mode = 'o'
	case r.Accept(keyword.Inout):
		*mode = 'b'
	case r.Accept(keyword.Variadic):
		*mode = 'v'
	default:
		return false
	}
	return true
}

// isArgName tells whether the current word is an argument's name: a type, or
// its class, follows.
func (r cmd) isArgName() bool {
	if !r.IsTypeFuncName() || r.Is(keyword.Double) && r.Peek(1).Is(keyword.Precision) {
		return false
	}
	switch next := r.Peek(1); next.Kind {
	case lex.Ident:
		return true
	case lex.Keyword:
		switch next.Keyword {
		case keyword.In, keyword.Out, keyword.Inout, keyword.Variadic:
			return true
		}
		return next.Keyword.Category() != keyword.Reserved
	}
	return false
}

// nameOf makes a name of its parts; of too many, the last ones.
func nameOf(parts []string, pos ast.Pos) ast.Name {
	n := ast.Name{Object: parts[len(parts)-1], Pos: pos}
	if len(parts) > 1 {
		n.Schema = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		n.Catalog = parts[len(parts)-3]
	}
	return n
}

// operatorWithArgs reads an operator and the types of its operands.
func (r cmd) operatorWithArgs() ast.Name {
	pos := r.Pos()
	schema, op := r.AnyOperator()
	r.ExpectChar('(')
	none := r.Accept(keyword.None)
	if !none {
		r.ConstTypeName()
	}
	if at := r.Pos(); r.AcceptChar(')') {
		if none {
			r.failAt(at, "syntax error at or near \")\"")
		}
		r.Fail(pgerr.New(pgerr.SyntaxError, "missing argument").At(at).
			WithHint("Use NONE to denote the missing argument of a unary operator."))
	}
	r.ExpectChar(',')
	if none || !r.Accept(keyword.None) {
		r.ConstTypeName()
	}
	r.ExpectChar(')')
	return ast.Name{Schema: schema, Object: op, Pos: pos}
}

// castName reads (type AS type) and names the cast by its first type.
func (r cmd) castName() ast.Name {
	r.ExpectChar('(')
	name := r.ConstTypeName().Name
	r.Expect(keyword.As)
	r.ConstTypeName()
	r.ExpectChar(')')
	return name
}

// drop reads DROP.
func (r cmd) drop() ast.Stmt {
	pos := r.Pos()
	if r.Peek(1).Is(keyword.Owned) {
		return r.dropOwned()
	}
	r.Next()
	o, ok := r.object()
	if !ok || !o.drop && o.kind != ast.ObjDatabase {
		if ok {
			return r.skipped("DROP "+upperWords(o.words), pos)
		}
		r.badObject()
	}
	if o.style == styleNone {
		return r.skipped("DROP "+upperWords(o.words), pos)
	}
	d := &ast.Drop{Kind: o.kind, Pos: pos}
	d.Concurrently = o.kind == ast.ObjIndex && r.Accept(keyword.Concurrently)
	d.IfExists = r.ifExists()
	r.dropNames(d, o)
	switch o.kind {
	case ast.ObjDatabase:
		d.Force = r.databaseForce()
	case ast.ObjRole, ast.ObjTablespace:
	default:
		d.Cascade = r.cascade()
	}
	return d
}

// dropNames reads the names of DROP.
func (r cmd) dropNames(d *ast.Drop, o object) {
	read := func() {
		name, table := r.objectName(o.style)
		if o.style == styleOn {
			name.Schema, name.Catalog = table.Object, table.Schema
		}
		d.Names = append(d.Names, name)
	}
	switch o.style {
	case styleOn, styleUsing, styleCast:
		read()
		return
	}
	switch o.kind {
	case ast.ObjDatabase, ast.ObjTablespace, ast.ObjSubscription:
		read()
		return
	}
	r.Commas(read)
}

// comment reads COMMENT ON.
func (r cmd) comment() ast.Stmt {
	c := &ast.Comment{Pos: r.Pos()}
	r.Next()
	r.Expect(keyword.On)
	if s := r.commentTarget(c); s != nil {
		return s
	}
	r.Expect(keyword.Is)
	if !r.Accept(keyword.Null) {
		text := r.StringConst()
		c.Text = &text
	}
	if c.Kind == ast.ObjColumn && c.Name.Object == "" {
		r.failAt(c.Name.Pos, "column name must be qualified")
	}
	return c
}

// commentTarget reads what the comment is on. A kind that has no names is
// skipped, and the statement is what is returned.
func (r cmd) commentTarget(c *ast.Comment) ast.Stmt {
	switch {
	case r.Accept(keyword.Column):
		c.Kind = ast.ObjColumn
		r.commentColumn(c)
		return nil
	case r.Is(keyword.Constraint):
		r.Next()
		c.Kind = ast.ObjConstraint
		c.Sub = r.ColID().Name
		r.Expect(keyword.On)
		if r.Is(keyword.Domain) && r.Peek(1).Kind != lex.Kind('.') && !r.Peek(1).Is(keyword.Is) {
			r.Next()
			c.Kind = ast.ObjDomainConstraint
		}
		c.Table = r.AnyName()
		return nil
	}
	o, ok := r.object()
	switch {
	case !ok:
		r.badObject()
	case o.style == styleNone:
		return r.skipped("COMMENT ON "+upperWords(o.words), c.Pos)
	}
	c.Kind = o.kind
	name, table := r.objectName(o.style)
	if o.style == styleOn {
		c.Sub, c.Table = name.Object, table
		return nil
	}
	c.Name = name
	return nil
}

// commentColumn reads relation.column.
func (r cmd) commentColumn(c *ast.Comment) {
	pos := r.Pos()
	parts := r.AnyNameParts()
	c.Sub = parts[len(parts)-1]
	if c.Name.Pos = pos; len(parts) > 1 {
		c.Name = nameOf(parts[:len(parts)-1], pos)
	}
}
