package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/sql/funcs/fmath"
)

// The trigonometric functions in degrees are exact at multiples of 30 and 45
// degrees: as in PostgreSQL's float.c, each is scaled by what the plain function
// gives at such a point.
var (
	sin30         = fmath.Sin(inRadians(30))
	oneMinusCos60 = 1 - fmath.Cos(inRadians(60))
	asin05        = fmath.Asin(0.5)
	acos05        = fmath.Acos(0.5)
	atan1         = fmath.Atan(1)
	tan45         = sindQ1(45) / cosdQ1(45)
	cot45         = cosdQ1(45) / sindQ1(45)
)

// inRadians multiplies at run time, as a constant product would be exact.
func inRadians(x float64) float64 { return x * radiansPerDegree }

// sind0To30 is the sine of x degrees, 0 to 30.
func sind0To30(x float64) float64 { return fmath.Sin(inRadians(x)) / sin30 / 2 }

// cosd0To60 is the cosine of x degrees, 0 to 60.
func cosd0To60(x float64) float64 {
	return 1 - (1-fmath.Cos(inRadians(x)))/oneMinusCos60/2
}

// sindQ1 and cosdQ1 are the functions in the first quadrant.
func sindQ1(x float64) float64 {
	if x <= 30 {
		return sind0To30(x)
	}
	return cosd0To60(90 - x)
}

func cosdQ1(x float64) float64 {
	if x <= 60 {
		return cosd0To60(x)
	}
	return sind0To30(90 - x)
}

// quadrant brings an angle to 0 … 90 degrees. sin and cos are the signs that
// the functions have there.
func quadrant(x float64) (y, sin, cos float64, err error) {
	if math.IsInf(x, 0) {
		return 0, 0, 0, errInputRange
	}
	y, sin, cos = math.Mod(x, 360), 1, 1
	if y < 0 {
		y, sin = -y, -sin
	}
	if y > 180 {
		y, sin = 360-y, -sin
	}
	if y > 90 {
		y, cos = 180-y, -cos
	}
	return y, sin, cos, nil
}

func sind(x float64) (float64, error) {
	y, sin, _, err := quadrant(x)
	return sin * sindQ1(y), err
}

func cosd(x float64) (float64, error) {
	y, _, cos, err := quadrant(x)
	return cos * cosdQ1(y), err
}

func tand(x float64) (float64, error) {
	y, sin, cos, err := quadrant(x)
	return plainZero(sin * cos * (sindQ1(y) / cosdQ1(y) / tan45)), err
}

func cotd(x float64) (float64, error) {
	y, sin, cos, err := quadrant(x)
	return plainZero(sin * cos * (cosdQ1(y) / sindQ1(y) / cot45)), err
}

// plainZero turns -0 into 0.
func plainZero(x float64) float64 {
	if x == 0 {
		return 0
	}
	return x
}

func asindQ1(x float64) float64 {
	if x <= 0.5 {
		return fmath.Asin(x) / asin05 * 30
	}
	return 90 - fmath.Acos(x)/acos05*60
}

func acosdQ1(x float64) float64 {
	if x <= 0.5 {
		return 90 - fmath.Asin(x)/asin05*30
	}
	return fmath.Acos(x) / acos05 * 60
}

func asind(x float64) float64 {
	if x >= 0 {
		return asindQ1(x)
	}
	return -asindQ1(-x)
}

func acosd(x float64) float64 {
	if x >= 0 {
		return acosdQ1(x)
	}
	return 90 + asindQ1(-x)
}

func atand(x float64) float64 { return fmath.Atan(x) / atan1 * 45 }
