package types

import (
	"bytes"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// genDatum makes values of a type, extremes among them.
func genDatum(t *Type) *rapid.Generator[Datum] {
	return rapid.Custom(func(r *rapid.T) Datum { return drawDatum(r, t) })
}

func drawDatum(r *rapid.T, t *Type) Datum {
	switch t.OID {
	case BoolOID:
		return NewBool(rapid.Bool().Draw(r, "bool"))
	case Int2OID:
		return NewInt(int64(rapid.Int16().Draw(r, "int2")))
	case Int4OID:
		return NewInt(int64(rapid.Int32().Draw(r, "int4")))
	case OidOID:
		return NewInt(int64(rapid.Uint32().Draw(r, "oid")))
	case Int8OID, MoneyOID, PgLSNOID, Xid8OID:
		return NewInt(rapid.Int64().Draw(r, "int8"))
	case Float8OID:
		return NewFloat(drawFloat(r))
	case Float4OID:
		return NewFloat(float64(float32(drawFloat(r))))
	case NumericOID:
		return NewNumeric(drawNumeric(r))
	case TextOID, VarcharOID, BpcharOID:
		return NewString(rapid.StringOfN(rapid.RuneFrom([]rune(`ab ,"\{}()é日N`)), 0, 8, -1).Draw(r, "text"))
	case ByteaOID:
		return NewString(string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 255, 'a', '\\'}), 0, 6).Draw(r, "bytea")))
	case CharOID:
		return NewChar(rapid.Byte().Draw(r, "char"))
	case UUIDOID:
		return NewString(string(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(r, "uuid")))
	case InetOID, CidrOID:
		a := Inet{V6: rapid.Bool().Draw(r, "v6")}
		a.Bits = rapid.IntRange(0, a.MaxBits()).Draw(r, "bits")
		copy(a.Bytes(), rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 128, 255}), a.Size(), a.Size()).Draw(r, "address"))
		if t.OID == CidrOID {
			a = a.Network()
		}
		return NewString(a.Encode())
	case MacaddrOID, Macaddr8OID:
		return NewString(string(rapid.SliceOfN(rapid.Byte(), int(t.Len), int(t.Len)).Draw(r, "mac")))
	case BitOID, VarbitOID:
		b := MakeBits(rapid.IntRange(0, 20).Draw(r, "bits"))
		copy(b[1:], rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 128, 255}), len(b)-1, len(b)-1).Draw(r, "bytes"))
		return NewString(string(FinishBits(b)))
	case DateOID:
		return NewInt(rapid.OneOf(rapid.Just(int64(DateInfinity)), rapid.Just(int64(DateMinusInfinity)), rapid.Int64Range(minDateDays, endDateDays-1)).Draw(r, "date"))
	case TimeOID:
		return NewInt(rapid.Int64Range(0, microsPerDay).Draw(r, "time"))
	case TimetzOID:
		return NewInt(PackTimeTZ(rapid.Int64Range(0, microsPerDay).Draw(r, "time"), int32(rapid.IntRange(1-maxZoneOffset, maxZoneOffset-1).Draw(r, "zone"))))
	case TimestampOID, TimestamptzOID:
		return NewInt(rapid.OneOf(rapid.Just(int64(TimestampInfinity)), rapid.Just(int64(TimestampNegInfinity)), rapid.Int64Range(minTimestamp, endTimestamp-1)).Draw(r, "ts"))
	case IntervalOID:
		return NewInterval(Interval{
			Months: rapid.SampledFrom([]int32{0, 1, -1, 12, 25, -30, 100000}).Draw(r, "months"),
			Days:   rapid.SampledFrom([]int32{0, 1, -1, 30, -30, 400000}).Draw(r, "days"),
			Micros: rapid.OneOf(rapid.SampledFrom([]int64{0, 1, -1, microsPerDay, -microsPerDay, 30 * microsPerDay}), rapid.Int64Range(math.MinInt64/2, math.MaxInt64/2)).Draw(r, "micros")})
	case JSONBOID:
		return NewString(string(drawJSON(r, 2)))
	}
	switch {
	case t.Class == Enum:
		return NewInt(rapid.SampledFrom(t.Labels).Draw(r, "label").Key)
	case t.Class == Range:
		r := drawRange(r, t)
		return NewString(r.Encode(t))
	case t.Class == Multirange:
		var rs []RangeVal
		for range rapid.IntRange(0, 3).Draw(r, "ranges") {
			rs = append(rs, drawRange(r, t.Over))
		}
		return NewString(EncodeMultirange(t, rs))
	case t.Class == Composite:
		var rec Record
		for _, f := range t.live() {
			rec.Types, rec.Vals = append(rec.Types, f.Type), append(rec.Vals, drawNullable(r, f.Type))
		}
		return NewString(rec.Encode())
	}
	return drawArray(r, t)
}

