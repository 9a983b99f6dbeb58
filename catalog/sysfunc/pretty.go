package sysfunc

import "strings"

// prettyExpr takes the parentheses out of an expression that PostgreSQL leaves
// out when it prints prettily. The expression is as the catalogue holds it: in
// parentheses wherever it is not a name, a constant or a function call.
func prettyExpr(s string) string {
	toks, ok := exprTokens(s)
	if !ok {
		return s
	}
	p := exprParser{toks: toks}
	seq := p.sequence(0)
	if p.at != len(toks) {
		return s
	}
	var b strings.Builder
	printSequence(&b, seq, topLevel)
	return strings.TrimLeft(b.String(), " ")
}

// exprNode is a token, or a group in parentheses or brackets.
type exprNode struct {
	space string // what stood before it
	text  string // of a token; of a group the opening sign
	kids  []exprNode
	group bool
}

func exprTokens(s string) (toks []exprNode, ok bool) {
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && strings.IndexByte(blanks, s[i]) >= 0 {
			i++
		}
		space := s[start:i]
		if i == len(s) {
			break
		}
		end := tokenEnd(s, i)
		if end < 0 {
			return nil, false
		}
		toks = append(toks, exprNode{space: space, text: s[i:end]})
		i = end
	}
	return toks, true
}

// tokenEnd finds the end of the token at i, -1 when it does not end.
func tokenEnd(s string, i int) int {
	switch c := s[i]; {
	case c == '\'' || c == '"' || (c == 'E' || c == 'B' || c == 'X') && i+1 < len(s) && s[i+1] == '\'':
		escapes := c == 'E'
		j := i
		if c != '\'' && c != '"' {
			j++
		}
		sign := s[j]
		for j++; j < len(s); j++ {
			switch {
			case s[j] == '\\' && escapes:
				j++
			case s[j] == sign && j+1 < len(s) && s[j+1] == sign:
				j++
			case s[j] == sign:
				return j + 1
			}
		}
		return -1
	case wordStart(c) || c >= '0' && c <= '9':
		for i < len(s) && (wordStart(s[i]) || s[i] >= '0' && s[i] <= '9' || s[i] == '$' || s[i] == '.' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && c <= '9') {
			i++
		}
		return i
	case strings.HasPrefix(s[i:], "::"):
		return i + 2
	case strings.IndexByte(operatorSigns, c) >= 0:
		for i < len(s) && strings.IndexByte(operatorSigns, s[i]) >= 0 {
			i++
		}
		return i
	}
	return i + 1
}

const operatorSigns = "+-*/<>=~!@#%^&|`?"

type exprParser struct {
	toks []exprNode
	at   int
}

// sequence reads up to the closing sign of an opening one, 0 at the top.
func (p *exprParser) sequence(open byte) []exprNode {
	var seq []exprNode
	for p.at < len(p.toks) {
		t := p.toks[p.at]
		p.at++
		switch t.text {
		case "(", "[":
			t.group = true
			t.kids = p.sequence(t.text[0])
			seq = append(seq, t)
		case ")", "]":
			if open == 0 {
				p.at = -1
				return nil
			}
			return seq
		default:
			seq = append(seq, t)
		}
	}
	if open != 0 {
		p.at = -1
	}
	return seq
}

// exprKind is what kind of node of PostgreSQL's a sequence stands for.
type exprKind byte

const (
	simple   exprKind = iota // a name, a constant, a call, a cast of one
	topLevel                 // not an expression but a place for one
	opExpr
	andExpr
	orExpr
	notExpr
	testExpr  // IS NULL, IS TRUE, IS DISTINCT FROM
	fixedExpr // whose parentheses are part of it: AT TIME ZONE
	otherExpr // whose parentheses stay where it is not alone: = ANY, COLLATE
)

// kindOf finds the kind of a sequence by its words outside groups and CASE.
func kindOf(seq []exprNode) exprKind {
	kind, depth := simple, 0
	for i, n := range seq {
		switch {
		case n.group:
			continue
		case n.text == "CASE":
			depth++
			continue
		case n.text == "END":
			depth--
			continue
		case depth > 0:
			continue
		}
		switch {
		case n.text == "AND":
			return andExpr
		case n.text == "OR":
			return orExpr
		case n.text == "NOT" && i == 0:
			return notExpr
		case n.text == "IS":
			return testExpr
		case n.text == "AT" && word(seq, i+1) == "TIME":
			return fixedExpr
		case n.text == "COLLATE", n.text == "ANY", n.text == "ALL":
			return otherExpr
		case n.text == "OPERATOR", strings.IndexByte(operatorSigns, n.text[0]) >= 0:
			kind = opExpr
		}
	}
	return kind
}

func word(seq []exprNode, i int) string {
	if i < 0 || i >= len(seq) || seq[i].group {
		return ""
	}
	return seq[i].text
}

