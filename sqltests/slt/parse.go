package slt

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// ReadFile parses the file of that path.
func ReadFile(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, string(text))
}

// Parse parses the text of a file; name is for messages.
func Parse(name, text string) (*File, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	p := &parser{file: &File{Name: name}, lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	for p.at < len(p.lines) {
		if err := p.record(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.at, err)
		}
	}
	if err := checkLabels(p.file); err != nil {
		return nil, err
	}
	return p.file, nil
}

type parser struct {
	file  *File
	lines []string
	at    int // the next line
}

// record reads one record with what stands before it.
func (p *parser) record() error {
	r := &Record{}
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		p.at++
		first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if first == "" || first[0] == '#' {
			r.Before = append(r.Before, line)
			continue
		}
		if kind, ok := words[first]; ok {
			r.Kind, r.Line = kind, p.at
			p.file.Records = append(p.file.Records, r)
			return p.body(r, rest)
		}
		if err := r.condition(first, stripComment(rest)); err != nil {
			return err
		}
		r.Before = append(r.Before, line)
	}
	p.file.After = r.Before
	return nil
}

// condition reads a line that says something of the record that follows.
func (r *Record) condition(word, rest string) error {
	switch word {
	case "skipif":
		r.SkipIf = append(r.SkipIf, firstWord(rest))
	case "onlyif":
		r.OnlyIf = append(r.OnlyIf, firstWord(rest))
	case "noview":
		if rest == "" {
			return fmt.Errorf("noview without a reason")
		}
		r.NoView = rest
	case "params":
		var err error
		r.Params, err = parseRow(rest)
		return err
	case "simple":
		r.Simple = true
	case "background":
		r.Background = true
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// stripComment removes what public suites write behind a condition.
func stripComment(s string) string {
	s, _, _ = strings.Cut(s, " #")
	return strings.TrimSpace(s)
}

// body reads what follows the first word of a record.
func (p *parser) body(r *Record, rest string) error {
	var err error
	switch r.Kind {
	case Statement, CopyIn, CopyOut, Describe:
		err = r.verdict(rest)
	case Query:
		err = r.queryHead(rest)
	case Notifications:
	default:
		r.Argument = stripComment(rest)
		return nil
	}
	if err != nil {
		return err
	}
	r.SQL = strings.Join(p.until(r.Kind != Notifications), "\n")
	if r.SQL == "" && r.Kind != Notifications {
		return fmt.Errorf("a record without SQL")
	}
	if r.Kind == CopyIn && p.peek() == "<<<<" {
		p.at++
		p.data(r)
	}
	if strings.HasPrefix(p.peek(), "----") {
		r.Expect = p.until(false)
	}
	return nil
}

func (p *parser) peek() string {
	if p.at < len(p.lines) {
		return p.lines[p.at]
	}
	return ""
}

// until reads the lines up to an empty one, or up to results when sql is set.
func (p *parser) until(sql bool) []string {
	start := p.at
	for p.at < len(p.lines) && strings.TrimSpace(p.lines[p.at]) != "" {
		if line := p.lines[p.at]; sql && (line == "<<<<" || strings.HasPrefix(line, "----")) {
			break
		}
		p.at++
	}
	return p.lines[start:p.at]
}

// data reads the lines of a COPY, which end at the results.
func (p *parser) data(r *Record) {
	start := p.at
	for p.at < len(p.lines) && !strings.HasPrefix(p.lines[p.at], "----") {
		p.at++
	}
	r.Data = p.lines[start:p.at]
}

var sqlstate = regexp.MustCompile(`^[0-9A-Z]{5}$`)

// verdict reads "ok" or "error", with what is said of the error, and the
// encoding of data.
func (r *Record) verdict(rest string) error {
	words := strings.Fields(rest)
	if len(words) == 0 && r.Kind != Statement {
		return nil
	}
	if n := len(words); n > 0 && r.Kind == CopyIn {
		switch e := Encoding(words[n-1]); e {
		case Escaped, Hex:
			r.Encoding, words = e, words[:n-1]
			rest = strings.TrimSpace(strings.TrimSuffix(rest, string(e)))
		}
	}
	switch {
	case len(words) == 0 || words[0] == "ok" || words[0] == "count":
		return nil
	case words[0] != "error":
		return fmt.Errorf("neither ok nor error: %q", words[0])
	}
	return r.failure(strings.TrimSpace(strings.TrimPrefix(rest, "error")))
}

// failure reads "[SQLSTATE] [regexp]".
func (r *Record) failure(rest string) error {
	r.Fails = true
	if w := firstWord(rest); sqlstate.MatchString(w) {
		r.Code = w
		rest = strings.TrimSpace(rest[len(w):])
	}
	if rest == "" {
		return nil
	}
	var err error
	r.Message, err = regexp.Compile(rest)
	return err
}

var typeString = regexp.MustCompile(`^[TIRB?]+$`)

// queryHead reads "[TYPES] [order] [label]" or "error …".
func (r *Record) queryHead(rest string) error {
	words := strings.Fields(rest)
	if len(words) > 0 && words[0] == "error" {
		return r.failure(strings.TrimSpace(strings.TrimPrefix(rest, "error")))
	}
	if len(words) > 0 && typeString.MatchString(words[0]) {
		r.Types, words = words[0], words[1:]
		r.Sort = NoSort
	}
	if len(words) > 0 {
		switch s := Sort(words[0]); s {
		case NoSort, RowSort, ValueSort:
			r.Sort, words = s, words[1:]
		}
	}
	if len(words) > 0 {
		r.Label, words = words[0], words[1:]
	}
	if len(words) > 0 {
		return fmt.Errorf("unexpected word %q", words[0])
	}
	return nil
}

// checkLabels tells of queries under one label that expect different rows.
func checkLabels(f *File) error {
	first := map[string]*Record{}
	for _, r := range f.Records {
		if r.Label == "" || len(r.Expect) == 0 || r.Classic() {
			continue
		}
		other := first[r.Label]
		if other == nil {
			first[r.Label] = r
			continue
		}
		a, b := parseBlock(other.Expect).rows(), parseBlock(r.Expect).rows()
		if strings.Join(sorted(a), "\n") != strings.Join(sorted(b), "\n") {
			return fmt.Errorf("%s:%d: label %s stands for other rows on line %d", f.Name, r.Line, r.Label, other.Line)
		}
	}
	return nil
}
