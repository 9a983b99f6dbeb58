package server_test

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// The files in testdata/transcripts are conversations with a server. A line is
//
//	# a comment
//	= name                 a new conversation, over a connection of its own
//	> MESSAGE              the client sends a message (see clientMessage)
//	. TYPES                the client reads until it has seen these message types,
//	                       one letter each in this order, or EOF
//	@ NAME VALUE …         the client starts up with these parameters, and no word of it
//	< MESSAGE              what it reads, as serverMessage writes it
//
// What stands behind < was written by PostgreSQL 15.18:
// JUDGE=127.0.0.1:5432 go test -run Transcripts ./server runs the conversations
// against the server there and rewrites the files. Conversations whose name
// begins with "own" are with streamsqld alone, where it differs from PostgreSQL
// on purpose or by nature; JUDGE=own rewrites these, to be read before they are
// believed.

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	judge := os.Getenv("JUDGE")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			addr := judge
			if judge == "" || judge == "own" {
				addr = startServer(t, nil).addr
			}
			got := playAll(t, addr, string(script), judge, 1<<20)
			switch {
			case judge != "" && t.Failed():
			case judge != "":
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			case got != string(script):
				t.Error(firstDifference(string(script), got))
			case judge == "":
				// However the client's bytes are cut, the answers are the same.
				if got := playAll(t, addr, string(script), judge, 1); got != string(script) {
					t.Error("byte by byte:", firstDifference(string(script), got))
				}
			}
		})
	}
}

// firstDifference shows where two transcripts part, with what led there.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	name := ""
	for i := 0; i < len(w) || i < len(g); i++ {
		if i < len(w) && strings.HasPrefix(w[i], "= ") {
			name = w[i]
		}
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			from := max(0, i-6)
			return fmt.Sprintf("%s: line %d\n--- expected\n%s\n--- got\n%s", name, i+1,
				strings.Join(w[min(from, len(w)):min(i+4, len(w))], "\n"), strings.Join(g[min(from, len(g)):min(i+4, len(g))], "\n"))
		}
	}
	return ""
}

// playAll plays the conversations of a script and gives it with what was read.
// Those that are not for the judge stay as they are.
func playAll(t *testing.T, addr, script, judge string, piece int) string {
	var out strings.Builder
	var p *player
	skip := false
	in := bufio.NewScanner(strings.NewReader(script))
	for in.Scan() {
		line := in.Text()
		switch {
		case strings.HasPrefix(line, "= "):
			p.close()
			p = nil
			skip = judge != "" && strings.HasPrefix(line, "= own") != (judge == "own")
			if !skip {
				p = dialPlayer(t, addr)
				p.piece = piece
			}
		case skip: // as it is
		case strings.HasPrefix(line, "< "):
			continue
		case strings.HasPrefix(line, "> "):
			if err := p.send(line[2:]); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, "@ "):
			if err := errors.Join(p.send("Startup "+line[2:]), p.readUntil("Z", io.Discard)); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, ". "):
			fmt.Fprintln(&out, line)
			if err := p.readUntil(line[2:], &out); err != nil {
				t.Errorf("%s: %v after\n%s", line, err, tail(out.String()))
				return out.String()
			}
			continue
		}
		fmt.Fprintln(&out, line)
	}
	p.close()
	return out.String()
}

