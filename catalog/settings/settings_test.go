package settings

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func lines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// TestSet compares what becomes of values with PostgreSQL.
func TestSet(t *testing.T) {
	s := NewSession(NewBase())
	for _, line := range lines(t, "set.txt") {
		f := strings.SplitN(line, "|", 4)
		name, value := f[0], f[1]
		got := "S|"
		if err := s.Set(name, value, false, true); err != nil {
			var e *pgerr.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: %v", line, err)
			}
			got = strings.Join([]string{"E", string(e.Code), e.Message, e.Detail, e.Hint}, "|")
		} else {
			v, _ := s.Lookup(name)
			got += v
		}
		if want := f[2] + "|" + f[3]; got != want {
			t.Errorf("%s = %q\n got %s\nwant %s", name, value, got, want)
		}
	}
}

// TestTransactions runs tx.sql and compares what it shows with PostgreSQL.
func TestTransactions(t *testing.T) {
	s := NewSession(NewBase())
	want := lines(t, "tx.txt")
	inTx := false
	points := map[string]int{}
	for _, line := range lines(t, "tx.sql") {
		if strings.HasPrefix(line, "--") {
			continue
		}
		for _, stmt := range strings.Split(strings.TrimSuffix(line, ";"), ";") {
			w := strings.Fields(stmt)
			switch w[0] {
			case "BEGIN":
				inTx = true
			case "SAVEPOINT":
				points[w[1]] = s.Mark()
			case "RELEASE":
			case "COMMIT":
				s.Commit()
				inTx = false
			case "ROLLBACK":
				if len(w) == 3 {
					s.Rollback(points[w[2]])
					continue
				}
				s.Rollback(0)
				inTx = false
			case "SHOW":
				got, ok := s.Lookup(w[1])
				if !ok || got != want[0] {
					t.Fatalf("%s: %s shows %q, want %q", line, w[1], got, want[0])
				}
				want = want[1:]
			default:
				if err := run(s, w); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				if !inTx {
					s.Commit()
				}
			}
		}
	}
	if len(want) != 0 {
		t.Fatalf("%d answers left", len(want))
	}
}

// run runs SET and RESET.
func run(s *Session, w []string) error {
	if w[0] == "RESET" {
		if w[1] == "ALL" {
			s.ResetAll()
			return nil
		}
		return s.Reset(w[1], false, true)
	}
	local := w[1] == "LOCAL"
	if local {
		w = w[1:]
	}
	if w[3] == "DEFAULT" {
		return s.Reset(w[1], local, true)
	}
	return s.Set(w[1], strings.Trim(w[3], "'"), local, true)
}

func TestFlatten(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []string
		want   string
	}{
		{"search_path", []string{"a", "B c", "d, e", "public", "select"}, `a, "B c", "d, e", public, "select"`},
		{"search_path", []string{""}, `""`},
		{"datestyle", []string{"sql", "dmy"}, "sql, dmy"},
		{"work_mem", []string{"1"}, "1"},
		{"a.b", []string{"x y"}, "x y"},
	} {
		if got, err := Flatten(c.name, c.values); err != nil || got != c.want {
			t.Errorf("%s %q: %q, %v", c.name, c.values, got, err)
		}
	}
	_, err := Flatten("work_mem", []string{"1", "2"})
	if err == nil || err.(*pgerr.Error).Message != "SET work_mem takes only one argument" {
		t.Errorf("%v", err)
	}
}

func TestPrivileges(t *testing.T) {
	s := NewSession(NewBase())
	err := s.Set("log_duration", "on", false, false)
	if err == nil || err.(*pgerr.Error).Code != pgerr.InsufficientPrivilege || err.(*pgerr.Error).Message != `permission denied to set parameter "log_duration"` {
		t.Errorf("%v", err)
	}
	if _, err := s.Show("hba_file", false); err == nil || err.(*pgerr.Error).Code != pgerr.InsufficientPrivilege {
		t.Errorf("%v", err)
	}
	if _, err := s.Show("nope", true); err == nil || err.(*pgerr.Error).Message != `unrecognized configuration parameter "nope"` {
		t.Errorf("%v", err)
	}
}

func TestReport(t *testing.T) {
	s := NewSession(NewBase())
	s.Assign("session_authorization", "postgres")
	var names []string
	for _, r := range s.Report() {
		names = append(names, r.Name)
	}
	const want = "DateStyle IntervalStyle TimeZone application_name client_encoding default_transaction_read_only in_hot_standby integer_datetimes " +
		"is_superuser server_encoding server_version session_authorization standard_conforming_strings"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s", got)
	}
	if again := s.Report(); again != nil {
		t.Errorf("told twice: %v", again)
	}
	if err := s.Set("timezone", "europe/berlin", false, false); err != nil {
		t.Fatal(err)
	}
	if got := s.Report(); len(got) != 1 || got[0] != (Status{"TimeZone", "Europe/Berlin"}) {
		t.Errorf("%v", got)
	}
	s.Rollback(0)
	if got := s.Report(); len(got) != 1 || got[0] != (Status{"TimeZone", "UTC"}) {
		t.Errorf("%v", got)
	}
}

// TestStartup reads the start-up options that clients send.
func TestStartup(t *testing.T) {
	s := NewSession(NewBase())
	for name, value := range map[string]string{
		"client_encoding": "'utf-8'", "DateStyle": "ISO", "datestyle": "ISO, MDY", "TimeZone": "Europe/Berlin", "extra_float_digits": "2",
		"search_path": "app, public", "jit": "off", MatViews: "off",
	} {
		if err := s.Startup(name, value, FromClient, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Set("TimeZone", "UTC", false, false); err != nil {
		t.Fatal(err)
	}
	s.Commit()
	s.ResetAll()
	s.Commit()
	for name, want := range map[string]string{"client_encoding": "UTF8", "TimeZone": "Europe/Berlin", "extra_float_digits": "2", MatViews: "off"} {
		if got, _ := s.Lookup(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if err := s.Startup("nope", "1", FromClient, false); err == nil || err.(*pgerr.Error).Code != pgerr.UndefinedObject {
		t.Errorf("%v", err)
	}
	if err := s.Set("streamsqld.nope", "1", false, true); err == nil || err.(*pgerr.Error).Code != pgerr.InvalidName {
		t.Errorf("%v", err)
	}
}

// TestTable checks the parameters against PostgreSQL's pg_settings where that does
// not depend on its installation.
func TestTable(t *testing.T) {
	s := NewSession(NewBase())
	if n := len(s.Rows(true)); n != 357 {
		t.Errorf("%d rows", n)
	}
	for _, r := range s.Rows(true) {
		if _, err := r.Param.canonical(s, r.Boot); err != nil && r.Boot != "" && r.Name != "TimeZone" {
			t.Errorf("%s does not take its own default: %v", r.Name, err)
		}
	}
	for name, want := range map[string]string{
		"shared_buffers": "128MB", "max_wal_size": "1GB", "checkpoint_timeout": "5min", "work_mem": "4MB", "max_connections": "100",
		"deadlock_timeout": "1s", "log_file_mode": "0600", "archive_command": "(disabled)", "jit_above_cost": "100000",
		"autovacuum_vacuum_scale_factor": "0.2", "server_version_num": "150018", "lc_collate": "C.UTF-8", "seed": "unavailable",
		"role": "none", "port": "5432", "wal_segment_size": "16MB", "server_encoding": "UTF8", MatViews: "on", "max_identifier_length": "63",
	} {
		if got, _ := s.Lookup(name); got != want {
			t.Errorf("%s shows %q, want %q", name, got, want)
		}
	}
}
