package command

import (
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
)

// alter reads ALTER.
func (r cmd) alter() ast.Stmt {
	pos := r.Pos()
	r.Next()
	switch {
	case r.Is(keyword.Role), r.Is(keyword.User) && !r.Peek(1).Is(keyword.Mapping), r.Is(keyword.Group):
		return r.alterRole(pos)
	case r.Is(keyword.System):
		return r.skipped("ALTER SYSTEM", pos)
	case r.Is(keyword.Default) && r.Peek(1).Is(keyword.Privileges):
		return r.defaultPrivileges(pos)
	}
	o, ok := r.object()
	if !ok {
		r.badObject()
	}
	switch o.kind {
	case ast.ObjTable, ast.ObjStream, ast.ObjView, ast.ObjMatView, ast.ObjIndex, ast.ObjForeignTable:
		return r.alterRelation(pos, o)
	case ast.ObjSequence:
		return r.alterSequence(pos, o)
	case ast.ObjType:
		return r.alterType(pos)
	case ast.ObjDomain:
		return r.alterDomain(pos)
	}
	return r.alterObject(pos, o)
}

// alterObject reads RENAME TO, OWNER TO and SET SCHEMA of a kind that has
// nothing else in streamsqld.
func (r cmd) alterObject(pos ast.Pos, o object) ast.Stmt {
	what := "ALTER " + upperWords(o.words)
	if o.style == styleNone {
		return r.skipped(what, pos)
	}
	ifExists := r.ifExists()
	name, table := r.objectName(o.style)
	if o.style == styleOn {
		name.Schema, name.Catalog = table.Object, table.Schema
	}
	switch {
	case r.acceptPair(keyword.Rename, keyword.To):
		return &ast.Rename{Kind: o.kind, Name: name, NewName: r.ColID().Name, IfExists: ifExists, Pos: pos}
	case r.acceptPair(keyword.Owner, keyword.To):
		return &ast.ChangeOwner{Kind: o.kind, Name: name, Role: r.Role(), IfExists: ifExists, Pos: pos}
	case r.Is(keyword.Set) && r.Peek(1).Is(keyword.Schema):
		r.Skip(2)
		return &ast.SetSchema{Kind: o.kind, Name: name, NewSchema: r.ColID().Name, IfExists: ifExists, Pos: pos}
	case o.kind == ast.ObjPolicy:
		return r.alterPolicy(pos, name)
	case r.AtEnd(), !hasOtherAlter(o.kind):
		panic(r.Unexpected())
	case o.kind == ast.ObjDatabase:
		return r.alterDatabase(pos, name.Object)
	case o.kind == ast.ObjStatistics:
		return r.alterStatistics(pos, name, ifExists)
	case o.style == styleCall && !r.Is(keyword.Depends) && !r.Is(keyword.No):
		return r.alterFunction(pos, o.kind, name)
	}
	return r.skipped(what, pos)
}

// hasOtherAlter tells whether PostgreSQL has other forms of ALTER for a kind.
func hasOtherAlter(k ast.ObjectKind) bool {
	switch k {
	case ast.ObjSchema, ast.ObjAggregate, ast.ObjConversion, ast.ObjLanguage, ast.ObjRule, ast.ObjCast,
		ast.ObjOperatorClass, ast.ObjSink, ast.ObjConnection:
		return false
	}
	return true
}

// alterRelation reads ALTER TABLE and the like.
func (r cmd) alterRelation(pos ast.Pos, o object) ast.Stmt {
	if r.Accept(keyword.All) {
		r.Expect(keyword.In)
		return r.skipped("ALTER "+upperWords(o.words)+" ALL IN TABLESPACE", pos)
	}
	ifExists := r.ifExists()
	table := r.RelationExpr()
	switch {
	case r.Is(keyword.Rename):
		return r.renameRelation(pos, o, table, ifExists)
	case r.Is(keyword.Set) && r.Peek(1).Is(keyword.Schema):
		r.Skip(2)
		return &ast.SetSchema{Kind: o.kind, Name: table.Name, NewSchema: r.ColID().Name, IfExists: ifExists, Pos: pos}
	case r.Is(keyword.Attach), r.Is(keyword.Detach):
		what := "ALTER " + upperWords(o.words) + " " + upperWords([]string{r.Tok().Str}) + " PARTITION"
		if ifExists && o.kind == ast.ObjIndex {
			panic(r.Unexpected())
		}
		a := &ast.AlterPartition{Table: table.Name, IfExists: ifExists, Pos: pos}
		r.attachPartition(a, o.kind == ast.ObjIndex)
		a.Index = o.kind == ast.ObjIndex && a.Attach
		if o.kind != ast.ObjTable && !a.Index {
			return &ast.Unsupported{What: what, Pos: pos}
		}
		return a
	case r.Is(keyword.No) && r.Peek(1).Is(keyword.Depends), r.Is(keyword.Depends):
		return r.skipped("ALTER "+upperWords(o.words)+" DEPENDS ON EXTENSION", pos)
	case r.Is(keyword.Owner):
		if s := r.soleOwner(pos, o.kind, table.Name, ifExists); s != nil {
			return s
		}
	}
	t := &ast.AlterTable{Kind: o.kind, Table: table, IfExists: ifExists, Pos: pos}
	t.Actions = r.alterActions()
	return t
}

