package copy

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/internal/textenc"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Option is an entry of COPY's WITH list, as the statement has it. The old
// spellings (CSV HEADER DELIMITER AS …) are the same list.
type Option struct {
	Name string // folded
	// Value is the argument's text: a string, a number or a bare word; HasValue
	// says that there is one.
	Value    string
	HasValue bool
	// List are the names of a column list, Star is *.
	List []string
	Star bool
	Pos  int32 // byte offset in the statement, -1 unknown
}

// Format is one of COPY's formats.
type Format uint8

// The formats.
const (
	Text Format = iota
	CSV
	Binary
)

// Header tells what becomes of the header line.
type Header uint8

// The kinds of header.
const (
	NoHeader Header = iota
	SkipHeader
	MatchHeader // COPY FROM: the names have to be the columns'
)

// Options are COPY's options, checked. ParseOptions makes them.
type Options struct {
	Format Format
	Delim  byte
	Null   string
	Header Header
	Quote  byte
	Escape byte
	Freeze bool
	// Encoding is that of the data, by PostgreSQL's name; "" is the client's.
	Encoding string

	ForceQuoteAll bool
	ForceQuote    []string
	ForceNotNull  []string
	ForceNull     []string

	// MaxLine bounds a line in bytes (54000); 0 is PostgreSQL's limit, 1 GiB.
	MaxLine int
}

// Client gives the encoding of the data in the formats text and csv: nil is UTF8. The
// binary format has its texts in the encoding of env.
func (o *Options) Client(env *types.Env) *types.Client {
	switch {
	case o.Format == Binary:
		return nil
	case o.Encoding == "":
		return env.Client
	}
	return types.NewClient(o.Encoding)
}

// given are the options as they were given, for the checks of combinations.
type given struct {
	delim, null, quote, escape string
	has                        map[string]bool
}

// ParseOptions checks COPY's options as PostgreSQL's ProcessCopyOptions does,
// in its order: 42601, 22023 and 0A000. from says COPY FROM. Options that are
// not PostgreSQL's (commit_interval) are taken out by the caller before.
func ParseOptions(from bool, list []Option) (*Options, error) {
	o := &Options{Delim: '\t', Null: `\N`, Quote: '"', Escape: '"'}
	g := given{has: map[string]bool{}}
	for i := range list {
		if err := g.take(o, &list[i], from); err != nil {
			return nil, err
		}
	}
	if err := g.combine(o); err != nil {
		return nil, err
	}
	return o, g.forced(o, from)
}

func (g *given) take(o *Options, opt *Option, from bool) error {
	if g.has[opt.Name] {
		return pgerr.New(pgerr.SyntaxError, "conflicting or redundant options").At(opt.Pos)
	}
	g.has[opt.Name] = true
	var err error
	switch opt.Name {
	case "format":
		err = g.takeFormat(o, opt)
	case "delimiter":
		g.delim, err = opt.text()
	case "null":
		g.null, err = opt.text()
	case "quote":
		g.quote, err = opt.text()
	case "escape":
		g.escape, err = opt.text()
	case "freeze":
		o.Freeze, err = opt.bool()
	case "header":
		o.Header, err = opt.header(from)
	case "force_quote":
		o.ForceQuoteAll = opt.Star
		o.ForceQuote, err = opt.names(true)
	case "force_not_null":
		o.ForceNotNull, err = opt.names(false)
	case "force_null":
		o.ForceNull, err = opt.names(false)
	case "encoding":
		err = takeEncoding(opt, o)
	default:
		err = pgerr.New(pgerr.SyntaxError, "option \"%s\" not recognized", opt.Name).At(opt.Pos)
	}
	return err
}

func (g *given) takeFormat(o *Options, opt *Option) error {
	name, err := opt.text()
	if err != nil {
		return err
	}
	switch name {
	case "text":
		o.Format = Text
	case "csv":
		o.Format = CSV
	case "binary":
		o.Format = Binary
	default:
		return pgerr.New(pgerr.InvalidParameterValue, "COPY format \"%s\" not recognized", name).At(opt.Pos)
	}
	return nil
}

// text gives the argument, which is required.
func (opt *Option) text() (string, error) {
	if !opt.HasValue {
		return "", pgerr.New(pgerr.SyntaxError, "%s requires a parameter", opt.Name)
	}
	return opt.Value, nil
}

// bool gives a boolean argument; none is true.
func (opt *Option) bool() (bool, error) {
	if !opt.HasValue {
		return true, nil
	}
	switch strings.ToLower(opt.Value) {
	case "true", "on", "1":
		return true, nil
	case "false", "off", "0":
		return false, nil
	}
	return false, pgerr.New(pgerr.SyntaxError, "%s requires a Boolean value", opt.Name)
}

func (opt *Option) header(from bool) (Header, error) {
	if opt.HasValue && strings.EqualFold(opt.Value, "match") {
		if !from {
			return NoHeader, pgerr.New(pgerr.FeatureNotSupported, "cannot use \"%s\" with HEADER in COPY TO", opt.Value)
		}
		return MatchHeader, nil
	}
	on, err := opt.bool()
	switch {
	case err != nil:
		return NoHeader, pgerr.New(pgerr.SyntaxError, "%s requires a Boolean value or \"match\"", opt.Name)
	case on:
		return SkipHeader, nil
	}
	return NoHeader, nil
}

