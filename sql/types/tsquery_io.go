package types

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var tsqueryCodec = &codec{in: tsqueryIn, out: tsqueryOut, recv: tsqueryRecv, send: tsquerySend, cmp: tsqueryCmp, hash: tsqueryHash}

// maxTSOperators is how many operators may wait for their operands, as in PostgreSQL.
const maxTSOperators = 32

// maxTSDepth bounds how deep a query is nested.
const maxTSDepth = 5000

// tsPriority tells which operators bind more tightly.
var tsPriority = [...]int{TSNot: 4, TSAnd: 2, TSOr: 1, TSPhrase: 3}

// TSParse says how the text of a query is read.
type TSParse byte

// The ways to read a query.
const (
	TSStandard TSParse = iota // operators and words
	TSWeb                     // as web sites do: quotes, or, -
	TSPlain                   // all of it is one operand
)

// tsParser reads a query.
type tsParser struct {
	tsWords
	mode TSParse
	// value makes what stands for an operand; nil with no error is a stop word.
	value func(word string, weights byte, prefix bool) (*TSQuery, error)
	first bool // nothing but the beginning has been seen
	open  int  // parentheses
	depth int
	// operand says that an operand is due; started that the one of TSPlain was given.
	operand, started bool
	out              []*TSQuery // operands that no operator has taken yet
}

// tsStop stands for a stop word until the query is whole.
var tsStop = &TSQuery{Op: 255}

// tsToken is a part of a query's text.
type tsToken struct {
	kind    tsTokenKind
	word    string
	weights byte
	prefix  bool
	op      TSOp
	dist    int
}

type tsTokenKind byte

const (
	tsEnd tsTokenKind = iota
	tsOperand
	tsOperatorToken
	tsOpen
	tsClose
)

// ParseTSQuery reads a query. value makes the query that stands for an operand, nil for
// a stop word, which then is taken out with its operator. Malformed texts are 42601.
func ParseTSQuery(s string, mode TSParse, value func(word string, weights byte, prefix bool) (*TSQuery, error)) (*TSQuery, error) {
	p := tsParser{tsWords: tsWords{whole: s, rest: s, query: true, web: mode == TSWeb}, mode: mode, value: value, first: true, operand: true}
	if err := p.expression(); err != nil || len(p.out) == 0 {
		return nil, err
	}
	if len(p.out) != 1 {
		return nil, p.errSyntax()
	}
	q := p.out[0].withoutStops()
	if n := q.Nodes(); 8+12*n+q.wordBytes() > 1<<30-1 {
		return nil, pgerr.New(pgerr.ProgramLimitExceeded, "tsquery is too large")
	}
	return q, nil
}

// expression reads up to the end or a closing parenthesis.
func (p *tsParser) expression() error {
	if p.depth++; p.depth > maxTSDepth {
		return pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded").WithHint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.")
	}
	defer func() { p.depth-- }()
	var ops []tsToken
	for {
		t, err := p.token()
		if err != nil {
			return err
		}
		switch t.kind {
		case tsOperand:
			q, err := p.value(t.word, t.weights, t.prefix)
			if err != nil {
				return err
			}
			if q == nil {
				q = tsStop
			}
			p.out = append(p.out, q)
		case tsOperatorToken:
			if ops, err = p.reduce(ops, t.op); err != nil {
				return err
			}
			if len(ops) == maxTSOperators {
				return pgerr.New(pgerr.InternalError, "tsquery stack too small")
			}
			ops = append(ops, t)
		case tsOpen:
			if err := p.expression(); err != nil {
				return err
			}
		case tsEnd, tsClose:
			_, err := p.reduce(ops, TSOr)
			return err
		}
	}
}

// reduce applies the waiting operators that bind at least as tightly as op, which NOT,
// as it stands before its operand, does not do to other NOTs.
func (p *tsParser) reduce(ops []tsToken, op TSOp) ([]tsToken, error) {
	for len(ops) > 0 {
		t := ops[len(ops)-1]
		if d := tsPriority[op] - tsPriority[t.op]; d > 0 || d == 0 && op == TSNot {
			break
		}
		ops = ops[:len(ops)-1]
		n := &TSQuery{Op: t.op, Distance: t.dist}
		need := 2
		if t.op == TSNot {
			need = 1
		}
		if len(p.out) < need {
			return nil, p.errSyntax()
		}
		n.Right = p.out[len(p.out)-1]
		if need == 2 {
			n.Left = p.out[len(p.out)-2]
		}
		p.out = append(p.out[:len(p.out)-need], n)
	}
	return ops, nil
}

func (p *tsParser) token() (tsToken, error) {
	switch p.mode {
	case TSPlain:
		if p.started || p.rest == "" {
			return tsToken{}, nil
		}
		p.started = true
		return tsToken{kind: tsOperand, word: p.rest}, nil
	case TSWeb:
		return p.webToken()
	}
	if p.operand {
		return p.operandToken()
	}
	return p.operatorToken()
}

