package jsonpath

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// CheckRegex looks at the pattern of a like_regex when a path is read; who knows
// regular expressions sets it. An unset one accepts everything.
var CheckRegex func(pattern string, f Flags) error

// maxDepth bounds the nesting of parentheses and operators.
const maxDepth = 2000

type parser struct {
	lex    lexer
	tok    token
	number func(string) (string, error)
	depth  int
}

// operand is a parsed expression: a predicate or a value; delimited says that a
// predicate is in parentheses or an exists().
type operand struct {
	item                 *Item
	predicate, delimited bool
}

// Parse reads a path. number brings a number to the form in which it is shown.
func Parse(text string, number func(string) (string, error)) (path *Path, err error) {
	p := &parser{lex: lexer{in: text}, number: number}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *pgerr.Error:
			path, err = nil, e
		default:
			panic(e)
		}
	}()
	p.advance()
	if p.tok.kind == tokEnd {
		return nil, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type %s: \"%s\"", "jsonpath", text)
	}
	path = &Path{}
	switch {
	case p.word("strict"):
		path.Strict = true
	case p.word("lax"):
	}
	path.Root = p.or().item
	if p.tok.kind != tokEnd {
		p.unexpected()
	}
	return path, checkPlaces(path.Root, 0, false)
}

func (p *parser) advance() {
	t, err := p.lex.next()
	if err != nil {
		panic(pgerr.From(err))
	}
	p.tok = t
}

func (p *parser) unexpected() {
	near := p.tok.text
	if p.tok.kind == tokEnd {
		near = ""
	}
	panic(pgerr.From(errAt(near, "syntax error")))
}

// word and punct pass a token if it is the one asked for.
func (p *parser) word(w string) bool {
	if p.tok.kind == tokWord && p.tok.str == w {
		p.advance()
		return true
	}
	return false
}

func (p *parser) punct(s string) bool {
	if p.see(s) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) see(s string) bool { return p.tok.kind == tokPunct && p.tok.str == s }

