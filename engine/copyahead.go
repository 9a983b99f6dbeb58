package engine

import (
	"context"
	"io"
	"runtime"
	"sync"

	"github.com/streamsqld/streamsqld/engine/port"
	copyfmt "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/vec"
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
	// before is how many lines came before it, and again decodes it once more for
	// whoever takes its rows, to tell where they stood; nil: that is not to be known.
	before int64
	again  *copyfmt.Decoder
	free   func() // gives src back
}

// linesOf tells where the rows of the batch number nth stood: that is seldom asked.
func (p *piece) linesOf(nth int) *copyfmt.Lines {
	if p.again == nil {
		return nil
	}
	p.again.Restart()
	p.again.Feed(p.src)
	for i := 0; ; i++ {
		lines := &copyfmt.Lines{}
		if _, err := p.again.Fill(&vec.Batch{}, lines); err != nil {
			return nil
		}
		if i == nth {
			lines.Shift(p.before)
			return lines
		}
	}
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
	var again *copyfmt.Decoder
	if d.lines {
		var err error
		if again, err = d.dec.Fork(); err != nil {
			return err
		}
	}
	todo, order := make(chan *piece, 4*workers), make(chan *piece, 4*workers)
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
		p.again, p.free = again, func() { cut.Free(p.src) }
		if err := d.inTurn(ctx, p); err != nil {
			return err
		}
		switch {
		case p.end == io.EOF:
			return d.send(ctx)
		case p.end != nil:
			return withWhere(p.end, d.dec.Where())
		}
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
	direct, _ := d.src.(port.CopyAppender)
	for {
		buf := cut.Room()
		var err error
		if direct != nil {
			buf, err = direct.Append(ctx, buf)
		} else {
			var in []byte
			in, err = d.src.Next(ctx)
			buf = append(buf, in...)
		}
		cut.Took(buf)
		for src := cut.Piece(); src != nil && err == nil; src = cut.Piece() {
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
	for full := true; full && !(dec.Even() && p.list != nil); { // a batch is not begun in vain
		b := d.empty()
		var err error
		if full, err = dec.Fill(b.batch, nil); err != nil {
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
		if err := d.fill(ctx); err != nil {
			return err
		}
		p.free()
		return nil
	}
	if err := d.send(ctx); err != nil {
		return err
	}
	p.before = d.dec.Lines()
	for i, b := range p.list {
		b.piece, b.nth = p, i
		if err := d.sendBatch(ctx, b); err != nil {
			return err
		}
	}
	d.dec.Adopt(p.lines, p.rows)
	return nil
}
