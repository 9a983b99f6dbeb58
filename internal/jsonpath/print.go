package jsonpath

import (
	"strconv"
)

// Append shows the path as jsonpath_out does; quote appends a JSON string.
func (p *Path) Append(dst []byte, quote func(dst []byte, s string) []byte) []byte {
	w := printer{dst, quote}
	if p.Strict {
		w.text("strict ")
	}
	w.item(p.Root, false, true)
	return w.buf
}

type printer struct {
	buf   []byte
	quote func(dst []byte, s string) []byte
}

func (w *printer) text(s string)   { w.buf = append(w.buf, s...) }
func (w *printer) string(s string) { w.buf = w.quote(w.buf, s) }

var operators = map[Kind]string{
	And: "&&", Or: "||", Equal: "==", NotEqual: "!=", Less: "<", LessOrEqual: "<=", Greater: ">", GreaterOrEqual: ">=",
	Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%", StartsWith: "starts with",
}

// priority is how tightly an operator binds.
func priority(k Kind) int {
	switch k {
	case Or:
		return 0
	case And:
		return 1
	case Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, StartsWith:
		return 2
	case Add, Sub:
		return 3
	case Mul, Div, Mod:
		return 4
	case Plus, Minus:
		return 5
	}
	return 6
}

var steps = map[Kind]string{
	AnyArray: "[*]", Type: ".type()", Size: ".size()", Abs: ".abs()", Floor: ".floor()", Ceiling: ".ceiling()", Double: ".double()",
	KeyValue: ".keyvalue()", Null: "null", True: "true", False: "false", Root: "$", Current: "@", Last: "last",
}

// item shows an item and those after it. inKey says that a step precedes it,
// brackets that an operator goes in parentheses.
func (w *printer) item(it *Item, inKey, brackets bool) {
	for ; it != nil; it, inKey, brackets = it.Next, true, true {
		w.one(it, inKey, brackets)
	}
}

func (w *printer) one(it *Item, inKey, brackets bool) {
	if s, ok := steps[it.Kind]; ok {
		w.text(s)
		return
	}
	switch it.Kind {
	case Key:
		if inKey {
			w.text(".")
		}
		w.string(it.Str)
	case String:
		w.string(it.Str)
	case Variable:
		w.text("$")
		w.string(it.Str)
	case Number:
		if it.Next != nil {
			w.text("(" + it.Str + ")")
		} else {
			w.text(it.Str)
		}
	case AnyKey:
		if inKey {
			w.text(".")
		}
		w.text("*")
	case Any:
		w.any(it, inKey)
	case IndexArray:
		w.subscripts(it)
	case Filter:
		w.text("?(")
		w.item(it.Left, false, false)
		w.text(")")
	case Datetime:
		w.text(".datetime(")
		if it.Template {
			w.string(it.Str)
		}
		w.text(")")
	default:
		w.operator(it, brackets)
	}
}

func (w *printer) operator(it *Item, brackets bool) {
	operand := func(k *Item) { w.item(k, false, priority(k.Kind) <= priority(it.Kind)) }
	switch it.Kind {
	case Not:
		w.text("!(")
		w.item(it.Left, false, false)
		w.text(")")
		return
	case IsUnknown:
		w.text("(")
		w.item(it.Left, false, false)
		w.text(") is unknown")
		return
	case Exists:
		w.text("exists (")
		w.item(it.Left, false, false)
		w.text(")")
		return
	}
	if brackets {
		w.text("(")
	}
	switch it.Kind {
	case Plus, Minus:
		w.text(map[Kind]string{Plus: "+", Minus: "-"}[it.Kind])
		operand(it.Left)
	case LikeRegex:
		operand(it.Left)
		w.text(" like_regex ")
		w.string(it.Str)
		if it.Flags != 0 {
			w.text(" flag \"" + it.Flags.letters() + "\"")
		}
	default:
		operand(it.Left)
		w.text(" " + operators[it.Kind] + " ")
		operand(it.Right)
	}
	if brackets {
		w.text(")")
	}
}

// letters shows flags in PostgreSQL's order.
func (f Flags) letters() (s string) {
	for _, x := range []struct {
		f Flags
		c string
	}{{IgnoreCase, "i"}, {DotAll, "s"}, {MultiLine, "m"}, {Spaced, "x"}, {Quoted, "q"}} {
		if f&x.f != 0 {
			s += x.c
		}
	}
	return s
}

func (w *printer) any(it *Item, inKey bool) {
	if inKey {
		w.text(".")
	}
	level := func(n int) string {
		if n == Unbounded {
			return "last"
		}
		return strconv.Itoa(n)
	}
	switch {
	case it.First == 0 && it.Last == Unbounded:
		w.text("**")
	case it.First == it.Last:
		w.text("**{" + level(it.First) + "}")
	default:
		w.text("**{" + level(it.First) + " to " + level(it.Last) + "}")
	}
}

func (w *printer) subscripts(it *Item) {
	w.text("[")
	for i, s := range it.Subscripts {
		if i > 0 {
			w.text(",")
		}
		w.item(s.From, false, false)
		if s.To != nil {
			w.text(" to ")
			w.item(s.To, false, false)
		}
	}
	w.text("]")
}
