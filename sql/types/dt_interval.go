package types

import "math"

// Arithmetic of intervals; all errors are 22008 "interval out of range", and
// 22012.

// IntervalAdd is a + b.
func IntervalAdd(a, b Interval) (Interval, error) {
	months, days := int64(a.Months)+int64(b.Months), int64(a.Days)+int64(b.Days)
	micros, over := addInt64(a.Micros, b.Micros)
	if over || months != int64(int32(months)) || days != int64(int32(days)) {
		return Interval{}, errIntervalRange()
	}
	return Interval{int32(months), int32(days), micros}, nil
}

// IntervalSub is a - b.
func IntervalSub(a, b Interval) (Interval, error) {
	months, days := int64(a.Months)-int64(b.Months), int64(a.Days)-int64(b.Days)
	micros := a.Micros - b.Micros
	over := (a.Micros^b.Micros)&(a.Micros^micros) < 0
	if over || months != int64(int32(months)) || days != int64(int32(days)) {
		return Interval{}, errIntervalRange()
	}
	return Interval{int32(months), int32(days), micros}, nil
}

// IntervalNeg is -v.
func IntervalNeg(v Interval) (Interval, error) {
	if v.Months == math.MinInt32 || v.Days == math.MinInt32 || v.Micros == math.MinInt64 {
		return Interval{}, errIntervalRange()
	}
	return v.negated(), nil
}

// IntervalMul is v · f; fractions of months become days, those of days time.
func IntervalMul(v Interval, f float64) (Interval, error) {
	return intervalScale(v, func(x float64) float64 { return x * f })
}

// IntervalDiv is v / f.
func IntervalDiv(v Interval, f float64) (Interval, error) {
	if f == 0 {
		return Interval{}, ErrDivisionByZero()
	}
	return intervalScale(v, func(x float64) float64 { return x / f })
}

func intervalScale(v Interval, scale func(float64) float64) (Interval, error) {
	months, days := scale(float64(v.Months)), scale(float64(v.Days))
	if !fitsInt32(months) || !fitsInt32(days) {
		return Interval{}, errIntervalRange()
	}
	out := Interval{Months: int32(months), Days: int32(days)}
	dayRest := roundMicroseconds((months - float64(out.Months)) * daysPerMonth)
	secRest := roundMicroseconds((days - float64(out.Days) + dayRest - math.Trunc(dayRest)) * secondsPerDay)
	if math.Abs(secRest) >= secondsPerDay {
		whole := math.Trunc(secRest / secondsPerDay)
		if !addInt32(&out.Days, int64(whole)) {
			return Interval{}, errIntervalRange()
		}
		secRest -= whole * secondsPerDay
	}
	if !addInt32(&out.Days, int64(dayRest)) {
		return Interval{}, errIntervalRange()
	}
	micros := math.RoundToEven(scale(float64(v.Micros)) + secRest*microsPerSecond)
	if micros != micros || micros < -1<<63 || micros >= 1<<63 {
		return Interval{}, errIntervalRange()
	}
	out.Micros = int64(micros)
	return out, nil
}

func fitsInt32(f float64) bool { return f >= math.MinInt32 && f < math.MaxInt32+1 }

// roundMicroseconds rounds to six digits after the point.
func roundMicroseconds(f float64) float64 { return math.RoundToEven(f*1e6) / 1e6 }

// JustifyHours turns whole days of the time into days.
func JustifyHours(v Interval) (Interval, error) {
	if !addInt32(&v.Days, v.Micros/microsPerDay) {
		return Interval{}, errIntervalRange()
	}
	v.Micros %= microsPerDay
	switch {
	case v.Days > 0 && v.Micros < 0:
		v.Micros += microsPerDay
		v.Days--
	case v.Days < 0 && v.Micros > 0:
		v.Micros -= microsPerDay
		v.Days++
	}
	return v, nil
}

// JustifyDays turns each 30 days into a month.
func JustifyDays(v Interval) (Interval, error) {
	if !addInt32(&v.Months, int64(v.Days/daysPerMonth)) {
		return Interval{}, errIntervalRange()
	}
	v.Days %= daysPerMonth
	switch {
	case v.Months > 0 && v.Days < 0:
		v.Days += daysPerMonth
		v.Months--
	case v.Months < 0 && v.Days > 0:
		v.Days -= daysPerMonth
		v.Months++
	}
	return v, nil
}

// JustifyInterval does both, and gives all parts the same sign.
func JustifyInterval(v Interval) (Interval, error) {
	if v.Days > 0 && v.Micros > 0 || v.Days < 0 && v.Micros < 0 {
		if !addInt32(&v.Months, int64(v.Days/daysPerMonth)) {
			return Interval{}, errIntervalRange()
		}
		v.Days %= daysPerMonth
	}
	v.Days += int32(v.Micros / microsPerDay)
	v.Micros %= microsPerDay
	if !addInt32(&v.Months, int64(v.Days/daysPerMonth)) {
		return Interval{}, errIntervalRange()
	}
	v.Days %= daysPerMonth
	switch {
	case v.Months > 0 && (v.Days < 0 || v.Days == 0 && v.Micros < 0):
		v.Days += daysPerMonth
		v.Months--
	case v.Months < 0 && (v.Days > 0 || v.Days == 0 && v.Micros > 0):
		v.Days -= daysPerMonth
		v.Months++
	}
	switch {
	case v.Days > 0 && v.Micros < 0:
		v.Micros += microsPerDay
		v.Days--
	case v.Days < 0 && v.Micros > 0:
		v.Micros -= microsPerDay
		v.Days++
	}
	return v, nil
}
