package types

const (
	microsPerDay = 24 * 60 * 60 * 1000000
	daysPerMonth = 30
)

// spanned is the interval's length with a month of 30 days and a day of 24
// hours, as whole days and microseconds within the last of them.
func (v Interval) spanned() (days, micros int64) {
	days = int64(v.Months)*daysPerMonth + int64(v.Days) + v.Micros/microsPerDay
	micros = v.Micros % microsPerDay
	if micros < 0 {
		micros += microsPerDay
		days--
	}
	return days, micros
}

// Cmp compares as PostgreSQL does: '1 mon' equals '30 days' equals '720:00'.
func (v Interval) Cmp(w Interval) int {
	d1, m1 := v.spanned()
	d2, m2 := w.spanned()
	if d1 != d2 {
		return cmpInt(d1, d2)
	}
	return cmpInt(m1, m2)
}

// Hash hashes by value: intervals that compare equal hash alike.
func (v Interval) Hash() uint64 {
	d, m := v.spanned()
	return Mix(Mix(uint64(d)) ^ uint64(m))
}