// printSequence writes a sequence of a kind, or the places in a list.
func printSequence(b *strings.Builder, seq []exprNode, kind exprKind) {
	if kind == topLevel {
		for _, part := range places(seq) {
			if len(part) == 1 && part[0].group && part[0].text == "(" && kindOf(part[0].kids) != fixedExpr {
				b.WriteString(part[0].space)
				trimmed := part[0].kids
				printSequence(b, trimmed, kindOf(trimmed))
				continue
			}
			printSequence(b, part, kindOf(part))
		}
		return
	}
	if hasCase(seq) {
		printCase(b, seq)
		return
	}
	for i, n := range seq {
		b.WriteString(n.space)
		if !n.group {
			b.WriteString(n.text)
			continue
		}
		closing := map[string]string{"(": ")", "[": "]"}[n.text]
		if n.text == "(" && operand(seq, i) {
			inner := kindOf(n.kids)
			if droppable(inner, kind, seq, i) {
				printSequence(b, n.kids, inner)
				continue
			}
			b.WriteString("(")
			printSequence(b, n.kids, inner)
			b.WriteString(")")
			continue
		}
		b.WriteString(n.text)
		if word(seq, i-1) == "POSITION" {
			printRaw(b, n.kids)
		} else {
			printSequence(b, n.kids, topLevel)
		}
		b.WriteString(closing)
	}
}

// printRaw writes a sequence as it is.
func printRaw(b *strings.Builder, seq []exprNode) {
	for _, n := range seq {
		b.WriteString(n.space + n.text)
		if n.group {
			printRaw(b, n.kids)
			b.WriteString(map[string]string{"(": ")", "[": "]"}[n.text])
		}
	}
}

// hasCase tells a sequence that begins with CASE.
func hasCase(seq []exprNode) bool {
	return len(seq) > 0 && seq[0].text == "CASE" && word(seq, len(seq)-1) == "END"
}

// printCase writes CASE … END, whose parts are places of their own.
func printCase(b *strings.Builder, seq []exprNode) {
	depth, from := 0, 0
	flush := func(to int) {
		if to > from {
			printSequence(b, seq[from:to], topLevel)
		}
	}
	for i, n := range seq {
		if n.group {
			continue
		}
		switch n.text {
		case "CASE":
			depth++
			if depth == 1 {
				b.WriteString(n.space + n.text)
				from = i + 1
			}
		case "WHEN", "THEN", "ELSE", "END":
			if depth == 1 {
				flush(i)
				b.WriteString(n.space + n.text)
				from = i + 1
			}
			if n.text == "END" {
				depth--
			}
		}
	}
}

// places parts a list at its commas, which stay with what follows them.
func places(seq []exprNode) [][]exprNode {
	var out [][]exprNode
	from := 0
	for i, n := range seq {
		if !n.group && n.text == "," {
			out = append(out, seq[from:i], seq[i:i+1])
			from = i + 1
		}
	}
	return append(out, seq[from:])
}

// operand tells a group that is an operand, not the arguments of what stands
// before it.
func operand(seq []exprNode, i int) bool {
	if i == 0 {
		return true
	}
	switch prev := seq[i-1]; {
	case prev.group:
		return false
	case strings.IndexByte(operatorSigns, prev.text[0]) >= 0:
		return true
	case prev.text == "AND", prev.text == "OR", prev.text == "NOT", prev.text == "FROM" && word(seq, i-2) == "DISTINCT":
		return true
	}
	return false
}

// droppable tells whether the group at i, of kind inner, needs no parentheses as
// part of a sequence of the kind outer: PostgreSQL's isSimpleNode.
func droppable(inner, outer exprKind, seq []exprNode, i int) bool {
	next := ""
	if i+1 < len(seq) {
		next = seq[i+1].text
	}
	if next == "[" || next == "." || inner == fixedExpr {
		return false
	}
	if next == "::" {
		return inner == simple
	}
	switch inner {
	case simple:
		return true
	case opExpr, testExpr:
		if outer == andExpr || outer == orExpr || outer == notExpr {
			return true
		}
		return inner == opExpr && outer == opExpr && bindsTighter(seq[i].kids, seq, i)
	case andExpr, notExpr:
		return outer == andExpr || outer == orExpr
	case orExpr:
		return outer == orExpr
	}
	return false
}

// bindsTighter compares two arithmetic operators by precedence; of equal ones the
// left operand needs no parentheses.
func bindsTighter(inner, outer []exprNode, i int) bool {
	a, b := arithmetic(inner), arithmetic(outer)
	if a == "" || b == "" {
		return false
	}
	low := func(op string) bool { return op == "+" || op == "-" }
	switch {
	case !low(a) && low(b):
		return true
	case low(a) && !low(b):
		return false
	}
	return i == 0
}

// arithmetic gives the operator of a binary arithmetic expression, "" of others.
func arithmetic(seq []exprNode) string {
	op, at := "", 0
	for i, n := range seq {
		if !n.group && strings.IndexByte(operatorSigns, n.text[0]) >= 0 && n.text != "::" {
			if op != "" {
				return ""
			}
			op, at = n.text, i
		}
	}
	if at == 0 || len(op) != 1 || !strings.Contains("+-*/%", op) {
		return ""
	}
	return op
}
