package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

var (
	dateCodec        = &codec{in: dateIn, out: dateOut, recv: dateRecv, send: int4Send}
	timeCodec        = &codec{in: timeIn, out: timeOut, recv: timeRecv, send: int8Send}
	timetzCodec      = &codec{in: timetzIn, out: timetzOut, recv: timetzRecv, send: timetzSend}
	timestampCodec   = &codec{in: timestampIn, out: timestampOut, recv: timestampRecv, send: int8Send}
	timestamptzCodec = &codec{in: timestamptzIn, out: timestamptzOut, recv: timestampRecv, send: int8Send}
	intervalCodec    = &codec{in: intervalIn, out: intervalOut, recv: intervalRecv, send: intervalSend}
)

func dateIn(env *Env, _ *Type, s string, _ int32) (Datum, error) {
	n, err := ParseDate(env, s)
	return NewInt(n), err
}

func timeIn(env *Env, _ *Type, s string, mod int32) (Datum, error) {
	n, err := ParseTime(env, s)
	return NewInt(RoundTime(n, mod)), err
}

func timetzIn(env *Env, _ *Type, s string, mod int32) (Datum, error) {
	n, err := ParseTimetz(env, s)
	return NewInt(RoundTimetz(n, mod)), err
}

func timestampIn(env *Env, _ *Type, s string, mod int32) (Datum, error) {
	n, err := ParseTimestampText(env, s)
	return NewInt(RoundTimestamp(n, mod)), err
}

func timestamptzIn(env *Env, _ *Type, s string, mod int32) (Datum, error) {
	n, err := ParseTimestamptzText(env, s)
	return NewInt(RoundTimestamp(n, mod)), err
}

func intervalRecv(_ *Env, _ *Type, r *reader, mod int32) (Datum, error) {
	v := Interval{Micros: r.i64(), Days: r.i32(), Months: r.i32()}
	v, err := IntervalTypmod(v, mod)
	return NewInterval(v), err
}

func intervalSend(_ *Env, _ *Type, dst []byte, d Datum) []byte {
	v := d.Interval()
	return appendU32(appendU32(appendU64(dst, uint64(v.Micros)), uint32(v.Days)), uint32(v.Months))
}

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

// RoundTimetz rounds a packed timetz as RoundTime does.
func RoundTimetz(packed int64, mod int32) int64 {
	if mod < 0 || mod >= 6 {
		return packed
	}
	micros, west := UnpackTimeTZ(packed)
	return PackTimeTZ(RoundTime(micros, mod), west)
}

// RoundTimestamp rounds a timestamp to a precision of 0 … 6 digits, halves away
// from 2000-01-01; no modifier leaves it.
func RoundTimestamp(ts int64, mod int32) int64 {
	if mod < 0 || mod >= 6 || ts == TimestampInfinity || ts == TimestampNegInfinity {
		return ts
	}
	return roundMicros(ts, mod)
}

func roundMicros(micros int64, precision int32) int64 {
	s := timeScales[precision]
	if micros >= 0 {
		return (micros + s/2) / s * s
	}
	return -((-micros + s/2) / s * s)
}
