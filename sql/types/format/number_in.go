package format

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// ToNumber is to_number(text, template); ok is false (NULL) for an empty
// template.
func (t *NumberTemplate) ToNumber(s string) (n types.Numeric, ok bool, err error) {
	d := t.desc
	switch {
	case t.empty:
		return n, false, nil
	case d.sci:
		return n, false, pgerr.New(pgerr.FeatureNotSupported, "\"EEEE\" not supported for input")
	case d.roman:
		return n, false, pgerr.New(pgerr.FeatureNotSupported, "\"RN\" not supported for input")
	}
	r := numReader{numDesc: d, in: s, signChar: ' '}
	r.read(t.nodes)
	digits := strings.TrimSuffix(string(r.num), ".")
	mod := int32((d.pre+d.multi+r.readPost)<<16|r.readPost) + 4
	v, err := types.TNumeric.In(types.DefaultEnv, string(r.signChar)+digits, mod)
	if err != nil {
		return n, false, err
	}
	n = v.Numeric()
	if d.shift {
		p, err := types.NumericPower(types.NumericFromInt(10), types.NumericFromInt(int64(-d.multi)))
		if err != nil {
			return n, false, err
		}
		n, err = types.NumericMul(n, p)
		return n, true, err
	}
	return n, true, nil
}

// numReader reads a number by a template.
type numReader struct {
	numDesc
	in                string
	i                 int
	num               []byte
	signChar          byte
	readPre, readPost int
	readDec           bool
}

func (r *numReader) end() bool { return r.i >= len(r.in) }

func (r *numReader) read(nodes []node) {
	for k := range nodes {
		if r.end() {
			return
		}
		n := &nodes[k]
		if n.kind != nodeAction {
			r.i += charLen(r.in[r.i:])
			continue
		}
		if r.pattern(n.key.id) {
			r.i++
		}
	}
}

// pattern reads what a pattern stands for; advance tells whether a character
// more is to be passed.
func (r *numReader) pattern(id int) (advance bool) {
	switch id {
	case num9, num0, numDec, numD:
		r.digit(id)
		return true
	case numComma, numG:
		return !r.fill && !r.end() && r.in[r.i] == ','
	case numL:
		r.eat(1)
	case numth, numTH:
		if !r.decimal {
			r.eat(2)
		}
	case numMI, numPL, numSG:
		c := r.in[r.i]
		if c == '-' && id != numPL || c == '+' && id != numMI {
			r.signChar = c
			return true
		}
		r.eat(1)
	}
	return false
}

// eat passes up to n characters that are not part of a number.
func (r *numReader) eat(n int) {
	for ; n > 0 && !r.end(); n-- {
		if strings.IndexByte("0123456789.,+-", r.in[r.i]) >= 0 {
			return
		}
		r.i += charLen(r.in[r.i:])
	}
}

// sign takes a sign at the current place.
func (r *numReader) sign() bool {
	if !r.end() && (r.in[r.i] == '-' || r.in[r.i] == '+') {
		r.signChar = r.in[r.i]
		return true
	}
	return false
}

// digit reads a digit or the point, with a sign before the first and behind
// the last.
func (r *numReader) digit(id int) {
	if r.end() {
		return
	}
	if r.in[r.i] == ' ' {
		r.i++
	}
	if r.end() {
		return
	}
	if r.signChar == ' ' && (id == num0 || id == num9) && r.readPre+r.readPost == 0 {
		if r.signed && r.numDesc.sign == signBefore {
			if r.sign() {
				r.i++
			}
		} else if r.in[r.i] == '<' && r.bracket {
			r.signChar = '-'
			r.i++
		} else if r.sign() {
			r.i++
		}
	}
	if r.end() {
		return
	}
	read := false
	if isDigit(r.in[r.i]) {
		if r.readDec && r.readPost == r.post {
			return
		}
		r.num = append(r.num, r.in[r.i])
		if r.readDec {
			r.readPost++
		} else {
			r.readPre++
		}
		read = true
	} else if r.decimal && !r.readDec && r.in[r.i] == '.' {
		r.num = append(r.num, '.')
		r.readDec, read = true, true
	}
	if r.signChar != ' ' || r.readPre+r.readPost == 0 {
		return
	}
	r.signBehind(read)
}

// signBehind looks for a sign behind the digits.
func (r *numReader) signBehind(read bool) {
	switch {
	case r.signed && read && r.i+1 < len(r.in) && !isDigit(r.in[r.i+1]):
		r.i++
		if !r.sign() {
			r.i--
		}
	case !read && !r.signed && (r.plus || r.minus):
		r.sign()
	}
}