func (p *tsParser) operandToken() (t tsToken, err error) {
	for tsSpace(p.rest) {
		p.skip()
	}
	first := p.first
	switch {
	case strings.HasPrefix(p.rest, "!"):
		p.skip()
		p.first = false
		return tsToken{kind: tsOperatorToken, op: TSNot}, nil
	case strings.HasPrefix(p.rest, "("):
		p.skip()
		p.first = false
		p.open++
		return tsToken{kind: tsOpen}, nil
	case strings.HasPrefix(p.rest, ":"):
		return t, p.errSyntax()
	}
	l, ok, err := p.next()
	switch {
	case err != nil:
		return t, err
	case !ok && first:
		return t, nil
	case !ok:
		return t, pgerr.New(pgerr.SyntaxError, "no operand in tsquery: \"%s\"", p.whole)
	}
	t = tsToken{kind: tsOperand, word: l.Word}
	p.modifiers(&t)
	p.operand, p.first = false, false
	return t, nil
}

// modifiers reads the weights and the star behind a colon.
func (p *tsParser) modifiers(t *tsToken) {
	if !strings.HasPrefix(p.rest, ":") {
		return
	}
	for p.rest = p.rest[1:]; p.rest != ""; p.rest = p.rest[1:] {
		weight := strings.IndexByte("dcba", p.rest[0]|0x20)
		switch {
		case p.rest[0] == '*':
			t.prefix = true
		case weight >= 0:
			t.weights |= 1 << weight
		default:
			return
		}
	}
}

func (p *tsParser) operatorToken() (t tsToken, err error) {
	for tsSpace(p.rest) {
		p.skip()
	}
	if p.rest == "" {
		if p.open > 0 {
			return t, p.errSyntax()
		}
		return t, nil
	}
	t.kind = tsOperatorToken
	switch p.rest[0] {
	case '&':
		t.op = TSAnd
	case '|':
		t.op = TSOr
	case '<':
		t.op = TSPhrase
		if t.dist, err = p.phrase(); err != nil {
			return t, err
		}
		p.operand = true
		return t, nil
	case ')':
		if p.open--; p.open < 0 {
			return t, p.errSyntax()
		}
		p.skip()
		return tsToken{kind: tsClose}, nil
	default:
		return t, p.errSyntax()
	}
	p.skip()
	p.operand = true
	return t, nil
}

// phrase reads <-> or <distance>.
func (p *tsParser) phrase() (int, error) {
	s := p.rest[1:]
	if rest, ok := strings.CutPrefix(s, "->"); ok {
		p.rest = rest
		return 1, nil
	}
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n == 0 {
		return 0, p.errSyntax()
	}
	d, err := strconv.Atoi(s[:n])
	if err != nil || d > MaxTextPos {
		return 0, ErrTSDistance()
	}
	if !strings.HasPrefix(s[n:], ">") {
		return 0, p.errSyntax()
	}
	p.rest = s[n+1:]
	return d, nil
}

// ErrTSDistance is 22023 for the distance of a phrase out of range.
func ErrTSDistance() error {
	return pgerr.New(pgerr.InvalidParameterValue, "distance in phrase operator must be an integer value between zero and %d inclusive", MaxTextPos)
}

// webToken reads a token of a query as web sites have them; nothing is an error.
func (p *tsParser) webToken() (t tsToken, err error) {
	if !p.operand {
		return p.webOperator(), nil
	}
	for {
		switch {
		case tsSpace(p.rest):
			p.skip()
		case strings.HasPrefix(p.rest, "-"):
			p.skip()
			p.first = false
			return tsToken{kind: tsOperatorToken, op: TSNot}, nil
		case strings.HasPrefix(p.rest, `"`):
			t = tsToken{kind: tsOperand}
			t.word, p.rest, _ = strings.Cut(p.rest[1:], `"`)
			p.operand, p.first = false, false
			return t, nil
		case tsOperator(p.rest):
			p.skip()
			p.first = false
		default:
			return p.webWord()
		}
	}
}

func (p *tsParser) webWord() (tsToken, error) {
	l, ok, err := p.next()
	if err != nil || !ok {
		if !ok && !p.first {
			p.out = append(p.out, tsStop)
		}
		return tsToken{}, err
	}
	p.operand, p.first = false, false
	return tsToken{kind: tsOperand, word: l.Word}, nil
}

// webOperator finds "or" between operands, and "and" where there is nothing.
func (p *tsParser) webOperator() tsToken {
	for {
		switch {
		case p.rest == "":
			return tsToken{}
		case tsOperator(p.rest):
			p.skip()
		case p.webOr():
			p.rest = p.rest[2:]
			p.operand = true
			return tsToken{kind: tsOperatorToken, op: TSOr}
		case tsSpace(p.rest):
			p.skip()
		default:
			p.operand = true
			return tsToken{kind: tsOperatorToken, op: TSAnd}
		}
	}
}

// webOr tells whether the rest begins with the word "or" and something follows.
func (p *tsParser) webOr() bool {
	if len(p.rest) < 3 || !strings.EqualFold(p.rest[:2], "or") {
		return false
	}
	s := p.rest[2:]
	r, n := utf8.DecodeRuneInString(s)
	if r == '-' || r == '_' || '0' <= r && r <= '9' || TSLetter(r) {
		return false
	}
	for s = s[n:]; tsSpace(s); s = s[n:] {
		_, n = utf8.DecodeRuneInString(s)
	}
	return s != ""
}

