package types

import (
	"github.com/streamsqld/streamsqld/internal/jsonpath"
)

// A value of type jsonpath is the path as jsonpath_out shows it.
var jsonpathCodec = &codec{in: jsonpathIn, out: textOut, recv: jsonpathRecv, send: jsonpathSend}

func jsonpathIn(_ *Env, _ *Type, s string, _ int32) (Datum, error) {
	p, err := ParseJSONPath(s)
	if err != nil {
		return Null, err
	}
	return NewString(string(p.Append(nil, AppendJSONString))), nil
}

// ParseJSONPath reads a path; numbers in it have the form of numeric.
func ParseJSONPath(s string) (*jsonpath.Path, error) {
	return jsonpath.Parse(s, func(n string) (string, error) {
		x, err := ParseNumeric(n)
		return x.String(), err
	})
}