func drawNullable(r *rapid.T, t *Type) Datum {
	if rapid.IntRange(0, 4).Draw(r, "null") == 0 {
		return Null
	}
	d := drawDatum(r, t)
	if t.OID == NumericOID { // what a composite type's modifier lets through
		n, _ := NumericRound(d.Numeric(), 2)
		d = NewNumeric(n)
		if n.Form() == NumPosInf || n.Form() == NumNegInf || n.exponent() >= 3 {
			d = NewNumeric(NumericScaled(150, 2))
		}
	}
	return d
}

func drawArray(r *rapid.T, t *Type) Datum {
	a := Array{Elem: t.Elem}
	n := 1
	for range rapid.IntRange(0, 2).Draw(r, "ndim") {
		d := rapid.Int32Range(1, 3).Draw(r, "dim")
		a.Dims, a.Lower = append(a.Dims, d), append(a.Lower, rapid.SampledFrom([]int32{1, 1, 0, -5}).Draw(r, "lower"))
		n *= int(d)
	}
	if len(a.Dims) > 0 {
		for range n {
			a.Vals = append(a.Vals, drawNullable(r, t.Elem))
		}
	}
	return NewString(a.Encode())
}

func drawFloat(r *rapid.T) float64 {
	return rapid.OneOf(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1, -1.5}), rapid.Float64(), rapid.Map(rapid.Int32(), func(i int32) float64 { return float64(i) / 100 })).Draw(r, "float")
}

func drawNumeric(r *rapid.T) Numeric {
	scale := rapid.Int32Range(0, 30).Draw(r, "scale")
	switch rapid.IntRange(0, 9).Draw(r, "form") {
	case 0:
		return NumericSpecial(rapid.SampledFrom([]NumForm{NumNaN, NumPosInf, NumNegInf}).Draw(r, "special"))
	case 1, 2:
		c := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(rapid.IntRange(0, 60).Draw(r, "pow"))), nil)
		c.Mul(c, big.NewInt(rapid.Int64Range(-1000, 1000).Draw(r, "coef")))
		return NumericBig(c, scale)
	case 3, 4, 5:
		return NumericScaled(rapid.Int64Range(-100, 100).Draw(r, "small"), rapid.Int32Range(0, 3).Draw(r, "places"))
	}
	return NumericScaled(rapid.Int64().Draw(r, "coef"), scale)
}

func drawJSON(r *rapid.T, depth int) JSONB {
	kind := rapid.IntRange(0, 3+min(depth, 1)*2).Draw(r, "json")
	switch kind {
	case 0:
		return JSONBNull
	case 1:
		return JSONBBool(rapid.Bool().Draw(r, "bool"))
	case 2:
		return JSONBNumber(NumericScaled(rapid.Int64Range(-20, 20).Draw(r, "num"), rapid.Int32Range(0, 2).Draw(r, "scale")))
	case 3:
		return JSONBString(rapid.StringOfN(rapid.RuneFrom([]rune("ab\"\n\u0001é")), 0, 3, -1).Draw(r, "str"))
	}
	n := rapid.IntRange(0, 3).Draw(r, "n")
	if kind == 4 {
		var elems []JSONB
		for range n {
			elems = append(elems, drawJSON(r, depth-1))
		}
		return JSONBArray(elems)
	}
	var pairs []JSONPair
	for range n {
		pairs = append(pairs, JSONPair{rapid.SampledFrom([]string{"a", "b", "aa", "", "é"}).Draw(r, "key"), drawJSON(r, depth-1)})
	}
	return JSONBObject(pairs)
}

func drawRange(r *rapid.T, t *Type) RangeVal {
	bound := func(name string) Bound {
		return Bound{Val: drawDatum(r, t.Sub), Inf: rapid.IntRange(0, 3).Draw(r, name) == 0, Inc: rapid.Bool().Draw(r, name+" included")}
	}
	lower, upper := bound("lower"), bound("upper")
	if !lower.Inf && !upper.Inf && t.Sub.Compare(lower.Val, upper.Val) > 0 {
		lower.Val, upper.Val = upper.Val, lower.Val
	}
	v, err := t.NewRange(lower, upper)
	if err != nil {
		return EmptyRange // behind the last value
	}
	return v
}

func propertyTypes() []*Type {
	ts := []*Type{TBool, TInt2, TInt4, TInt8, TOid, TFloat4, TFloat8, TNumeric, TText, TBpchar, TBytea, TChar, TUUID, TDate, TTime, TTimetz,
		TTimestamp, TTimestamptz, TInterval, TJSONB, TPgLSN, TXid8, ByOID(MoneyOID),
		ByOID(InetOID), ByOID(CidrOID), ByOID(MacaddrOID), ByOID(Macaddr8OID), ByOID(BitOID), ByOID(VarbitOID),
		ByName("int4range"), ByName("numrange"), ByName("tsrange"), ByName("int8multirange"), ByName("nummultirange"), testMood, testComp}
	for _, t := range []*Type{TInt2, TInt4, TInt8, TOid, TText, TNumeric, TBool, TFloat4, TFloat8, TInterval, TTimestamp, TBytea, TTimetz, TPgLSN} {
		ts = append(ts, t.Array)
	}
	return append(ts, testMoodArray, testCompArray)
}

