package types

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

var tsvectorCodec = &codec{in: tsvectorIn, out: tsvectorOut, recv: tsvectorRecv, send: tsvectorSend, cmp: tsvectorCmp, hash: tsvectorHash}

// wideSpaces are the white space beyond ASCII, PostgreSQL's in C.UTF-8.
const wideSpaces = "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"

// tsSpace tells whether a text begins with white space.
func tsSpace(s string) bool {
	if s == "" {
		return false
	}
	if s[0] < utf8.RuneSelf {
		return strings.IndexByte(spaces, s[0]) >= 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune(wideSpaces, r)
}

// tsOperator tells whether a text begins with a sign of tsquery's operators.
func tsOperator(s string) bool { return s != "" && strings.IndexByte("!&|()<", s[0]) >= 0 }

// tsWords reads words as tsvector and tsquery write them.
type tsWords struct {
	whole string // for messages
	rest  string
	// query makes operators and ":" end words; web, in addition, knows no quotes and
	// no backslashes, but for double quotes, which end words.
	query, web bool
}

func (w *tsWords) errSyntax() error {
	what := "tsvector"
	if w.query {
		what = "tsquery"
	}
	return pgerr.New(pgerr.SyntaxError, "syntax error in %s: \"%s\"", what, w.whole)
}

// skip takes the first character off the rest and gives it.
func (w *tsWords) skip() string {
	_, n := utf8.DecodeRuneInString(w.rest)
	c := w.rest[:n]
	w.rest = w.rest[n:]
	return c
}

// next reads a word and, for tsvector, its places; ok is false at the end.
func (w *tsWords) next() (l Lexeme, ok bool, err error) {
	for tsSpace(w.rest) {
		w.skip()
	}
	switch {
	case w.rest == "":
		return l, false, nil
	case w.query && tsOperator(w.rest):
		return l, false, w.errSyntax()
	case !w.web && w.rest[0] == '\'':
		w.skip()
		l.Word, err = w.quoted()
	default:
		l.Word, err = w.plain()
	}
	if err != nil {
		return l, false, err
	}
	if !w.query && strings.HasPrefix(w.rest, ":") {
		w.skip()
		l.Pos, err = w.places()
	}
	return l, true, err
}

// escaped takes the character behind a backslash.
func (w *tsWords) escaped() (string, error) {
	w.skip()
	if w.rest == "" {
		return "", pgerr.New(pgerr.SyntaxError, "there is no escaped character: \"%s\"", w.whole)
	}
	return w.skip(), nil
}

// plain reads a word without quotes; its first character is taken as it is.
func (w *tsWords) plain() (string, error) {
	var b strings.Builder
	if w.web || w.rest[0] != '\\' {
		b.WriteString(w.skip())
	}
	for {
		switch {
		case !w.web && strings.HasPrefix(w.rest, `\`):
			c, err := w.escaped()
			if err != nil {
				return "", err
			}
			b.WriteString(c)
			continue
		case w.rest == "" || tsSpace(w.rest) || w.query && tsOperator(w.rest) || w.web && w.rest[0] == '"', w.rest[0] == ':':
			if b.Len() == 0 {
				return "", w.errSyntax()
			}
			return b.String(), nil
		}
		b.WriteString(w.skip())
	}
}

// quoted reads a word up to its closing quote; two quotes stand for one.
func (w *tsWords) quoted() (string, error) {
	var b strings.Builder
	for {
		switch {
		case w.rest == "":
			return "", w.errSyntax()
		case w.rest[0] == '\\':
			c, err := w.escaped()
			if err != nil {
				return "", err
			}
			b.WriteString(c)
			continue
		case strings.HasPrefix(w.rest, "''"):
			w.skip()
		case w.rest[0] == '\'':
			w.skip()
			if b.Len() == 0 {
				return "", w.errSyntax()
			}
			return b.String(), nil
		}
		b.WriteString(w.skip())
	}
}

// places reads position,positionWEIGHT up to white space.
func (w *tsWords) places() (out []TSPos, err error) {
	for {
		p, err := w.place()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
		if !strings.HasPrefix(w.rest, ",") {
			return out, nil
		}
		w.skip()
	}
}

func (w *tsWords) place() (p TSPos, err error) {
	n := 0
	for n < len(w.rest) && isDigit(w.rest[n]) {
		n++
	}
	if n == 0 {
		return 0, w.errSyntax()
	}
	pos, err := strconv.ParseInt(w.rest[:n], 10, 64)
	if err != nil {
		pos = math.MaxInt64
	}
	if p = NewTSPos(int(int32(pos)), 0); p.Pos() == 0 {
		return 0, pgerr.New(pgerr.SyntaxError, "wrong position info in tsvector: \"%s\"", w.whole)
	}
	for w.rest = w.rest[n:]; w.rest != "" && !tsSpace(w.rest) && w.rest[0] != ','; w.rest = w.rest[1:] {
		weight := strings.IndexByte("dcba", w.rest[0]|0x20)
		if w.rest[0] == '*' {
			weight = 3
		}
		switch {
		case isDigit(w.rest[0]): // as PostgreSQL has it, digits behind a weight are nothing
		case weight < 0 || p.Weight() > 0:
			return 0, w.errSyntax()
		default:
			p = NewTSPos(p.Pos(), weight)
		}
	}
	return p, nil
}

func tsvectorIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	w := tsWords{whole: s, rest: s}
	var v TSVector
	size := 0
	for {
		l, ok, err := w.next()
		if err != nil {
			return Null, err
		}
		if !ok {
			break
		}
		if len(l.Word) >= MaxLexeme {
			return Null, pgerr.New(pgerr.ProgramLimitExceeded, "word is too long (%d bytes, max %d bytes)", len(l.Word), MaxLexeme-1)
		}
		if size > MaxLexemes {
			return Null, pgerr.New(pgerr.ProgramLimitExceeded, "string is too long for tsvector (%d bytes, max %d bytes)", size, MaxLexemes)
		}
		size += len(l.Word)
		l.Pos = SortTSPos(l.Pos)
		v = append(v, l)
	}
	v = SortTSVector(v)
	if n := v.Size(); n > MaxLexemes {
		return Null, ErrTSVectorSize(n)
	}
	return NewString(v.Encode()), nil
}

// ErrTSVectorSize is 54000 for lexemes and positions of n bytes.
func ErrTSVectorSize(n int) error {
	return pgerr.New(pgerr.ProgramLimitExceeded, "string is too long for tsvector (%d bytes, max %d bytes)", n, MaxLexemes)
}

// SortTSPos puts places into order and keeps of each position the one with the highest
// weight, and as many of them as a lexeme may have. It works in place.
func SortTSPos(ps []TSPos) []TSPos {
	if len(ps) < 2 {
		return ps
	}
	slices.SortStableFunc(ps, func(p, q TSPos) int { return p.Pos() - q.Pos() })
	out := ps[:1]
	for _, p := range ps[1:] {
		last := &out[len(out)-1]
		switch {
		case p.Pos() == last.Pos():
			*last = max(*last, p)
		case len(out) == MaxPositions || last.Pos() == MaxTextPos-1:
			return out
		default:
			out = append(out, p)
		}
	}
	return out
}

// SortTSVector puts lexemes into order and unites equal ones. It works in place.
func SortTSVector(v TSVector) TSVector {
	slices.SortStableFunc(v, func(l, m Lexeme) int { return strings.Compare(l.Word, m.Word) })
	out := v[:0]
	for _, l := range v {
		if n := len(out); n > 0 && out[n-1].Word == l.Word {
			out[n-1].Pos = SortTSPos(append(slices.Clip(out[n-1].Pos), l.Pos...))
			continue
		}
		out = append(out, l)
	}
	return out
}

// appendTSWord appends a word in quotes.
func appendTSWord(dst []byte, word string) []byte {
	dst = append(dst, '\'')
	for i := range len(word) {
		if word[i] == '\'' || word[i] == '\\' {
			dst = append(dst, word[i])
		}
		dst = append(dst, word[i])
	}
	return append(dst, '\'')
}

func tsvectorOut(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	for i, l := range DecodeTSVector(d.Str()) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendTSWord(dst, l.Word)
		for j, p := range l.Pos {
			if j == 0 {
				dst = append(dst, ':')
			} else {
				dst = append(dst, ',')
			}
			dst = strconv.AppendInt(dst, int64(p.Pos()), 10)
			if p.Weight() > 0 {
				dst = append(dst, " CBA"[p.Weight()])
			}
		}
	}
	return dst
}

// tsvectorSend writes the physical form, words in the client's encoding.
func tsvectorSend(env *Env, _ *Type, dst []byte, d Datum) []byte {
	v := DecodeTSVector(d.Str())
	for i := range v {
		v[i].Word = string(textSend(env, TText, nil, NewString(v[i].Word)))
	}
	return v.append(dst)
}

func tsvectorRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	n := r.i32()
	if n < 0 || int(n) > len(r.b)/3 {
		if n >= 0 {
			return Null, errShort()
		}
		return Null, errBinary("invalid size of tsvector")
	}
	v := make(TSVector, 0, n)
	size := 0
	for range n {
		l, err := lexemeRecv(r)
		if err != nil {
			return Null, err
		}
		if size += len(l.Word); size > MaxLexemes {
			return Null, errBinary("invalid tsvector: maximum total lexeme length exceeded")
		}
		v = append(v, l)
	}
	return NewString(SortTSVector(v).Encode()), nil
}

func lexemeRecv(r *reader) (l Lexeme, err error) {
	if l.Word, err = r.cstring(); err != nil {
		return l, err
	}
	n := r.u16()
	switch {
	case len(l.Word) > MaxLexeme:
		return l, errBinary("invalid tsvector: lexeme too long")
	case n > MaxPositions:
		return l, errBinary("unexpected number of tsvector positions")
	}
	for i := range n {
		p := TSPos(r.u16())
		if i > 0 && p.Pos() <= l.Pos[i-1].Pos() && !r.short {
			return l, errBinary("position information is misordered")
		}
		l.Pos = append(l.Pos, p)
	}
	if r.short {
		return l, errShort()
	}
	return l, nil
}

// cstring takes characters up to a zero, which it takes, too.
func (r *reader) cstring() (string, error) {
	end := slices.Index(r.b, 0)
	if end < 0 {
		r.short, r.b = true, nil
		return "", pgerr.New(pgerr.ProtocolViolation, "invalid string in message")
	}
	part := reader{b: r.b[:end], client: r.client}
	r.b = r.b[end+1:]
	return part.text()
}
