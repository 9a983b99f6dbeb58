package oracle

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	pg_query "github.com/wasilibs/go-pgquery"
	pgparser "github.com/wasilibs/go-pgquery/parser"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// verdict is what a parser says of a text: nothing, or an error.
type verdict struct {
	message string
	pos     int // in characters from 1
}

func theirVerdict(sql string) verdict {
	_, err := pg_query.ParseToJSON(sql)
	if err == nil {
		return verdict{}
	}
	var e *pgparser.Error
	if !errors.As(err, &e) {
		return verdict{message: err.Error()}
	}
	return verdict{e.Message, e.Cursorpos}
}

// ourVerdict is nothing for what is refused by name.
func ourVerdict(sql string) verdict {
	_, err := parser.Parse(sql)
	var e *pgerr.Error
	if !errors.As(err, &e) || e.Code == pgerr.FeatureNotSupported {
		return verdict{}
	}
	v := verdict{message: e.Message}
	if e.Pos > 0 {
		v.pos = utf8.RuneCountInString(sql[:e.Pos-1]) + 1
	}
	return v
}

// TestMutations changes statements at random and wants the same error at the
// same place in 97 of 100 that are wrong. The oracle's grammar is newer than
// the server's, so it is not all of them.
func TestMutations(t *testing.T) {
	corpus := Seeds(seedFile)
	if dir := os.Getenv("STREAMSQLD_SHARED"); dir != "" {
		corpus = append(corpus, Recorded(filepath.Join(dir, "clients", "recorded"))...)
	}
	rng := rand.New(rand.NewSource(1))
	wrong, same, taken, shown := 0, 0, 0, 0
	for i := 0; i < 6000; i++ {
		sql := Mutate(rng, corpus[rng.Intn(len(corpus))].SQL)
		theirs, ours := theirVerdict(sql), ourVerdict(sql)
		if theirs.message == "" {
			continue
		}
		wrong++
		switch {
		case ours == theirs:
			same++
			continue
		case ours.message == "":
			taken++
		}
		if shown < 20 {
			shown++
			t.Log(fmt.Sprintf("%s\n   theirs %v\n   ours   %v", clip(strings.Join(strings.Fields(sql), " ")), theirs, ours))
		}
	}
	share := float64(same) / float64(wrong)
	t.Logf("%d wrong statements: %.1f %% with the same error at the same place, %d taken", wrong, 100*share, taken)
	if share < 0.97 {
		t.Errorf("less than 97 %%")
	}
}
