package engine

import (
	"context"
	"io"
	"runtime"
	"sync"

	copyfmt "github.com/streamsqld/streamsqld/sql/copy"
)

// piece is whole lines of a COPY's input, decoded ahead of their turn.
type piece struct {
	src []byte
	// end is what came behind the piece: io.EOF at the end of the input, what went
	// wrong, nil when there is more.
	end   error
	list  []*decoded
	lines int64
	rows  int64
	even  bool          // it came out even: list is what it says
	ready chan struct{} // closed when it is decoded
}

// maxAhead bounds how many goroutines decode one COPY.
const maxAhead = 4

func aheadWorkers() int { return min(runtime.GOMAXPROCS(0), maxAhead) }

// runAhead goes on with the input in pieces: one goroutine reads and cuts, several
// decode, and this one hands on what they have decoded, in order. Pieces that do
// not come out even it decodes itself, so that errors name their lines.
func (d *decoding) runAhead(ctx context.Context, cut *copyfmt.Cutter, workers int) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	todo, order := make(chan *piece, workers), make(chan *piece, workers)
	for range workers {
		fork, err := d.dec.Fork()
		if err != nil {
			return err
		}
		wg.Go(func() {
			for p := range todo {
				d.decodePiece(fork, p)
				close(p.ready)
			}
		})
	}
	wg.Go(func() {
		d.cutInput(ctx, cut, todo, order)
		close(todo)
		close(order)
	})
	for p := range order {
		if err := d.inTurn(ctx, p); err != nil {
			return err
		}
		switch {
		case p.end == io.EOF:
			return d.send(ctx)
		case p.end != nil:
			return withWhere(p.end, d.dec.Where())
		}
		cut.Free(p.src)
	}
	return context.Cause(ctx)
}

// cutInput reads the input to its end.
func (d *decoding) cutInput(ctx context.Context, cut *copyfmt.Cutter, todo, order chan<- *piece) {
	give := func(p *piece, to chan<- *piece) bool {
		select {
		case to <- p:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		in, err := d.src.Next(ctx)
		for len(in) > 0 && err == nil {
			used, src := cut.Add(in)
			in = in[used:]
			if src == nil {
				continue
			}
			p := &piece{src: src, ready: make(chan struct{})}
			if !give(p, order) || !give(p, todo) {
				return
			}
		}
		if err != nil {
			p := &piece{src: cut.Rest(), end: err, ready: make(chan struct{})}
			close(p.ready)
			give(p, order)
			return
		}
	}
}

// decodePiece decodes a piece as if it stood at the begin of the input.
func (d *decoding) decodePiece(dec *copyfmt.Decoder, p *piece) {
	dec.Restart()
	dec.Feed(p.src)
	for full := true; full; {
		b := d.empty()
		var err error
		if full, err = dec.Fill(b.batch, b.lines); err != nil {
			return
		}
		if b.batch.N > 0 {
			p.list = append(p.list, b)
		}
	}
	p.lines, p.rows, p.even = dec.Lines(), dec.Rows(), dec.Even()
}

// inTurn hands on the rows of a piece.
func (d *decoding) inTurn(ctx context.Context, p *piece) error {
	select {
	case <-p.ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if !p.even || !d.dec.Even() {
		d.dec.Feed(p.src)
		if p.end == io.EOF {
			d.dec.End()
		}
		return d.fill(ctx)
	}
	if err := d.send(ctx); err != nil {
		return err
	}
	for _, b := range p.list {
		if b.lines != nil {
			b.lines.Shift(d.dec.Lines())
		}
		if err := d.sendBatch(ctx, b); err != nil {
			return err
		}
	}
	d.dec.Adopt(p.lines, p.rows)
	return nil
}
