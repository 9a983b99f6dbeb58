package lex

import "strconv"

// number scans an integer, decimal or real literal, which begins with a digit
// or with a point and a digit.
func (s *scanner) number(start int) bool {
	i := s.digits(start)
	decimal := false
	if s.at(i) == '.' && s.at(i+1) != '.' {
		decimal = true
		i = s.digits(i + 1)
	}
	real := false
	if c := s.at(i); c == 'e' || c == 'E' {
		j := i + 1
		if c := s.at(j); c == '+' || c == '-' {
			j++
		}
		switch {
		case isDigit(s.at(j)):
			real = true
			i = s.digits(j)
		case j == i+2: // 1e+
			return s.failNear("trailing junk after numeric literal", start, j)
		}
	}
	if i < len(s.src) && classes[s.src[i]] == letter {
		return s.failNear("trailing junk after numeric literal", start, s.identEnd(i))
	}
	text := s.src[start:i]
	kind := Float
	if !decimal && !real && fitsInt4(text) {
		kind = Int
	}
	s.emit(kind, start, i, text)
	return true
}

func (s *scanner) digits(i int) int {
	for isDigit(s.at(i)) {
		i++
	}
	return i
}

// fitsInt4 tells whether unsigned digits are an int4.
func fitsInt4(text string) bool {
	if len(text) < 10 {
		return true
	}
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}
