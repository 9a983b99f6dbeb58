package fmath

import "math"

// The functions in this file follow glibc 2.36, whose code for them is Sun's:
//
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
// Developed at SunPro, a Sun Microsystems, Inc. business. Permission to use,
// copy, modify, and distribute this software is freely granted, provided that
// this notice is preserved.

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
)

// expm1 is e^x − 1 for |x| below 50.
func expm1(x float64) float64 {
	const (
		q1, q2, q3 = -3.33333333333331316428e-02, 1.58730158725481460165e-03, -7.93650757867487942473e-05
		q4, q5     = 4.00821782732936239552e-06, -2.01099218183624371326e-07
	)
	abs, k, c := math.Abs(x), 0, 0.0
	switch {
	case abs > 0.5*math.Ln2:
		var hi, lo float64
		if abs < 1.5*math.Ln2 {
			k = 1
			if x < 0 {
				k = -1
			}
		} else {
			k = int(x/math.Ln2 + math.Copysign(0.5, x))
		}
		hi, lo = x-float64(float64(k)*ln2Hi), float64(k)*ln2Lo
		x = hi - lo
		c = (hi - x) - lo
	case abs < 0x1p-54:
		return x
	}
	hfx := 0.5 * x
	hxs := x * hfx
	h2 := hxs * hxs
	h4 := h2 * h2
	r1 := (1 + float64(hxs*q1)) + float64(h2*(q2+float64(hxs*q3))) + float64(h4*(q4+float64(hxs*q5)))
	t := 3 - float64(r1*hfx)
	e := hxs * ((r1 - t) / (6 - float64(x*t)))
	if k == 0 {
		return x - (float64(x*e) - hxs)
	}
	e = float64(x*(e-c)) - c
	e -= hxs
	switch {
	case k == -1:
		return float64(0.5*(x-e)) - 0.5
	case k == 1:
		if x < -0.25 {
			return -2 * (e - (x + 0.5))
		}
		return 1 + float64(2*(x-e))
	case k <= -2 || k > 56:
		return math.Ldexp(1-(e-x), k) - 1
	case k < 20:
		return math.Ldexp((1-math.Ldexp(1, -k))-(e-x), k)
	}
	return math.Ldexp((x-(e+math.Ldexp(1, -k)))+1, k)
}

// log1p is log(1 + x) for finite x > -1.
func log1p(x float64) float64 {
	const (
		lp1, lp2, lp3, lp4 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01
		lp5, lp6, lp7      = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01
	)
	abs := math.Abs(x)
	k, f, c := 1, 0.0, 0.0
	var hu uint64
	if x < 0.41422 {
		if abs < 0x1p-29 {
			if abs < 0x1p-54 {
				return x
			}
			return x - float64(x*x)*0.5
		}
		if x > -0.29289 {
			k, f, hu = 0, x, 1
		}
	}
	if k != 0 {
		u := x
		if abs < 0x1p53 {
			u = 1 + x
			hu = math.Float64bits(u)
			k = int(hu>>52) - 1023
			if k > 0 {
				c = 1 - (u - x)
			} else {
				c = x - (u - 1)
			}
			c /= u
		} else {
			hu = math.Float64bits(u)
			k = int(hu>>52) - 1023
		}
		hu &= 1<<52 - 1
		if hu < 0x6a09e<<32 {
			u = math.Float64frombits(hu | 0x3ff<<52)
		} else {
			k++
			u = math.Float64frombits(hu | 0x3fe<<52)
			hu = (1<<52 - hu) >> 2
		}
		f = u - 1
	}
	hfsq := 0.5 * f * f
	if k != 0 && hu>>32 == 0 { // |f| < 2^-20
		if f == 0 {
			return float64(float64(k)*ln2Hi) + (c + float64(float64(k)*ln2Lo))
		}
		r := hfsq * (1 - float64(0.66666666666666666*f))
		return float64(float64(k)*ln2Hi) - ((r - (float64(float64(k)*ln2Lo) + c)) - f)
	}
	s := f / (2 + f)
	z := s * s
	z2 := z * z
	z4 := z2 * z2
	z6 := z4 * z2
	r := float64(z*lp1) + float64(z2*(lp2+float64(z*lp3))) + float64(z4*(lp4+float64(z*lp5))) + float64(z6*(lp6+float64(z*lp7)))
	if k == 0 {
		return f - (hfsq - float64(s*(hfsq+r)))
	}
	return float64(float64(k)*ln2Hi) - ((hfsq - (float64(s*(hfsq+r)) + (float64(float64(k)*ln2Lo) + c))) - f)
}

