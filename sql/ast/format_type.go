package ast

import "strconv"

// typeName writes a type, pg_catalog's under the names that SQL has for them.
func (p *printer) typeName(t TypeName) {
	p.when(t.SetOf, "SETOF ")
	if t.PctType {
		p.name(t.Name)
		p.text("%TYPE")
		return
	}
	if !p.systemType(t) {
		p.name(t.Name)
		p.typeMods(t.Mods)
	}
	for _, n := range t.ArrayDims {
		p.text("[")
		if n >= 0 {
			p.int(int64(n))
		}
		p.text("]")
	}
}

func (p *printer) typeMods(mods []Expr) {
	if len(mods) > 0 {
		p.parens(len(mods), func(i int) { p.expr(mods[i]) })
	}
}

// sqlTypes are the types of one word, or two, without modifiers of their own.
var sqlTypes = map[string]string{
	"int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
	"bool": "boolean",
}

// systemType writes a type that SQL has a name for; false means that it has
// none.
func (p *printer) systemType(t TypeName) bool {
	if t.Name.Schema != "pg_catalog" || t.Name.Catalog != "" {
		return false
	}
	if name, ok := sqlTypes[t.Name.Object]; ok && t.Mods == nil {
		p.text(name)
		return true
	}
	n, one := precision(t.Mods)
	switch t.Name.Object {
	case "numeric":
		p.text("numeric")
		p.typeMods(t.Mods)
		return true
	case "bpchar":
		p.when(one, "character("+n+")")
		return one
	case "varchar":
		return p.sized("character varying", "", t.Mods)
	case "bit":
		p.when(len(t.Mods) > 0, "bit")
		p.typeMods(t.Mods)
		return len(t.Mods) > 0
	case "varbit":
		p.text("bit varying")
		p.typeMods(t.Mods)
		return true
	case "time":
		return p.sized("time", "", t.Mods)
	case "timetz":
		return p.sized("time", " with time zone", t.Mods)
	case "timestamp":
		return p.sized("timestamp", "", t.Mods)
	case "timestamptz":
		return p.sized("timestamp", " with time zone", t.Mods)
	case "interval":
		return p.interval(t.Mods)
	}
	return false
}

// precision is the one modifier if it is a plain number.
func precision(mods []Expr) (text string, ok bool) {
	if len(mods) != 1 {
		return "", false
	}
	lit, ok := mods[0].(*Literal)
	if !ok || lit.Kind != LitInteger || lit.Text[0] == '-' {
		return "", false
	}
	return lit.Text, true
}

// sized writes name(n)rest or name rest.
func (p *printer) sized(name, rest string, mods []Expr) bool {
	n, one := precision(mods)
	switch {
	case one:
		p.text(name, "(", n, ")", rest)
	case mods == nil:
		p.text(name, rest)
	default:
		return false
	}
	return true
}

// intervalFields are the fields of an interval by their mask.
var intervalFields = map[int]string{
	IntervalYear: "year", IntervalMonth: "month", IntervalDay: "day", IntervalHour: "hour",
	IntervalMinute: "minute", IntervalSecond: "second",
	IntervalYear | IntervalMonth:                                 "year to month",
	IntervalDay | IntervalHour:                                   "day to hour",
	IntervalDay | IntervalHour | IntervalMinute:                  "day to minute",
	IntervalDay | IntervalHour | IntervalMinute | IntervalSecond: "day to second",
	IntervalHour | IntervalMinute:                                "hour to minute",
	IntervalHour | IntervalMinute | IntervalSecond:               "hour to second",
	IntervalMinute | IntervalSecond:                              "minute to second",
	IntervalFull:                                                 "",
}

// interval writes an interval type with its fields and precision.
func (p *printer) interval(mods []Expr) bool {
	if mods == nil {
		p.text("interval")
		return true
	}
	mask, _ := precision(mods[:1])
	n, err := strconv.Atoi(mask)
	fields, ok := intervalFields[n]
	if err != nil || !ok || len(mods) > 2 {
		return false
	}
	p.text("interval")
	p.when(fields != "", " "+fields)
	if len(mods) == 2 {
		p.text("(")
		p.expr(mods[1])
		p.text(")")
	}
	return true
}
