package types

import (
	"sync/atomic"
	"unsafe"
)

// binding is what a Type's values are read, written and compared by. It is
// found once per Type and kept there; a copy of a Type finds its own, as the
// binding knows whose it is.
type binding struct {
	owner *Type
	t     *Type  // the type that the codec works on: owner below any domains
	mod   int32  // the modifier that a domain gives its base type, else NoMod
	c     *codec // never nil; noCodec for types that have none
	enum  *enumIndex
}

// noCodec stands for the I/O of types that have none.
var noCodec = &codec{}

// bind gives the type's binding.
func (t *Type) bind() *binding {
	b := (*binding)(atomic.LoadPointer(&t.bound))
	if b != nil && b.owner == t {
		return b
	}
	return t.rebind()
}

func (t *Type) rebind() *binding {
	b := &binding{owner: t, t: t, mod: NoMod}
	for b.t.Class == Domain {
		if b.t.BaseMod != NoMod {
			b.mod = b.t.BaseMod
		}
		b.t = b.t.Base
	}
	if b.c = codecOf(b.t); b.c == nil {
		b.c = noCodec
	}
	if b.t.Class == Enum {
		b.enum = newEnumIndex(b.t)
	}
	atomic.StorePointer(&t.bound, unsafe.Pointer(b))
	return b
}

// HasValues tells whether there can be values of the type: some of PostgreSQL's
// types stand in the catalogue alone.
func (t *Type) HasValues() bool { return t.bind().c != noCodec }

// codecOf finds the I/O of a type that is no domain, nil for types that have
// none here.
func codecOf(t *Type) *codec {
	switch {
	case t.Class == Enum:
		return enumCodec
	case t.Class == Composite, t.OID == RecordOID:
		return recordCodec
	case t.Class == Range:
		return rangeCodec
	case t.Class == Multirange:
		return multirangeCodec
	case t.IsVector:
		return vectorCodec
	case t.IsArray():
		if t.Elem.Class != Domain && codecOf(t.Elem) == nil {
			return nil
		}
		return arrayCodec
	}
	return codecs[t.OID]
}

// codecs holds the I/O of base types by OID; the others are those of types
// that are made of others. They are filled by init, as they use each other.
var (
	codecs map[OID]*codec

	enumCodec, arrayCodec, vectorCodec, recordCodec, rangeCodec, multirangeCodec *codec
)

func init() {
	enumCodec = &codec{in: enumIn, out: enumOut, recv: enumRecv, send: enumSend}
	arrayCodec = &codec{in: arrayIn, out: arrayOut, recv: arrayRecv, send: arraySend, cmp: arrayCmp, hash: arrayHash}
	vectorCodec = &codec{in: vectorIn, out: vectorOut, recv: vectorRecv, send: arraySend, cmp: vectorCmp, hash: arrayHash}
	recordCodec = &codec{in: recordIn, out: recordOut, recv: recordRecv, send: recordSend, cmp: recordCmp, hash: recordHash}
	rangeCodec = &codec{in: rangeIn, out: rangeOut, recv: rangeRecv, send: rangeSend, cmp: rangeCmp, hash: rangeHash}
	multirangeCodec = &codec{in: multirangeIn, out: multirangeOut, recv: multirangeRecv, send: multirangeSend, cmp: multirangeCmp, hash: multirangeHash}
	reg := regCodec
	codecs = map[OID]*codec{
		BoolOID: boolCodec, ByteaOID: byteaCodec, CharOID: charCodec, NameOID: nameCodec,
		Int8OID: int8Codec, Int2OID: int2Codec, Int4OID: int4Codec,
		OidOID: oidCodec, TidOID: tidCodec, XidOID: xidCodec, CidOID: xidCodec, Xid8OID: xid8Codec, PgLSNOID: lsnCodec,
		RegprocOID: reg, RegprocedureOID: reg, RegoperOID: reg, RegoperatorOID: reg, RegclassOID: reg, RegtypeOID: reg,
		RegnamespaceOID: reg, RegroleOID: reg, RegcollationOID: reg, RegconfigOID: reg, RegdictionaryOID: reg,
		Float4OID: float4Codec, Float8OID: float8Codec, NumericOID: numericCodec, MoneyOID: moneyCodec,
		TextOID: textCodec, VarcharOID: varcharCodec, BpcharOID: bpcharCodec, UnknownOID: textCodec, CstringOID: textCodec,
		RefcursorOID: textCodec, JSONPathOID: jsonpathCodec, PgNodeTreeOID: textOutOnly, ACLItemOID: aclitemCodec,
		VoidOID: voidCodec, UUIDOID: uuidCodec,
		DateOID: dateCodec, TimeOID: timeCodec, TimetzOID: timetzCodec, TimestampOID: timestampCodec,
		TimestamptzOID: timestamptzCodec, IntervalOID: intervalCodec,
		InetOID: inetCodec, CidrOID: cidrCodec, MacaddrOID: macaddrCodec, Macaddr8OID: macaddr8Codec,
		BitOID: bitCodec, VarbitOID: varbitCodec,
		JSONOID: jsonCodec, JSONBOID: jsonbCodec,
		PointOID: pointCodec, LsegOID: lsegCodec, PathOID: pathCodec, BoxOID: boxCodec, PolygonOID: polygonCodec, LineOID: lineCodec,
		TSVectorOID: tsvectorCodec, TSQueryOID: tsqueryCodec,
		CircleOID: circleCodec, PgSnapshotOID: snapshotCodec, TxidSnapshotOID: snapshotCodec,
	}
}
