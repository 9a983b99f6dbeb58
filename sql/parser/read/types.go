package read

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/ast/keyword"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/lex"
)

// args collects arguments of a marker while they are read.
type args []canon.Arg

// expr adds an expression that goes to to.
func (a *args) expr(to *ast.Expr, e expr) { *a = append(*a, canon.Arg{Piece: e.Piece, To: to}) }

// TypeName reads a type of a statement that TiDB has no form of; modifiers
// that are expressions become slots.
func (r *Reader) TypeName() ast.TypeName {
	var holes args
	t := r.typeName(&holes)
	for _, a := range holes {
		r.Slot(a)
	}
	return t
}

// ConstTypeName reads a type whose modifiers must be constants, which they must
// be in the end everywhere.
func (r *Reader) ConstTypeName() ast.TypeName {
	pos := r.tok.Pos
	var holes args
	t := r.typeName(&holes)
	if len(holes) > 0 {
		r.failAt(pos, "type modifiers must be simple constants or identifiers")
	}
	return t
}

// typeName reads gram.y's Typename. The arguments for modifiers that are no
// constants are added to holes.
func (r *Reader) typeName(holes *args) ast.TypeName {
	pos := r.tok.Pos
	setOf := r.Accept(keyword.Setof)
	t := r.simpleTypeName(holes)
	t.SetOf, t.Pos = setOf, pos
	r.arrayBounds(&t)
	return t
}

// arrayBounds reads [], [n] … or ARRAY [n].
func (r *Reader) arrayBounds(t *ast.TypeName) {
	if r.Accept(keyword.Array) {
		dim := int32(-1)
		if r.AcceptChar('[') {
			dim = r.IntConst()
			r.ExpectChar(']')
		}
		t.ArrayDims = []int32{dim}
		return
	}
	for r.AcceptChar('[') {
		dim := int32(-1)
		if !r.IsChar(']') {
			dim = r.IntConst()
		}
		r.ExpectChar(']')
		t.ArrayDims = append(t.ArrayDims, dim)
	}
}

// SimpleTypeName reads a type without array bounds.
func (r *Reader) SimpleTypeName() ast.TypeName {
	var holes args
	t := r.simpleTypeName(&holes)
	for _, a := range holes {
		r.Slot(a)
	}
	return t
}

func (r *Reader) simpleTypeName(holes *args) ast.TypeName {
	if t, ok := r.keywordType(holes, false); ok {
		return t
	}
	return r.genericType(holes)
}

// genericType reads a type that is named like any other object.
func (r *Reader) genericType(holes *args) ast.TypeName {
	pos := r.tok.Pos
	parts := []string{r.name(classTypeFunc).Name}
	for r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	t := ast.TypeName{Name: r.toName(parts, pos), Pos: pos}
	t.Mods = r.typeModifiers(holes)
	return t
}

// FuncType reads a type that may be the type of a column: name%TYPE.
func (r *Reader) FuncType() ast.TypeName {
	n := 0
	if r.Is(keyword.Setof) {
		n = 1
	}
	if r.isName(n, classTypeFunc) && r.Peek(n+1).Kind == '.' {
		for n += 2; r.Peek(n+1).Kind == '.'; n += 2 {
		}
		if r.Peek(n+1).Kind == '%' && r.Peek(n+2).Is(keyword.Type) {
			return r.pctType()
		}
	}
	return r.TypeName()
}

func (r *Reader) pctType() ast.TypeName {
	pos := r.tok.Pos
	setOf := r.Accept(keyword.Setof)
	parts := []string{r.name(classTypeFunc).Name}
	for r.AcceptChar('.') {
		parts = append(parts, r.ColLabel().Name)
	}
	r.ExpectChar('%')
	r.Expect(keyword.Type)
	return ast.TypeName{Name: r.toName(parts, pos), SetOf: setOf, PctType: true, Pos: pos}
}

// typeModifiers reads (a, b, …) if it follows. Constants are taken as they
// are, other expressions are holes.
func (r *Reader) typeModifiers(holes *args) []ast.Expr {
	if !r.AcceptChar('(') {
		return nil
	}
	var mods []ast.Expr
	var exprs args
	at := []int{}
	r.Commas(func() {
		if lit := r.loneLiteral(); lit != nil {
			mods = append(mods, lit)
			return
		}
		if k := r.Peek(1).Kind; r.IsColID() && (k == ',' || k == ')') {
			id := r.ColID()
			mods = append(mods, &ast.ColumnRef{Parts: []string{id.Name}, Pos: id.Pos})
			return
		}
		at = append(at, len(mods))
		mods = append(mods, nil)
		exprs.expr(nil, r.Expr())
	})
	r.ExpectChar(')')
	for i, a := range exprs {
		a.To = &mods[at[i]]
		*holes = append(*holes, a)
	}
	return mods
}