func (opt *Option) names(star bool) ([]string, error) {
	if opt.List == nil && (!opt.Star || !star) {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "argument to option \"%s\" must be a list of column names", opt.Name).At(opt.Pos)
	}
	return opt.List, nil
}

// takeEncoding takes every encoding whose texts can be converted.
func takeEncoding(opt *Option, o *Options) error {
	name, err := opt.text()
	if err != nil {
		return err
	}
	e := textenc.ByName(name)
	switch {
	case e == nil:
		return pgerr.New(pgerr.InvalidParameterValue, "argument to option \"%s\" must be a valid encoding name", opt.Name).At(opt.Pos)
	case !e.Supported():
		return pgerr.New(pgerr.FeatureNotSupported, "COPY encoding \"%s\" is not supported", name).At(opt.Pos).
			WithHint("Convert the data to UTF8.")
	}
	o.Encoding = e.Name
	return nil
}

// combine sets the defaults and checks delimiter, null, quote and escape.
func (g *given) combine(o *Options) error {
	csv := o.Format == CSV
	notSupported := func(text string) error { return pgerr.New(pgerr.FeatureNotSupported, "%s", text) }
	invalid := func(format string, args ...any) error {
		return pgerr.New(pgerr.InvalidParameterValue, format, args...)
	}
	if csv {
		o.Delim, o.Null = ',', ""
	}
	quote, escape := `"`, `"`
	if g.has["quote"] {
		quote, escape = g.quote, g.quote
	}
	if g.has["escape"] {
		escape = g.escape
	}
	delim := string(o.Delim)
	if g.has["delimiter"] {
		delim = g.delim
	}
	if g.has["null"] {
		o.Null = g.null
	}
	switch {
	case o.Format == Binary && g.has["delimiter"]:
		return pgerr.New(pgerr.SyntaxError, "cannot specify DELIMITER in BINARY mode")
	case o.Format == Binary && g.has["null"]:
		return pgerr.New(pgerr.SyntaxError, "cannot specify NULL in BINARY mode")
	case len(delim) != 1:
		return notSupported("COPY delimiter must be a single one-byte character")
	case delim == "\r" || delim == "\n":
		return invalid("COPY delimiter cannot be newline or carriage return")
	case strings.ContainsAny(o.Null, "\r\n"):
		return invalid("COPY null representation cannot use newline or carriage return")
	case !csv && strings.Contains(`\.abcdefghijklmnopqrstuvwxyz0123456789`, delim):
		return invalid("COPY delimiter cannot be \"%s\"", delim)
	case o.Format == Binary && o.Header != NoHeader:
		return notSupported("cannot specify HEADER in BINARY mode")
	case !csv && g.has["quote"]:
		return notSupported("COPY quote available only in CSV mode")
	case csv && len(quote) != 1:
		return notSupported("COPY quote must be a single one-byte character")
	case csv && delim == quote:
		return invalid("COPY delimiter and quote must be different")
	case !csv && g.has["escape"]:
		return notSupported("COPY escape available only in CSV mode")
	case csv && len(escape) != 1:
		return notSupported("COPY escape must be a single one-byte character")
	}
	o.Delim, o.Quote, o.Escape = delim[0], quote[0], escape[0]
	return nil
}

// forced checks the column lists, and what may not be in the null string.
func (g *given) forced(o *Options, from bool) error {
	csv := o.Format == CSV
	text := ""
	switch {
	case !csv && g.has["force_quote"]:
		text = "COPY force quote available only in CSV mode"
	case from && g.has["force_quote"]:
		text = "COPY force quote only available using COPY TO"
	case !csv && g.has["force_not_null"]:
		text = "COPY force not null available only in CSV mode"
	case !from && g.has["force_not_null"]:
		text = "COPY force not null only available using COPY FROM"
	case !csv && g.has["force_null"]:
		text = "COPY force null available only in CSV mode"
	case !from && g.has["force_null"]:
		text = "COPY force null only available using COPY FROM"
	case strings.IndexByte(o.Null, o.Delim) >= 0:
		text = "COPY delimiter must not appear in the NULL specification"
	case csv && strings.IndexByte(o.Null, o.Quote) >= 0:
		text = "CSV quote character must not appear in the NULL specification"
	default:
		return nil
	}
	return pgerr.New(pgerr.FeatureNotSupported, "%s", text)
}

// Column is a column that COPY reads or writes.
type Column struct {
	Name string
	Type *types.Type
	Mod  int32
}

// forcedColumns finds the columns that a FORCE option names. exists tells, of a
// name that is not among the columns, whether the table has it at all.
func forcedColumns(option string, names []string, table string, cols []Column, exists func(string) bool) (map[int]bool, error) {
	set := map[int]bool{}
	for _, name := range names {
		at := -1
		for i := range cols {
			if cols[i].Name == name {
				at = i
			}
		}
		switch {
		case at >= 0 && set[at]:
			return nil, pgerr.New(pgerr.DuplicateColumn, "column \"%s\" specified more than once", name)
		case at >= 0:
			set[at] = true
		case exists != nil && exists(name):
			return nil, pgerr.New(pgerr.InvalidColumnReference, "%s column \"%s\" not referenced by COPY", option, name)
		case table == "":
			return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" does not exist", name)
		default:
			return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, table)
		}
	}
	return set, nil
}