// Sinh is the hyperbolic sine.
func Sinh(x float64) float64 {
	abs, h := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case x-x != 0 || abs < 0x1p-28:
		return x
	case abs < 22:
		t := expm1(abs)
		if abs < 1 {
			return h * (2*t - float64(t*t)/(t+1))
		}
		return h * (t + t/(t+1))
	case abs < 709.78:
		return h * Exp(abs)
	case abs <= 7.10475860073943863426e+02:
		w := Exp(0.5 * abs)
		return float64(h*w) * w
	}
	return math.Inf(int(math.Copysign(1, x)))
}

// Cosh is the hyperbolic cosine.
func Cosh(x float64) float64 {
	abs := math.Abs(x)
	switch {
	case x != x:
		return x
	case abs < 0.34657:
		if abs < 0x1p-55 {
			return 1
		}
		t := expm1(abs)
		w := 1 + t
		return 1 + float64(t*t)/(w+w)
	case abs < 22:
		t := Exp(abs)
		return float64(0.5*t) + 0.5/t
	case abs < 709.78:
		return 0.5 * Exp(abs)
	case abs <= 7.10475860073943863426e+02:
		w := Exp(0.5 * abs)
		return float64(0.5*w) * w
	}
	return math.Inf(1)
}

// Tanh is the hyperbolic tangent.
func Tanh(x float64) float64 {
	abs, z := math.Abs(x), 1.0
	switch {
	case x != x || abs < 0x1p-55:
		return x
	case abs < 1:
		t := expm1(-2 * abs)
		z = -t / (t + 2)
	case abs < 22:
		z = 1 - 2/(expm1(2*abs)+2)
	}
	return math.Copysign(z, x)
}

// Asinh is the inverse hyperbolic sine.
func Asinh(x float64) float64 {
	abs := math.Abs(x)
	var w float64
	switch {
	case x-x != 0 || abs < 0x1p-28:
		return x
	case abs > 0x1p28:
		w = Log(abs) + math.Ln2
	case abs > 2:
		w = Log(float64(2*abs) + 1/(math.Sqrt(float64(x*x)+1)+abs))
	default:
		t := x * x
		w = log1p(abs + t/(1+math.Sqrt(1+t)))
	}
	return math.Copysign(w, x)
}

// Acosh is the inverse hyperbolic cosine, for x ≥ 1.
func Acosh(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 1):
		return x
	case x == 1:
		return 0
	case x > 0x1p28:
		return Log(x) + math.Ln2
	case x > 2:
		t := x * x
		return Log(float64(2*x) - 1/(x+math.Sqrt(t-1)))
	}
	t := x - 1
	return log1p(t + math.Sqrt(float64(2*t)+float64(t*t)))
}

// Atanh is the inverse hyperbolic tangent, for |x| < 1.
func Atanh(x float64) float64 {
	abs := math.Abs(x)
	var t float64
	switch {
	case x != x || abs < 0x1p-28:
		return x
	case abs < 0.5:
		t = abs + abs
		t = 0.5 * log1p(t+float64(t*abs)/(1-abs))
	default:
		t = 0.5 * log1p((abs+abs)/(1-abs))
	}
	return math.Copysign(t, x)
}

// Cbrt is the cube root (glibc's own: a polynomial and one step of Halley's
// method).
func Cbrt(x float64) float64 {
	if x == 0 || x-x != 0 {
		return x
	}
	// Powers of the cube root of 2, as the C compiler rounds their definitions.
	factor := [5]float64{0x1.428a2f98d728ap-1, 0x1.965fea53d6e3cp-1, 1, 0x1.428a2f98d728bp+0, 0x1.965fea53d6e3dp+0}
	xm, xe := math.Frexp(math.Abs(x))
	p := 0.784932344976639262 - float64(0.145263899385486367*xm)
	for _, c := range []float64{1.83469277483613086, 2.44693122563534430, 2.11499494167371287, 1.50819193781584896} {
		p = c - float64(p*xm)
	}
	u := 0.354895765043919860 + float64(p*xm)
	t2 := u * u * u
	ym := u * (t2 + float64(2*xm)) / (float64(2*t2) + xm) * factor[2+xe%3]
	return math.Copysign(math.Ldexp(ym, xe/3), x)
}