func systemType(name string, pos ast.Pos, mods ...ast.Expr) ast.TypeName {
	return ast.TypeName{Name: ast.Name{Schema: "pg_catalog", Object: name, Pos: pos}, Mods: mods, Pos: pos}
}

func intLiteral(v int64, pos ast.Pos) *ast.Literal {
	return &ast.Literal{Kind: ast.LitInteger, Text: strconv.FormatInt(v, 10), Pos: pos}
}

// plainType is a type of one key word without modifiers, "" if k is none.
func plainType(k keyword.ID) string {
	switch k {
	case keyword.Int, keyword.Integer:
		return "int4"
	case keyword.Smallint:
		return "int2"
	case keyword.Bigint:
		return "int8"
	case keyword.Real:
		return "float4"
	case keyword.Boolean:
		return "bool"
	}
	return ""
}

// keywordType reads a type that has its own grammar. As the type of a constant
// (forConst), char and bit without a length have none, and an interval's
// fields stand behind the constant. ok is false if the current token is no
// such type; nothing is read then.
func (r *Reader) keywordType(holes *args, forConst bool) (t ast.TypeName, ok bool) {
	pos := r.tok.Pos
	if name := plainType(r.tok.Keyword); name != "" {
		r.Next()
		return systemType(name, pos), true
	}
	switch r.tok.Keyword {
	case keyword.Double:
		if !r.Peek(1).Is(keyword.Precision) {
			return t, false
		}
		r.Skip(2)
		return systemType("float8", pos), true
	case keyword.Float:
		return r.floatType(), true
	case keyword.Decimal, keyword.Dec, keyword.Numeric:
		r.Next()
		return systemType("numeric", pos, r.typeModifiers(holes)...), true
	case keyword.Bit:
		return r.bitType(holes, forConst), true
	case keyword.Character, keyword.Char, keyword.Varchar, keyword.Nchar, keyword.National:
		return r.charType(forConst), true
	case keyword.Time:
		return r.timeType("time", "timetz"), true
	case keyword.Timestamp:
		return r.timeType("timestamp", "timestamptz"), true
	case keyword.Interval:
		r.Next()
		mods := r.intervalPrecision()
		if mods == nil && !forConst {
			mods = r.intervalFields()
		}
		return systemType("interval", pos, mods...), true
	}
	return t, false
}

func (r *Reader) floatType() ast.TypeName {
	pos := r.tok.Pos
	r.Next()
	if !r.IsChar('(') {
		return systemType("float8", pos)
	}
	at := r.tok.Pos
	r.Next()
	n := r.IntConst()
	r.ExpectChar(')')
	switch {
	case n < 1:
		r.Fail(pgerr.New(pgerr.InvalidParameterValue, "precision for type float must be at least 1 bit").At(at + 1))
	case n <= 24:
		return systemType("float4", pos)
	case n > 53:
		r.Fail(pgerr.New(pgerr.InvalidParameterValue, "precision for type float must be less than 54 bits").At(at + 1))
	}
	return systemType("float8", pos)
}

func (r *Reader) bitType(holes *args, forConst bool) ast.TypeName {
	pos := r.tok.Pos
	r.Next()
	varying := r.Accept(keyword.Varying)
	name := "bit"
	if varying {
		name = "varbit"
	}
	mods := r.typeModifiers(holes)
	if mods == nil && !varying && !forConst {
		mods = []ast.Expr{intLiteral(1, ast.NoPos)}
	}
	return systemType(name, pos, mods...)
}

func (r *Reader) charType(forConst bool) ast.TypeName {
	pos := r.tok.Pos
	name := "bpchar"
	switch {
	case r.Accept(keyword.Varchar):
		name = "varchar"
	case r.Accept(keyword.National):
		if !r.Is(keyword.Character) && !r.Is(keyword.Char) {
			panic(r.Unexpected())
		}
		fallthrough
	default:
		r.Next()
		if r.Accept(keyword.Varying) {
			name = "varchar"
		}
	}
	if r.AcceptChar('(') {
		at := r.tok.Pos
		n := r.IntConst()
		r.ExpectChar(')')
		return systemType(name, pos, intLiteral(int64(n), at))
	}
	if name == "bpchar" && !forConst {
		return systemType(name, pos, intLiteral(1, ast.NoPos))
	}
	return systemType(name, pos)
}

func (r *Reader) timeType(without, with string) ast.TypeName {
	pos := r.tok.Pos
	r.Next()
	var mods []ast.Expr
	if r.AcceptChar('(') {
		at := r.tok.Pos
		mods = []ast.Expr{intLiteral(int64(r.IntConst()), at)}
		r.ExpectChar(')')
	}
	name := without
	if r.isWithLA() && r.Peek(1).Is(keyword.Time) {
		if r.Is(keyword.With) {
			name = with
		}
		r.Skip(2)
		r.Expect(keyword.Zone)
	}
	return systemType(name, pos, mods...)
}

