package oracle

import (
	"os"
	"strconv"
	"testing"
)

// TestGenerated compares random statements. STREAMSQLD_FUZZ sets their number,
// STREAMSQLD_SEED the seed of the first.
func TestGenerated(t *testing.T) {
	n, seed := 1500, int64(1)
	if s, err := strconv.Atoi(os.Getenv("STREAMSQLD_FUZZ")); err == nil {
		n = s
	}
	if s, err := strconv.ParseInt(os.Getenv("STREAMSQLD_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d", seed)
	g := NewGenerator(seed)
	corpus := make([]Sample, n)
	for i := range corpus {
		corpus[i] = Sample{"generated", g.Statement()}
	}
	counts := tally(t, corpus, 10)
	if counts[same] < n*8/10 {
		t.Errorf("too few of the statements are valid")
	}
	if bad := counts[different] + counts[rejected] + counts[broken]; bad > 0 {
		t.Errorf("%d statements are not read as PostgreSQL does", bad)
	}
}