// soleOwner reads OWNER TO role if it is all that is to be done.
func (r cmd) soleOwner(pos ast.Pos, kind ast.ObjectKind, name ast.Name, ifExists bool) ast.Stmt {
	if r.Peek(3).Kind == ',' {
		return nil
	}
	r.Next()
	r.Expect(keyword.To)
	return &ast.ChangeOwner{Kind: kind, Name: name, Role: r.Role(), IfExists: ifExists, Pos: pos}
}

// renameRelation reads RENAME of a relation, a column or a constraint.
func (r cmd) renameRelation(pos ast.Pos, o object, table ast.TableRef, ifExists bool) ast.Stmt {
	n := &ast.Rename{Kind: o.kind, Relation: o.kind, Name: table.Name, Only: table.Only, IfExists: ifExists, Pos: pos}
	r.Next()
	switch {
	case r.Is(keyword.To), o.kind == ast.ObjIndex, o.kind == ast.ObjSequence:
	case r.Is(keyword.Constraint) && (o.kind == ast.ObjTable || o.kind == ast.ObjStream):
		r.Next()
		n.Kind, n.Sub = ast.ObjConstraint, r.ColID().Name
	default:
		r.Accept(keyword.Column)
		n.Kind, n.Sub = ast.ObjColumn, r.ColID().Name
	}
	r.Expect(keyword.To)
	n.NewName = r.ColID().Name
	return n
}

// alterSequence reads ALTER SEQUENCE.
func (r cmd) alterSequence(pos ast.Pos, o object) ast.Stmt {
	if r.sequenceIsTable() {
		return r.alterRelation(pos, o)
	}
	s := &ast.AlterSequence{Pos: pos, IfExists: r.ifExists()}
	s.Name = r.QualifiedName()
	if !r.isSeqOption() {
		panic(r.Unexpected())
	}
	s.Options = r.seqOptions()
	return s
}

// sequenceIsTable tells whether ALTER SEQUENCE goes on as ALTER TABLE does.
func (r cmd) sequenceIsTable() bool {
	n := 0
	if r.Is(keyword.If) && r.Peek(1).Is(keyword.Exists) {
		n = 2
	}
	for r.Peek(n+1).Kind == '.' {
		n += 2
	}
	switch r.Peek(n + 1).Keyword {
	case keyword.Rename, keyword.Set, keyword.Owner:
		return true
	}
	return false
}

// alterType reads ALTER TYPE.
func (r cmd) alterType(pos ast.Pos) ast.Stmt {
	name := r.AnyName()
	switch {
	case r.Is(keyword.Add) && r.Peek(1).Is(keyword.Value):
		r.Skip(2)
		return r.addValue(name, pos)
	case r.Is(keyword.Rename) && r.Peek(1).Is(keyword.Value):
		r.Skip(2)
		e := &ast.AlterEnum{Name: name, Rename: true, Old: r.StringConst(), Pos: pos}
		r.Expect(keyword.To)
		e.Value = r.StringConst()
		return e
	case r.Is(keyword.Rename) && r.Peek(1).Is(keyword.Attribute):
		r.Skip(2)
		n := &ast.Rename{Kind: ast.ObjColumn, Relation: ast.ObjType, Name: name, Sub: r.ColID().Name, Pos: pos}
		r.Expect(keyword.To)
		n.NewName = r.ColID().Name
		r.cascade()
		return n
	case r.acceptPair(keyword.Rename, keyword.To):
		return &ast.Rename{Kind: ast.ObjType, Name: name, NewName: r.ColID().Name, Pos: pos}
	case r.acceptPair(keyword.Owner, keyword.To):
		return &ast.ChangeOwner{Kind: ast.ObjType, Name: name, Role: r.Role(), Pos: pos}
	case r.Accept(keyword.Set):
		if r.Accept(keyword.Schema) {
			return &ast.SetSchema{Kind: ast.ObjType, Name: name, NewSchema: r.ColID().Name, Pos: pos}
		}
		r.SkipParens()
		return &ast.Unsupported{What: "ALTER TYPE SET", Pos: pos}
	}
	t := &ast.AlterType{Name: name, Pos: pos}
	r.Commas(func() { t.Actions = append(t.Actions, r.attributeAction()) })
	return t
}