func tail(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// player is the client's side of a conversation.
type player struct {
	nc  net.Conn
	in  *bufio.Reader
	out []byte
	// asked counts the requests for encryption whose answer, a byte, is still to come.
	asked int
	piece int // bytes per write
}

const patience = 20 * time.Second

func dialPlayer(t *testing.T, addr string) *player {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	nc.SetDeadline(time.Now().Add(patience))
	return &player{nc: nc, in: bufio.NewReader(nc)}
}

func (p *player) close() {
	if p != nil {
		p.nc.Close()
	}
}

// send queues a message; they are sent together before the next read.
func (p *player) send(line string) error {
	b, err := clientMessage(line)
	p.out = append(p.out, b...)
	if line == "SSL" || line == "GSS" {
		p.asked++
	}
	return err
}

func (p *player) readUntil(types string, w io.Writer) error {
	// The server may be gone already: what it said last is still to be read.
	for len(p.out) > 0 {
		n := min(p.piece, len(p.out))
		if _, err := p.nc.Write(p.out[:n]); err != nil && types != "EOF" {
			return err
		}
		p.out = p.out[n:]
	}
	for i := 0; types == "EOF" || i < len(types); {
		typ, body, err := p.read()
		if types == "EOF" && (errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || isReset(err)) {
			fmt.Fprintln(w, "< EOF")
			return nil
		}
		if err != nil {
			return err
		}
		if line := serverMessage(typ, body); line != "" {
			fmt.Fprintln(w, "< "+line)
		}
		if types != "EOF" && typ == types[i] {
			i++
		}
	}
	return nil
}

func isReset(err error) bool { return err != nil && strings.Contains(err.Error(), "reset by peer") }

// read reads a message; an answer to an encryption request has no body and no
// length.
func (p *player) read() (typ byte, body []byte, err error) {
	if typ, err = p.in.ReadByte(); err != nil {
		return 0, nil, err
	}
	if p.asked > 0 {
		p.asked--
		return typ, nil, nil
	}
	var head [4]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[:])-4)
	_, err = io.ReadFull(p.in, body)
	return typ, body, err
}

// words splits a line at spaces; a word may be a Go string literal.
func words(line string) ([]string, error) {
	var out []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			s, _ := strconv.Unquote(q)
			out, line = append(out, s), line[len(q):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		out, line = append(out, word), rest
	}
	return out, nil
}

// clientMessage encodes a message of the client:
//
//	Startup NAME VALUE …          Version N.M NAME VALUE …      SSL   GSS
//	Q SQL   P NAME SQL [OID …]    B PORTAL STMT [VALUE|NULL|xHEX …] [: RESULTFORMAT …]
//	D S|P NAME   E PORTAL ROWS   C S|P NAME   S   H   X
//	d DATA   c   f REASON         raw HEX (whole messages)     msg TYPE HEX (a body)
//
// A parameter written xHEX is binary, and then all of the message are.
func clientMessage(line string) ([]byte, error) {
	w, err := words(line)
	if err != nil {
		return nil, err
	}
	var m pgproto3.FrontendMessage
	switch arg := w[1:]; w[0] {
	case "Startup":
		return startup(3<<16, arg), nil
	case "Version":
		var major, minor uint32
		fmt.Sscanf(arg[0], "%d.%d", &major, &minor)
		return startup(major<<16|minor, arg[1:]), nil
	case "SSL":
		m = &pgproto3.SSLRequest{}
	case "GSS":
		m = &pgproto3.GSSEncRequest{}
	case "Q":
		m = &pgproto3.Query{String: arg[0]}
	case "P":
		m = &pgproto3.Parse{Name: arg[0], Query: arg[1], ParameterOIDs: numbers(arg[2:])}
	case "B":
		m = bindOf(arg)
	case "D":
		m = &pgproto3.Describe{ObjectType: arg[0][0], Name: arg[1]}
	case "E":
		m = &pgproto3.Execute{Portal: arg[0], MaxRows: numbers(arg[1:])[0]}
	case "C":
		m = &pgproto3.Close{ObjectType: arg[0][0], Name: arg[1]}
	case "S":
		m = &pgproto3.Sync{}
	case "H":
		m = &pgproto3.Flush{}
	case "X":
		m = &pgproto3.Terminate{}
	case "d":
		m = &pgproto3.CopyData{Data: []byte(arg[0])}
	case "c":
		m = &pgproto3.CopyDone{}
	case "f":
		m = &pgproto3.CopyFail{Message: arg[0]}
	case "raw":
		return hex.DecodeString(strings.Join(arg, ""))
	case "msg":
		b, err := hex.DecodeString(strings.Join(arg[1:], ""))
		return append(binary.BigEndian.AppendUint32([]byte(arg[0]), uint32(len(b)+4)), b...), err
	default:
		return nil, fmt.Errorf("unknown message %q", w[0])
	}
	return m.Encode(nil)
}

