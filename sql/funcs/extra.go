package funcs

import (
	"github.com/streamsqld/streamsqld/sql/types"
)

// extraFuncs are the functions beyond PostgreSQL's, under OIDs that PostgreSQL
// leaves to developers (8000–9999). An OID is never given to another function.
var extraFuncs = []*Func{
	extraFunc(8000, "approx_count_distinct", Aggregate, types.TInt8, arg("value", types.TAny)),
	extraFunc(8001, "approx_percentile", Aggregate, types.TFloat8, arg("value", types.TFloat8), arg("fraction", types.TFloat8)),
	extraFunc(8002, "geohash_encode", Scalar, types.TText, arg("lat", types.TFloat8), arg("lon", types.TFloat8), arg("precision", types.TInt4)),
	geohashDecode(8003),
	volatileFunc(extraFunc(8004, "snowflake_id", Scalar, types.TInt8)),
	notStrict(extraFunc(8005, "tablesample_threshold", Scalar, types.TInt8, arg("percent", types.TFloat4))),
	notStrict(extraFunc(8006, "tablesample_seed", Scalar, types.TInt8, arg("number", types.TFloat8))),
	extraFunc(8010, "time_bucket", Scalar, types.TTimestamp, arg("width", types.TInterval), arg("ts", types.TTimestamp)),
	extraFunc(8011, "time_bucket", Scalar, types.TTimestamptz, arg("width", types.TInterval), arg("ts", types.TTimestamptz)),
	extraFunc(8012, "time_bucket", Scalar, types.TTimestamp, arg("width", types.TInterval), arg("ts", types.TTimestamp), arg("origin", types.TTimestamp)),
	extraFunc(8013, "time_bucket", Scalar, types.TTimestamptz, arg("width", types.TInterval), arg("ts", types.TTimestamptz), arg("origin", types.TTimestamptz)),
	windowFunc(8020, "tumble_start", types.TTimestamp, false), windowFunc(8021, "tumble_start", types.TTimestamp, true),
	windowFunc(8022, "tumble_start", types.TTimestamptz, false), windowFunc(8023, "tumble_start", types.TTimestamptz, true),
	windowFunc(8024, "tumble_end", types.TTimestamp, false), windowFunc(8025, "tumble_end", types.TTimestamp, true),
	windowFunc(8026, "tumble_end", types.TTimestamptz, false), windowFunc(8027, "tumble_end", types.TTimestamptz, true),
}

// namedArg is an argument with its name.
type namedArg struct {
	name string
	t    *types.Type
}

func arg(name string, t *types.Type) namedArg { return namedArg{name, t} }

// extraFunc makes the row of a strict, immutable function.
func extraFunc(oid types.OID, name string, kind Kind, ret *types.Type, args ...namedArg) *Func {
	f := &Func{OID: oid, Name: name, Schema: pgCatalogOID, Kind: kind, Ret: ret, Volatility: Immutable, Strict: kind == Scalar, Src: name}
	for _, a := range args {
		f.Args, f.ArgNames = append(f.Args, a.t), append(f.ArgNames, a.name)
	}
	if kind == Aggregate {
		f.AggKind = 'n'
	}
	return f
}

func volatileFunc(f *Func) *Func {
	f.Volatility = Volatile
	return f
}

func notStrict(f *Func) *Func {
	f.Strict = false
	return f
}

// windowFunc makes the row of tumble_start or tumble_end.
func windowFunc(oid types.OID, name string, t *types.Type, offset bool) *Func {
	args := []namedArg{arg("ts", t), arg("size", types.TInterval)}
	if offset {
		args = append(args, arg("offset", types.TInterval))
	}
	return extraFunc(oid, name, Scalar, t, args...)
}

func geohashDecode(oid types.OID) *Func {
	f := extraFunc(oid, "geohash_decode", Scalar, types.TRecord, arg("geohash", types.TText))
	f.Out = []OutColumn{{"lat", types.TFloat8}, {"lon", types.TFloat8}}
	return f
}
