package funcs

import (
	"sync"

	"github.com/mmcloughlin/geohash"

	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

func init() {
	register("geohash_encode", &Impl{Kernel: fn3e(geohashEncode)})
	register("geohash_decode", &Impl{
		Kernel: fn1e(func(s string) (string, error) {
			lat, lon, err := geohashCenter(s)
			return string(types.AppendRecord(nil, []*types.Type{types.TFloat8, types.TFloat8}, []types.Datum{types.NewFloat(lat), types.NewFloat(lon)})), err
		}),
		Set: func(*Call) (SetFunc, error) {
			return func(_ *Ctx, a []types.Datum) (vec.Source, error) {
				lat, lon, err := geohashCenter(a[0].Str())
				return tableSource([]*types.Type{types.TFloat8, types.TFloat8}, [][]types.Datum{{types.NewFloat(lat), types.NewFloat(lon)}}), err
			}, nil
		},
	})
	var flakes snowflakes
	register("snowflake_id", &Impl{Kernel: func(c *Ctx, _ []*vec.Vec, n int, out *vec.Vec) {
		r := Out[int64](out, n)
		for i := range r {
			r[i] = flakes.next(c.Env.Clock())
		}
	}})
}

// maxGeohash is the most characters that 60 bits make.
const maxGeohash = 12

func geohashEncode(lat, lon float64, precision int64) (string, error) {
	switch {
	case !(lat >= -90 && lat <= 90):
		return "", errInvalid("latitude must be between -90 and 90 degrees")
	case !(lon >= -180 && lon <= 180):
		return "", errInvalid("longitude must be between -180 and 180 degrees")
	case precision < 1 || precision > maxGeohash:
		return "", errInvalid("geohash precision must be between 1 and %d", maxGeohash)
	}
	return geohash.EncodeWithPrecision(lat, lon, uint(precision)), nil
}

// geohashCenter gives the middle of a geohash's cell.
func geohashCenter(s string) (lat, lon float64, err error) {
	if s == "" || len(s) > maxGeohash || geohash.Validate(s) != nil {
		return 0, 0, errInvalid("invalid geohash: \"%s\"", s)
	}
	lat, lon = geohash.DecodeCenter(s)
	return lat, lon, nil
}

// snowflakes makes identifiers that rise: 41 bits of milliseconds since 2020, 10
// bits that are 0 as there is one node, and 12 bits that count within a
// millisecond.
type snowflakes struct {
	mu   sync.Mutex
	last int64 // the last identifier without its node bits
}

// flakeEpoch is 2020-01-01 in microseconds since 2000-01-01.
const flakeEpoch = 631_152_000_000_000

// next gives an identifier that was never given, also when the clock goes back.
func (s *snowflakes) next(now int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, (now-flakeEpoch)/1000<<12)
	return s.last>>12<<22 | s.last&(1<<12-1)
}
