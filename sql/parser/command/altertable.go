package command

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
	"github.com/streamsqld/streamsqld/sql/parser/read"
)

// action is an action of ALTER TABLE with its expression, which finds its
// place when the list of actions is complete.
type action struct {
	ast.AlterAction
	using *read.Expression
}

// alterActions reads the actions of ALTER TABLE.
func (r cmd) alterActions() []ast.AlterAction {
	var list []action
	r.Commas(func() { list = append(list, r.alterAction()) })
	out := make([]ast.AlterAction, len(list))
	for i, a := range list {
		out[i] = a.AlterAction
		if a.using != nil {
			r.Fill(&out[i].Using, *a.using)
		}
	}
	return out
}

func (r cmd) alterAction() action {
	a := action{AlterAction: ast.AlterAction{Pos: r.Pos()}}
	switch {
	case r.Accept(keyword.Add):
		r.addAction(&a.AlterAction)
	case r.Accept(keyword.Drop):
		r.dropAction(&a.AlterAction)
	case r.Accept(keyword.Alter):
		r.alterColumn(&a)
	case r.acceptPair(keyword.Validate, keyword.Constraint):
		a.Kind, a.Name = ast.AlterValidateConstraint, r.ColID().Name
	case r.Is(keyword.Set) && r.Peek(1).Kind == '(':
		r.Next()
		a.Kind, a.Options = ast.AlterSetOptions, r.relOptions()
	case r.Accept(keyword.Reset):
		a.Kind, a.Options = ast.AlterResetOptions, r.relOptions()
	case r.acceptPair(keyword.Replica, keyword.Identity):
		a.Kind = ast.AlterReplicaIdentity
		r.replicaIdentity(&a.AlterAction)
	default:
		r.otherAction(&a.AlterAction)
	}
	return a
}

// addAction reads what follows ADD.
func (r cmd) addAction(a *ast.AlterAction) {
	if !r.Is(keyword.Column) && r.isTableConstraint() {
		a.Kind = ast.AlterAddConstraint
		r.addConstraint(a)
		return
	}
	a.Kind = ast.AlterAddColumn
	r.Accept(keyword.Column)
	a.IfExists = r.ifNotExists()
	def := r.columnDef()
	a.Def, a.Column = &def, def.Name
}

func (r cmd) addConstraint(a *ast.AlterAction) {
	list := finishConstraints(r, []constraint{r.tableConstraint()})
	a.Constraint = &list[0]
}

// dropAction reads what follows DROP.
func (r cmd) dropAction(a *ast.AlterAction) {
	if r.Accept(keyword.Constraint) {
		a.Kind = ast.AlterDropConstraint
		a.IfExists = r.ifExists()
		a.Name = r.ColID().Name
	} else {
		a.Kind = ast.AlterDropColumn
		r.Accept(keyword.Column)
		a.IfExists = r.ifExists()
		a.Column = r.ColID()
	}
	a.Cascade = r.cascade()
}

func (r cmd) replicaIdentity(a *ast.AlterAction) {
	switch {
	case r.Accept(keyword.Nothing):
		a.Text = "nothing"
	case r.Accept(keyword.Full):
		a.Text = "full"
	case r.Accept(keyword.Default):
		a.Text = "default"
	default:
		r.Expect(keyword.Using, keyword.Index)
		a.Text, a.Name = "index", r.ColID().Name
	}
}

