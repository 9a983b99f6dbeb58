package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/server"
	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// bareLoop is the least that answers SELECT 1 with pgproto3: what the server
// is measured against.
func bareLoop(b *testing.B) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go serveBare(nc)
		}
	}()
	return ln.Addr().String()
}

func serveBare(nc net.Conn) {
	defer nc.Close()
	be := pgproto3.NewBackend(nc, nc)
	if _, err := be.ReceiveStartupMessage(); err != nil {
		return
	}
	be.Send(&pgproto3.AuthenticationOk{})
	be.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	be.Flush()
	fields := &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("?column?"), DataTypeOID: 23, DataTypeSize: 4, TypeModifier: -1}}}
	row := &pgproto3.DataRow{Values: [][]byte{[]byte("1")}}
	for {
		m, err := be.Receive()
		if err != nil {
			return
		}
		if _, ok := m.(*pgproto3.Query); !ok {
			return
		}
		be.Send(fields)
		be.Send(row)
		be.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		be.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if be.Flush() != nil {
			return
		}
	}
}

// BenchmarkSelect1 is SELECT 1 in the simple protocol, one connection, client
// and server in one process.
func BenchmarkSelect1(b *testing.B) {
	for _, kind := range []string{"bare", "server"} {
		b.Run(kind, func(b *testing.B) {
			addr := ""
			if kind == "bare" {
				addr = bareLoop(b)
			} else {
				addr = startServer(b, func(_ *server.Config, e *fakeEngine) { e.discard = true }).addr
			}
			p := benchClient(b, addr)
			q, _ := (&pgproto3.Query{String: "select 1"}).Encode(nil)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				p.nc.Write(q)
				p.skipTo(b, 1)
			}
		})
	}
}

// benchClient is a client that looks at nothing but ReadyForQuery.
type benchConn struct {
	nc net.Conn
	in *bufio.Reader
}

func benchClient(b *testing.B, addr string) *benchConn {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { nc.Close() })
	p := &benchConn{nc: nc, in: bufio.NewReaderSize(nc, 256<<10)}
	nc.Write(startup(3<<16, []string{"user", "u"}))
	p.skipTo(b, 1)
	return p
}

// skipTo skips messages up to the n-th ReadyForQuery.
func (p *benchConn) skipTo(b *testing.B, n int) {
	for n > 0 {
		head, err := p.in.Peek(5)
		if err != nil {
			b.Fatal(err)
		}
		typ := head[0]
		if _, err := p.in.Discard(1 + int(binary.BigEndian.Uint32(head[1:]))); err != nil {
			b.Fatal(err)
		}
		if typ == 'Z' {
			n--
		}
	}
}

