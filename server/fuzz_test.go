package server_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamsqld/streamsqld/server"
)

// FuzzConversation sends bytes to a server. Whatever they are, it neither
// crashes nor hangs: the connection ends when the client's side does.
func FuzzConversation(f *testing.F) {
	for _, conversation := range seeds(f) {
		f.Add(conversation)
	}
	registry := prometheus.NewRegistry()
	s := startServer(f, func(cfg *server.Config, _ *fakeEngine) { cfg.MaxMessage, cfg.Registry = 1<<20, registry })
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, stays := range []string{"wait", "flood", "panic"} {
			if bytes.Contains(b, []byte(stays)) {
				t.Skip("the fake engine does what these words say")
			}
		}
		nc, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(patience))
		go func() {
			nc.Write(b)
			nc.(*net.TCPConn).CloseWrite()
		}()
		if _, err := io.Copy(io.Discard, nc); err != nil && !isReset(err) {
			t.Fatalf("the connection did not end: %v", err)
		}
		if counted(t, registry, "streamsqld_server_panics_total") > 0 {
			t.Fatal("the connection panicked")
		}
	})
}

// seeds are the clients' sides of the transcripts.
func seeds(f *testing.F) [][]byte {
	files, _ := filepath.Glob("testdata/transcripts/*.txt")
	var all [][]byte
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, conversation := range strings.Split(string(script), "\n= ") {
			var out []byte
			for _, line := range strings.Split(conversation, "\n") {
				if params, ok := strings.CutPrefix(line, "@ "); ok {
					line = "> Startup " + params
				}
				if message, ok := strings.CutPrefix(line, "> "); ok {
					b, err := clientMessage(message)
					if err != nil {
						f.Fatal(err)
					}
					out = append(out, b...)
				}
			}
			all = append(all, out)
		}
	}
	return all
}
