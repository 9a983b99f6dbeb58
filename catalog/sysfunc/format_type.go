package sysfunc

import (
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	add(map[string]scalar{
		"format_type": func(c *call) (types.Datum, error) {
			if !c.has(0) {
				return types.Null, nil
			}
			mod := types.NoMod
			if c.has(1) {
				mod = int32(c.num(1))
			}
			return text(FormatType(c.Context, c.oid(0), mod, c.has(1))), nil
		},
		"oidvectortypes": func(c *call) (types.Datum, error) {
			var b []byte
			for i, oid := range elements(types.TOidVector, c.args[0]) {
				if i > 0 {
					b = append(b, ", "...)
				}
				b = append(b, FormatType(c.Context, OID(oid.Int()), types.NoMod, false)...)
			}
			return text(string(b)), nil
		},
	})
}

// FormatType gives a type's SQL name as format_type does, qualified when its
// plain name means something else on the search path. given says that a modifier
// was, even if it is NoMod: char and bit without one are not what their SQL names
// mean.
func FormatType(c *catalog.Context, oid OID, mod int32, given bool) string {
	if oid == 0 {
		return "-"
	}
	t := c.TypeByOID(oid)
	if t == nil {
		return "???"
	}
	if t.IsArray() {
		return FormatType(c, t.Elem.OID, mod, given) + "[]"
	}
	if given && mod == types.NoMod {
		switch t.OID {
		case types.BpcharOID:
			return "bpchar"
		case types.BitOID:
			return `"bit"`
		}
	}
	if t.Schema == catalog.PgCatalogOID && t.OID < types.FirstUserOID && t.Class != types.Composite {
		name := t.SQLName(mod)
		switch {
		case name != t.Name, t.OID == types.BitOID, t.OID == types.NumericOID, t.OID == types.IntervalOID:
			return name // SQL has a word for it
		case c.FindType(c.Path, t.Name) == t:
			return catalog.QuoteIdent(name) + plainMod(mod)
		}
	}
	name := catalog.QuoteIdent(t.Name)
	if found := c.FindType(c.Path, t.Name); found == nil || found.OID != t.OID {
		name = schemaName(c, t.Schema) + "." + name
	}
	return name + plainMod(mod)
}

// plainMod shows the modifier of a type that has no way of its own.
func plainMod(mod int32) string {
	if mod < 0 {
		return ""
	}
	return "(" + strconv.Itoa(int(mod)) + ")"
}

// schemaName gives a schema's name, quoted where needed.
func schemaName(c *catalog.Context, oid OID) string {
	if s := c.SchemaByOID(oid); s != nil {
		return catalog.QuoteIdent(s.Name)
	}
	return strconv.FormatUint(uint64(oid), 10)
}
