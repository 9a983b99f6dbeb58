package types

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// sqlNames holds the types whose SQL name is not their typname.
var sqlNames = map[OID]string{
	BitOID: "bit", BoolOID: "boolean", BpcharOID: "character", CharOID: `"char"`, Float4OID: "real", Float8OID: "double precision",
	Int2OID: "smallint", Int4OID: "integer", Int8OID: "bigint", NumericOID: "numeric", IntervalOID: "interval",
	TimeOID: "time without time zone", TimetzOID: "time with time zone",
	TimestampOID: "timestamp without time zone", TimestamptzOID: "timestamp with time zone",
	VarbitOID: "bit varying", VarcharOID: "character varying",
}

// SQLName is the type's name as format_type gives it, with the modifier unless
// it is NoMod: "integer", "character varying(10)", "numeric(10,2)[]". Names of
// users' types are quoted where needed, but not qualified.
func (t *Type) SQLName(mod int32) string {
	if t.IsArray() {
		return t.Elem.SQLName(mod) + "[]"
	}
	name, ok := sqlNames[t.OID]
	if !ok {
		return QuoteIdent(t.Name)
	}
	if mod == NoMod {
		if t.OID == BpcharOID {
			return "character"
		}
		return name
	}
	if i := strings.Index(name, " with"); i >= 0 && t.OID != VarbitOID {
		return name[:i] + t.modText(mod) + name[i:]
	}
	return name + t.modText(mod)
}

// modText is a modifier as its typmodout function shows it.
func (t *Type) modText(mod int32) string {
	paren := func(n int32) string { return "(" + strconv.Itoa(int(n)) + ")" }
	switch t.OID {
	case BpcharOID, VarcharOID:
		if mod > varHdrSize {
			return paren(mod - varHdrSize)
		}
		return ""
	case NumericOID:
		p, s, ok := NumericTypmodParts(mod)
		if !ok {
			return ""
		}
		return "(" + strconv.Itoa(int(p)) + "," + strconv.Itoa(int(s)) + ")"
	case IntervalOID:
		return intervalModText(mod)
	}
	switch t.OID {
	case BoolOID, Int2OID, Int4OID, Int8OID, Float4OID, Float8OID: // words of SQL's own, which take none
		return ""
	}
	if mod < 0 {
		return ""
	}
	return paren(mod)
}

// QuoteIdent quotes an identifier, unless it is plain (lower-case letters, digits
// and underscores, not starting with a digit) and no key word that needs it.
func QuoteIdent(s string) string { return pgdata.QuoteIdent(s) }
