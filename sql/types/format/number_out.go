package format

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// to_char of numbers. A number is first written out with as many digits as the
// template has places (numText), then laid out by the template (layout).

// numText is a number to be laid out: its digits with a point, without sign.
type numText struct {
	digits string
	sign   byte // '+' or '-', 0 where digits hold it
	spaces int  // places before the digits
}

// Numeric is to_char of a numeric.
func (t *NumberTemplate) Numeric(n types.Numeric) (string, error) {
	d := t.desc
	switch {
	case len(t.nodes) == 0:
		return "", nil
	case d.roman:
		r, err := types.NumericRound(n, 0)
		if err != nil {
			return "", err
		}
		i, err := types.NumericInt(r, 32)
		if err != nil {
			return "", err
		}
		return t.layout(d, numText{digits: roman(i)})
	case d.sci:
		return t.layout(d, numText{digits: numericSci(n, d)})
	}
	if d.shift {
		ten, err := types.NumericPower(types.NumericFromInt(10), types.NumericFromInt(int64(d.multi)))
		if err != nil {
			return "", err
		}
		if n, err = types.NumericMul(n, ten); err != nil {
			return "", err
		}
		d.pre += d.multi
	}
	r, err := types.NumericRound(n, int32(d.post))
	if err != nil {
		return "", err
	}
	return t.layout(d, fit(r.String(), d))
}

// fit splits the sign off and finds how many places stay empty; a number with
// too many digits becomes #s.
func fit(s string, d numDesc) numText {
	x := numText{digits: s, sign: '+'}
	if s[0] == '-' {
		x.digits, x.sign = s[1:], '-'
	}
	return x.fitted(d)
}

func (x numText) fitted(d numDesc) numText {
	before := len(x.digits)
	if i := strings.IndexByte(x.digits, '.'); i >= 0 {
		before = i
	}
	switch {
	case before < d.pre:
		x.spaces = d.pre - before
	case before > d.pre:
		b := []byte(strings.Repeat("#", max(d.pre+d.post+1, d.pre+1)))
		b[d.pre] = '.'
		x.digits = string(b)
	}
	return x
}

// Int is to_char of an integer of 32 or 64 bits.
func (t *NumberTemplate) Int(n int64, bits int) (string, error) {
	d := t.desc
	switch {
	case len(t.nodes) == 0:
		return "", nil
	case d.roman:
		if bits == 64 && n != int64(int32(n)) {
			return "", types.ErrIntRange(32)
		}
		return t.layout(d, numText{digits: roman(n)})
	case d.sci && bits == 64:
		return t.layout(d, numText{digits: numericSci(types.NumericFromInt(n), d)})
	case d.sci:
		return t.layout(d, numText{digits: floatSci(float64(n), d, 64)})
	}
	if d.shift {
		f := math.Pow(10, float64(d.multi))
		if bits == 32 {
			n = int64(int32(n) * int32(f))
		} else {
			p := n * int64(f)
			if n != 0 && p/n != int64(f) || f >= 1<<63 {
				return "", types.ErrIntRange(64)
			}
			n = p
		}
		d.pre += d.multi
	}
	s := strconv.FormatInt(n, 10)
	if d.post > 0 {
		s += "." + strings.Repeat("0", d.post)
	}
	return t.layout(d, fit(s, d))
}

// Float is to_char of a float of 32 or 64 bits.
func (t *NumberTemplate) Float(f float64, bits int) (string, error) {
	d := t.desc
	switch {
	case len(t.nodes) == 0:
		return "", nil
	case d.roman:
		return t.layout(d, numText{digits: roman(int64(clampInt32(math.RoundToEven(f))))})
	case d.sci:
		return t.layout(d, numText{digits: floatSci(f, d, bits)})
	}
	digits := 15
	if bits == 32 {
		digits = 6
	}
	if d.shift {
		f *= math.Pow(10, float64(d.multi))
		if bits == 32 {
			f = float64(float32(f))
		}
		d.pre += d.multi
	}
	before := len(cFloat(math.Abs(f), 0))
	if before >= digits {
		d.post = 0
	} else {
		d.post = min(d.post, digits-before)
	}
	return t.layout(d, fit(cFloat(f, d.post), d))
}

