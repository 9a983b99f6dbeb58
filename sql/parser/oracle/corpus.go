package oracle

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// Sample is a statement, or several, of a corpus.
type Sample struct{ File, SQL string }

// Recorded reads the statements of real clients. The files hold a line "-- […"
// before each statement.
func Recorded(dir string) []Sample {
	var out []Sample
	header := regexp.MustCompile(`(?m)^-- \[.*$`)
	for _, file := range sqlFiles(dir) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, part := range header.Split(string(text), -1)[1:] {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, Sample{filepath.Base(file), part})
			}
		}
	}
	return out
}

// Regress reads the statements of psql scripts: without psql's own commands and
// the data of COPY.
func Regress(dir string) []Sample {
	var out []Sample
	for _, file := range sqlFiles(dir) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, s := range splitScript(string(text)) {
			out = append(out, Sample{filepath.Base(file), s})
		}
	}
	return out
}

func sqlFiles(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.sql"))
	sort.Strings(files)
	return files
}

var copyStdin = regexp.MustCompile(`(?i)^\s*copy\b[^;]*\bfrom\s+(stdin|stdout)\b`)

// splitScript splits a psql script at its semicolons.
func splitScript(text string) []string {
	var out []string
	var cur strings.Builder
	lines := strings.SplitAfter(text, "\n")
	state := scriptState{}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if !state.inside() && strings.HasPrefix(line, `\`) {
			if !strings.HasPrefix(line, `\.`) {
				cur.Reset()
			}
			continue
		}
		for {
			n := state.end(line)
			if n < 0 {
				cur.WriteString(line)
				break
			}
			cur.WriteString(line[:n])
			line = line[n+1:]
			stmt := strings.TrimSpace(cur.String())
			cur.Reset()
			if stmt != "" {
				out = append(out, stmt)
			}
			if copyStdin.MatchString(stmt) {
				for i++; i < len(lines) && !strings.HasPrefix(lines[i], `\.`); i++ {
				}
				line = ""
			}
		}
	}
	return out
}

// scriptState follows quotes, comments and parentheses.
type scriptState struct {
	quote   byte   // ' or ", 0 outside
	dollar  string // $tag$, "" outside
	comment int
	parens  int
	atomic  int
}

func (s *scriptState) inside() bool { return s.quote != 0 || s.dollar != "" || s.comment > 0 }

var dollarTag = regexp.MustCompile(`^\$([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$`)

// end is the place of the semicolon that ends a statement in line, or -1.
func (s *scriptState) end(line string) int {
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch c := line[i]; {
		case s.dollar != "":
			if strings.HasPrefix(rest, s.dollar) {
				i += len(s.dollar) - 1
				s.dollar = ""
			}
		case s.comment > 0:
			if strings.HasPrefix(rest, "*/") {
				s.comment--
				i++
			} else if strings.HasPrefix(rest, "/*") {
				s.comment++
				i++
			}
		case s.quote != 0:
			if c == s.quote {
				s.quote = 0
			} else if c == '\\' && s.quote == 'E' {
				i++
			} else if c == '\'' && s.quote == 'E' {
				s.quote = 0
			}
		case c == '\'':
			s.quote = c
			if i > 0 && (line[i-1] == 'E' || line[i-1] == 'e') && (i == 1 || !isWordByte(line[i-2])) {
				s.quote = 'E'
			}
		case c == '"':
			s.quote = c
		case strings.HasPrefix(rest, "--"):
			return -1
		case strings.HasPrefix(rest, "/*"):
			s.comment++
			i++
		case c == '$':
			if tag := dollarTag.FindString(rest); tag != "" && (i == 0 || !isWordByte(line[i-1])) {
				s.dollar = tag
				i += len(tag) - 1
			}
		case c == '(':
			s.parens++
		case c == ')':
			s.parens--
		case c == ';' && s.parens <= 0:
			s.parens = 0
			return i
		}
	}
	return -1
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Seeds reads the statements in a file of the parser's test data, which are
// paragraphs. The first paragraph is a comment.
func Seeds(file string) []Sample {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var out []Sample
	for _, s := range strings.Split(string(text), "\n\n")[1:] {
		out = append(out, Sample{filepath.Base(file), strings.TrimSpace(s)})
	}
	return out
}