// addValue reads ALTER TYPE name ADD VALUE ….
func (r cmd) addValue(name ast.Name, pos ast.Pos) ast.Stmt {
	e := &ast.AlterEnum{Name: name, Pos: pos}
	if e.IfNotExists = r.Accept(keyword.If); e.IfNotExists {
		r.Expect(keyword.Not, keyword.Exists)
	}
	e.Value = r.StringConst()
	switch {
	case r.Accept(keyword.Before):
		e.Neighbor = r.StringConst()
	case r.Accept(keyword.After):
		e.After, e.Neighbor = true, r.StringConst()
	}
	return e
}

// attributeAction reads ADD, DROP or ALTER ATTRIBUTE.
func (r cmd) attributeAction() ast.AlterAction {
	a := ast.AlterAction{Pos: r.Pos()}
	switch {
	case r.acceptPair(keyword.Add, keyword.Attribute):
		a.Kind = ast.AlterAddColumn
		def := r.attribute()
		a.Def, a.Column = &def, def.Name
	case r.acceptPair(keyword.Drop, keyword.Attribute):
		a.Kind = ast.AlterDropColumn
		a.IfExists = r.ifExists()
		a.Column = r.ColID()
	default:
		r.Expect(keyword.Alter, keyword.Attribute)
		a.Kind = ast.AlterColumnType
		a.Column = r.ColID()
		r.columnType(&a)
	}
	a.Cascade = r.cascade()
	return a
}

// columnType reads [SET DATA] TYPE type [COLLATE c].
func (r cmd) columnType(a *ast.AlterAction) {
	if r.Accept(keyword.Set) {
		r.Expect(keyword.Data)
	}
	r.Expect(keyword.Type)
	t := r.TypeName()
	a.Type = &t
	if c := r.optCollate(); c != nil {
		a.Def = &ast.ColumnDef{Name: a.Column, Type: t, Collation: c}
	}
}

// alterDomain reads ALTER DOMAIN.
func (r cmd) alterDomain(pos ast.Pos) ast.Stmt {
	name := r.AnyName()
	switch {
	case r.Is(keyword.Rename) && r.Peek(1).Is(keyword.Constraint):
		r.Skip(2)
		n := &ast.Rename{Kind: ast.ObjDomainConstraint, Relation: ast.ObjDomain, Name: name, Sub: r.ColID().Name, Pos: pos}
		r.Expect(keyword.To)
		n.NewName = r.ColID().Name
		return n
	case r.acceptPair(keyword.Rename, keyword.To):
		return &ast.Rename{Kind: ast.ObjDomain, Name: name, NewName: r.ColID().Name, Pos: pos}
	case r.acceptPair(keyword.Owner, keyword.To):
		return &ast.ChangeOwner{Kind: ast.ObjDomain, Name: name, Role: r.Role(), Pos: pos}
	case r.Is(keyword.Set) && r.Peek(1).Is(keyword.Schema):
		r.Skip(2)
		return &ast.SetSchema{Kind: ast.ObjDomain, Name: name, NewSchema: r.ColID().Name, Pos: pos}
	}
	d := &ast.AlterDomain{Name: name, Pos: pos}
	r.domainAction(&d.Action)
	return d
}

func (r cmd) domainAction(a *ast.AlterAction) {
	a.Pos = r.Pos()
	switch {
	case r.Accept(keyword.Add):
		a.Kind = ast.AlterAddConstraint
		r.addConstraint(a)
	case r.acceptPair(keyword.Validate, keyword.Constraint):
		a.Kind, a.Name = ast.AlterValidateConstraint, r.ColID().Name
	case r.Accept(keyword.Set):
		if r.Accept(keyword.Default) {
			a.Kind = ast.AlterSetDefault
			r.Fill(&a.Using, r.Expr())
			return
		}
		r.Expect(keyword.Not, keyword.Null)
		a.Kind = ast.AlterSetNotNull
	default:
		r.Expect(keyword.Drop)
		switch {
		case r.Accept(keyword.Default):
			a.Kind = ast.AlterDropDefault
		case r.Accept(keyword.Constraint):
			a.Kind = ast.AlterDropConstraint
			a.IfExists = r.ifExists()
			a.Name = r.ColID().Name
			a.Cascade = r.cascade()
		default:
			r.Expect(keyword.Not, keyword.Null)
			a.Kind = ast.AlterDropNotNull
		}
	}
}
