// Package pathquery finds what a SQL/JSON path means in a jsonb value, as
// PostgreSQL's jsonpath_exec.c does.
//
// A path is executed by going over its steps: execute applies one step to one
// value and hands what comes of it to the steps after it. The result of a step
// is three-valued: something was found, nothing was, or there was an error,
// which the lax mode, predicates and the silent option turn into "nothing" and
// "unknown".
package pathquery

import (
	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/regex"
	"github.com/streamsqld/streamsqld/sql/types"
)

func init() {
	jsonpath.CheckRegex = func(pattern string, f jsonpath.Flags) error {
		_, err := compileRegex(pattern, f)
		return err
	}
}

// Query is a path made ready. It is used by one goroutine at a time.
type Query struct {
	path    *jsonpath.Path
	matches map[*jsonpath.Item]*regex.Matcher
}

// New reads a path.
func New(path string) (*Query, error) {
	p, err := types.ParseJSONPath(path)
	return &Query{path: p, matches: map[*jsonpath.Item]*regex.Matcher{}}, err
}

// Options say how a path is executed.
type Options struct {
	Env    *types.Env
	Silent bool // errors of the data give no result
	Zoned  bool // times with and without time zone may be compared
}

// item is a value that a path has come to.
type item struct {
	types.JSONB
	time *moment // of a datetime: the value as JSON is its text
	// base and offset tell objects apart: see keyvalue.
	base, offset int64
}

// outcome is what executing a step gave.
type outcome uint8

const (
	notFound outcome = iota
	found
	failed
)

// truth is a truth value of SQL.
type truth uint8

const (
	isFalse truth = iota
	isTrue
	unknown
)

// list collects results; a nil list only asks whether there are any.
type list []item

type run struct {
	*Query
	Options
	root, current item
	vars          types.JSONB
	hasVars       bool
	lax           bool
	ignore        bool // structural errors
	throw         bool
	array         int // the size of the array whose subscript is computed, -1: none
	objects       int64
	err           error
}

// Exists tells whether the path finds anything; ok is false (NULL) when an error
// was silenced.
func (q *Query) Exists(target, vars types.JSONB, o Options) (exists, ok bool, err error) {
	res, err := q.run(target, vars, o, nil)
	if err != nil || res == failed {
		return false, false, err
	}
	return res == found, true, nil
}

// All gives everything that the path finds.
func (q *Query) All(target, vars types.JSONB, o Options) ([]types.JSONB, error) {
	var l list
	_, err := q.run(target, vars, o, &l)
	if err != nil {
		return nil, err
	}
	out := make([]types.JSONB, len(l))
	for i, it := range l {
		out[i] = it.JSONB
	}
	return out, nil
}

// Match gives the truth value that the path finds; ok is false (NULL) for null
// and, silently, for what is no truth value.
func (q *Query) Match(target, vars types.JSONB, o Options) (value, ok bool, err error) {
	all, err := q.All(target, vars, o)
	if err != nil {
		return false, false, err
	}
	if len(all) == 1 {
		switch all[0].Kind() {
		case types.JSONTrue, types.JSONFalse:
			return all[0].Kind() == types.JSONTrue, true, nil
		case types.JSONNull:
			return false, false, nil
		}
	}
	if !o.Silent {
		err = pgerr.New(pgerr.SingletonSQLJSONItemRequired, "single boolean result is expected")
	}
	return false, false, err
}

func (q *Query) run(target, vars types.JSONB, o Options, out *list) (outcome, error) {
	r := &run{Query: q, Options: o, vars: vars, lax: !q.path.Strict, throw: !o.Silent, array: -1, objects: 1}
	r.ignore = r.lax
	r.hasVars = vars != ""
	if r.hasVars {
		if vars.Kind() != types.JSONObject {
			return failed, pgerr.New(pgerr.InvalidParameterValue, "\"vars\" argument is not an object").
				WithDetail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.")
		}
		r.objects = 2
	}
	r.root = item{JSONB: target}
	r.current = r.root
	if !r.lax && out == nil { // all values are looked at, as any may be an error
		var l list
		res := r.execute(q.path.Root, r.root, &l)
		if res != failed {
			res = notFound
			if len(l) > 0 {
				res = found
			}
		}
		return res, r.err
	}
	res := r.execute(q.path.Root, r.root, out)
	return res, r.err
}

// fail is an error of the data: it ends the query, or is silenced.
func (r *run) fail(code pgerr.Code, format string, args ...any) outcome {
	if r.throw && r.err == nil {
		r.err = pgerr.New(code, format, args...)
	}
	return failed
}

// fatal is an error that nothing silences.
func (r *run) fatal(err error) outcome {
	if r.err == nil {
		r.err = err
	}
	return failed
}

// compileRegex translates XQuery's flags to PostgreSQL's.
func compileRegex(pattern string, f jsonpath.Flags) (*regex.Regexp, error) {
	letters := ""
	if f&jsonpath.IgnoreCase != 0 {
		letters += "i"
	}
	switch {
	case f&jsonpath.Quoted != 0:
		letters += "q"
	case f&jsonpath.DotAll == 0 && f&jsonpath.MultiLine != 0:
		letters += "n"
	case f&jsonpath.DotAll == 0:
		letters += "p"
	case f&jsonpath.MultiLine != 0:
		letters += "w"
	}
	o, err := regex.ParseOptions(letters)
	if err != nil {
		return nil, err
	}
	return regex.Compile(pattern, o)
}