// alterColumn reads what follows ALTER: a column or a constraint.
func (r cmd) alterColumn(a *action) {
	if r.Is(keyword.Constraint) {
		r.Next()
		a.Kind, a.Name = ast.AlterConstraint, r.ColID().Name
		c := constraint{}
		r.attributes(&c, "FOREIGN KEY", attrDeferrable)
		a.Constraint = &c.Constraint
		return
	}
	r.Accept(keyword.Column)
	if r.Tok().Kind == lex.Int {
		r.Next()
		r.Expect(keyword.Set, keyword.Statistics)
		r.SignedInt()
		a.Kind, a.Text = ast.AlterOther, "ALTER COLUMN SET STATISTICS of an index"
		return
	}
	a.Column = r.ColID()
	switch {
	case r.Accept(keyword.Drop):
		r.dropOfColumn(&a.AlterAction)
	case r.Is(keyword.Type), r.Is(keyword.Set) && r.Peek(1).Is(keyword.Data):
		a.Kind = ast.AlterColumnType
		r.columnType(&a.AlterAction)
		if r.Accept(keyword.Using) {
			e := r.Expr()
			a.using = &e
		}
	case r.Accept(keyword.Add):
		c := constraint{Constraint: ast.Constraint{Pos: r.Pos()}}
		r.Expect(keyword.Generated)
		r.generated(&c)
		if c.Kind != ast.ConIdentity {
			r.failAt(c.Pos, "syntax error at or near \"GENERATED\"")
		}
		a.Kind, a.Constraint = ast.AlterAddIdentity, &c.Constraint
	case r.Accept(keyword.Reset):
		a.Kind, a.Text, a.Options = ast.AlterColumnOptions, "reset", r.relOptions()
	case r.Is(keyword.Restart), r.isIdentityOption():
		r.setIdentity(&a.AlterAction)
	case r.Is(keyword.Options):
		r.Next()
		r.SkipParens()
		a.Kind, a.Text = ast.AlterOther, "ALTER COLUMN OPTIONS"
	default:
		r.Expect(keyword.Set)
		r.setOfColumn(a)
	}
}

func (r cmd) dropOfColumn(a *ast.AlterAction) {
	switch {
	case r.Accept(keyword.Default):
		a.Kind = ast.AlterDropDefault
	case r.acceptPair(keyword.Not, keyword.Null):
		a.Kind = ast.AlterDropNotNull
	case r.Accept(keyword.Expression):
		a.Kind = ast.AlterDropExpression
		a.IfExists = r.ifExists()
	default:
		r.Expect(keyword.Identity)
		a.Kind = ast.AlterDropIdentity
		a.IfExists = r.ifExists()
	}
}

// setOfColumn reads what follows ALTER column SET.
func (r cmd) setOfColumn(a *action) {
	pos := r.Pos()
	switch {
	case r.Accept(keyword.Default):
		a.Kind = ast.AlterSetDefault
		e := r.Expr()
		a.using = &e
	case r.acceptPair(keyword.Not, keyword.Null):
		a.Kind = ast.AlterSetNotNull
	case r.Accept(keyword.Statistics):
		a.Kind, a.Options = ast.AlterSetStatistics, []ast.Option{option("statistics", r.intLiteral(), pos)}
	case r.Accept(keyword.Storage):
		a.Kind, a.Text = ast.AlterSetStorage, strings.ToLower(r.ColID().Name)
	case r.Accept(keyword.Compression):
		a.Kind, a.Text = ast.AlterOther, "SET COMPRESSION"
		r.colIDOrDefault()
	default:
		a.Kind, a.Options = ast.AlterColumnOptions, r.relOptions()
	}
}

// isIdentityOption tells whether SET and an option of an identity column's
// sequence follow.
func (r cmd) isIdentityOption() bool {
	if !r.Is(keyword.Set) {
		return false
	}
	switch r.Peek(1).Keyword {
	case keyword.Generated, keyword.As, keyword.Cache, keyword.Cycle, keyword.No, keyword.Increment,
		keyword.Maxvalue, keyword.Minvalue, keyword.Owned, keyword.Sequence, keyword.Start, keyword.Restart:
		return true
	}
	return false
}

// setIdentity reads gram.y's alter_identity_column_option_list.
func (r cmd) setIdentity(a *ast.AlterAction) {
	a.Kind = ast.AlterSetIdentity
	for {
		switch {
		case r.Is(keyword.Restart):
			a.SeqOpts = append(a.SeqOpts, r.seqOption())
		case !r.isIdentityOption():
			return
		case r.Peek(1).Is(keyword.Generated):
			r.Skip(2)
			always := r.generatedWhen()
			a.Always = &always
		default:
			r.Next()
			a.SeqOpts = append(a.SeqOpts, r.seqOption())
		}
	}
}

