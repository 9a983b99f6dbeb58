package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// created is what stands before the kind of what is created.
type created struct {
	pos         ast.Pos
	orReplace   bool
	persistence ast.Persistence
}

// create reads CREATE.
func (r cmd) create() ast.Stmt {
	if s := r.unsupported(unsupportedCreates); s != nil {
		return s
	}
	if r.isUnsupportedPrefix() {
		r.badPhrase(unsupportedCreates)
	}
	c := created{pos: r.Pos()}
	r.Next()
	if c.orReplace = r.acceptPair(keyword.Or, keyword.Replace); c.orReplace && !r.isReplaceable() {
		panic(r.Unexpected())
	}
	if r.Is(keyword.Function) || r.Is(keyword.Procedure) {
		return r.createFunction(c)
	}
	if r.Is(keyword.Aggregate) {
		return r.createAggregate(c)
	}
	if r.Is(keyword.Trigger) || r.Is(keyword.Constraint) {
		return r.createTrigger(c)
	}
	if r.Is(keyword.Rule) {
		return r.createRule(c)
	}
	c.persistence = r.persistence()
	switch {
	case r.Is(keyword.View), r.Is(keyword.Recursive) && c.persistence != ast.Unlogged:
		return r.createView(c)
	case r.Is(keyword.Materialized) && c.persistence != ast.Temporary:
		r.Next()
		r.Expect(keyword.View)
		return r.createMatView(c)
	case c.orReplace:
		break
	case r.Accept(keyword.Table):
		return r.createTable(c)
	case r.Accept(keyword.Sequence):
		return r.createSequence(c)
	case c.persistence != ast.Permanent:
		panic(r.Unexpected())
	}
	return r.createPlain(c)
}

// isUnsupportedPrefix tells whether the word behind CREATE begins nothing but
// what sql/ast has no node for.
func (r cmd) isUnsupportedPrefix() bool {
	switch r.Peek(1 + r.orReplace()).Keyword {
	case keyword.Access, keyword.Default, keyword.Event, keyword.Foreign, keyword.Trusted,
		keyword.Procedural, keyword.Text:
		return true
	}
	return false
}

// isReplaceable tells whether OR REPLACE may stand before the current word.
func (r cmd) isReplaceable() bool {
	switch r.Tok().Keyword {
	case keyword.View, keyword.Recursive, keyword.Materialized, keyword.Temp, keyword.Temporary, keyword.Local,
		keyword.Global, keyword.Unlogged, keyword.Function, keyword.Procedure, keyword.Aggregate, keyword.Trigger, keyword.Constraint, keyword.Rule:
		return true
	}
	return r.IsWord("continuous")
}

// createPlain reads what has no persistence.
func (r cmd) createPlain(c created) ast.Stmt {
	switch {
	case r.IsWord("continuous") && r.Peek(1).Is(keyword.View):
		r.Skip(2)
		return r.createMatView(c)
	case c.orReplace:
		panic(r.Unexpected())
	case r.IsWord("stream"), r.IsWord("source"):
		r.Next()
		return r.createStream(c)
	case r.Is(keyword.Unique), r.Is(keyword.Index):
		return r.createIndex(c)
	case r.Accept(keyword.Schema):
		return r.createSchema(c)
	case r.Accept(keyword.Type):
		return r.createType(c)
	case r.Accept(keyword.Domain):
		return r.createDomain(c)
	case r.Is(keyword.Policy):
		return r.createPolicy(c.pos)
	case r.Is(keyword.Statistics):
		return r.createStatistics(c.pos)
	case r.Is(keyword.Extension):
		return r.createExtension(c.pos)
	case r.Is(keyword.Role), r.Is(keyword.User), r.Is(keyword.Group):
		return r.createRole(c)
	case r.Accept(keyword.Database):
		return r.createDatabase(c.pos)
	}
	panic(r.Unexpected())
}

// persistence reads TEMP, LOCAL TEMP, GLOBAL TEMP and UNLOGGED.
func (r cmd) persistence() ast.Persistence {
	switch {
	case r.Accept(keyword.Temporary), r.Accept(keyword.Temp):
		return ast.Temporary
	case r.Is(keyword.Local), r.Is(keyword.Global):
		r.GlobalWarning()
		r.Next()
		if !r.Accept(keyword.Temporary) {
			r.Expect(keyword.Temp)
		}
		return ast.Temporary
	case r.Accept(keyword.Unlogged):
		return ast.Unlogged
	}
	return ast.Permanent
}

// createView reads CREATE VIEW behind its persistence.
func (r cmd) createView(c created) ast.Stmt {
	v := &ast.CreateView{OrReplace: c.orReplace, Persistence: c.persistence, Pos: c.pos}
	v.Recursive = r.Accept(keyword.Recursive)
	r.Expect(keyword.View)
	v.Name = r.QualifiedName()
	if v.Recursive {
		v.Columns = r.ColumnList()
	} else {
		v.Columns = r.OptColumnList()
	}
	v.Options = r.optWith()
	r.Expect(keyword.As)
	v.Query, v.QueryText = r.ViewQuery()
	if at := r.Pos(); r.Accept(keyword.With) {
		if !r.Accept(keyword.Cascaded) {
			v.CheckLocal = r.Accept(keyword.Local)
		}
		r.Expect(keyword.Check, keyword.Option)
		if v.Recursive {
			r.refuseAt(at, "WITH CHECK OPTION not supported on recursive views")
		}
		v.Check = true
	}
	return v
}

