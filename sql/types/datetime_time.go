package types

// Decoding of times of day, which may come with a date that tells the offset
// of a zone.

// decodeTime reads the fields of a time of day.
func (d *dtDecoder) decodeTime(fields []dtField) dtErr {
	d.timeOnly = true
	for i := range fields {
		got, err := d.field(fields, i)
		if err != dtOK {
			return err
		}
		if got&d.seen != 0 {
			return dtBadFormat
		}
		d.seen |= got
	}
	if err := d.validateDate(); err != dtOK {
		return err
	}
	if err := d.applyAMPM(); err != dtOK {
		return err
	}
	if timeOverflows(d.hour, d.minute, d.sec, d.micros) {
		return dtFieldOverflow
	}
	if d.seen&maskTime != maskTime {
		return dtBadFormat
	}
	return d.resolveTimeZone()
}

// resolveTimeZone finds the offset: at the date given, or else today.
func (d *dtDecoder) resolveTimeZone() dtErr {
	z := d.named
	if z == nil && d.seen&bit(tokZone) != 0 {
		return dtOK
	}
	if d.seen&bit(tokDSTMod) != 0 {
		return dtBadFormat
	}
	if z == nil {
		z = d.env.zone()
	} else if z.abbrev == "" {
		if east, ok := z.Fixed(); ok {
			d.west = -int(east)
			return dtOK
		}
		if d.seen&maskDate != maskDate { // a zone by name needs a date
			return dtBadFormat
		}
	}
	at := d.brokenTime
	if d.seen&maskDate == 0 {
		at.year, at.month, at.day = civilFromDays(currentDate(d.env))
	} else if d.seen&maskDate != maskDate {
		return dtBadFormat
	}
	d.west = -int(z.LocalOffset(at.localSeconds()))
	return dtOK
}

// dateInTime reads a field that looks like a date: it is one in front of a
// time, otherwise a time with an offset or the name of a zone.
func (d *dtDecoder) dateInTime(fields []dtField, i int) (got uint32, err dtErr) {
	s := fields[i].text
	if i == 0 && len(fields) >= 2 && (fields[len(fields)-1].kind == fieldDate || fields[1].kind == fieldTime) {
		return d.date(s)
	}
	if isDigit(s[0]) {
		return d.timeWithOffset(s, d.seen|maskDate)
	}
	return d.zoneName(s)
}

// numberInTime reads a number without a label.
func (d *dtDecoder) numberInTime(fields []dtField, i, dot int) (got uint32, err dtErr) {
	s := fields[i].text
	switch {
	case dot >= 0 && i == 0 && len(fields) >= 2 && fields[len(fields)-1].kind == fieldDate:
		return d.date(s)
	case dot > 2, dot < 0 && len(s) > 4:
		return d.runTogether(s, d.seen|maskDate)
	case dot >= 0:
		return 0, dtBadFormat
	}
	return d.plainNumber(s, false, d.seen|maskDate)
}
