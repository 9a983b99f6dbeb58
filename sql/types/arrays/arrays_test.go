package arrays_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/vectest"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/types/arrays"
)

var env = types.DefaultEnv

// arr reads an int4 array, or panics with the error that the vector shows.
func arr(s string) string {
	d, err := types.TInt4.Array.In(env, s, types.NoMod)
	if err != nil {
		panic(err)
	}
	return d.Str()
}

func num(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		panic(err)
	}
	return int32(n)
}

func elem(s string) types.Datum {
	if s == `\N` {
		return types.Null
	}
	return types.NewInt(int64(num(s)))
}

func nullable(s string) *string {
	if s == `\N` {
		return nil
	}
	return &s
}

func bound(l, u string) arrays.Bound {
	b := arrays.Bound{HasLower: l != "", HasUpper: u != ""}
	if b.HasLower {
		b.Lower = num(l)
	}
	if b.HasUpper {
		b.Upper = num(u)
	}
	return b
}

func out(a string, err error) (string, bool, error) {
	if err != nil {
		return "", false, err
	}
	return types.TInt4.Array.Text(env, types.NewString(a)), false, nil
}

func outText(a string) (string, bool, error) {
	return types.TText.Array.Text(env, types.NewString(a)), false, nil
}

func outElem(d types.Datum) (string, bool, error) {
	if d.IsNull() {
		return "", true, nil
	}
	return types.TInt4.Text(env, d), false, nil
}

func outInt(n int32, ok bool) (string, bool, error) { return strconv.Itoa(int(n)), !ok, nil }

func outBool(b bool) (string, bool, error) {
	return types.TBool.Text(env, types.NewBool(b)), false, nil
}

func parts(s string) []types.Datum {
	var ds []types.Datum
	for _, p := range strings.Split(s, ";") {
		ds = append(ds, types.NewString(arr(p)))
	}
	return ds
}

var int4 = types.TInt4

// set runs an assignment to an array in a table, where NULL is what it is.
func set(a, sub, val string) (string, bool, error) {
	x := arr(a)
	idx := strings.Split(strings.Trim(sub, "[]"), "][")
	var index []int32
	for _, i := range idx {
		index = append(index, num(i))
	}
	return out(arrays.SetElement(int4, x, index, elem(val)))
}

