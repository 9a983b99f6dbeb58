package sysfunc

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// The array types that arguments and results have.
var (
	boolArray = types.ByOID(1000)
	int4Array = types.ByOID(1007)
	nameArray = types.ByOID(1003)
	textArray = types.ByOID(1009)
	oidArray  = types.ByOID(1028)
	aclArray  = types.ByOID(1034)
)

// literal gives the text form of an array or a vector.
func literal(t *types.Type, d types.Datum) string {
	if !t.Supported() {
		return d.Str()
	}
	return t.Text(types.DefaultEnv, d)
}

// array makes an array of its elements' text forms.
func array(t *types.Type, elems []string) types.Datum {
	var b strings.Builder
	b.WriteByte('{')
	for i, e := range elems {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoteElem(e))
	}
	b.WriteByte('}')
	if !t.Supported() {
		return types.NewString(b.String())
	}
	d, err := t.In(types.DefaultEnv, b.String(), types.NoMod)
	if err != nil {
		return types.Null
	}
	return d
}

func quoteElem(e string) string {
	if e != "" && !strings.EqualFold(e, "null") && !strings.ContainsAny(e, "{}\",\\ \t\n\r\v\f") {
		return e
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(e) + `"`
}

// elements gives the elements of a one-dimensional array as texts; NULLs are
// left out.
func elements(t *types.Type, d types.Datum) []string {
	s := literal(t, d)
	if i := strings.IndexByte(s, '='); i >= 0 && strings.HasPrefix(s, "[") {
		s = s[i+1:] // bounds
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	var out []string
	for s != "" {
		var elem strings.Builder
		quoted := s[0] == '"'
		i := 0
		if quoted {
			i++
		}
		for i < len(s) && (quoted && s[i] != '"' || !quoted && s[i] != ',') {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			elem.WriteByte(s[i])
			i++
		}
		if quoted {
			i++
		}
		if quoted || elem.String() != "NULL" {
			out = append(out, elem.String())
		}
		s = strings.TrimPrefix(s[min(i, len(s)):], ",")
	}
	return out
}

// oids gives the elements of an oidvector or an oid[].
func oids(t *types.Type, d types.Datum) []OID {
	fields := elements(t, d)
	if t.IsVector {
		fields = strings.Fields(literal(t, d))
	}
	out := make([]OID, 0, len(fields))
	for _, f := range fields {
		n, _ := strconv.ParseUint(f, 10, 32)
		out = append(out, OID(n))
	}
	return out
}
