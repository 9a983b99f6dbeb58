package engine

import (
	"context"
	"io"

	"github.com/streamsqld/streamsqld/sql/types"
)

// recoded is an input whose texts are in another encoding than UTF8. Its pieces may
// be cut anywhere; a character that is cut waits for the rest of it.
type recoded struct {
	input
	client *types.Client
	rest   []byte
	end    error
}

// Next implements input.
func (r *recoded) Next(ctx context.Context) ([]byte, error) {
	for r.end == nil {
		piece, err := r.input.Next(ctx)
		if err != nil && err != io.EOF {
			return nil, err // also the end of ctx: another call may go on
		}
		if err == io.EOF {
			r.end = err
		}
		r.rest = append(r.rest, piece...)
		n := len(r.rest)
		if r.end == nil {
			n = r.client.Whole(r.rest)
		}
		s, err := r.client.FromClient(string(r.rest[:n]))
		if err != nil {
			return nil, err
		}
		r.rest = r.rest[:copy(r.rest, r.rest[n:])]
		if s != "" {
			return []byte(s), nil
		}
	}
	return nil, r.end
}
