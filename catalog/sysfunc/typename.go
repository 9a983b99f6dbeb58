package sysfunc

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// typeReader reads a type name as SQL writes it: "integer", "varchar(10)[]",
// "timestamp(3) with time zone", app.mood.
type typeReader struct {
	c     *catalog.Context
	input string
	toks  []typeToken
}

type typeToken struct {
	text   string
	quoted bool
	raw    string // as it was written
}

// readType gives the type that a text names. Errors are PostgreSQL's:
// 42704 for an unknown name, 42601 for a malformed one.
func readType(c *catalog.Context, s string) (*types.Type, error) {
	r := &typeReader{c: c, input: s}
	if err := r.scan(); err != nil {
		return nil, err
	}
	if len(r.toks) == 0 || strings.EqualFold(r.toks[0].text, "setof") && !r.toks[0].quoted {
		return nil, pgerr.New(pgerr.SyntaxError, "invalid type name \"%s\"", s)
	}
	return r.read()
}

func (r *typeReader) scan() error {
	s := r.input
	for {
		s = strings.TrimLeft(s, blanks)
		if s == "" {
			return nil
		}
		switch c := s[0]; {
		case c == '"':
			part, rest, ok := quotedPart(s)
			if !ok {
				return r.bad("unterminated quoted identifier at or near \"" + s + "\"")
			}
			r.toks, s = append(r.toks, typeToken{truncate(part), true, s[:len(s)-len(rest)]}), rest
		case wordStart(c) || c >= '0' && c <= '9':
			end := 1
			for end < len(s) && (wordStart(s[end]) || s[end] >= '0' && s[end] <= '9' || s[end] == '$') {
				end++
			}
			r.toks, s = append(r.toks, typeToken{fold(s[:end]), false, s[:end]}), s[end:]
		case c == '\'':
			end := strings.IndexByte(s[1:], '\'') + 2
			if end == 1 {
				return r.bad("unterminated quoted string at or near \"" + s + "\"")
			}
			r.toks, s = append(r.toks, typeToken{s[:end], true, s[:end]}), s[end:]
		default:
			r.toks, s = append(r.toks, typeToken{s[:1], false, s[:1]}), s[1:]
		}
	}
}

func wordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func (r *typeReader) bad(msg string) error {
	e := pgerr.New(pgerr.SyntaxError, "%s", msg)
	e.Where = "invalid type name \"" + r.input + "\""
	return e
}

func (r *typeReader) unexpected() error {
	if len(r.toks) == 0 {
		return r.bad("syntax error at end of input")
	}
	return r.bad("syntax error at or near \"" + r.toks[0].raw + "\"")
}

// take consumes the next token when it is this word or sign.
func (r *typeReader) take(word string) bool {
	if len(r.toks) > 0 && !r.toks[0].quoted && r.toks[0].text == word {
		r.toks = r.toks[1:]
		return true
	}
	return false
}

// words consumes several words, all or none.
func (r *typeReader) words(ws ...string) bool {
	if len(r.toks) < len(ws) {
		return false
	}
	for i, w := range ws {
		if r.toks[i].quoted || r.toks[i].text != w {
			return false
		}
	}
	r.toks = r.toks[len(ws):]
	return true
}

func (r *typeReader) read() (*types.Type, error) {
	t, missing := r.base()
	if pgerr.CodeOf(missing) == pgerr.SyntaxError {
		return nil, missing
	}
	arr := r.take("array")
	for r.take("[") {
		arr = true
		if len(r.toks) > 0 && number(r.toks[0].text) {
			r.toks = r.toks[1:]
		}
		if !r.take("]") {
			return nil, r.unexpected()
		}
	}
	if len(r.toks) > 0 {
		return nil, r.unexpected()
	}
	if missing != nil {
		return nil, missing
	}
	if !arr || t.IsArray() {
		return t, nil
	}
	if t.Array == nil {
		return nil, pgerr.New(pgerr.UndefinedObject, "type \"%s[]\" does not exist", t.Name)
	}
	return t.Array, nil
}

