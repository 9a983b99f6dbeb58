package format

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The patterns of numbers.
const (
	numComma = iota
	numDec
	num0
	num9
	numB
	numC
	numD
	numE
	numFM
	numG
	numL
	numMI
	numPL
	numPR
	numRN
	numrn
	numSG
	numSP
	numS
	numTH
	numth
	numV
)

var numberKeywords = newKeywords([]keyword{
	{name: ",", id: numComma}, {name: ".", id: numDec}, {name: "0", id: num0}, {name: "9", id: num9},
	{name: "B", id: numB}, {name: "C", id: numC}, {name: "D", id: numD}, {name: "EEEE", id: numE}, {name: "FM", id: numFM},
	{name: "G", id: numG}, {name: "L", id: numL}, {name: "MI", id: numMI}, {name: "PL", id: numPL}, {name: "PR", id: numPR},
	{name: "RN", id: numRN}, {name: "SG", id: numSG}, {name: "SP", id: numSP}, {name: "S", id: numS}, {name: "TH", id: numTH}, {name: "V", id: numV},
	{name: "b", id: numB}, {name: "c", id: numC}, {name: "d", id: numD}, {name: "eeee", id: numE}, {name: "fm", id: numFM},
	{name: "g", id: numG}, {name: "l", id: numL}, {name: "mi", id: numMI}, {name: "pl", id: numPL}, {name: "pr", id: numPR},
	{name: "rn", id: numrn}, {name: "sg", id: numSG}, {name: "sp", id: numSP}, {name: "s", id: numS}, {name: "th", id: numth}, {name: "v", id: numV},
})

// signPlace is where S puts the sign.
type signPlace uint8

const (
	signNone signPlace = iota
	signBefore
	signAfter
)

// numDesc is what a template says of the number as a whole.
type numDesc struct {
	pre, post          int // digits before and after the point
	multi              int // digits after V
	zeroStart, zeroEnd int // where zeros are shown, 1 being the first digit
	sign               signPlace
	preSign            int // digits before S

	decimal, zero, blank, fill, bracket, minus, plus, roman, shift, sci bool
	signed                                                              bool // S
}

// NumberTemplate is a template of to_char and to_number, ready for many
// values.
type NumberTemplate struct {
	nodes []node
	desc  numDesc
	empty bool // no characters, which is less than no patterns
}

// CompileNumber makes a template; 42601 for patterns that do not go together.
func CompileNumber(template string) (*NumberTemplate, error) {
	t := &NumberTemplate{empty: template == ""}
	var err error
	t.nodes, err = parse(template, numberKeywords, false, t.desc.add)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func errTemplate(msg string) *pgerr.Error { return pgerr.New(pgerr.SyntaxError, "%s", msg) }

// add takes a pattern into account.
func (d *numDesc) add(kw *keyword) error {
	if d.sci && kw.id != numE {
		return errTemplate("\"EEEE\" must be the last pattern used")
	}
	switch kw.id {
	case num9, num0:
		return d.addDigit(kw.id)
	case numB:
		if d.pre == 0 && d.post == 0 && !d.zero {
			d.blank = true
		}
	case numD, numDec:
		if d.decimal {
			return errTemplate("multiple decimal points")
		}
		if d.shift {
			return errTemplate("cannot use \"V\" and decimal point together")
		}
		d.decimal = true
	case numFM:
		d.fill = true
	case numS, numMI, numPL, numSG, numPR:
		return d.addSign(kw.id)
	case numRN, numrn:
		d.roman = true
	case numV:
		if d.decimal {
			return errTemplate("cannot use \"V\" and decimal point together")
		}
		d.shift = true
	case numE:
		if d.sci {
			return errTemplate("cannot use \"EEEE\" twice")
		}
		if d.blank || d.fill || d.signed || d.bracket || d.minus || d.plus || d.roman || d.shift {
			return errTemplate("\"EEEE\" is incompatible with other formats").
				WithDetail("\"EEEE\" may only be used together with digit and decimal point patterns.")
		}
		d.sci = true
	}
	return nil
}

func (d *numDesc) addDigit(id int) error {
	if d.bracket {
		return errTemplate(map[int]string{num9: "\"9\" must be ahead of \"PR\"", num0: "\"0\" must be ahead of \"PR\""}[id])
	}
	switch {
	case id == num9 && d.shift:
		d.multi++
	case d.decimal:
		d.post++
	default:
		if id == num0 && !d.zero {
			d.zero, d.zeroStart = true, d.pre+1
		}
		d.pre++
	}
	if id == num0 {
		d.zeroEnd = d.pre + d.post
	}
	return nil
}

func (d *numDesc) addSign(id int) error {
	switch id {
	case numS:
		if d.signed {
			return errTemplate("cannot use \"S\" twice")
		}
		if d.plus || d.minus || d.bracket {
			return errTemplate("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
		}
		d.signed = true
		if !d.decimal {
			d.sign, d.preSign = signBefore, d.pre
		} else if d.sign == signNone {
			d.sign = signAfter
		}
		return nil
	case numPR:
		if d.signed || d.plus || d.minus {
			return errTemplate("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together")
		}
		d.bracket = true
		return nil
	}
	if d.signed {
		return errTemplate(map[int]string{numMI: "cannot use \"S\" and \"MI\" together", numPL: "cannot use \"S\" and \"PL\" together",
			numSG: "cannot use \"S\" and \"SG\" together"}[id])
	}
	d.minus = d.minus || id != numPL
	d.plus = d.plus || id != numMI
	return nil
}
