package funcs

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// TABLESAMPLE takes the rows whose hash, of sampleBits bits, is below a threshold.
const sampleBits = 32

func init() {
	register("tablesample_threshold", &Impl{Kernel: sampleArgument(sampleThreshold,
		pgerr.New(pgerr.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null"))})
	register("tablesample_seed", &Impl{Kernel: sampleArgument(sampleSeed,
		pgerr.New(pgerr.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null"))})
}

// sampleThreshold gives the hashes below which a percentage of all lies.
func sampleThreshold(percent float64) (int64, error) {
	if !(percent >= 0 && percent <= 100) {
		return 0, pgerr.New(pgerr.InvalidTablesampleArgument, "sample percentage must be between 0 and 100")
	}
	return int64(math.RoundToEven(percent / 100 * (1 << sampleBits))), nil
}

// sampleSeed gives the seed of the hash for the number of REPEATABLE: all zeros are
// one.
func sampleSeed(x float64) (int64, error) {
	if x == 0 {
		return 0, nil
	}
	return int64(math.Float64bits(x)), nil
}

// sampleArgument makes the kernel of a function that fails for NULL.
func sampleArgument(f func(float64) (int64, error), null error) Kernel {
	return func(c *Ctx, args []*vec.Vec, n int, out *vec.Vec) {
		a, r := In[float64](args[0]), Out[int64](out, n)
		for i := range n {
			if c.skip(i) {
				continue
			}
			err := null
			if !args[0].IsNull(i) {
				r[i], err = f(a[i])
			}
			if err != nil {
				c.Bad.Set(i, err)
			}
		}
	}
}
