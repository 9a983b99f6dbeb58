package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func env(vars map[string]string) func(string) string { return func(k string) string { return vars[k] } }

func TestConfig(t *testing.T) {
	c, err := parseConfig(nil, env(nil), io.Discard)
	if err != nil || c.listen != "127.0.0.1:5433" || c.http != "127.0.0.1:8433" || c.dataDir != "./streamsqld-data" ||
		!bool(c.synchronousCommit) || c.maxConnections != 100 || c.grace != 10*time.Second {
		t.Errorf("%+v %v", c, err)
	}
	vars := map[string]string{
		"STREAMSQLD_LISTEN": "0.0.0.0:1", "STREAMSQLD_DATA_DIR": "/d", "STREAMSQLD_SYNCHRONOUS_COMMIT": "off",
		"STREAMSQLD_MEMORY": "2GiB", "STREAMSQLD_LOG_LEVEL": "warn", "STREAMSQLD_PPROF": "true", "STREAMSQLD_MAX_CONNECTIONS": "7",
	}
	c, err = parseConfig([]string{"--listen", "127.0.0.1:2", "-max-connections=8"}, env(vars), io.Discard)
	if err != nil || c.listen != "127.0.0.1:2" || c.dataDir != "/d" || bool(c.synchronousCommit) || c.memory != 2<<30 ||
		c.logLevel != slog.LevelWarn || !c.profiles || c.maxConnections != 8 {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range []map[string]string{
		{"STREAMSQLD_MEMORY": "much"}, {"STREAMSQLD_SYNCHRONOUS_COMMIT": "perhaps"}, {"STREAMSQLD_LOG_LEVEL": "loud"},
		{"STREAMSQLD_MAX_CONNECTIONS": "0"}, {"STREAMSQLD_SHUTDOWN_GRACE": "-1s"},
	} {
		if _, err := parseConfig(nil, env(bad), io.Discard); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	var out bytes.Buffer
	if _, err := parseConfig([]string{"--help"}, env(nil), &out); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, want := range []string{"--listen ADDRESS", "(default 127.0.0.1:5433)", "--synchronous-commit ON|OFF", "STREAMSQLD_DATA_DIR", "(default 256MiB)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	out.Reset()
	d := daemon{args: []string{"--version"}, getenv: env(nil), stdout: &out, stderr: io.Discard}
	if code := d.run(); code != 0 || !strings.HasPrefix(out.String(), "streamsqld 0.1.0 ") {
		t.Error(code, out.String())
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{"0": 0, "17": 17, "1kB": 1024, "2 MiB": 2 << 20, "3gb": 3 << 30, "1TiB": 1 << 40, "5B": 5} {
		var b byteSize
		if err := b.Set(text); err != nil || b != want {
			t.Errorf("%q: %d %v", text, b, err)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5GB", "9999999999GB", "GiB"} {
		var b byteSize
		if b.Set(text) == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for size, want := range map[byteSize]string{0: "0", 1000: "1000", 2048: "2KiB", 256 << 20: "256MiB", 3 << 30: "3GiB"} {
		if got := size.String(); got != want {
			t.Errorf("%d is %s", size, got)
		}
	}
}

func TestAvailableMemory(t *testing.T) {
	files := map[string]string{"/proc/meminfo": "MemTotal:       24000000 kB\nMemFree: 1 kB\n"}
	read := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, os.ErrNotExist
	}
	if n := availableMemory(read); n != 24000000<<10 {
		t.Error(n)
	}
	files["/sys/fs/cgroup/memory.max"] = "max\n"
	if n := availableMemory(read); n != 24000000<<10 {
		t.Error(n)
	}
	files["/sys/fs/cgroup/memory.max"] = "1073741824\n"
	if n := availableMemory(read); n != 1<<30 {
		t.Error(n)
	}
	clear(files)
	if n := availableMemory(read); n != fallbackMemory {
		t.Error(n)
	}
}

func TestGCPercent(t *testing.T) {
	for live, want := range map[int64]int{0: 12800, 32 << 20: 400, 64 << 20: 200, 128 << 20: 100, 640 << 20: 35, 10 << 30: 20} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d bytes live: %d percent, want %d", live, got, want)
		}
	}
}
