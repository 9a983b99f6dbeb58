package pathquery

import (
	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

var binaries = map[jsonpath.Kind]struct {
	sign string
	f    func(a, b types.Numeric) (types.Numeric, error)
}{
	jsonpath.Add: {"+", types.NumericAdd}, jsonpath.Sub: {"-", types.NumericSub}, jsonpath.Mul: {"*", types.NumericMul},
	jsonpath.Div: {"/", types.NumericDiv}, jsonpath.Mod: {"%", types.NumericMod},
}

func (r *run) binary(p *jsonpath.Item, v item, out *list) outcome {
	var left, right list
	if r.results(p.Left, v, true, &left) == failed || r.results(p.Right, v, true, &right) == failed {
		return failed
	}
	op := binaries[p.Kind]
	for i, l := range []list{left, right} {
		if len(l) != 1 || l[0].Kind() != types.JSONNumber {
			return r.fail(pgerr.SingletonSQLJSONItemRequired, "%s operand of jsonpath operator %s is not a single numeric value", [2]string{"left", "right"}[i], op.sign)
		}
	}
	n, err := op.f(left[0].Number(), right[0].Number())
	if err != nil {
		e := pgerr.From(err)
		return r.fail(e.Code, "%s", e.Message)
	}
	if p.Next == nil && out == nil {
		return found
	}
	return r.next(p, number(n), out)
}

func (r *run) unary(p *jsonpath.Item, v item, out *list) outcome {
	var l list
	if r.results(p.Left, v, true, &l) == failed {
		return failed
	}
	res := notFound
	for _, x := range l {
		if x.Kind() != types.JSONNumber {
			if out == nil && p.Next == nil {
				continue
			}
			sign := "+"
			if p.Kind == jsonpath.Minus {
				sign = "-"
			}
			return r.fail(pgerr.SQLJSONNumberNotFound, "operand of unary jsonpath operator %s is not a numeric value", sign)
		}
		if out == nil && p.Next == nil {
			return found
		}
		n := x.Number()
		if p.Kind == jsonpath.Minus {
			n = types.NumericNeg(n)
		}
		switch r.next(p, number(n), out) {
		case failed:
			return failed
		case found:
			if out == nil {
				return found
			}
			res = found
		}
	}
	return res
}
