package sysfunc

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/postgresql.md")

const docsFile = "../../docs/postgresql.md"

// docs/postgresql.md says what the registry says.
func TestDocs(t *testing.T) {
	want := renderDocs()
	if *updateDocs {
		if err := os.WriteFile(docsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/postgresql.md is not what the registry says: go test ./catalog/sysfunc -run TestDocs -update-docs")
	}
}

// docSection is what the registry has for a section.
type docSection struct {
	docChapter
	functions, operators docCount
}

type docCount struct {
	have, all int
	missing   []string
}

func (c *docCount) add(supported bool, what string) {
	c.all++
	if supported {
		c.have++
	} else {
		c.missing = append(c.missing, what)
	}
}

func (c *docCount) String() string {
	if c.all == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", c.have, c.all)
}

func docSections() []*docSection {
	var out []*docSection
	by := map[string]*docSection{}
	for _, c := range docChapters {
		s := &docSection{docChapter: c}
		out = append(out, s)
		by[c.number], by[c.title] = s, s
	}
	for _, f := range funcs.All() {
		by[chapterOf(f)].functions.add(docSupported(f), f.Signature())
	}
	for _, o := range docOperators() {
		left := ""
		if o.Left != nil {
			left = o.Left.Name + " "
		}
		c := chapterOf(o.Func)
		if c == docParts {
			c = "9.3"
		}
		by[c].operators.add(docSupported(o.Func), left+o.Name+" "+o.Right.Name)
	}
	return out
}

// docOperators gives every operator once.
func docOperators() (out []*funcs.Operator) {
	for oid := range types.OID(16384) {
		if o := funcs.OperatorByOID(oid); o != nil {
			out = append(out, o)
		}
	}
	return out
}

const docHead = `# What of PostgreSQL 15 is here

This page is made from the registry of functions (` + "`go test ./catalog/sysfunc -run TestDocs -update-docs`" + `), and a test fails when it is
not what the registry says. The sections are those of chapter 9 of PostgreSQL's manual. Everything counted as supported follows
PostgreSQL in result, type, SQLSTATE and message, but for the differences listed; the vectors under ` + "`sql/funcs/testdata`" + ` and
` + "`sql/types/testdata`" + ` were recorded from a PostgreSQL server. What is missing can be named in a statement but not run: 0A000, "function … is
not supported".

`

func renderDocs() []byte {
	var b bytes.Buffer
	b.WriteString(docHead)
	docTypesTable(&b)
	sections := docSections()
	b.WriteString("## Functions and operators\n\n| section | | functions | operators | |\n|---|---|---|---|---|\n")
	for _, s := range sections {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.number, s.title, &s.functions, &s.operators, s.verdict())
	}
	for _, s := range sections {
		s.write(&b)
	}
	docCasts(&b)
	return b.Bytes()
}

const (
	docUsers   = "not for users"
	docMissing = "missing"
)

// docSupported tells whether a function can be called: it does something, and
// values of its types can be had.
func docSupported(f *funcs.Func) bool {
	for _, t := range docTypesOf(f) {
		if !t.Supported() && t.Class != types.Pseudo {
			return false
		}
	}
	return f.Supported()
}

func (s *docSection) verdict() string {
	have, all := s.functions.have+s.operators.have, s.functions.all+s.operators.all
	switch {
	case s.title == docParts:
		return docUsers
	case have == all:
		if len(s.different) > 0 {
			return "supported, see differences"
		}
		return "supported"
	case have*4 < all:
		return docMissing
	}
	return "supported but for what is listed"
}

func (s *docSection) write(b *bytes.Buffer) {
	if s.constructs == "" && s.different == nil && s.functions.missing == nil && s.operators.missing == nil {
		return
	}
	fmt.Fprintf(b, "\n### %s\n", strings.TrimSpace(s.number+" "+s.title))
	if s.constructs != "" {
		fmt.Fprintf(b, "\nOf the grammar: %s.\n", s.constructs)
	}
	if s.different != nil {
		fmt.Fprintf(b, "\nDifferent:\n\n- %s\n", strings.Join(s.different, "\n- "))
	}
	switch s.verdict() {
	case docUsers:
		return
	case docMissing:
		b.WriteString("\nMissing: all of it, with its types.\n")
		return
	}
	s.functions.write(b, "functions")
	s.operators.write(b, "operators")
}

func (c *docCount) write(b *bytes.Buffer, what string) {
	switch {
	case c.missing == nil:
	case c.have == 0:
		fmt.Fprintf(b, "\nMissing: all %s.\n", what)
	default:
		slices.Sort(c.missing)
		fmt.Fprintf(b, "\nMissing %s: `%s`.\n", what, strings.Join(c.missing, "`, `"))
	}
}

func docTypesTable(b *bytes.Buffer) {
	var have, not []string
	for oid := range types.OID(10000) {
		if t := types.ByOID(oid); t != nil && t.Class == types.Base && t.Elem == nil {
			if t.Supported() {
				have = append(have, t.SQLName(types.NoMod))
			} else {
				not = append(not, t.SQLName(types.NoMod))
			}
		}
	}
	slices.Sort(have)
	slices.Sort(not)
	fmt.Fprintf(b, "## Types\n\nSupported, each with text and binary form and arrays: `%s`; range and multirange types, composite types, enums and domains.\n\n", strings.Join(have, "`, `"))
	fmt.Fprintf(b, "Missing: `%s`.\n\n", strings.Join(not, "`, `"))
}

func docCasts(b *bytes.Buffer) {
	var c docCount
	for _, x := range funcs.Casts() {
		c.add(x.Source.Supported() && x.Target.Supported() && (x.Func == nil || x.Func.Supported()), x.Source.Name+" → "+x.Target.Name)
	}
	fmt.Fprintf(b, "\n## Casts\n\n%s of pg_cast, and the conversions by text between any type and the string types.\n", &c)
	c.write(b, "casts")
}