// intervalPrecision reads the (p) of INTERVAL(p).
func (r *Reader) intervalPrecision() []ast.Expr {
	if !r.AcceptChar('(') {
		return nil
	}
	at := r.tok.Pos
	n := r.IntConst()
	r.ExpectChar(')')
	return []ast.Expr{intLiteral(ast.IntervalFull, ast.NoPos), intLiteral(int64(n), at)}
}

// intervalField is a field of an interval type with its rank.
var intervalField = map[keyword.ID]int{
	keyword.Year: ast.IntervalYear, keyword.Month: ast.IntervalMonth, keyword.Day: ast.IntervalDay,
	keyword.Hour: ast.IntervalHour, keyword.Minute: ast.IntervalMinute, keyword.Second: ast.IntervalSecond,
}

// intervalRange is the mask of "from TO to", for the ranges there are.
var intervalRange = map[[2]keyword.ID]int{
	{keyword.Year, keyword.Month}:    ast.IntervalYear | ast.IntervalMonth,
	{keyword.Day, keyword.Hour}:      ast.IntervalDay | ast.IntervalHour,
	{keyword.Day, keyword.Minute}:    ast.IntervalDay | ast.IntervalHour | ast.IntervalMinute,
	{keyword.Day, keyword.Second}:    ast.IntervalDay | ast.IntervalHour | ast.IntervalMinute | ast.IntervalSecond,
	{keyword.Hour, keyword.Minute}:   ast.IntervalHour | ast.IntervalMinute,
	{keyword.Hour, keyword.Second}:   ast.IntervalHour | ast.IntervalMinute | ast.IntervalSecond,
	{keyword.Minute, keyword.Second}: ast.IntervalMinute | ast.IntervalSecond,
}

// intervalFields reads opt_interval: YEAR, DAY TO SECOND(3), ….
func (r *Reader) intervalFields() []ast.Expr {
	from := r.tok.Keyword
	mask, ok := intervalField[from]
	if !ok {
		return nil
	}
	pos := r.tok.Pos
	r.Next()
	last := from
	if from != keyword.Month && from != keyword.Second && r.Accept(keyword.To) {
		last = r.tok.Keyword
		if mask, ok = intervalRange[[2]keyword.ID{from, last}]; !ok {
			panic(r.Unexpected())
		}
		r.Next()
	}
	mods := []ast.Expr{intLiteral(int64(mask), pos)}
	if last == keyword.Second && r.AcceptChar('(') {
		at := r.tok.Pos
		mods = append(mods, intLiteral(int64(r.IntConst()), at))
		r.ExpectChar(')')
	}
	return mods
}

// IntConst reads an integer that fits an int4.
func (r *Reader) IntConst() int32 {
	if r.tok.Kind != lex.Int {
		panic(r.Unexpected())
	}
	n, err := strconv.ParseInt(r.tok.Str, 10, 32)
	if err != nil {
		panic(r.Unexpected())
	}
	r.Next()
	return int32(n)
}

// SignedInt reads an integer with an optional sign.
func (r *Reader) SignedInt() int32 {
	if r.AcceptChar('-') {
		return -r.IntConst()
	}
	r.AcceptChar('+')
	return r.IntConst()
}

// Number reads gram.y's NumericOnly: a number with an optional sign.
func (r *Reader) Number() *ast.Literal {
	pos, sign := r.tok.Pos, ""
	switch {
	case r.AcceptChar('-'):
		sign = "-"
	case r.AcceptChar('+'):
	}
	lit := r.numberLiteral()
	if lit == nil {
		panic(r.Unexpected())
	}
	lit.Text, lit.Pos = negated(sign, lit.Text), pos
	return lit
}

// IsNumber tells whether a number with an optional sign follows.
func (r *Reader) IsNumber() bool {
	n := 0
	if r.IsChar('-') || r.IsChar('+') {
		n = 1
	}
	k := r.Peek(n).Kind
	return k == lex.Int || k == lex.Float
}

func negated(sign, text string) string {
	if sign == "-" && text != "0" {
		return "-" + text
	}
	return text
}

// IntervalConst reads an interval literal, and tells where its fields stand.
func (r *Reader) IntervalConst() (value *ast.TypeCast, fieldPos ast.Pos) {
	pos := r.tok.Pos
	r.Expect(keyword.Interval)
	mods := r.intervalPrecision()
	lit := &ast.Literal{Kind: ast.LitString, Text: r.tok.Str, Pos: r.tok.Pos}
	r.ExpectChar(lex.String)
	fieldPos = r.tok.Pos
	if mods == nil {
		mods = r.intervalFields()
	}
	return &ast.TypeCast{X: lit, Type: systemType("interval", pos, mods...), Pos: pos}, fieldPos
}