// TSLetter tells letters; package funcs, which has the tables of C.UTF-8, sets it.
var TSLetter = func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func tsqueryIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	q, err := ParseTSQuery(s, TSStandard, func(word string, weights byte, prefix bool) (*TSQuery, error) {
		if len(word) >= MaxLexeme {
			return nil, ErrTSWord(s)
		}
		return &TSQuery{Word: word, Weights: weights, Prefix: prefix}, nil
	})
	if err != nil {
		return Null, err
	}
	return NewString(q.Encode()), nil
}

// ErrTSWord is 54000 for a lexeme of a query that is too long.
func ErrTSWord(query string) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "word is too long in tsquery: \"%s\"", query)
}

// String gives the text form.
func (q *TSQuery) String() string { return string(q.text(nil, -1, false)) }

// text appends the text form of what stands under an operator of the given priority;
// right says that it is the right operand of a phrase.
func (q *TSQuery) text(dst []byte, above int, right bool) []byte {
	if q == nil {
		return dst
	}
	if q.Op == TSValue {
		return q.wordText(dst)
	}
	prio := tsPriority[q.Op]
	parens := prio < above || q.Op == TSPhrase && right
	if parens {
		dst = append(dst, "( "...)
	}
	if q.Op == TSNot {
		dst = q.Right.text(append(dst, '!'), prio, false)
	} else {
		dst = q.Left.text(dst, prio, false)
		switch {
		case q.Op == TSAnd:
			dst = append(dst, " & "...)
		case q.Op == TSOr:
			dst = append(dst, " | "...)
		case q.Distance == 1:
			dst = append(dst, " <-> "...)
		default:
			dst = append(strconv.AppendInt(append(dst, " <"...), int64(q.Distance), 10), "> "...)
		}
		dst = q.Right.text(dst, prio, q.Op == TSPhrase)
	}
	if parens {
		dst = append(dst, " )"...)
	}
	return dst
}

func (q *TSQuery) wordText(dst []byte) []byte {
	dst = appendTSWord(dst, q.Word)
	if q.Weights == 0 && !q.Prefix {
		return dst
	}
	dst = append(dst, ':')
	if q.Prefix {
		dst = append(dst, '*')
	}
	for i, c := range []byte("ABCD") {
		if q.Weights&(8>>i) != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

func tsqueryOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	return DecodeTSQuery(d.Str()).text(dst, -1, false)
}

// tsquerySend writes the physical form, words in the client's encoding.
func tsquerySend(env *Env, _ *Type, dst []byte, d Datum) []byte {
	q := DecodeTSQuery(d.Str())
	q.Words(func(w *TSQuery) bool {
		w.Word = string(textSend(env, TText, nil, NewString(w.Word)))
		return true
	})
	return q.append(binary.BigEndian.AppendUint32(dst, uint32(q.Nodes())))
}

func tsqueryRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	n := int(r.u32())
	if n > (1<<30-1)/12 {
		return Null, errBinary("invalid size of tsquery")
	}
	if n == 0 {
		return NewString((*TSQuery)(nil).Encode()), nil
	}
	q, err := tsNodeRecv(r, &n, 0)
	switch {
	case err != nil:
		return Null, err
	case r.short:
		return Null, errShort()
	case n != 0:
		return Null, errBinary("malformed tsquery: extra nodes")
	}
	return NewString(q.Encode()), nil
}

// tsNodeRecv reads a node and its operands; n is how many nodes there are still.
func tsNodeRecv(r *reader, n *int, depth int) (q *TSQuery, err error) {
	if *n--; *n < 0 {
		return nil, errBinary("malformed tsquery: operand not found")
	}
	if depth > maxTSDepth {
		return nil, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded")
	}
	q = &TSQuery{}
	switch kind := r.u8(); {
	case r.short:
		return nil, errShort()
	case kind == 1:
		q.Weights, q.Prefix = r.u8(), r.u8() != 0
		if q.Word, err = r.cstring(); err != nil {
			return nil, err
		}
		if q.Weights > 15 {
			return nil, errBinary("invalid tsquery: invalid weight bitmap")
		}
		if len(q.Word) > MaxLexeme {
			return nil, errBinary("invalid tsquery: operand too long")
		}
		return q, nil
	case kind != 2:
		return nil, errBinary("unrecognized tsquery node type: %d", int8(kind))
	}
	if q.Op = TSOp(r.u8()); q.Op < TSNot || q.Op > TSPhrase {
		return nil, errBinary("invalid tsquery: unrecognized operator type %d", int8(q.Op))
	}
	if q.Op == TSPhrase {
		q.Distance = int(r.u16())
	}
	if q.Right, err = tsNodeRecv(r, n, depth+1); err != nil || q.Op == TSNot {
		return q, err
	}
	q.Left, err = tsNodeRecv(r, n, depth+1)
	return q, err
}