// otherPhrases are the actions of ALTER TABLE that sql/ast refuses by name,
// with what stands behind the words.
var otherPhrases = []struct {
	words string
	read  func(r cmd)
}{
	{"set without oids", nil}, {"set logged", nil}, {"set unlogged", nil}, {"set tablespace", cmd.skipName}, {"set access method", cmd.skipName},
	{"of", cmd.skipAnyName}, {"not of", nil}, {"owner to", cmd.skipRole}, {"options", cmd.skipOptions},
}

func (r cmd) skipName()    { r.ColID() }
func (r cmd) skipAnyName() { r.AnyName() }
func (r cmd) skipRole()    { r.Role() }

// clusterAction reads CLUSTER ON and SET WITHOUT CLUSTER; false is that neither follows.
func (r cmd) clusterAction(a *ast.AlterAction) bool {
	on := r.AreWords("cluster", "on")
	switch {
	case on:
		r.Skip(2)
		a.Name = r.ColID().Name
	case r.AreWords("set", "without", "cluster"):
		r.Skip(3)
	default:
		return false
	}
	a.Kind = ast.AlterCluster
	return true
}

// inheritAction reads INHERIT and NO INHERIT; false is that neither follows.
func (r cmd) inheritAction(a *ast.AlterAction) bool {
	switch {
	case r.Accept(keyword.Inherit):
		a.Kind = ast.AlterInherit
	case r.acceptPair(keyword.No, keyword.Inherit):
		a.Kind = ast.AlterNoInherit
	default:
		return false
	}
	n := r.QualifiedName()
	a.Parent = &n
	return true
}

// triggerPhrases are the actions that switch triggers and rules on and off.
var triggerPhrases = []string{"enable trigger", "enable always trigger", "enable replica trigger", "disable trigger",
	"enable rule", "enable always rule", "enable replica rule", "disable rule"}

// switchTrigger reads one of triggerPhrases, with a trigger's name, ALL or USER; false is
// that none follows.
func (r cmd) switchTrigger(a *ast.AlterAction) bool {
	for _, phrase := range triggerPhrases {
		words := strings.Fields(phrase)
		if !r.AreWords(words...) {
			continue
		}
		r.Skip(len(words))
		a.Kind, a.Text = ast.AlterTrigger, strings.ToUpper(strings.Join(words[:len(words)-1], " "))
		switch {
		case words[len(words)-1] == "rule":
			a.Kind, a.Name = ast.AlterRule, r.ColID().Name
		case len(words) == 2 && r.Accept(keyword.All):
			a.All = true
		case len(words) == 2 && r.Accept(keyword.User):
			a.User = true
		default:
			a.Name = r.ColID().Name
		}
		return true
	}
	return false
}

func (r cmd) otherAction(a *ast.AlterAction) {
	if r.switchTrigger(a) || r.clusterAction(a) || r.securityAction(a) || r.inheritAction(a) {
		return
	}
	for _, phrase := range otherPhrases {
		words := strings.Fields(phrase.words)
		if !r.AreWords(words...) {
			continue
		}
		r.Skip(len(words))
		a.Kind, a.Text = ast.AlterOther, strings.ToUpper(phrase.words)
		if phrase.read != nil {
			phrase.read(r)
		}
		return
	}
	r.badAction()
}

// badAction fails behind the longest beginning of an action.
func (r cmd) badAction() {
	longest := 0
	for _, phrase := range otherPhrases {
		longest = max(longest, r.common(strings.Fields(phrase.words)))
	}
	r.Skip(longest)
	panic(r.Unexpected())
}

func (r cmd) skipOptions() { r.SkipParens() }
