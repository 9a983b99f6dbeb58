package types

import (
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// fuzzTypes are the types whose readers are fuzzed together: a first byte picks
// one.
func fuzzTypes() []*Type {
	ts := []*Type{TBool, TInt2, TInt4, TInt8, TOid, TXid8, TTid, TPgLSN, TFloat4, TFloat8, TNumeric, ByOID(MoneyOID), TText, TVarchar,
		TBpchar, TName, TChar, TBytea, TUUID, TDate, TTime, TTimetz, TTimestamp, TTimestamptz, TInterval, TJSON, TJSONB, TInt2Vector, TOidVector, TRegtype,
		ByOID(InetOID), ByOID(CidrOID), ByOID(MacaddrOID), ByOID(Macaddr8OID), ByOID(BitOID), ByOID(VarbitOID),
		ByOID(PointOID), ByOID(LsegOID), ByOID(BoxOID), ByOID(LineOID), ByOID(CircleOID), ByOID(PathOID), ByOID(PolygonOID), ByOID(PgSnapshotOID), ByOID(TSVectorOID), ByOID(TSQueryOID),
		ByName("int4range"), ByName("numrange"), ByName("tsrange"), ByName("int8multirange"), ByName("nummultirange"), testMood, testComp, testDomain}
	for _, t := range []*Type{TInt4, TText, TNumeric, TTimestamptz, TJSONB, TBool, TInterval} {
		ts = append(ts, t.Array)
	}
	return append(ts, testCompArray)
}

// checkValue uses a value that was read in every way there is.
func checkValue(t *testing.T, typ *Type, d Datum) {
	text := typ.Text(DefaultEnv, d)
	if typ.HasBinary() {
		back, err := typ.Recv(DefaultEnv, typ.Send(DefaultEnv, nil, d), NoMod)
		if err != nil && typ == TTimetz {
			return
		}
		if err != nil || !back.SameImage(d) {
			t.Fatalf("%s %q: the binary form brings back %q, %v", typ.Name, text, typ.Text(DefaultEnv, back), err)
		}
	}
	if typ.Compare(d, d) != 0 {
		t.Fatalf("%s %q is not equal to itself", typ.Name, text)
	}
	typ.Hash(d)
	AppendKey(nil, typ, d)
}

// checkError fails unless an error has its SQLSTATE.
func checkError(t *testing.T, err error) {
	if _, ok := err.(*pgerr.Error); err != nil && (!ok || pgerr.CodeOf(err) == pgerr.InternalError) {
		if ok && pgerr.From(err).Message != "" && err.(*pgerr.Error).Code == pgerr.InternalError && len(err.Error()) > 11 && err.Error()[:11] == "unsupported" {
			return // the version of a binary jsonb, as in PostgreSQL
		}
		t.Fatalf("not a report: %v", err)
	}
}

func FuzzIn(f *testing.F) {
	for i, s := range []string{"t", "1", "-1", "1", "1", "1", "(1,2)", "0/1", "1.5", "1e5", "1.50", "$1", "a", "a", "a", "a", "a", `\x00`, "a0eebc999c0b4ef8bb6d6bb9bd380a11",
		"2001-02-03", "04:05", "04:05+01", "2001-02-03 04:05 BC", "J2451187 america/new_york", "P1Y2M3DT4H5M6.7S", `{"a":[1]}`, `{"a":"\u00e4"}`, "1 2", "1", "23",
		"sad", `(1,"a",2,{})`, "ab", "[0:1]={1,NULL}", `{"a\"b",c}`, "{1.5}", "{epoch}", `{"{}"}`, "{t}", "{1 day ago}", `{"(1,a,2,{})"}`} {
		f.Add(byte(i), s)
	}
	f.Add(byte(185), "000000A00100")
	ts := fuzzTypes()
	f.Fuzz(func(t *testing.T, which byte, s string) {
		typ := ts[int(which)%len(ts)]
		if CheckUTF8(s) != nil {
			return
		}
		d, err := typ.In(DefaultEnv, s, NoMod)
		if err != nil {
			checkError(t, err)
			return
		}
		checkValue(t, typ, d)
		text := typ.Text(DefaultEnv, d)
		if typ == TTimetz {
			return // POSIX zones make offsets whose text cannot be read, as in PostgreSQL
		}
		back, err := typ.In(DefaultEnv, text, NoMod)
		if err != nil || !back.SameImage(d) && typ != TChar {
			t.Fatalf("%s: %q is shown as %q, which is read as %q, %v", typ.Name, s, text, typ.Text(DefaultEnv, back), err)
		}
	})
}

func FuzzRecv(f *testing.F) {
	for i := range fuzzTypes() {
		f.Add(byte(i), []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7})
		f.Add(byte(i), []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	}
	ts := fuzzTypes()
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		typ := ts[int(which)%len(ts)]
		d, err := typ.Recv(DefaultEnv, b, NoMod)
		if err != nil {
			checkError(t, err)
			return
		}
		checkValue(t, typ, d)
	})
}

func FuzzNumSumLoad(f *testing.F) {
	var s NumSum
	s.Add(NumericScaled(15, 1), 2)
	f.Add(s.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s NumSum
		if _, err := s.Load(b); err == nil {
			_, _ = s.Sum()
		}
	})
}