func (p *parser) expect(s string) {
	if !p.punct(s) {
		p.unexpected()
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		panic(pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded"))
	}
}

// must checks that an operand is a predicate, or that it is a value; the token
// after it is the one in error.
func (p *parser) must(o operand, predicate bool) *Item {
	if o.predicate != predicate {
		p.unexpected()
	}
	return o.item
}

func (p *parser) or() operand {
	p.enter()
	left := p.and()
	for p.see("||") {
		l := p.must(left, true)
		p.advance()
		left = operand{&Item{Kind: Or, Left: l, Right: p.must(p.and(), true)}, true, false}
	}
	p.depth--
	return left
}

func (p *parser) and() operand {
	left := p.not()
	for p.see("&&") {
		l := p.must(left, true)
		p.advance()
		left = operand{&Item{Kind: And, Left: l, Right: p.must(p.not(), true)}, true, false}
	}
	return left
}

func (p *parser) not() operand {
	if !p.punct("!") {
		return p.comparison()
	}
	if !p.see("(") && !(p.tok.kind == tokWord && p.tok.str == "exists") {
		p.unexpected()
	}
	o := p.primary()
	if !o.predicate || !o.delimited {
		p.unexpected()
	}
	return operand{&Item{Kind: Not, Left: o.item}, true, false}
}

var comparisons = map[string]Kind{"==": Equal, "!=": NotEqual, "<>": NotEqual, "<": Less, "<=": LessOrEqual, ">": Greater, ">=": GreaterOrEqual}

func (p *parser) comparison() operand {
	left := p.additive()
	if left.predicate {
		if left.delimited && p.word("is") {
			if !p.word("unknown") {
				p.unexpected()
			}
			return operand{&Item{Kind: IsUnknown, Left: left.item}, true, false}
		}
		return left
	}
	if p.tok.kind == tokPunct {
		if k, ok := comparisons[p.tok.str]; ok {
			p.advance()
			return operand{&Item{Kind: k, Left: left.item, Right: p.must(p.additive(), false)}, true, false}
		}
	}
	switch {
	case p.word("starts"):
		if !p.word("with") {
			p.unexpected()
		}
		return operand{&Item{Kind: StartsWith, Left: left.item, Right: p.initial()}, true, false}
	case p.word("like_regex"):
		return operand{p.likeRegex(left.item), true, false}
	}
	return left
}

// initial is what starts with takes: a string or a variable.
func (p *parser) initial() *Item {
	it := &Item{Kind: String, Str: p.tok.str}
	switch p.tok.kind {
	case tokString:
	case tokVariable:
		it.Kind = Variable
	default:
		p.unexpected()
	}
	p.advance()
	return it
}

func (p *parser) likeRegex(left *Item) *Item {
	if p.tok.kind != tokString {
		p.unexpected()
	}
	it := &Item{Kind: LikeRegex, Left: left, Str: p.tok.str}
	p.advance()
	if p.word("flag") {
		if p.tok.kind != tokString {
			p.unexpected()
		}
		it.Flags = regexFlags(p.tok.str)
		p.advance()
	}
	if it.Flags&Spaced != 0 && it.Flags&Quoted == 0 {
		panic(pgerr.New(pgerr.FeatureNotSupported, "XQuery \"x\" flag (expanded regular expressions) is not implemented"))
	}
	if CheckRegex != nil {
		if err := CheckRegex(it.Str, it.Flags); err != nil {
			panic(pgerr.From(err))
		}
	}
	return it
}

func regexFlags(s string) (f Flags) {
	for _, r := range s {
		switch r {
		case 'i':
			f |= IgnoreCase
		case 's':
			f |= DotAll
		case 'm':
			f |= MultiLine
		case 'x':
			f |= Spaced
		case 'q':
			f |= Quoted
		default:
			panic(pgerr.New(pgerr.SyntaxError, "invalid input syntax for type %s", "jsonpath").
				WithDetail("Unrecognized flag character \"%c\" in LIKE_REGEX predicate.", r))
		}
	}
	return f
}

func (p *parser) additive() operand {
	left := p.multiplicative()
	for p.see("+") || p.see("-") {
		k := Add
		if p.see("-") {
			k = Sub
		}
		l := p.must(left, false)
		p.advance()
		left = operand{item: &Item{Kind: k, Left: l, Right: p.must(p.multiplicative(), false)}}
	}
	return left
}

func (p *parser) multiplicative() operand {
	left := p.unary()
	for p.see("*") || p.see("/") || p.see("%") {
		k := map[string]Kind{"*": Mul, "/": Div, "%": Mod}[p.tok.str]
		l := p.must(left, false)
		p.advance()
		left = operand{item: &Item{Kind: k, Left: l, Right: p.must(p.unary(), false)}}
	}
	return left
}

func (p *parser) unary() operand {
	if !p.see("+") && !p.see("-") {
		return p.primary()
	}
	minus := p.see("-")
	p.advance()
	p.enter()
	it := p.must(p.unary(), false)
	p.depth--
	switch {
	case it.Kind == Number && it.Next == nil:
		if minus {
			if it.Str[0] == '-' {
				it.Str = it.Str[1:]
			} else if strings.Trim(it.Str, "0.") != "" {
				it.Str = "-" + it.Str
			}
		}
		return operand{item: it}
	case minus:
		return operand{item: &Item{Kind: Minus, Left: it}}
	}
	return operand{item: &Item{Kind: Plus, Left: it}}
}

// primary reads an atom and its accessors.
func (p *parser) primary() operand {
	var o operand
	t := p.tok
	switch {
	case t.kind == tokString:
		o.item = &Item{Kind: String, Str: t.str}
	case t.kind == tokVariable:
		o.item = &Item{Kind: Variable, Str: t.str}
	case t.kind == tokInt || t.kind == tokDecimal:
		s, err := p.number(t.str)
		if err != nil {
			panic(pgerr.From(err))
		}
		o.item = &Item{Kind: Number, Str: s}
	case p.see("$"):
		o.item = &Item{Kind: Root}
	case p.see("@"):
		o.item = &Item{Kind: Current}
	case t.kind == tokWord:
		return p.wordPrimary()
	case p.punct("("):
		o = p.or()
		o.delimited = true
		if !p.see(")") {
			p.unexpected()
		}
	default:
		p.unexpected()
	}
	p.advance()
	return p.accessors(o)
}

func (p *parser) wordPrimary() operand {
	kinds := map[string]Kind{"null": Null, "true": True, "false": False, "last": Last}
	if k, ok := kinds[p.tok.str]; ok {
		p.advance()
		return p.accessors(operand{item: &Item{Kind: k}})
	}
	if !p.word("exists") {
		p.unexpected()
	}
	p.expect("(")
	arg := p.must(p.or(), false)
	p.expect(")")
	return operand{&Item{Kind: Exists, Left: arg}, true, true}
}

// accessors reads the steps that follow.
func (p *parser) accessors(o operand) operand {
	last := o.item
	for last.Next != nil {
		last = last.Next
	}
	for {
		var step *Item
		switch {
		case p.punct("."):
			step = p.dot()
		case p.punct("["):
			step = p.subscripts()
		case p.punct("?"):
			p.expect("(")
			step = &Item{Kind: Filter, Left: p.must(p.or(), true)}
			p.expect(")")
		default:
			return o
		}
		last.Next = step
		last = step
		o.predicate, o.delimited = false, false
	}
}

// methods are the words that are methods when parentheses follow.
var methods = map[string]Kind{"type": Type, "size": Size, "abs": Abs, "floor": Floor, "ceiling": Ceiling, "double": Double, "keyvalue": KeyValue, "datetime": Datetime}

// dot reads what follows a period.
func (p *parser) dot() *Item {
	switch {
	case p.punct("*"):
		return &Item{Kind: AnyKey}
	case p.punct("**"):
		return p.levels()
	}
	t := p.tok
	if t.kind != tokIdent && t.kind != tokString && t.kind != tokWord {
		p.unexpected()
	}
	p.advance()
	k, method := methods[t.str]
	if t.kind != tokWord || !method || !p.see("(") {
		name := t.str
		if t.kind == tokWord {
			name = t.name
		}
		return &Item{Kind: Key, Str: name}
	}
	p.advance()
	it := &Item{Kind: k}
	if k == Datetime && p.tok.kind == tokString {
		it.Str, it.Template = p.tok.str, true
		p.advance()
	}
	p.expect(")")
	return it
}

// levels reads the levels of .**, all of them if none are given.
func (p *parser) levels() *Item {
	it := &Item{Kind: Any, First: 0, Last: Unbounded}
	if !p.punct("{") {
		return it
	}
	it.First = p.level()
	it.Last = it.First
	if p.word("to") {
		it.Last = p.level()
	}
	p.expect("}")
	return it
}

func (p *parser) level() int {
	if p.word("last") {
		return Unbounded
	}
	if p.tok.kind != tokInt {
		p.unexpected()
	}
	n, err := strconv.ParseInt(p.tok.str, 10, 32)
	if err != nil {
		panic(pgerr.New(pgerr.NumericValueOutOfRange, "value \"%s\" is out of range for type %s", p.tok.str, "integer"))
	}
	p.advance()
	return int(n)
}

func (p *parser) subscripts() *Item {
	if p.punct("*") {
		p.expect("]")
		return &Item{Kind: AnyArray}
	}
	it := &Item{Kind: IndexArray}
	for {
		s := Subscript{From: p.must(p.additive(), false)}
		if p.word("to") {
			s.To = p.must(p.additive(), false)
		}
		it.Subscripts = append(it.Subscripts, s)
		if !p.punct(",") {
			break
		}
	}
	p.expect("]")
	return it
}

// checkPlaces looks whether @ stands in a filter and last in a subscript.
func checkPlaces(it *Item, filters int, subscript bool) error {
	for ; it != nil; it = it.Next {
		inside := filters
		switch {
		case it.Kind == Current && filters == 0:
			return pgerr.New(pgerr.SyntaxError, "@ is not allowed in root expressions")
		case it.Kind == Last && !subscript:
			return pgerr.New(pgerr.SyntaxError, "LAST is allowed only in array subscripts")
		case it.Kind == Filter:
			inside++
		}
		for _, k := range []*Item{it.Left, it.Right} {
			if err := checkPlaces(k, inside, subscript); err != nil {
				return err
			}
		}
		for _, s := range it.Subscripts {
			if err := checkPlaces(s.From, filters, true); err != nil {
				return err
			}
			if err := checkPlaces(s.To, filters, true); err != nil {
				return err
			}
		}
	}
	return nil
}