func number(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// sqlTypes are the type names that SQL spells in its own words, without what may
// follow them.
var sqlTypes = map[string]OID{
	"int": types.Int4OID, "integer": types.Int4OID, "smallint": types.Int2OID, "bigint": types.Int8OID, "real": types.Float4OID,
	"boolean": types.BoolOID, "decimal": types.NumericOID, "dec": types.NumericOID, "numeric": types.NumericOID, "float": types.Float8OID,
	"varchar": types.VarcharOID, "character": types.BpcharOID, "char": types.BpcharOID, "nchar": types.BpcharOID, "bit": types.BitOID,
	"timestamp": types.TimestampOID, "time": types.TimeOID, "interval": types.IntervalOID,
}

// base reads a type name without array bounds.
func (r *typeReader) base() (*types.Type, error) {
	if r.words("double", "precision") {
		return types.TFloat8, nil
	}
	if r.take("national") {
		if !r.take("character") && !r.take("char") {
			return nil, r.unexpected()
		}
		return r.character()
	}
	first := r.toks[0]
	oid, ok := sqlTypes[first.text]
	if !ok || first.quoted || len(r.toks) > 1 && r.toks[1].text == "." {
		return r.generic()
	}
	r.toks = r.toks[1:]
	switch oid {
	case types.BpcharOID:
		return r.character()
	case types.BitOID:
		if r.take("varying") {
			oid = types.VarbitOID
		}
	case types.TimestampOID, types.TimeOID:
		return r.timeType(oid)
	case types.IntervalOID:
		return r.interval()
	}
	mods, err := r.modifiers()
	if err != nil {
		return nil, err
	}
	if first.text == "float" {
		return r.float(mods)
	}
	return r.withMods(types.ByOID(oid), first.text, mods)
}

func (r *typeReader) character() (*types.Type, error) {
	t, name := types.TBpchar, "char"
	if r.take("varying") {
		t, name = types.TVarchar, "varchar"
	}
	mods, err := r.modifiers()
	if err != nil {
		return nil, err
	}
	return r.withMods(t, name, mods)
}

func (r *typeReader) timeType(oid OID) (*types.Type, error) {
	mods, err := r.modifiers()
	if err != nil {
		return nil, err
	}
	switch {
	case r.words("with", "time", "zone"):
		oid = map[OID]OID{types.TimestampOID: types.TimestamptzOID, types.TimeOID: types.TimetzOID}[oid]
	case r.words("without", "time", "zone"):
	}
	return r.withMods(types.ByOID(oid), "", mods)
}

// interval reads the fields that may follow the word.
func (r *typeReader) interval() (*types.Type, error) {
	fields := []string{"year", "month", "day", "hour", "minute", "second"}
	for _, f := range fields {
		if !r.take(f) {
			continue
		}
		if r.take("to") {
			ok := false
			for _, g := range fields {
				ok = ok || r.take(g)
			}
			if !ok {
				return nil, r.unexpected()
			}
		}
		break
	}
	if _, err := r.modifiers(); err != nil {
		return nil, err
	}
	return types.TInterval, nil
}

func (r *typeReader) float(mods []string) (*types.Type, error) {
	if len(mods) == 0 {
		return types.TFloat8, nil
	}
	n, _ := strconv.Atoi(mods[0])
	var msg string
	switch {
	case n < 1:
		msg = "precision for type float must be at least 1 bit"
	case n <= 24:
		return types.TFloat4, nil
	case n <= 53:
		return types.TFloat8, nil
	default:
		msg = "precision for type float must be less than 54 bits"
	}
	e := pgerr.New(pgerr.InvalidParameterValue, "%s", msg)
	e.Where = "invalid type name \"" + r.input + "\""
	return nil, e
}

// modifiers reads (n, …) if it is there.
func (r *typeReader) modifiers() ([]string, error) {
	if !r.take("(") {
		return nil, nil
	}
	var mods []string
	for {
		sign := ""
		if r.take("-") {
			sign = "-"
		}
		if len(r.toks) == 0 || !number(r.toks[0].text) && !wordStart(r.toks[0].text[0]) {
			return nil, r.unexpected()
		}
		mods = append(mods, sign+r.toks[0].text)
		r.toks = r.toks[1:]
		if r.take(")") {
			return mods, nil
		}
		if !r.take(",") {
			return nil, r.unexpected()
		}
	}
}

// withMods checks modifiers as the type's typmodin function does. Their value is
// of no use here.
func (r *typeReader) withMods(t *types.Type, name string, mods []string) (*types.Type, error) {
	if len(mods) == 0 {
		return t, nil
	}
	switch t.OID {
	case types.VarcharOID, types.BpcharOID, types.BitOID, types.VarbitOID:
		if n, err := strconv.Atoi(mods[0]); err != nil || n < 1 {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "length for type %s must be at least 1", name)
		}
	case types.NumericOID:
		if n, err := strconv.Atoi(mods[0]); err != nil || n < 1 || n > 1000 {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "NUMERIC precision %s must be between 1 and 1000", mods[0])
		}
	case types.TimestampOID, types.TimestamptzOID, types.TimeOID, types.TimetzOID, types.IntervalOID:
	default:
		return nil, pgerr.New(pgerr.SyntaxError, "type modifier is not allowed for type \"%s\"", t.Name)
	}
	return t, nil
}

// generic reads a name that is no SQL word, possibly qualified.
func (r *typeReader) generic() (*types.Type, error) {
	var parts []string
	for {
		if len(r.toks) == 0 {
			return nil, r.unexpected()
		}
		w := r.toks[0]
		if !w.quoted && (!wordStart(w.text[0]) || len(parts) == 0 && reservedWord(w.text)) {
			return nil, r.unexpected()
		}
		parts = append(parts, w.text)
		r.toks = r.toks[1:]
		if !r.take(".") {
			break
		}
	}
	t, err := r.lookup(parts)
	if err != nil {
		return nil, err
	}
	mods, err := r.modifiers()
	if err != nil {
		return nil, err
	}
	return r.withMods(t, t.Name, mods)
}

func (r *typeReader) lookup(parts []string) (*types.Type, error) {
	name := parts[len(parts)-1]
	missing := pgerr.New(pgerr.UndefinedObject, "type \"%s\" does not exist", strings.Join(parts, "."))
	switch len(parts) {
	case 1:
		if t := r.c.FindType(r.c.Path, name); t != nil {
			return t, nil
		}
	case 2, 3:
		schema := parts[len(parts)-2]
		if len(parts) == 3 && parts[0] != r.c.DatabaseName() {
			return nil, pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", strings.Join(parts, "."))
		}
		n := findSchema(r.c, schema)
		if n == nil {
			return nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", schema)
		}
		if t := r.c.Type(n.OID, name); t != nil {
			return t, nil
		}
	default:
		return nil, pgerr.New(pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", strings.Join(parts, "."))
	}
	return nil, missing
}

// findSchema finds a schema by name, pg_temp being the session's own.
func findSchema(c *catalog.Context, name string) *catalog.Schema {
	if name == "pg_temp" && c.Temp != 0 {
		return c.SchemaByOID(c.Temp)
	}
	return c.Schema(name)
}
