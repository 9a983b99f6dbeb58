package format

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Putting together what was read.

func (r *reader) errField() error {
	return pgerr.New(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", r.all)
}

// clock makes a date and time of the fields. Month and day are 1 where nothing
// says otherwise, the year is 1 BC.
func (r *reader) clock() (c types.Clock, err error) {
	c = types.Clock{Month: 1, Day: 1}
	if err = r.setTime(&c); err != nil {
		return c, err
	}
	haveYear := r.setYear(&c)
	haveMonth, haveDay := false, false
	if r.julian != 0 {
		setDays(&c, types.DaysFromJulian(int64(r.julian)))
		haveYear, haveMonth, haveDay = true, true, true
	}
	if r.week != 0 {
		if r.mode == modeISOWeek {
			setDays(&c, types.ISOWeekStart(c.Year)+int64(r.week-1)*7+isoDay(r.dow))
			haveYear, haveMonth, haveDay = true, true, true
		} else {
			r.yearDay = (r.week-1)*7 + 1
		}
	}
	if r.monthWeek != 0 {
		r.day = (r.monthWeek-1)*7 + 1
	}
	if r.day != 0 {
		c.Day, haveDay = r.day, true
	}
	if r.month != 0 {
		c.Month, haveMonth = r.month, true
	}
	if r.yearDay != 0 && (c.Month <= 1 || c.Day <= 1) {
		if c.Year == 0 && r.bc == 0 {
			return c, errFormat("cannot calculate day of year without year information")
		}
		r.setYearDay(&c)
		haveMonth, haveDay = true, true
		if r.mode == modeISOWeek {
			haveYear = true
		}
	}
	micros := r.millis*1000 + r.micros
	c.Micros = micros
	if !validDate(&c, haveYear, haveMonth, haveDay) || !validTime(&c) {
		return c, r.errField()
	}
	if r.zoneSign != 0 && (r.zoneHour < 0 || r.zoneHour > 15 || r.zoneM < 0 || r.zoneM > 59) {
		return c, pgerr.New(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range: \"%s\"", r.all)
	}
	return c, nil
}

func setDays(c *types.Clock, days int64) { c.Year, c.Month, c.Day = types.CivilFromDays(days) }

// isoDay counts a day of the week, Sunday being 1 and 0 none, from Monday.
func isoDay(dow int) int64 {
	switch {
	case dow == 0:
		return 0
	case dow > 1:
		return int64(dow) - 2
	}
	return 6
}

func (r *reader) setTime(c *types.Clock) error {
	hour := 0
	if r.second != 0 {
		hour, c.Minute, c.Second = r.second/3600, r.second%3600/60, r.second%60
	}
	if r.sec != 0 {
		c.Second = r.sec
	}
	if r.minute != 0 {
		c.Minute = r.minute
	}
	if r.hour != 0 {
		hour = r.hour
	}
	if r.clock12 {
		if hour < 1 || hour > 12 {
			return errFormat("hour \"%d\" is invalid for the 12-hour clock", hour).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		if r.pm != 0 && hour < 12 {
			hour += 12
		} else if r.pm == 0 && hour == 12 {
			hour = 0
		}
	}
	c.Hour = int64(hour)
	return nil
}

// setYear makes the year of year, century and era; false when none was given.
func (r *reader) setYear(c *types.Clock) bool {
	switch {
	case r.year != 0 && r.century != 0 && r.yearDigits <= 2:
		cc := r.century
		if r.bc != 0 {
			cc = -cc
		}
		y := r.year % 100
		switch {
		case y != 0 && cc >= 0:
			c.Year = y + (cc-1)*100
		case y != 0:
			c.Year = (cc+1)*100 - y + 1
		case cc >= 0:
			c.Year = cc * 100
		default:
			c.Year = cc*100 + 1
		}
	case r.year != 0:
		c.Year = r.year
		if r.bc != 0 {
			c.Year = -c.Year
		}
		if c.Year < 0 {
			c.Year++
		}
	case r.century != 0:
		cc := r.century
		if r.bc != 0 {
			cc = -cc
		}
		if c.Year = cc*100 + 1; cc >= 0 {
			c.Year = (cc-1)*100 + 1
		}
	default:
		return false
	}
	return true
}

// setYearDay sets month and day from the day of the year.
func (r *reader) setYearDay(c *types.Clock) {
	if r.mode == modeISOWeek {
		setDays(c, types.ISOWeekStart(c.Year)-1+int64(r.yearDay))
		return
	}
	month, before := 1, 0
	for month <= 12 && r.yearDay > before+types.MonthDays(c.Year, month) {
		before += types.MonthDays(c.Year, month)
		month++
	}
	if c.Month <= 1 {
		c.Month = month
	}
	if c.Day <= 1 {
		c.Day = r.yearDay - before
	}
}

// validDate checks the parts of the date that were given.
func validDate(c *types.Clock, year, month, day bool) bool {
	if month && (c.Month < 1 || c.Month > 12) || day && (c.Day < 1 || c.Day > 31) {
		return false
	}
	return !(year && month && day) || c.Day <= types.MonthDays(c.Year, c.Month)
}

func validTime(c *types.Clock) bool {
	return c.Hour >= 0 && c.Hour < 24 && c.Minute >= 0 && c.Minute < 60 && c.Second >= 0 && c.Second < 60 &&
		c.Micros >= 0 && c.Micros < 1000000
}
