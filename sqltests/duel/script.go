package duel

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/sqltests/slt"
)

// Script reads a file written for psql: statements, data of COPY … FROM STDIN
// behind them, and of psql's own commands \set, \getenv (from vars) and \.; other
// backslash commands are left out, with the statement that they end. COPY from a
// file of the machine becomes COPY FROM STDIN with the file's lines.
func Script(path string, vars map[string]string) ([]*slt.Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &script{lines: strings.Split(string(text), "\n"), vars: vars}
	return s.read(), nil
}

type script struct {
	lines []string
	at    int
	vars  map[string]string
	out   []*slt.Record
}

func (s *script) read() []*slt.Record {
	var open []string
	first := 0
	for ; s.at < len(s.lines); s.at++ {
		line := s.lines[s.at]
		trimmed := strings.TrimSpace(line)
		switch {
		case len(open) == 0 && (trimmed == "" || strings.HasPrefix(trimmed, "--")):
			continue
		case strings.HasPrefix(trimmed, `\`):
			s.command(trimmed)
			open = nil
			continue
		}
		if len(open) == 0 {
			first = s.at
		}
		open = append(open, s.interpolate(line))
		sql := strings.Join(open, "\n")
		if i := strings.LastIndex(sql, `\`); i >= 0 && psqlEnd.MatchString(sql[i:]) { // \gset and others
			open = nil
			continue
		}
		if strings.Contains(sql, ";") && len(slt.Split(sql+"\nx")) > 1 && complete(sql) {
			open = nil
			s.statements(sql, first)
		}
	}
	return s.out
}

var psqlEnd = regexp.MustCompile(`^\\(g|gset|gexec|gx|gdesc|crosstabview|watch|;)\b.*$`)

// complete tells whether SQL ends with a semicolon, but for a comment.
func complete(sql string) bool {
	pieces := slt.Split(sql + "\nx")
	return len(pieces) > 1 && pieces[len(pieces)-1] == "x" || strings.HasPrefix(pieces[len(pieces)-1], "--")
}

// statements adds the statements of a text, with data where they are COPY.
func (s *script) statements(sql string, line int) {
	for _, one := range slt.Split(sql) {
		r := &slt.Record{Kind: slt.Query, SQL: one, Line: line + 1}
		low := strings.ToLower(one)
		switch {
		case copyStdin.MatchString(low):
			r.Kind = slt.CopyIn
			for s.at++; s.at < len(s.lines) && s.lines[s.at] != `\.`; s.at++ {
				r.Data = append(r.Data, s.lines[s.at])
			}
		case copyFile.MatchString(one):
			m := copyFile.FindStringSubmatchIndex(one)
			data, err := os.ReadFile(one[m[2]:m[3]])
			if err != nil {
				continue
			}
			r.Kind, r.SQL = slt.CopyIn, one[:m[2]-1]+"STDIN"+one[m[3]+1:]
			r.Data = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		case strings.HasPrefix(low, "copy") && strings.Contains(low, "to stdout"):
			r.Kind = slt.CopyOut
		}
		s.out = append(s.out, r)
	}
}

var (
	copyStdin = regexp.MustCompile(`(?is)^copy\s.*\sfrom\s+stdin`)
	copyFile  = regexp.MustCompile(`(?is)^copy\s[^']*\sfrom\s+'([^']+)'`)
	variable  = regexp.MustCompile(`(^|[^:\w]):(['"]?)([A-Za-z_]\w*)(['"]?)`)
)

func (s *script) command(line string) {
	words := strings.Fields(line)
	switch {
	case words[0] == `\set` && len(words) > 2:
		var b strings.Builder
		for _, w := range words[2:] {
			b.WriteString(strings.Trim(s.interpolate(w), "'"))
		}
		s.vars[words[1]] = b.String()
	case words[0] == `\getenv` && len(words) == 3:
		s.vars[words[1]] = s.vars[words[2]]
	}
}

// interpolate puts in psql's variables.
func (s *script) interpolate(line string) string {
	return variable.ReplaceAllStringFunc(line, func(m string) string {
		p := variable.FindStringSubmatch(m)
		v, ok := s.vars[p[3]]
		if !ok || p[2] != p[4] {
			return m
		}
		return p[1] + p[2] + v + p[2]
	})
}

// Schedule gives the scripts of a directory of PostgreSQL's regression tests in
// the order of its parallel_schedule; without one, all of them by name.
func Schedule(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sql") {
			names = append(names, e.Name())
		}
	}
	text, err := os.ReadFile(dir + "/../parallel_schedule")
	if err != nil {
		return names, nil
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "test:"); ok {
			for _, n := range strings.Fields(list) {
				if slices.Contains(names, n+".sql") {
					out = append(out, n+".sql")
				}
			}
		}
	}
	return out, nil
}
