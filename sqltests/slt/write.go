package slt

import "strings"

// String gives the text of the file.
func (f *File) String() string {
	var b strings.Builder
	for _, r := range f.Records {
		writeLines(&b, r.Before)
		b.WriteString(r.head() + "\n")
		if r.SQL != "" {
			b.WriteString(r.SQL + "\n")
		}
		if r.Kind == CopyIn {
			b.WriteString("<<<<\n")
			writeLines(&b, r.Data)
		}
		writeLines(&b, r.Expect)
	}
	writeLines(&b, f.After)
	return b.String()
}

func writeLines(b *strings.Builder, lines []string) {
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
}

// head gives the record's first line.
func (r *Record) head() string {
	word := ""
	for w, k := range words { // each kind has one word
		if k == r.Kind {
			word = w
		}
	}
	var parts []string
	switch r.Kind {
	case Describe:
		if r.Fails {
			parts = r.verdictWords()
		}
	case Statement, CopyIn, CopyOut:
		parts = r.verdictWords()
	case Query:
		if r.Fails {
			parts = r.verdictWords()
			break
		}
		parts = []string{r.Types, string(r.Sort), r.Label}
	default:
		parts = []string{r.Argument}
	}
	parts = append([]string{word}, parts...)
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func (r *Record) verdictWords() []string {
	if !r.Fails {
		return []string{"ok", string(r.Encoding)}
	}
	out := []string{"error", r.Code}
	if r.Message != nil {
		out = append(out, r.Message.String())
	}
	return append(out, string(r.Encoding))
}
