package server

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func frame(typ byte, body string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{typ}, uint32(len(body)+4)), body...)
}

// A message that says it is long takes memory only as its bytes come.
func TestInputMemory(t *testing.T) {
	const claimed = 200 << 20
	head := binary.BigEndian.AppendUint32([]byte{'Q'}, claimed)
	in := newInput(io.MultiReader(bytes.NewReader(head), bytes.NewReader(make([]byte, 1<<20))), 256<<20)
	if _, _, err := in.next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if len(in.buf) > 4<<20 {
		t.Errorf("%d bytes for a message of which 1 MiB came", len(in.buf))
	}
}

func TestInputMessages(t *testing.T) {
	var all []byte
	var want []string
	for i := range 200 {
		body := string(bytes.Repeat([]byte{byte(i)}, i*i))
		all = append(all, frame('d', body)...)
		want = append(want, body)
	}
	for name, r := range map[string]io.Reader{
		"whole": bytes.NewReader(all), "halves": iotest.HalfReader(bytes.NewReader(all)), "bytes": iotest.OneByteReader(bytes.NewReader(all)),
	} {
		in := newInput(r, 1<<20)
		for i, w := range want {
			typ, body, err := in.next()
			if typ != 'd' || string(body) != w || err != nil {
				t.Fatalf("%s: message %d: %c, %d bytes, %v", name, i, typ, len(body), err)
			}
		}
		if _, _, err := in.next(); !errors.Is(err, io.EOF) {
			t.Error(name, err)
		}
	}
}

// The message behind a large one, which comes only when the large one has been
// used, is read, and the memory of the large one is given back.
func TestInputBehindLarge(t *testing.T) {
	var all []byte
	var sizes []int
	for _, n := range []int{300 << 10, 10, 256 << 10, 700 << 10, 256<<10 - 5, 1, 5 << 20, 3} {
		all = append(all, frame('d', string(make([]byte, n)))...)
		sizes = append(sizes, n)
	}
	for _, piece := range []int{1 << 30, 64 << 10, 4099} {
		in := newInput(&messages{all: all, piece: piece}, 16<<20)
		for i, n := range sizes {
			if typ, body, err := in.next(); typ != 'd' || len(body) != n || err != nil {
				t.Fatalf("pieces of %d: message %d: %c, %d bytes, %v", piece, i, typ, len(body), err)
			}
		}
		if _, _, err := in.next(); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		if len(in.buf) > bigReadBuffer {
			t.Errorf("pieces of %d: %d bytes are kept", piece, len(in.buf))
		}
	}
}

// messages gives one message after another, never parts of two in one read.
type messages struct {
	all   []byte
	left  int
	piece int
}

func (m *messages) Read(p []byte) (int, error) {
	if len(m.all) == 0 {
		return 0, io.EOF
	}
	if m.left == 0 {
		m.left = 1 + int(binary.BigEndian.Uint32(m.all[1:]))
	}
	n := copy(p, m.all[:min(m.left, m.piece)])
	m.all, m.left = m.all[n:], m.left-n
	return n, nil
}

// What is left of a message whose data was taken in part is passed over.
func TestInputPassesOver(t *testing.T) {
	all := append(frame('d', string(make([]byte, 100000))), frame('Q', "x\x00")...)
	in := newInput(iotest.HalfReader(bytes.NewReader(all)), 1<<20)
	if err := in.header(); err != nil {
		t.Fatal(err)
	}
	in.take()
	if typ, body, err := in.next(); typ != 'Q' || string(body) != "x\x00" || err != nil {
		t.Error(typ, body, err)
	}
}

// Data come out as they were put into messages, however these are cut; what is no data
// stays for the next reader.
func TestInputReadData(t *testing.T) {
	var all, want []byte
	for i := range 300 {
		body := bytes.Repeat([]byte{byte(i)}, i*i*i%1301)
		all, want = append(all, frame('d', string(body))...), append(want, body...)
	}
	all = append(all, frame('c', "")...)
	for _, piece := range []int{1, 3, 4, 5, 6, 1000, 4096, 1 << 20} {
		for _, room := range []int{headerBytes, 4099, 64 << 10} {
			in := newInput(&pieces{all, piece}, 1<<16)
			var got []byte
			raw := make([]byte, room)
			for in.w-in.r < headerBytes {
				n, err := in.readData(raw)
				if err != nil {
					t.Fatal(piece, room, err)
				}
				got = append(got, raw[:n]...)
			}
			if typ, _, err := in.next(); typ != 'c' || err != nil || !bytes.Equal(got, want) {
				t.Errorf("pieces of %d to %d: %d of %d bytes, then %c, %v", piece, room, len(got), len(want), typ, err)
			}
		}
	}
}

func FuzzInput(f *testing.F) {
	f.Add(append(frame('Q', "select 1\x00"), frame('S', "")...), byte(3))
	f.Fuzz(func(t *testing.T, b []byte, piece byte) {
		in := newInput(&pieces{b, int(piece)%100 + 1}, 1<<16)
		for {
			if _, _, err := in.next(); err != nil {
				return
			}
		}
	})
}

// pieces gives n bytes per read.
type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(dst []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(dst[:min(len(dst), p.n)], p.b)
	p.b = p.b[n:]
	return n, nil
}