var calls = map[string]func(a []string) (string, bool, error){
	"array_dims":   func(a []string) (string, bool, error) { s, ok := arrays.Dims(arr(a[0])); return s, !ok, nil },
	"array_ndims":  func(a []string) (string, bool, error) { return outInt(arrays.NDims(arr(a[0]))) },
	"cardinality":  func(a []string) (string, bool, error) { return outInt(arrays.Cardinality(arr(a[0])), true) },
	"array_lower":  func(a []string) (string, bool, error) { return outInt(arrays.Lower(arr(a[0]), num(a[1]))) },
	"array_upper":  func(a []string) (string, bool, error) { return outInt(arrays.Upper(arr(a[0]), num(a[1]))) },
	"array_length": func(a []string) (string, bool, error) { return outInt(arrays.Length(arr(a[0]), num(a[1]))) },
	"trim_array":   func(a []string) (string, bool, error) { return out(arrays.Trim(int4, arr(a[0]), num(a[1]))) },
	"sub1":         func(a []string) (string, bool, error) { return outElem(arrays.Subscript(int4, arr(a[0]), num(a[1]))) },
	"sub2": func(a []string) (string, bool, error) {
		return outElem(arrays.Subscript(int4, arr(a[0]), num(a[1]), num(a[2])))
	},
	"slice1": func(a []string) (string, bool, error) {
		return out(arrays.Slice(int4, arr(a[0]), []arrays.Bound{bound(a[1], a[2])}), nil)
	},
	"slice2": func(a []string) (string, bool, error) {
		return out(arrays.Slice(int4, arr(a[0]), []arrays.Bound{bound(a[1], a[2]), bound(a[3], a[4])}), nil)
	},
	"set1": func(a []string) (string, bool, error) { return set(a[0], a[1], a[2]) },
	"set2": func(a []string) (string, bool, error) { return set(a[0], a[1]+"]["+a[2], a[3]) },
	"setslice1": func(a []string) (string, bool, error) {
		return out(arrays.SetSlice(int4, arr(a[0]), []arrays.Bound{bound(a[1], a[2])}, arr(a[3])))
	},
	"setslice2": func(a []string) (string, bool, error) {
		return out(arrays.SetSlice(int4, arr(a[0]), []arrays.Bound{bound(a[1], a[2]), bound(a[3], a[4])}, arr(a[5])))
	},
	"append":  func(a []string) (string, bool, error) { return out(arrays.Append(int4, arr(a[0]), elem(a[1]))) },
	"prepend": func(a []string) (string, bool, error) { return out(arrays.Prepend(int4, elem(a[1]), arr(a[0]))) },
	"cat":     func(a []string) (string, bool, error) { return out(arrays.Cat(int4, arr(a[0]), arr(a[1]))) },
	"position": func(a []string) (string, bool, error) {
		n, ok, err := arrays.Position(int4, arr(a[0]), elem(a[1]), nil)
		return strconv.Itoa(int(n)), !ok, err
	},
	"position3": func(a []string) (string, bool, error) {
		start := num(a[2])
		n, ok, err := arrays.Position(int4, arr(a[0]), elem(a[1]), &start)
		return strconv.Itoa(int(n)), !ok, err
	},
	"positions": func(a []string) (string, bool, error) {
		ns, err := arrays.Positions(int4, arr(a[0]), elem(a[1]))
		var ds []types.Datum
		for _, n := range ns {
			ds = append(ds, types.NewInt(int64(n)))
		}
		x := types.NewArray(int4, ds)
		return out(x.Encode(), err)
	},
	"remove": func(a []string) (string, bool, error) { return out(arrays.Remove(int4, arr(a[0]), elem(a[1]))) },
	"replace": func(a []string) (string, bool, error) {
		return out(arrays.Replace(int4, arr(a[0]), elem(a[1]), elem(a[2])), nil)
	},
	"fill": func(a []string) (string, bool, error) { return out(arrays.Fill(int4, elem(a[0]), arr(a[1]), nil)) },
	"fill3": func(a []string) (string, bool, error) {
		lower := arr(a[2])
		return out(arrays.Fill(int4, elem(a[0]), arr(a[1]), &lower))
	},
	"contains": func(a []string) (string, bool, error) { return outBool(arrays.Contains(int4, arr(a[0]), arr(a[1]))) },
	"overlap":  func(a []string) (string, bool, error) { return outBool(arrays.Overlap(int4, arr(a[0]), arr(a[1]))) },
	"to_string": func(a []string) (string, bool, error) {
		return arrays.ToString(env, int4, arr(a[0]), a[1], nil), false, nil
	},
	"to_string3": func(a []string) (string, bool, error) {
		return arrays.ToString(env, int4, arr(a[0]), a[1], nullable(a[2])), false, nil
	},
	"split": func(a []string) (string, bool, error) { return outText(arrays.FromString(a[0], nullable(a[1]), nil)) },
	"split3": func(a []string) (string, bool, error) {
		return outText(arrays.FromString(a[0], nullable(a[1]), nullable(a[2])))
	},
	"construct": func(a []string) (string, bool, error) { return out(arrays.Construct(int4, parts(a[0]))) },
	"agg":       func(a []string) (string, bool, error) { return out(arrays.Aggregate(int4, parts(a[0]))) },
}

func TestVectors(t *testing.T) {
	vectest.Run(t, "testdata/arrays.txt", func(fn, _ string, args []string) (string, bool, error) {
		call := calls[fn]
		if call == nil {
			t.Fatalf("no function %s", fn)
		}
		return call(args)
	})
}