// createMatView reads CREATE MATERIALIZED VIEW behind these words.
func (r cmd) createMatView(c created) ast.Stmt {
	v := &ast.CreateMatView{OrReplace: c.orReplace, Pos: c.pos}
	v.IfNotExists = r.ifNotExists()
	v.Name = r.QualifiedName()
	v.Columns = r.OptColumnList()
	v.Method = r.optName(keyword.Using)
	v.Options = r.optWith()
	v.Space = r.optName(keyword.Tablespace)
	r.Expect(keyword.As)
	v.Query, v.QueryText = r.ContinuousQuery()
	v.NoData = r.withNoData()
	return v
}

// createSchema reads CREATE SCHEMA with the statements in it.
func (r cmd) createSchema(c created) ast.Stmt {
	s := &ast.CreateSchema{Pos: c.pos}
	s.IfNotExists = r.ifNotExists()
	if !r.Is(keyword.Authorization) {
		s.Name = r.ColID().Name
	}
	if r.Accept(keyword.Authorization) {
		s.Role = r.Role()
	}
	var refused ast.Stmt // the first element that is refused by name
	for r.Is(keyword.Create) || r.Is(keyword.Grant) {
		if s.IfNotExists {
			r.refuseAt(r.Pos(), "CREATE SCHEMA IF NOT EXISTS cannot include schema elements")
		}
		e := r.schemaElement()
		s.Elements = append(s.Elements, e)
		if _, ok := e.(*ast.Unsupported); ok && refused == nil {
			refused = e
		}
	}
	return orUnsupported(refused, s)
}

func (r cmd) schemaElement() ast.Stmt {
	if r.Is(keyword.Grant) {
		return r.grant()
	}
	pos := r.Pos()
	if r.Peek(1).Is(keyword.Schema) {
		r.Next()
		panic(r.Unexpected())
	}
	switch s := r.create().(type) {
	case *ast.CreateTable, *ast.CreateIndex, *ast.CreateSequence, *ast.CreateView, *ast.Unsupported:
		return s
	}
	r.failAt(pos, "syntax error at or near \"CREATE\"")
	return nil
}

// createIndex reads CREATE [UNIQUE] INDEX.
func (r cmd) createIndex(c created) ast.Stmt {
	x := &ast.CreateIndex{Pos: c.pos}
	x.Unique = r.Accept(keyword.Unique)
	r.Expect(keyword.Index)
	x.Concurrently = r.Accept(keyword.Concurrently)
	if x.IfNotExists = r.ifNotExists(); x.IfNotExists || !r.Is(keyword.On) {
		x.Name = r.ColID().Name
	}
	r.Expect(keyword.On)
	x.Table = r.RelationExpr()
	x.Method = r.optName(keyword.Using)
	x.Keys = r.IndexElems()
	if r.Accept(keyword.Include) {
		x.Include = r.IndexElems()
	}
	x.NullsNotDistinct = r.nullsNotDistinct()
	x.Options = r.optWith()
	x.Space = r.optName(keyword.Tablespace)
	if r.Accept(keyword.Where) {
		start := r.Pos()
		where := r.Expr()
		x.WhereText = r.Source(start)
		r.Fill(&x.Where, where)
	}
	return x
}

// nullsNotDistinct reads NULLS [NOT] DISTINCT.
func (r cmd) nullsNotDistinct() bool {
	if !r.Accept(keyword.Nulls) {
		return false
	}
	not := r.Accept(keyword.Not)
	r.Expect(keyword.Distinct)
	return not
}

// createDomain reads CREATE DOMAIN.
func (r cmd) createDomain(c created) ast.Stmt {
	d := &ast.CreateDomain{Pos: c.pos, Name: r.AnyName()}
	r.Accept(keyword.As)
	d.Type = r.TypeName()
	quals := r.columnQuals()
	d.Collation, d.Constraints = quals.collation, quals.finish(r)
	return d
}

// rangeOption reads an attribute of CREATE TYPE AS RANGE.
func (r cmd) rangeOption() ast.RangeOption {
	o := ast.RangeOption{Pos: r.Pos(), Name: r.ColLabel().Name}
	if !r.AcceptChar('=') {
		return o
	}
	t := r.TypeName()
	if o.Name == "subtype" {
		o.Type = &t
	}
	o.Object = t.Name
	return o
}

// createType reads CREATE TYPE AS ENUM, AS RANGE and AS (…).
func (r cmd) createType(c created) ast.Stmt {
	name := r.AnyName()
	if r.AtEnd() || r.IsChar('(') {
		if r.IsChar('(') {
			r.definition()
		}
		return &ast.Unsupported{What: "CREATE TYPE for a base type", Pos: c.pos}
	}
	r.Expect(keyword.As)
	switch {
	case r.Accept(keyword.Enum):
		e := &ast.CreateEnum{Name: name, Pos: c.pos}
		r.ExpectChar('(')
		if !r.IsChar(')') {
			r.Commas(func() { e.Labels = append(e.Labels, r.StringConst()) })
		}
		r.ExpectChar(')')
		return e
	case r.Accept(keyword.Range):
		t := &ast.CreateRange{Name: name, Pos: c.pos}
		r.Parens(func() { t.Options = append(t.Options, r.rangeOption()) })
		return t
	}
	t := &ast.CreateComposite{Name: name, Pos: c.pos}
	r.ExpectChar('(')
	if !r.IsChar(')') {
		r.Commas(func() { t.Columns = append(t.Columns, r.attribute()) })
	}
	r.ExpectChar(')')
	return t
}

// attribute reads a column of a composite type.
func (r cmd) attribute() ast.ColumnDef {
	col := ast.ColumnDef{Name: r.ColID(), Type: r.TypeName()}
	col.Collation = r.optCollate()
	return col
}

func (r cmd) optCollate() *ast.Name {
	if !r.Accept(keyword.Collate) {
		return nil
	}
	name := r.AnyName()
	return &name
}
