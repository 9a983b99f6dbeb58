package types

import (
	"sync"
	"unsafe"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// Kind is the physical kind of a type's values. The zero Kind is of no value.
type Kind uint8

// The physical kinds.
const (
	KindNone Kind = iota
	Bool
	Int
	Float
	Numer // numeric; the value type is Numeric
	Inter // interval; the value type is Interval
	Bytes
)

// String names the kind.
func (k Kind) String() string {
	return [...]string{"none", "bool", "int", "float", "numeric", "interval", "bytes"}[k]
}

// OID is an object identifier of PostgreSQL's catalogue.
type OID uint32

// FirstUserOID is the lowest OID of objects that users create.
const FirstUserOID OID = 16384

// Class is pg_type.typtype.
type Class byte

// The classes of type.
const (
	Base       Class = 'b'
	Composite  Class = 'c'
	Domain     Class = 'd'
	Enum       Class = 'e'
	Pseudo     Class = 'p'
	Range      Class = 'r'
	Multirange Class = 'm'
)

// Type is an SQL type. Types are immutable once published; compare them by
// OID (a type that was altered is a new Type under its old OID).
type Type struct {
	OID       OID
	Name      string // typname: "int4", "_int4"
	Schema    OID    // typnamespace
	Kind      Kind
	Class     Class
	Category  byte // typcategory
	Preferred bool // typispreferred
	Len       int16
	ByVal     bool
	Align     byte
	Storage   byte
	Delim     byte
	Collation OID // 0 when the type is not collatable

	Elem  *Type // the element type of an array (also of int2vector and oidvector), else nil
	Array *Type // the array type over this one, nil when there is none

	// Sub is the type of a range type's bounds, Multi the multirange type over it;
	// Over is a multirange type's range type.
	Sub, Multi, Over *Type
	// Makers are the OIDs of the functions that make a user's range: of two and of
	// three arguments; then those that make its multirange: of none, of a range, of
	// any number.
	Makers  []OID
	SubColl OID // the collation of the bounds, 0 for none
	SubDiff OID // the function that gives the distance of two bounds, 0 for none

	// Of a composite type.
	Rel    OID // the relation whose row type it is
	Fields []Field

	// Of a domain.
	Base    *Type
	BaseMod int32
	NotNull bool

	// Of an enum, in sort order.
	Labels []Label

	Owner OID
	// IsVector is set for int2vector and oidvector, whose text form is
	// space-separated and whose lower bound is 0.
	IsVector bool

	bound unsafe.Pointer // *binding, see codecs.go
}

// Field is an attribute of a composite type.
type Field struct {
	Name    string
	Type    *Type
	Mod     int32
	Dropped bool
}

// Label is a label of an enum. Key is the value's physical form: keys sort as
// the labels do and never change once given.
type Label struct {
	Name string
	Key  int64
	OID  OID
}

// LabelGap is the distance of the keys of an enum's labels when it is made; labels that
// come between two others get keys between theirs.
const LabelGap = 1 << 40

// NoMod is the absence of a type modifier.
const NoMod int32 = -1

// IsArray tells a true array type: one with an element type and array I/O.
func (t *Type) IsArray() bool {
	return t.Elem != nil && t.Len == -1 && !t.IsVector && (t.Class == Base || t.OID == RecordArrayOID)
}

// RecordOf gives the anonymous row type with these fields: record, for all that
// compares types, but one whose fields have names.
func RecordOf(fields []Field) *Type {
	rec, arr := *TRecord, *TRecordArray
	rec.Fields, rec.Array, arr.Elem = fields, &arr, &rec
	return &rec
}

// Underlying gives the base type below any number of domains.
func (t *Type) Underlying() *Type {
	for t.Class == Domain {
		t = t.Base
	}
	return t
}

// IsPolymorphic tells the pseudo-types that stand for actual types in function
// signatures.
func (t *Type) IsPolymorphic() bool {
	switch t.OID {
	case AnyElementOID, AnyArrayOID, AnyNonArrayOID, AnyEnumOID, AnyRangeOID, AnyMultirangeOID,
		AnyCompatibleOID, AnyCompatibleArrayOID, AnyCompatibleNonArrayOID, AnyCompatibleRangeOID, AnyCompatibleMultirangeOID:
		return true
	}
	return false
}

// Same tells whether two types are the same type.
func Same(a, b *Type) bool { return a == b || a != nil && b != nil && a.OID == b.OID }

// OIDs of the types that code names.
const (
	BoolOID          OID = 16
	ByteaOID         OID = 17
	CharOID          OID = 18
	NameOID          OID = 19
	Int8OID          OID = 20
	Int2OID          OID = 21
	Int2VectorOID    OID = 22
	Int4OID          OID = 23
	RegprocOID       OID = 24
	TextOID          OID = 25
	OidOID           OID = 26
	TidOID           OID = 27
	XidOID           OID = 28
	CidOID           OID = 29
	OidVectorOID     OID = 30
	JSONOID          OID = 114
	PointOID         OID = 600
	LsegOID          OID = 601
	PathOID          OID = 602
	BoxOID           OID = 603
	PolygonOID       OID = 604
	LineOID          OID = 628
	CircleOID        OID = 718
	XMLOID           OID = 142
	PgNodeTreeOID    OID = 194
	CidrOID          OID = 650
	Float4OID        OID = 700
	Float8OID        OID = 701
	UnknownOID       OID = 705
	Macaddr8OID      OID = 774
	MoneyOID         OID = 790
	MacaddrOID       OID = 829
	InetOID          OID = 869
	ACLItemOID       OID = 1033
	BpcharOID        OID = 1042
	VarcharOID       OID = 1043
	DateOID          OID = 1082
	TimeOID          OID = 1083
	TimestampOID     OID = 1114
	TimestamptzOID   OID = 1184
	IntervalOID      OID = 1186
	TimetzOID        OID = 1266
	BitOID           OID = 1560
	VarbitOID        OID = 1562
	NumericOID       OID = 1700
	RefcursorOID     OID = 1790
	RegprocedureOID  OID = 2202
	RegoperOID       OID = 2203
	RegoperatorOID   OID = 2204
	RegclassOID      OID = 2205
	RegtypeOID       OID = 2206
	RecordOID        OID = 2249
	CstringOID       OID = 2275
	AnyOID           OID = 2276
	AnyArrayOID      OID = 2277
	VoidOID          OID = 2278
	TriggerOID       OID = 2279
	InternalOID      OID = 2281
	AnyElementOID    OID = 2283
	RecordArrayOID   OID = 2287
	AnyNonArrayOID   OID = 2776
	UUIDOID          OID = 2950
	PgLSNOID         OID = 3220
	TxidSnapshotOID  OID = 2970
	PgSnapshotOID    OID = 5038
	AnyEnumOID       OID = 3500
	JSONBOID         OID = 3802
	Int4RangeOID     OID = 3904
	DateRangeOID     OID = 3912
	Int8RangeOID     OID = 3926
	AnyRangeOID      OID = 3831
	JSONPathOID      OID = 4072
	RegnamespaceOID  OID = 4089
	RegroleOID       OID = 4096
	RegcollationOID  OID = 4191
	RegconfigOID     OID = 3734
	TSVectorOID      OID = 3614
	TSQueryOID       OID = 3615
	RegdictionaryOID OID = 3769
	AnyMultirangeOID OID = 4537
	Xid8OID          OID = 5069

	AnyCompatibleOID           OID = 5077
	AnyCompatibleArrayOID      OID = 5078
	AnyCompatibleNonArrayOID   OID = 5079
	AnyCompatibleRangeOID      OID = 5080
	AnyCompatibleMultirangeOID OID = 4538
)

// The types that code names.
var (
	TBool, TBytea, TChar, TName, TInt8, TInt2, TInt2Vector, TInt4, TRegproc, TText, TOid, TTid, TXid, TCid, TOidVector *Type
	TJSON, TPgNodeTree, TFloat4, TFloat8, TUnknown, TACLItem, TBpchar, TVarchar, TDate, TTime, TTimestamp              *Type
	TTimestamptz, TInterval, TTimetz, TNumeric, TRefcursor, TRegprocedure, TRegoper, TRegoperator, TRegclass           *Type
	TRegtype, TRecord, TCstring, TAny, TAnyArray, TVoid, TInternal, TAnyElement, TRecordArray, TUUID, TPgLSN           *Type
	TJSONB, TJSONPath, TRegnamespace, TRegrole, TRegcollation, TXid8                                                   *Type
)

var (
	builtinByOID  = map[OID]*Type{}
	builtinByName = map[string]*Type{}
)

func init() { loadBuiltins() }

// loadBuiltins makes the types of pg_catalog from PostgreSQL's own rows. Row
// types of catalogue relations and domains of information_schema belong to
// package catalog.
func loadBuiltins() {
	t := pgdata.Load("pg_type")
	col := t.Column
	var (
		oid, name, ns, typlen, byval     = col("oid"), col("typname"), col("typnamespace"), col("typlen"), col("typbyval")
		class, cat, pref, delim          = col("typtype"), col("typcategory"), col("typispreferred"), col("typdelim")
		elem, array, align, storage, rel = col("typelem"), col("typarray"), col("typalign"), col("typstorage"), col("typrelid")
		coll                             = col("typcollation")
	)
	const pgCatalog = 11
	for _, r := range t.Rows {
		if pgdata.Uint(r[ns]) != pgCatalog || r[rel] != "0" {
			continue
		}
		ty := &Type{
			OID: OID(pgdata.Uint(r[oid])), Name: r[name], Schema: pgCatalog,
			Class: Class(r[class][0]), Category: r[cat][0], Preferred: pgdata.Bool(r[pref]),
			Len: int16(pgdata.Int(r[typlen])), ByVal: pgdata.Bool(r[byval]), Align: r[align][0], Storage: r[storage][0],
			Delim: r[delim][0], Collation: OID(pgdata.Uint(r[coll])), BaseMod: NoMod, Owner: 10,
		}
		ty.Kind = kindOf(ty.OID)
		ty.IsVector = ty.OID == Int2VectorOID || ty.OID == OidVectorOID
		builtinByOID[ty.OID] = ty
		builtinByName[ty.Name] = ty
	}
	for _, r := range t.Rows {
		ty := builtinByOID[OID(pgdata.Uint(r[oid]))]
		if ty == nil {
			continue
		}
		// name is subscriptable too (typelem "char"), but it is no array here.
		if e := builtinByOID[OID(pgdata.Uint(r[elem]))]; e != nil && ty.Len == -1 {
			ty.Elem = e
		}
		ty.Array = builtinByOID[OID(pgdata.Uint(r[array]))]
	}
	loadRanges()
	for oid, p := range map[OID]**Type{
		BoolOID: &TBool, ByteaOID: &TBytea, CharOID: &TChar, NameOID: &TName, Int8OID: &TInt8, Int2OID: &TInt2,
		Int2VectorOID: &TInt2Vector, Int4OID: &TInt4, RegprocOID: &TRegproc, TextOID: &TText, OidOID: &TOid, TidOID: &TTid,
		XidOID: &TXid, CidOID: &TCid, OidVectorOID: &TOidVector, JSONOID: &TJSON, PgNodeTreeOID: &TPgNodeTree,
		Float4OID: &TFloat4, Float8OID: &TFloat8, UnknownOID: &TUnknown, ACLItemOID: &TACLItem, BpcharOID: &TBpchar,
		VarcharOID: &TVarchar, DateOID: &TDate, TimeOID: &TTime, TimestampOID: &TTimestamp, TimestamptzOID: &TTimestamptz,
		IntervalOID: &TInterval, TimetzOID: &TTimetz, NumericOID: &TNumeric, RefcursorOID: &TRefcursor,
		RegprocedureOID: &TRegprocedure, RegoperOID: &TRegoper, RegoperatorOID: &TRegoperator, RegclassOID: &TRegclass,
		RegtypeOID: &TRegtype, RecordOID: &TRecord, CstringOID: &TCstring, AnyOID: &TAny, AnyArrayOID: &TAnyArray,
		VoidOID: &TVoid, InternalOID: &TInternal, AnyElementOID: &TAnyElement, RecordArrayOID: &TRecordArray,
		UUIDOID: &TUUID, PgLSNOID: &TPgLSN, JSONBOID: &TJSONB, JSONPathOID: &TJSONPath, RegnamespaceOID: &TRegnamespace,
		RegroleOID: &TRegrole, RegcollationOID: &TRegcollation, Xid8OID: &TXid8,
	} {
		*p = builtinByOID[oid]
	}
}

// loadRanges ties range types to the types of their bounds and to their
// multirange types.
func loadRanges() {
	t := pgdata.Load("pg_range")
	rng, sub, multi := t.Column("rngtypid"), t.Column("rngsubtype"), t.Column("rngmultitypid")
	for _, r := range t.Rows {
		ty := builtinByOID[OID(pgdata.Uint(r[rng]))]
		ty.Sub, ty.Multi = builtinByOID[OID(pgdata.Uint(r[sub]))], builtinByOID[OID(pgdata.Uint(r[multi]))]
		ty.Multi.Over = ty
	}
}

func kindOf(oid OID) Kind {
	switch oid {
	case BoolOID:
		return Bool
	case Int2OID, Int4OID, Int8OID, OidOID, XidOID, CidOID, Xid8OID, PgLSNOID, DateOID, TimeOID, TimetzOID, TimestampOID,
		TimestamptzOID, RegprocOID, RegprocedureOID, RegoperOID, RegoperatorOID, RegclassOID, RegtypeOID, RegnamespaceOID,
		RegroleOID, RegcollationOID, RegconfigOID, RegdictionaryOID, MoneyOID, TidOID:
		return Int
	case Float4OID, Float8OID:
		return Float
	case NumericOID:
		return Numer
	case IntervalOID:
		return Inter
	}
	return Bytes
}

// ByOID gives a type that is built in or registered, nil when unknown.
func ByOID(oid OID) *Type {
	if t := builtinByOID[oid]; t != nil {
		return t
	}
	if t, ok := registered.Load(oid); ok {
		return t.(*Type)
	}
	return nil
}

// ByName gives the built-in type of pg_catalog of that name, nil when unknown.
func ByName(name string) *Type { return builtinByName[name] }

// Builtins gives every built-in type, in no particular order.
func Builtins() []*Type {
	out := make([]*Type, 0, len(builtinByOID))
	for _, t := range builtinByOID {
		out = append(out, t)
	}
	return out
}

var registered sync.Map // OID → *Type: what users have created, row types included

// Register publishes a user's type so that values that carry OIDs (records)
// can be read. An OID is never used for another type; registering again
// replaces the type by its altered form.
func Register(t *Type) { registered.Store(t.OID, t) }