// cFloat is C's %.*f.
func cFloat(f float64, places int) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'f', places, 64)
}

func clampInt32(f float64) int32 {
	if f >= math.MinInt32 && f <= math.MaxInt32 {
		return int32(f)
	}
	return math.MinInt32
}

// sciSpecial is what EEEE shows of NaN and infinities.
func sciSpecial(d numDesc) string {
	b := []byte(strings.Repeat("#", d.pre+d.post+6))
	b[0], b[d.pre+1] = ' ', '.'
	return string(b)
}

// floatSci is C's %+.*e with a blank for the plus.
func floatSci(f float64, d numDesc, _ int) string {
	if f != f || math.IsInf(f, 0) {
		return sciSpecial(d)
	}
	s := strconv.FormatFloat(f, 'e', d.post, 64)
	if s[0] != '-' {
		s = " " + s
	}
	return s
}

// numericSci writes a numeric as d.ddde±dd.
func numericSci(n types.Numeric, d numDesc) string {
	if n.Form() != types.NumFinite {
		return sciSpecial(d)
	}
	s := n.Sci(int32(d.post))
	if s[0] != '-' {
		s = " " + s
	}
	return s
}

var romanDigits = [3][10]string{
	{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"},
	{"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"},
	{"", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"},
}

func roman(n int64) string {
	if n < 1 || n > 3999 {
		return strings.Repeat("#", 15)
	}
	return strings.Repeat("M", int(n/1000)) + romanDigits[2][n/100%10] + romanDigits[1][n/10%10] + romanDigits[0][n%10]
}

// writer lays a number out.
type writer struct {
	numDesc
	out    []byte
	num    string // the digits
	at     int    // the next one
	last   int    // the last digit that FM shows, -1 for all
	sign   byte
	spaces int
	count  int
	place  int
	signed bool // the sign is written
	begun  bool // a digit is written
	cut    int  // where the text ends, as a digit or a sign was asked for that is not there; -1 nowhere
}

func (t *NumberTemplate) layout(d numDesc, x numText) (string, error) {
	w := writer{numDesc: d, num: x.digits, sign: x.sign, spaces: x.spaces, last: -1, cut: -1}
	if w.zeroStart > 0 {
		w.zeroStart--
	}
	if d.sci {
		return x.digits, nil
	}
	if d.roman {
		w.numDesc = numDesc{fill: d.fill, roman: true, zeroStart: w.zeroStart, zeroEnd: d.zeroEnd}
		w.spaces, w.sign = 0, 0
	}
	w.prepare()
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.kind != nodeAction {
			w.out = append(w.out, n.text...)
			continue
		}
		if err := w.pattern(n.key.id); err != nil {
			return "", err
		}
	}
	if w.cut >= 0 {
		w.out = w.out[:w.cut]
	}
	return string(w.out), nil
}

// prepare settles where the sign goes and which zeros are left out.
func (w *writer) prepare() {
	if w.plus || w.minus {
		w.signed = !w.plus || w.minus
	} else {
		if w.sign != '-' && w.fill {
			w.bracket = false
		}
		w.signed = w.sign == '+' && w.fill && !w.numDesc.signed
		if w.numDesc.sign == signBefore && w.pre == w.preSign {
			w.numDesc.sign = signAfter
		}
	}
	w.count = w.post + w.pre - 1
	if w.fill && w.decimal {
		w.last = lastRelevant(w.num)
		if w.last >= 0 && w.zeroEnd > w.spaces {
			w.last = max(w.last, min(len(w.num)-1, w.zeroEnd-w.spaces))
		}
	}
	if !w.signed && w.spaces == 0 {
		w.count++
	}
}

// lastRelevant is the last digit behind the point that is not 0, or the point;
// -1 without a point.
func lastRelevant(num string) int {
	i := strings.IndexByte(num, '.')
	if i < 0 {
		return -1
	}
	last := i
	for k := i + 1; k < len(num); k++ {
		if num[k] != '0' {
			last = k
		}
	}
	return last
}

// cur is the next character of the number, 0 at its end.
func (w *writer) cur() byte {
	if w.at < len(w.num) {
		return w.num[w.at]
	}
	return 0
}

func (w *writer) put(c byte) { w.out = append(w.out, c) }

// leadingZero tells the 0 before the point of a number below 1.
func (w *writer) leadingZero() bool {
	return !w.zero && w.at == 0 && w.cur() == '0' && w.post != 0
}

func (w *writer) lastIsPoint() bool { return w.last >= 0 && w.num[w.last] == '.' }

func (w *writer) pattern(id int) error {
	switch id {
	case num9, num0, numDec, numD:
		if !w.roman {
			w.digit(id)
		}
	case numComma, numG:
		switch {
		case w.begun:
			w.put(',')
		case !w.fill:
			w.put(' ')
		}
	case numL:
		w.put(' ')
	case numRN, numrn:
		s := w.num[w.at:]
		if id == numrn {
			s = strings.ToLower(s)
		}
		if !w.fill {
			s = strings.Repeat(" ", max(15-len(s), 0)) + s
		}
		w.out = append(w.out, s...)
	case numth, numTH:
		return w.ordinal(id)
	case numMI:
		w.signChar('-')
	case numPL:
		w.signChar('+')
	case numSG:
		if w.roman && w.cut < 0 { // PostgreSQL writes a NUL here
			w.cut = len(w.out)
		}
		w.put(w.sign)
	}
	return nil
}

func (w *writer) ordinal(id int) error {
	if w.roman || w.num[0] == '#' || w.sign == '-' || w.decimal {
		return nil
	}
	suf := sufth
	if id == numTH {
		suf = sufTH
	}
	s, err := ordinal(w.num, suf)
	if err == nil {
		w.out = append(w.out, s[len(w.num):]...)
	}
	return err
}

// signChar writes a sign if the number has it, else a blank.
func (w *writer) signChar(c byte) {
	if w.sign == c {
		w.put(c)
	} else if !w.fill {
		w.put(' ')
	}
}

// digit writes a place of the number, and the sign where it is due.
func (w *writer) digit(id int) {
	w.begun = false
	if !w.signed && (w.place >= w.spaces || w.zero && w.zeroStart == w.place) && (!w.leadingZero() || w.lastIsPoint()) {
		w.writeSign()
	}
	switch {
	case w.place < w.spaces && (w.zeroStart > w.place || !w.zero):
		if !w.fill {
			w.put(' ')
		}
	case w.zero && w.place < w.spaces && w.zeroStart <= w.place:
		w.put('0')
		w.begun = true
	default:
		w.numberChar(id)
	}
	w.closeSign()
	w.place++
}

func (w *writer) writeSign() {
	switch {
	case w.numDesc.signed:
		if w.numDesc.sign == signBefore {
			w.put(w.sign)
			w.signed = true
		}
	case w.bracket:
		w.put(map[bool]byte{true: ' ', false: '<'}[w.sign == '+'])
		w.signed = true
	case w.sign == '+':
		if !w.fill {
			w.put(' ')
		}
		w.signed = true
	case w.sign == '-':
		w.put('-')
		w.signed = true
	}
}

func (w *writer) numberChar(id int) {
	c := w.cur()
	switch {
	case c == '.':
		if !w.lastIsPoint() || w.fill {
			w.put('.')
		}
	case w.last >= 0 && w.at > w.last && id != num0:
	case w.leadingZero():
		if !w.fill {
			w.put(' ')
		} else if w.lastIsPoint() {
			w.put('0')
		}
	default:
		if c != 0 {
			w.put(c)
		} else if w.cut < 0 {
			w.cut = len(w.out)
		}
		w.begun = true
	}
	if c != 0 {
		w.at++
	}
}

// closeSign writes what stands behind the last place.
func (w *writer) closeSign() {
	end := w.count
	if w.spaces > 0 {
		end++
	}
	if w.decimal {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.place
	}
	if w.place+1 != end {
		return
	}
	if w.signed && w.bracket {
		w.put(map[bool]byte{true: ' ', false: '>'}[w.sign == '+'])
	} else if w.numDesc.signed && w.numDesc.sign == signAfter {
		w.put(w.sign)
	}
}