// BenchmarkInserts is a prepared INSERT of three parameters in pipelines.
func BenchmarkInserts(b *testing.B) {
	for _, perSync := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d_per_sync", perSync), func(b *testing.B) {
			s := startServer(b, func(_ *server.Config, e *fakeEngine) { e.discard = true })
			p := benchClient(b, s.addr)
			m, _ := (&pgproto3.Parse{Name: "s", Query: "insert"}).Encode(nil)
			m, _ = (&pgproto3.Sync{}).Encode(m)
			p.nc.Write(m)
			p.skipTo(b, 1)
			m = m[:0]
			for range perSync {
				m, _ = (&pgproto3.Bind{PreparedStatement: "s", ParameterFormatCodes: []int16{1},
					Parameters: [][]byte{make([]byte, 8), make([]byte, 4), make([]byte, 8)}}).Encode(m)
				m, _ = (&pgproto3.Execute{}).Encode(m)
			}
			m, _ = (&pgproto3.Sync{}).Encode(m)
			b.ReportAllocs()
			b.ResetTimer()
			const window = 8
			flying := 0
			for i := 0; i < b.N; i += perSync {
				p.nc.Write(m)
				if flying++; flying == window {
					p.skipTo(b, window/2)
					flying -= window / 2
				}
			}
			p.skipTo(b, flying)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// BenchmarkCommits is an INSERT per Sync whose commits are on their way when
// Sync returns, with 64 in flight: an engine that commits in groups, for ever
// as fast as a channel.
func BenchmarkCommits(b *testing.B) {
	s := startServer(b, func(_ *server.Config, e *fakeEngine) {
		e.discard, e.commits = true, make(chan *fakePending, 1000)
	})
	go func() {
		for p := range s.engine.commits {
			p.finish(nil)
		}
	}()
	defer close(s.engine.commits)
	p := benchClient(b, s.addr)
	m, _ := (&pgproto3.Bind{}).Encode(nil)
	m, _ = (&pgproto3.Execute{}).Encode(m)
	m, _ = (&pgproto3.Sync{}).Encode(m)
	b.ReportAllocs()
	b.ResetTimer()
	const window = 64
	flying := 0
	for range b.N {
		p.nc.Write(m)
		if flying++; flying == window {
			p.skipTo(b, window/2)
			flying -= window / 2
		}
	}
	p.skipTo(b, flying)
}

func sensorColumns(format int16) []server.Column {
	return []server.Column{
		{Name: "ts", Type: types.TTimestamptz, Mod: -1, Format: format},
		{Name: "sensor_id", Type: types.TInt4, Mod: -1, Format: format},
		{Name: "value", Type: types.TFloat8, Mod: -1, Format: format},
	}
}

// sensorBatch is a batch of the sensor rows of the design's measurements.
func sensorBatch() *vec.Batch {
	b := &vec.Batch{Cols: make([]vec.Vec, 3), N: vec.Size}
	b.Cols[0] = vec.New(types.Int, vec.Size)
	b.Cols[1] = vec.New(types.Int, vec.Size)
	b.Cols[2] = vec.New(types.Float, vec.Size)
	for i := range vec.Size {
		b.Cols[0].Ints[i] = 772_000_000_000_000 + int64(i)*120_007
		b.Cols[1].Ints[i] = int64(i * 7919 % 10000)
		b.Cols[2].Floats[i] = math.Round(float64(i*7919%10007)*37) / 100
	}
	return b
}

// BenchmarkDataRows sends rows of (timestamptz, int, float8) over the wire to
// a client that skips them; it runs on a core of its own.
func BenchmarkDataRows(b *testing.B) {
	for _, format := range []int16{0, 1} {
		b.Run([]string{"text", "binary"}[format], func(b *testing.B) {
			batch := sensorBatch()
			fakeStatements["rows"] = &fakeDef{cols: sensorColumns(format), run: func(_ *fakeSession, _ context.Context, _ *fakePortal, _ int, sink server.Sink) error {
				for range (b.N + vec.Size - 1) / vec.Size {
					if err := sink.Rows(batch); err != nil {
						return err
					}
				}
				return sink.Complete("SELECT")
			}}
			s := startServer(b, nil)
			nc, err := net.Dial("tcp", s.addr)
			if err != nil {
				b.Fatal(err)
			}
			defer nc.Close()
			nc.Write(startup(3<<16, []string{"user", "u"}))
			q, _ := (&pgproto3.Query{String: "rows"}).Encode(nil)
			x, _ := (&pgproto3.Terminate{}).Encode(q)
			b.ReportAllocs()
			b.ResetTimer()
			nc.Write(x)
			n, err := io.Copy(io.Discard, nc)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			b.SetBytes(n / int64(b.N))
		})
	}
}

// BenchmarkCopyIn copies sensor rows in over the wire, in messages of 64 KiB as
// pgx sends them and of a row each as psql does; with and without decoding.
func BenchmarkCopyIn(b *testing.B) {
	const row = "2024-06-14 12:34:56.789012+00,1234,56.78\n"
	for _, size := range []int{1, 1600} {
		for _, decode := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d_rows_per_message/decode_%v", size, decode), func(b *testing.B) {
				fakeStatements["load"] = &fakeDef{run: func(_ *fakeSession, ctx context.Context, _ *fakePortal, _ int, sink server.Sink) error {
					return load(ctx, sink, decode)
				}}
				s := startServer(b, nil)
				p := benchClient(b, s.addr)
				m, _ := (&pgproto3.CopyData{Data: []byte(strings.Repeat(row, size))}).Encode(nil)
				m = bytes.Repeat(m, max(1600/size, 1))
				q, _ := (&pgproto3.Query{String: "load"}).Encode(nil)
				b.SetBytes(int64(len(row)))
				b.ResetTimer()
				p.nc.Write(q)
				for n := 0; n < b.N; n += 1600 {
					p.nc.Write(m)
				}
				end, _ := (&pgproto3.CopyDone{}).Encode(nil)
				p.nc.Write(end)
				p.skipTo(b, 1)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			})
		}
	}
}

// load takes a COPY in the csv format.
func load(ctx context.Context, sink server.Sink, decode bool) error {
	o, err := sqlcopy.ParseOptions(true, []sqlcopy.Option{{Name: "format", Value: "csv", HasValue: true}})
	if err != nil {
		return err
	}
	var cols []sqlcopy.Column
	for _, c := range sensorColumns(0) {
		cols = append(cols, sqlcopy.Column{Name: c.Name, Type: c.Type, Mod: c.Mod})
	}
	d, err := sqlcopy.NewDecoder(o, sqlcopy.Target{Table: "t", Columns: cols}, types.DefaultEnv)
	if err != nil {
		return err
	}
	r, err := sink.CopyIn(0, len(cols))
	if err != nil {
		return err
	}
	var batch vec.Batch
	for {
		data, err := r.Next(ctx)
		if err == io.EOF {
			return sink.Complete("COPY")
		}
		if err != nil {
			return err
		}
		if decode {
			d.Feed(data)
		}
		for full := decode; full; {
			if full, err = d.Fill(&batch, nil); err != nil {
				return err
			}
			if full {
				batch.N = 0
			}
		}
	}
}
