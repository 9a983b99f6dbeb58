// Package types is the room of SQL types: their identity (OID, name, category),
// the physical kind their values have in memory, their text and binary codecs,
// comparison, hashing, and the arithmetic of numeric, dates and intervals.
//
// # Representation
//
// Every value of every type is held in one of six physical kinds (Kind). What
// the kinds hold, by type:
//
//	Bool      bool
//	Int       int2, int4, int8, oid and the reg* types, xid, cid: the number;
//	          xid8, pg_lsn: see PackUint64; money: cents; tid: block << 16 | offset;
//	          date: days since 2000-01-01; time: microseconds since midnight;
//	          timestamp, timestamptz: microseconds since 2000-01-01 00:00 UTC;
//	          timetz: see PackTimeTZ; enum: the label's sort key (see Label);
//	          ±infinity of date and timestamps are the extremes, as in PostgreSQL
//	Float     float4 (rounded to float32 after every operation), float8
//	Numer     numeric
//	Inter     interval
//	Bytes     text, varchar, bpchar, name, "char", cstring, unknown, json: the characters;
//	          bytea: the bytes; uuid: 16 bytes; jsonb: see jsonb.go;
//	          arrays, int2vector, oidvector: see array.go; composite types and record: see record.go;
//	          void: empty
//
// A Datum is one value with its kind; vec.Vec is many. Go strings hold Bytes
// values: they are immutable, so a value may be kept by whoever has seen it.
//
// A domain has the kind of its base type; values carry no trace of their type.
package types
