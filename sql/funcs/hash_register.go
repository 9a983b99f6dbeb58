package funcs

import (
	"encoding/binary"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	for _, p := range []string{"hashint2", "hashint4", "hashint8", "time_hash", "timestamp_hash", "pg_lsn_hash"} {
		registerHash(p, hashDatum)
	}
	for _, p := range []string{
		"hashchar", "hashoid", "hashenum", "hashtext", "hashbpchar", "hashname", "uuid_hash", "hashtid", "hashfloat4", "hashfloat8", "hash_numeric",
		"interval_hash", "timetz_hash", "hashoidvector", "hash_array", "jsonb_hash", "hash_record",
		"hashinet", "hashmacaddr", "hashmacaddr8", "hash_range", "hash_multirange",
	} {
		registerHash(p, hashDatum)
	}
}

// registerHash registers a hash function and its extended form, which takes a
// seed and gives 64 bits.
func registerHash(p string, f func(t *types.Type, d types.Datum, seed uint64, extended bool) (uint64, error)) {
	plain := &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0].Underlying()
		return rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			h, err := f(t, a[0], 0, false)
			return types.NewInt(int64(int32(h))), err
		}), nil
	}}
	extended := &Impl{Bind: func(c *Call) (Kernel, error) {
		t := c.Args[0].Underlying()
		return rows(types.Int, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
			h, err := f(t, a[0], uint64(a[1].Int()), true)
			return types.NewInt(int64(h)), err
		}), nil
	}}
	register(p, plain)
	if p[len(p)-1] == 'h' || p == "hash_numeric" || strings.HasSuffix(p, "range") || p == "hash_array" || p == "hash_record" {
		register(p+"_extended", extended)
	} else {
		register(p+"extended", extended)
	}
}

// HashExtended is the 64-bit hash of a value under a seed, as the default hash operator
// class of its type has it in PostgreSQL; 0 if there is none.
func HashExtended(t *types.Type, d types.Datum, seed uint64) uint64 {
	h, err := hashDatum(t, d, seed, true)
	if err != nil {
		return 0
	}
	return h
}

// hashDatum hashes a value as its type's hash function does.
func hashDatum(t *types.Type, d types.Datum, seed uint64, extended bool) (uint64, error) {
	switch {
	case isArray(t) && !t.IsVector:
		return hashArray(t, d, seed, extended)
	case isRecord(t):
		return hashRecord(d, seed, extended)
	case t.Class == types.Range:
		return hashRange(t, types.DecodeRange(t, d.Str()), seed, extended)
	case t.Class == types.Multirange:
		return hashMultirange(t, d.Str(), seed, extended)
	case t.Class == types.Enum:
		for _, l := range t.Labels {
			if l.Key == d.Int() {
				return hashUint32(uint32(l.OID), seed), nil
			}
		}
	}
	switch t.OID {
	case types.BoolOID:
		b := uint32(0)
		if d.Bool() {
			b = 1
		}
		return hashUint32(b, seed), nil
	case types.CharOID:
		return hashUint32(uint32(int32(int8(types.CharByte(d.Str())))), seed), nil
	case types.OidOID, types.Int2OID, types.Int4OID, types.DateOID, types.XidOID, types.CidOID:
		return hashUint32(uint32(d.Int()), seed), nil
	case types.PgLSNOID, types.Xid8OID:
		return hashInt64(int64(types.UnpackUint64(d.Int())), seed), nil
	case types.Int8OID, types.TimeOID, types.TimestampOID, types.TimestamptzOID:
		return hashInt64(d.Int(), seed), nil
	case types.TimetzOID:
		micros, west := types.UnpackTimeTZ(d.Int())
		return hashInt64(micros, seed) ^ hashUint32(uint32(west), seed), nil
	case types.IntervalOID:
		v := d.Interval()
		days := int64(v.Months)*30 + int64(v.Days)
		return hashInt64(days*perDay+v.Micros, seed), nil // cut to 64 bits, as there
	case types.Float4OID, types.Float8OID:
		return hashDouble(d.Float(), seed), nil
	case types.NumericOID:
		return hashNumeric(d.Numeric(), seed), nil
	case types.TextOID, types.VarcharOID, types.NameOID, types.UUIDOID, types.ByteaOID, types.MacaddrOID, types.Macaddr8OID:
		return hashBytes(d.Str(), seed), nil
	case types.InetOID, types.CidrOID:
		a := types.DecodeInet(d.Str())
		return hashBytes(string(a.Wire(false)[:2])+string(a.Bytes()), seed), nil
	case types.BpcharOID:
		return hashBytes(trimBlanks(d.Str()), seed), nil
	case types.OidVectorOID:
		var b []byte
		it := types.IterArray(types.TOid, d.Str())
		for {
			x, ok := it.Next()
			if !ok {
				return hashBytes(string(b), seed), nil
			}
			b = binary.LittleEndian.AppendUint32(b, uint32(x.Int()))
		}
	case types.TidOID: // block, in two halves, and offset
		k := uint64(d.Int())
		b := binary.LittleEndian.AppendUint16(nil, uint16(k>>32))
		b = binary.LittleEndian.AppendUint16(b, uint16(k>>16))
		return hashBytes(string(binary.LittleEndian.AppendUint16(b, uint16(k))), seed), nil
	case types.JSONBOID:
		return hashJSONB(types.JSONB(d.Str()), seed, extended), nil
	}
	return 0, pgerr.New(pgerr.UndefinedFunction, "could not identify a hash function for type %s", t.SQLName(types.NoMod))
}

func hashArray(t *types.Type, d types.Datum, seed uint64, extended bool) (uint64, error) {
	h := uint64(1)
	elem := elemOf(t).Underlying()
	it := types.IterArray(elem, d.Str())
	for {
		x, ok := it.Next()
		if !ok {
			return h, nil
		}
		e := uint64(0)
		if !x.IsNull() {
			var err error
			if e, err = hashDatum(elem, x, seed, extended); err != nil {
				return 0, err
			}
		}
		h = h<<5 - h + e
	}
}

func hashRecord(d types.Datum, seed uint64, extended bool) (uint64, error) {
	h := uint64(0)
	it := types.IterRecord(d.Str())
	for {
		t, x, ok := it.Next()
		if !ok {
			return h, nil
		}
		e := uint64(0)
		if !x.IsNull() {
			var err error
			if e, err = hashDatum(t.Underlying(), x, seed, extended); err != nil {
				return 0, err
			}
		}
		h = h<<5 - h + e
	}
}