func numbers(words []string) []uint32 {
	var out []uint32
	for _, s := range words {
		n, _ := strconv.Atoi(s)
		out = append(out, uint32(n))
	}
	return out
}

func startup(version uint32, params []string) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 4), version)
	for _, p := range params {
		b = append(append(b, p...), 0)
	}
	b = append(b, 0)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func bindOf(arg []string) *pgproto3.Bind {
	m := &pgproto3.Bind{DestinationPortal: arg[0], PreparedStatement: arg[1]}
	for i, v := range arg[2:] {
		if v == ":" {
			for _, f := range numbers(arg[2+i+1:]) {
				m.ResultFormatCodes = append(m.ResultFormatCodes, int16(f))
			}
			break
		}
		if raw, ok := strings.CutPrefix(v, "x"); ok {
			b, _ := hex.DecodeString(raw)
			m.Parameters = append(m.Parameters, b)
			m.ParameterFormatCodes = []int16{1}
		} else if v == "NULL" {
			m.Parameters = append(m.Parameters, nil)
		} else {
			m.Parameters = append(m.Parameters, []byte(v))
		}
	}
	return m
}

// serverMessage writes a message of the server: its type and what is in it.
// What differs from server to server and run to run is left out: source places
// in reports, process ids, the values of some parameters. Messages of which
// nothing is left are "".
func serverMessage(typ byte, b []byte) string {
	switch typ {
	case 'R':
		return fmt.Sprintf("R %d", binary.BigEndian.Uint32(b))
	case 'S':
		if b == nil {
			return "S"
		}
		name, value, _ := strings.Cut(string(b), "\x00")
		if value = strings.TrimSuffix(value, "\x00"); name == "server_version" {
			value = "..."
		}
		return fmt.Sprintf("S %s %q", name, value)
	case 'K':
		return "K"
	case 'Z':
		return "Z " + string(b)
	case 'E', 'N':
		if b == nil {
			return string(typ)
		}
		return string(typ) + report(b)
	case 'T':
		return "T" + rowDescription(b)
	case 'D':
		return "D" + dataRow(b)
	case 'C':
		return fmt.Sprintf("C %q", strings.TrimSuffix(string(b), "\x00"))
	case 'd':
		return fmt.Sprintf("d %q", b)
	case 't', 'v', 'G', 'H':
		return fmt.Sprintf("%c %x", typ, b)
	case 'A':
		channel, payload, _ := strings.Cut(string(b[4:]), "\x00")
		return fmt.Sprintf("A %q %q", channel, strings.TrimSuffix(payload, "\x00"))
	}
	return strings.TrimSpace(fmt.Sprintf("%c %x", typ, b))
}

func report(b []byte) string {
	var out strings.Builder
	for len(b) > 1 {
		field := b[0]
		value, rest, _ := strings.Cut(string(b[1:]), "\x00")
		b = []byte(rest)
		if !strings.ContainsRune("FLR", rune(field)) {
			fmt.Fprintf(&out, " %c=%q", field, value)
		}
	}
	return out.String()
}

func rowDescription(b []byte) string {
	var out strings.Builder
	for b = b[2:]; len(b) > 0; {
		name, rest, _ := strings.Cut(string(b), "\x00")
		f := []byte(rest)
		fmt.Fprintf(&out, " %q:%d:%d:%d:%d", name, binary.BigEndian.Uint32(f[6:]), int16(binary.BigEndian.Uint16(f[10:])),
			int32(binary.BigEndian.Uint32(f[12:])), binary.BigEndian.Uint16(f[16:]))
		b = f[18:]
	}
	return out.String()
}

func dataRow(b []byte) string {
	var out strings.Builder
	for b = b[2:]; len(b) > 0; {
		n := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n < 0 {
			out.WriteString(" NULL")
			continue
		}
		fmt.Fprintf(&out, " %q", b[:n])
		b = b[n:]
	}
	return out.String()
}
