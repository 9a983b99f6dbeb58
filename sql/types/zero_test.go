package types

import "testing"

// Kernels leave zero values in rows that failed or are NULL: these must not
// bring the output functions down.
func TestZeroValues(t *testing.T) {
	zero := map[Kind]Datum{Bool: NewBool(false), Int: NewInt(0), Float: NewFloat(0), Numer: NewNumeric(Numeric{}), Inter: NewInterval(Interval{}), Bytes: NewString("")}
	for _, typ := range append(Builtins(), testMood, testMoodArray, testComp, testCompArray) {
		if !typ.Supported() {
			continue
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %v", typ.Name, r)
				}
			}()
			d := zero[typ.Underlying().Kind]
			typ.Text(DefaultEnv, d)
			if typ.HasBinary() {
				typ.Send(DefaultEnv, nil, d)
			}
			typ.Compare(d, d)
			typ.Hash(d)
			AppendKey(nil, typ, d)
		}()
	}
}