// TestRoundTrips: text and binary forms bring back the value, byte for byte.
func TestRoundTrips(t *testing.T) {
	for _, typ := range propertyTypes() {
		t.Run(typ.Name, rapid.MakeCheck(func(r *rapid.T) {
			d := genDatum(typ).Draw(r, "d")
			text := typ.Text(DefaultEnv, d)
			back, err := typ.In(DefaultEnv, text, NoMod)
			if err != nil || !back.SameImage(d) && typ != TChar {
				r.Fatalf("%q comes back as %q: %v", text, typ.Text(DefaultEnv, back), err)
			}
			if !typ.HasBinary() {
				return
			}
			back, err = typ.Recv(DefaultEnv, typ.Send(DefaultEnv, nil, d), NoMod)
			if err != nil || !back.SameImage(d) {
				r.Fatalf("%q comes back from its binary form as %q: %v", text, typ.Text(DefaultEnv, back), err)
			}
		}))
	}
}

// TestKeys: keys sort as values do, are equal exactly when these are, and are
// not prefixes of each other; equal values hash alike.
func TestKeys(t *testing.T) {
	for _, typ := range propertyTypes() {
		t.Run(typ.Name, rapid.MakeCheck(func(r *rapid.T) {
			a, b := genDatum(typ).Draw(r, "a"), genDatum(typ).Draw(r, "b")
			c := typ.Compare(a, b)
			if d := typ.Compare(b, a); d != -c {
				r.Fatalf("compare is %d and %d the other way", c, d)
			}
			ka, kb := AppendKey(nil, typ, a), AppendKey(nil, typ, b)
			if k := bytes.Compare(ka, kb); k != c {
				r.Fatalf("%s and %s: compare is %d, of the keys %x %x: %d", typ.Text(DefaultEnv, a), typ.Text(DefaultEnv, b), c, ka, kb, k)
			}
			if c != 0 && (bytes.HasPrefix(ka, kb) || bytes.HasPrefix(kb, ka)) {
				r.Fatalf("a key is a prefix: %x %x", ka, kb)
			}
			if c == 0 && typ.Hash(a) != typ.Hash(b) {
				r.Fatalf("equal values hash differently")
			}
			if w := KeyWidth(typ); w != 0 && w != len(ka) {
				r.Fatalf("a key has %d bytes, not %d", len(ka), w)
			}
		}))
	}
}

// TestNumericLaws: arithmetic agrees with math/big's.
func TestNumericLaws(t *testing.T) {
	rat := func(n Numeric) *big.Rat {
		q, _ := new(big.Rat).SetString(n.String())
		return q
	}
	rapid.Check(t, func(r *rapid.T) {
		a, b := drawNumeric(r), drawNumeric(r)
		if a.Form() != NumFinite || b.Form() != NumFinite {
			return
		}
		sum, _ := NumericAdd(a, b)
		if rat(sum).Cmp(new(big.Rat).Add(rat(a), rat(b))) != 0 {
			r.Fatalf("%s + %s = %s", a, b, sum)
		}
		prod, _ := NumericMul(a, b)
		if rat(prod).Cmp(new(big.Rat).Mul(rat(a), rat(b))) != 0 {
			r.Fatalf("%s * %s = %s", a, b, prod)
		}
		if c := a.Cmp(b); c != rat(a).Cmp(rat(b)) {
			r.Fatalf("%s cmp %s = %d", a, b, c)
		}
		if b.Sign() != 0 {
			quo, err := NumericDiv(a, b)
			exact := new(big.Rat).Quo(rat(a), rat(b))
			if err != nil || quo.String() != strings.TrimPrefix(exactText(exact, int(quo.Scale())), "+") {
				r.Fatalf("%s / %s = %s, %v", a, b, quo, err)
			}
		}
		var s NumSum
		s.Add(a, 3)
		s.Add(b, 1)
		s.Add(a, -3)
		if got, _ := s.Sum(); got.String() != b.String() {
			r.Fatalf("a sum of %s is %s", b, got)
		}
	})
}

// exactText rounds halves away from zero, as big.Rat's FloatString does.
func exactText(q *big.Rat, scale int) string {
	s := q.FloatString(scale)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return s
}

// AddColumn is AddScaled, value by value.
func TestAddColumn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var one, all [3]NumSum
		for range rapid.IntRange(1, 5).Draw(r, "columns") {
			n := rapid.IntRange(0, 20).Draw(r, "rows")
			scale := int32(rapid.IntRange(0, 3).Draw(r, "scale"))
			groups, x, nulls := make([]uint32, n), make([]int64, n), make([]bool, n)
			for i := range n {
				groups[i], nulls[i] = uint32(rapid.IntRange(0, 2).Draw(r, "group")), rapid.Bool().Draw(r, "null")
				x[i] = rapid.Int64().Draw(r, "x")
				if !nulls[i] {
					one[groups[i]].AddScaled(x[i], scale, 1)
				}
			}
			AddColumn(all[:], groups, x, scale, nulls)
		}
		for g := range one {
			if a, b := string(one[g].Append(nil)), string(all[g].Append(nil)); a != b {
				r.Fatalf("group %d: %x and %x", g, a, b)
			}
		}
	})
}
