package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

var (
	dateCodec        = &codec{out: dateOut, recv: dateRecv, send: int4Send}
	timeCodec        = &codec{out: timeOut, recv: timeRecv, send: int8Send}
	timetzCodec      = &codec{out: timetzOut, recv: timetzRecv, send: timetzSend}
	timestampCodec   = &codec{out: timestampOut, recv: timestampRecv, send: int8Send}
	timestamptzCodec = &codec{out: timestamptzOut, recv: timestampRecv, send: int8Send}
	intervalCodec    = &codec{}
)

func dateOut(env *Env, _ *Type, dst []byte, d Datum) []byte { return AppendDate(dst, env, d.i) }

func timeOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return AppendTime(dst, d.i) }

func timetzOut(_ *Env, _ *Type, dst []byte, d Datum) []byte { return AppendTimetz(dst, d.i) }

func timestampOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return AppendTimestamp(dst, env, d.i)
}

func timestamptzOut(env *Env, _ *Type, dst []byte, d Datum) []byte {
	return AppendTimestamptz(dst, env, d.i)
}

func dateRecv(_ *Env, _ *Type, r *reader, _ int32) (Datum, error) {
	d := int64(r.i32())
	if d != DateInfinity && d != DateMinusInfinity && !validDate(d) {
		return Null, pgerr.New(pgerr.DatetimeValueOutOfRange, "date out of range")
	}
	return NewInt(d), nil
}

func timeRecv(_ *Env, _ *Type, r *reader, mod int32) (Datum, error) {
	t := r.i64()
	if t < 0 || t > microsPerDay {
		return Null, pgerr.New(pgerr.DatetimeValueOutOfRange, "time out of range")
	}
	return NewInt(RoundTime(t, mod)), nil
}

func timetzRecv(_ *Env, _ *Type, r *reader, mod int32) (Datum, error) {
	t, west := r.i64(), r.i32()
	if t < 0 || t > microsPerDay {
		return Null, pgerr.New(pgerr.DatetimeValueOutOfRange, "time out of range")
	}
	if west <= -maxZoneOffset || west >= maxZoneOffset {
		return Null, pgerr.New(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range")
	}
	return NewInt(PackTimeTZ(RoundTime(t, mod), west)), nil
}

// maxZoneOffset bounds offsets, in seconds: 16 hours.
const maxZoneOffset = 16 * 3600

func timetzSend(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	micros, west := UnpackTimeTZ(d.i)
	return appendU32(appendU64(dst, uint64(micros)), uint32(west))
}

func timestampRecv(_ *Env, _ *Type, r *reader, mod int32) (Datum, error) {
	ts := r.i64()
	if ts == TimestampInfinity || ts == TimestampNegInfinity {
		return NewInt(ts), nil
	}
	if !validTimestamp(ts) {
		return Null, errTimestampRange()
	}
	ts = RoundTimestamp(ts, mod)
	return NewInt(ts), nil
}

func errTimestampRange() error {
	return pgerr.New(pgerr.DatetimeValueOutOfRange, "timestamp out of range")
}

// timeScales and timeOffsets are how many microseconds a precision keeps, and
// half of that.
var timeScales = [7]int64{1000000, 100000, 10000, 1000, 100, 10, 1}

// RoundTime rounds a time of day to a precision of 0 … 6 digits, halves up; no
// modifier leaves it.
func RoundTime(micros int64, mod int32) int64 {
	if mod < 0 || mod >= 6 {
		return micros
	}
	s := timeScales[mod]
	return (micros + s/2) / s * s
}

// RoundTimestamp rounds a timestamp to a precision of 0 … 6 digits, halves away
// from 2000-01-01; no modifier leaves it.
func RoundTimestamp(ts int64, mod int32) int64 {
	if mod < 0 || mod >= 6 || ts == TimestampInfinity || ts == TimestampNegInfinity {
		return ts
	}
	s := timeScales[mod]
	if ts >= 0 {
		return (ts + s/2) / s * s
	}
	return -((-ts + s/2) / s * s)
}
