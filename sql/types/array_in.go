package types

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func arrayIn(env *Env, t *Type, s string, mod int32) (Datum, error) {
	p := arrayParser{env: env, elem: t.Elem, mod: mod, all: s}
	a, err := p.parse()
	if err != nil {
		return Null, err
	}
	return NewString(a.Encode()), nil
}

// arrayParser reads an array's text form.
type arrayParser struct {
	env  *Env
	elem *Type
	mod  int32 // of the elements
	all  string
	s    string // from the first brace on
	dims []int32
}

func errArrayLiteral(s, detail string, args ...any) error {
	e := pgerr.New(pgerr.InvalidTextRepresentation, "malformed array literal: \"%s\"", s)
	if detail != "" {
		e.WithDetail(detail, args...)
	}
	return e
}

func skipSpaces(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func (p *arrayParser) parse() (a Array, err error) {
	a.Elem = p.elem
	s, err := p.bounds(&a)
	if err != nil {
		return a, err
	}
	given := len(a.Dims) > 0
	switch {
	case given && (s == "" || s[0] != '='):
		return a, errArrayLiteral(p.all, "Missing \"%s\" after array dimensions.", "=")
	case given:
		if s = skipSpaces(s[1:]); s == "" || s[0] != '{' {
			return a, errArrayLiteral(p.all, "Array contents must start with \"{\".")
		}
	case s == "" || s[0] != '{':
		return a, errArrayLiteral(p.all, "Array value must start with \"{\" or dimension information.")
	}
	p.s = s
	if p.dims, err = countArray(s, p.elem.Delim); err != nil {
		return a, err
	}
	if given && !sameDims(a.Dims, p.dims) {
		return a, errArrayLiteral(p.all, "Specified array dimensions do not match array contents.")
	}
	if !given {
		a.Dims = p.dims
		a.Lower = make([]int32, len(a.Dims))
		for i := range a.Lower {
			a.Lower[i] = 1
		}
	}
	n, err := CheckShape(a.Dims, a.Lower)
	if err != nil {
		return a, err
	}
	if n == 0 {
		a.Dims, a.Lower = nil, nil
		return a, nil
	}
	a.Vals = make([]Datum, n)
	return a, p.elements(a.Vals)
}

func sameDims(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// bounds reads [n] or [m:n] items in front of an array.
func (p *arrayParser) bounds(a *Array) (rest string, err error) {
	s := p.all
	for {
		if s = skipSpaces(s); s == "" || s[0] != '[' {
			return s, nil
		}
		if len(a.Dims) >= MaxDim {
			return s, errTooManyDims(len(a.Dims) + 1)
		}
		first, rest := boundRun(s[1:])
		if first == "" {
			return s, errArrayLiteral(p.all, "\"[\" must introduce explicitly-specified array dimensions.")
		}
		lower, upper := int32(1), first
		if rest != "" && rest[0] == ':' {
			lower = int32(atoi(first))
			if upper, rest = boundRun(rest[1:]); upper == "" {
				return s, errArrayLiteral(p.all, "Missing array dimension value.")
			}
		}
		if rest == "" || rest[0] != ']' {
			return s, errArrayLiteral(p.all, "Missing \"%s\" after array dimensions.", "]")
		}
		s = rest[1:]
		ub := int32(atoi(upper))
		if ub < lower {
			return s, pgerr.New(pgerr.ArraySubscriptError, "upper bound cannot be less than lower bound")
		}
		a.Dims, a.Lower = append(a.Dims, ub-lower+1), append(a.Lower, lower)
	}
}

func boundRun(s string) (bound, rest string) {
	i := 0
	for i < len(s) && (isDigit(s[i]) || s[i] == '-' || s[i] == '+') {
		i++
	}
	return s[:i], s[i:]
}

// arrayState is where in an array the counter is.
type arrayState uint8

const (
	noLevel arrayState = iota
	levelStarted
	elemStarted
	elemCompleted
	quotedStarted
	quotedCompleted
	elemDelimited
	levelCompleted
	levelDelimited
)

func (s arrayState) in(set ...arrayState) bool {
	for _, x := range set {
		if s == x {
			return true
		}
	}
	return false
}

// arrayCounter checks the structure of an array's text and counts its
// dimensions.
type arrayCounter struct {
	s     string
	delim byte
	state arrayState
	level int
	ndim  int

	count, elems, elemsLast [MaxDim]int32
	empty                   bool
}

// countArray gives the dimensions of the array that s holds, none when it is
// empty.
func countArray(s string, delim byte) ([]int32, error) {
	c := arrayCounter{s: s, delim: delim, ndim: 1, empty: true}
	for i := range c.elems {
		c.elems[i] = 1
	}
	quoted, i := false, 0
	for done := false; !done; i++ {
		if c.state == elemStarted || c.state == quotedStarted {
			c.empty = false
		}
		if i >= len(s) {
			return nil, errArrayLiteral(s, "Unexpected end of input.")
		}
		var err error
		switch ch := s[i]; {
		case ch == '\\':
			if !c.state.in(levelStarted, elemStarted, quotedStarted, elemDelimited) {
				return nil, c.unexpected(ch)
			}
			if c.state != quotedStarted {
				c.state = elemStarted
			}
			if i++; i >= len(s) {
				return nil, errArrayLiteral(s, "Unexpected end of input.")
			}
		case ch == '"':
			if !c.state.in(levelStarted, quotedStarted, elemDelimited) {
				return nil, errArrayLiteral(s, "Unexpected array element.")
			}
			quoted = !quoted
			c.state = quotedCompleted
			if quoted {
				c.state = quotedStarted
			}
		case quoted:
		case ch == '{':
			err = c.open()
		case ch == '}':
			done, err = c.close()
		case ch == delim:
			if !c.state.in(elemStarted, elemCompleted, quotedCompleted, levelCompleted) {
				return nil, c.unexpected(ch)
			}
			if c.state == levelCompleted {
				c.state = levelDelimited
			} else {
				c.state = elemDelimited
			}
			c.elems[c.level-1]++
			c.count[c.ndim-1]++
		case !isSpace(ch):
			if !c.state.in(levelStarted, elemStarted, elemDelimited) {
				return nil, errArrayLiteral(s, "Unexpected array element.")
			}
			c.state = elemStarted
		}
		if err != nil {
			return nil, err
		}
	}
	c.count[c.ndim-1]++
	if skipSpaces(s[i:]) != "" {
		return nil, errArrayLiteral(s, "Junk after closing right brace.")
	}
	if c.empty {
		return nil, nil
	}
	return append([]int32(nil), c.count[:c.ndim]...), nil
}

func (c *arrayCounter) unexpected(ch byte) error {
	return errArrayLiteral(c.s, "Unexpected \"%c\" character.", ch)
}

func (c *arrayCounter) open() error {
	if !c.state.in(noLevel, levelStarted, levelDelimited) {
		return c.unexpected('{')
	}
	c.state = levelStarted
	if c.level >= MaxDim {
		return errTooManyDims(c.level + 1)
	}
	c.count[c.level] = 0
	c.level++
	c.ndim = max(c.ndim, c.level)
	return nil
}

func (c *arrayCounter) close() (done bool, err error) {
	if !c.state.in(elemStarted, elemCompleted, quotedCompleted, levelCompleted) && !(c.level == 1 && c.state == levelStarted) {
		return false, c.unexpected('}')
	}
	c.state = levelCompleted
	c.level--
	l := c.level
	if c.elemsLast[l] != 0 && c.elems[l] != c.elemsLast[l] {
		return false, errArrayLiteral(c.s, "Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	c.elemsLast[l], c.elems[l] = c.elems[l], 1
	if l == 0 {
		return true, nil
	}
	c.count[l-1]++
	return false, nil
}

// elements reads the elements of text that countArray has checked. What the
// braces leave out stays NULL.
func (p *arrayParser) elements(vals []Datum) error {
	var index, stride [MaxDim]int
	ndim := len(p.dims)
	stride[ndim-1] = 1
	for i := ndim - 2; i >= 0; i-- {
		stride[i] = stride[i+1] * int(p.dims[i+1])
	}
	offset := func() int {
		o := 0
		for i := 0; i < ndim; i++ {
			o += index[i] * stride[i]
		}
		return o
	}
	level, at := 0, 0
	for {
		item, i := arrayItem{}, -1
		for done := false; !done; {
			stop := item.scan(p.s, &at, p.elem.Delim)
			switch {
			case stop == '{':
				if level >= ndim {
					return errArrayLiteral(p.all, "")
				}
				level++
				index[level-1] = 0
			case stop == '}':
				if i < 0 {
					i = offset()
				}
				index[level-1] = 0
				if level--; level == 0 {
					done = true
				} else {
					index[level-1]++
				}
			default: // the delimiter
				if i < 0 {
					i = offset()
				}
				index[ndim-1]++
				done = true
			}
		}
		if i >= len(vals) {
			return errArrayLiteral(p.all, "")
		}
		if !item.isNull() {
			d, err := p.elem.In(p.env, item.text(), p.mod)
			if err != nil {
				return err
			}
			vals[i] = d
		}
		if level == 0 {
			return nil
		}
	}
}

// arrayItem collects the characters of an element.
type arrayItem struct {
	raw    string // what it is while nothing had to be taken out
	buf    []byte
	copied bool
	end    int // of what is kept, without trailing blanks
	quoted bool
}

func (x *arrayItem) isNull() bool { return !x.quoted && strings.EqualFold(x.text(), "NULL") }

func (x *arrayItem) text() string {
	if x.copied {
		return string(x.buf[:x.end])
	}
	return x.raw
}

// scan reads up to the next brace or delimiter outside quotes and passes it.
func (x *arrayItem) scan(s string, at *int, delim byte) (stop byte) {
	i := *at
	for i < len(s) && isSpace(s[i]) && !x.copied && x.raw == "" {
		i++
	}
	// A plain element: no quotes, no backslashes.
	if !x.copied && x.raw == "" {
		from, last := i, i
		for ; i < len(s); i++ {
			c := s[i]
			if c == '{' || c == '}' || c == delim {
				x.raw = s[from:last]
				*at = i + 1
				return c
			}
			if c == '"' || c == '\\' {
				break
			}
			if !isSpace(c) {
				last = i + 1
			}
		}
		x.copied, x.buf, x.end = true, append(x.buf, s[from:i]...), last-from
	} else if !x.copied {
		x.copied, x.buf, x.end = true, append(x.buf, x.raw...), len(x.raw)
	}
	stop, *at = x.scanQuoted(s, i, delim)
	return stop
}

func (x *arrayItem) scanQuoted(s string, i int, delim byte) (stop byte, next int) {
	inQuotes := false
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			i++
			x.buf = append(x.buf, s[i])
			x.end, x.quoted = len(x.buf), true
		case c == '"':
			inQuotes = !inQuotes
			x.end, x.quoted = len(x.buf), true
		case inQuotes:
			x.buf = append(x.buf, c)
		case c == '{' || c == '}' || c == delim:
			return c, i + 1
		default:
			if isSpace(c) && len(x.buf) == 0 && !x.quoted {
				continue
			}
			x.buf = append(x.buf, c)
			if !isSpace(c) {
				x.end = len(x.buf)
			}
		}
	}
	return '}', i
}
