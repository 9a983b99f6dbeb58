package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/bench/machine"
	"github.com/streamsqld/streamsqld/bench/wire"
)

// bareCommand makes this program the bare loop, a child of the benchmark.
const bareCommand = "bare-loop"

// serveBare is the least that a server can do: a pgproto3 loop that answers
// every query with one row "1". It is the ceiling for SELECT 1.
func serveBare(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			_ = bareSession(conn)
		}()
	}
}

func bareSession(conn net.Conn) error {
	be := pgproto3.NewBackend(conn, conn)
	if _, err := be.ReceiveStartupMessage(); err != nil {
		return err
	}
	be.Send(&pgproto3.AuthenticationOk{})
	be.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	be.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := be.Flush(); err != nil {
		return err
	}
	fields := &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("?column?"), DataTypeOID: 23, DataTypeSize: 4, TypeModifier: -1}}}
	row := &pgproto3.DataRow{Values: [][]byte{[]byte("1")}}
	for {
		msg, err := be.Receive()
		if err != nil {
			return err
		}
		if _, ok := msg.(*pgproto3.Query); !ok {
			return nil
		}
		be.Send(fields)
		be.Send(row)
		be.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		be.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if err := be.Flush(); err != nil {
			return err
		}
	}
}

// startBare starts the loop as a process of its own; stop ends it.
func startBare(ctx context.Context) (s server, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return s, nil, err
	}
	cmd := exec.CommandContext(ctx, self, bareCommand, "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return s, nil, err
	}
	if err := cmd.Start(); err != nil {
		return s, nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return s, nil, fmt.Errorf("the bare loop: %w", err)
	}
	host, port, err := net.SplitHostPort(strings.TrimSpace(line))
	if err != nil {
		stop()
		return s, nil, err
	}
	dsn := fmt.Sprintf("host=%s port=%s user=postgres dbname=postgres sslmode=disable", host, port)
	return server{bare, dsn, cmd.Process.Pid}, stop, nil
}

const (
	selectOneTime = 2 * time.Second
	selectOneNeed = 0.7
)

// selectOnePart asks SELECT 1 of the servers and of the bare loop, in turns.
func selectOnePart(b *bench) error {
	servers, err := b.servers()
	if err != nil {
		return err
	}
	loop, stop, err := startBare(b.ctx)
	if err != nil {
		return err
	}
	defer stop()
	servers = append(servers, loop)
	rates, p50, cpu := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	for range b.opt.rounds {
		for _, s := range servers {
			settle(s)
			times, c, err := b.askOne(s)
			if err != nil {
				return err
			}
			n := float64(len(times))
			rates[s.name] = append(rates[s.name], n/c.wall)
			cpu[s.name] = append(cpu[s.name], c.server/n*1e6)
			p50[s.name] = append(p50[s.name], machine.Percentile(times, 0.5)*1000)
		}
	}
	const name = "SELECT 1, one connection"
	for _, s := range servers {
		b.report.add(name, s.name, metric{"per_s", median(rates[s.name]), ""}, metric{"p50", median(p50[s.name]), "us"},
			metric{"server_cpu", median(cpu[s.name]), "us"})
	}
	ratio, ok := b.report.ratio(name, "per_s", bare)
	b.report.atLeast("SELECT 1, times a bare pgproto3 loop", ratio, ok, selectOneNeed)
	return nil
}

func (b *bench) askOne(s server) (times []time.Duration, c cost, err error) {
	conn, err := wire.Connect(b.ctx, s.dsn)
	if err != nil {
		return nil, c, err
	}
	defer conn.Close()
	c, err = spend(s, func() error {
		for end := time.Now().Add(selectOneTime); time.Now().Before(end); {
			start := time.Now()
			tag, rows, _, err := conn.Drain("SELECT 1")
			if err != nil {
				return err
			}
			if tag != "SELECT 1" || rows != 1 {
				return errors.New("SELECT 1 is not answered by one row")
			}
			times = append(times, time.Since(start))
		}
		return nil
	})
	return times, c, err
}
