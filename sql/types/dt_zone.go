package types

import "github.com/streamsqld/streamsqld/internal/pgerr"

// AT TIME ZONE. The forms with a text take the zone from LoadZone, those with
// an interval from IntervalZone.

// IntervalZone is the zone that an interval of hours and minutes east means.
func IntervalZone(env *Env, v Interval) (*Zone, error) {
	if v.Months != 0 || v.Days != 0 {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "interval time zone \"%s\" must not include months or days",
			string(AppendInterval(nil, env.IntervalStyle, v)))
	}
	return FixedZone(int(v.Micros / microsPerSecond)), nil
}

// TimestamptzAtZone is timestamptz AT TIME ZONE: the zone's local time.
func TimestamptzAtZone(z *Zone, ts int64) (int64, error) { return UTCToLocal(z, ts) }

// TimestampAtZone is timestamp AT TIME ZONE: the instant at which the zone's
// clock shows that.
func TimestampAtZone(z *Zone, local int64) (int64, error) { return LocalToUTC(z, local) }

// TimestamptzAtZoneName and TimestampAtZoneName find the zone first, but for
// the infinities, which no zone changes.
func TimestamptzAtZoneName(name string, ts int64) (int64, error) {
	if !TimestampFinite(ts) {
		return ts, nil
	}
	z, err := LoadZone(name)
	if err != nil {
		return 0, err
	}
	return UTCToLocal(z, ts)
}

// TimestampAtZoneName: see TimestamptzAtZoneName.
func TimestampAtZoneName(name string, local int64) (int64, error) {
	if !TimestampFinite(local) {
		return local, nil
	}
	z, err := LoadZone(name)
	if err != nil {
		return 0, err
	}
	return LocalToUTC(z, local)
}

// TimetzAtZone is timetz AT TIME ZONE, by the zone's offset at the start of the
// transaction.
//
// A timetz holds offsets up to twelve days, of which PostgreSQL's own input and
// zones use at most one week; an interval that is longer is refused.
func TimetzAtZone(env *Env, z *Zone, packed int64) (int64, error) {
	east, _, _ := z.At(unixSeconds(env.Now))
	if limit := int32(1)<<(timetzBits-1) - 1; east > limit || east < -limit {
		return 0, pgerr.NotSupported("a time zone %d seconds from UTC in type time with time zone", east)
	}
	micros, west := UnpackTimeTZ(packed)
	return PackTimeTZ(wrapDay(micros+int64(west+east)*microsPerSecond), -east), nil
}

// TimestampTimestamptz and TimestamptzTimestamp are the casts between the two
// timestamps, in the session's zone.
func TimestampTimestamptz(env *Env, local int64) (int64, error) { return LocalToUTC(env.zone(), local) }

// TimestamptzTimestamp: see TimestampTimestamptz.
func TimestamptzTimestamp(env *Env, ts int64) (int64, error) { return UTCToLocal(env.zone(), ts) }

// Overlaps is (s1, e1) OVERLAPS (s2, e2) for any type with an order; null is
// true where the answer is unknown. Ends that are NULL, and ends before their
// starts, are taken as the standard has it.
func Overlaps(t *Type, s1, e1, s2, e2 Datum) (overlap, null bool) {
	period := func(s, e Datum) (Datum, Datum, bool, bool) {
		switch {
		case s.IsNull() && e.IsNull():
			return s, e, false, true
		case s.IsNull():
			return e, s, true, false
		case e.IsNull():
			return s, e, true, false
		case t.Compare(s, e) > 0:
			return e, s, false, false
		}
		return s, e, false, false
	}
	s1, e1, open1, null1 := period(s1, e1)
	s2, e2, open2, null2 := period(s2, e2)
	if null1 || null2 {
		return false, true
	}
	// Known starts decide; an unknown end leaves open what it would have to
	// reach.
	switch c := t.Compare(s1, s2); {
	case c > 0:
		if open2 {
			return false, true
		}
		if t.Compare(s1, e2) < 0 {
			return true, false
		}
		return false, open1
	case c < 0:
		if open1 {
			return false, true
		}
		if t.Compare(s2, e1) < 0 {
			return true, false
		}
		return false, open2
	}
	if open1 || open2 {
		return false, true
	}
	return true, false
}
