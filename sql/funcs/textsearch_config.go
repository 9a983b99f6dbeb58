package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/fulltext"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The functions of text search that go by a configuration: one given as the first
// argument (…_byid, unless that is "") or the session's default.

// configured registers a function in both forms. f gets the other arguments.
func configured(name, byID string, kind types.Kind, f func(c *fulltext.Config, a []types.Datum) (types.Datum, error)) {
	register(name, &Impl{Kernel: rows(kind, func(c *Ctx, a []types.Datum) (types.Datum, error) {
		cfg, err := fulltext.ConfigByOID(currentTSConfig(c.Env))
		if err != nil {
			return types.Null, err
		}
		return f(cfg, a)
	})})
	if byID == "" {
		return
	}
	register(byID, &Impl{Kernel: rows(kind, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		cfg, err := fulltext.ConfigByOID(types.OID(a[0].Int()))
		if err != nil {
			return types.Null, err
		}
		return f(cfg, a[1:])
	})})
}

// currentTSConfig is the session's default configuration.
func currentTSConfig(e *Env) types.OID {
	if e.TextSearch == 0 {
		return fulltext.DefaultConfig
	}
	return e.TextSearch
}

func init() {
	configured("to_tsvector", "to_tsvector_byid", types.Bytes, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
		v, err := textVector(c, a[0].Str())
		return types.NewString(v.Encode()), err
	})
	for name, f := range map[string]func(*fulltext.Config, string) (tsquery, error){
		"to_tsquery":           queryBy(types.TSStandard, types.TSPhrase),
		"plainto_tsquery":      queryBy(types.TSPlain, types.TSAnd),
		"phraseto_tsquery":     queryBy(types.TSPlain, types.TSPhrase),
		"websearch_to_tsquery": queryBy(types.TSWeb, types.TSPhrase),
	} {
		configured(name, name+"_byid", types.Bytes, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
			q, err := f(c, a[0].Str())
			return types.NewString(q.Encode()), err
		})
	}
	register("get_current_ts_config", &Impl{Kernel: rows(types.Int, func(c *Ctx, _ []types.Datum) (types.Datum, error) {
		return types.NewInt(int64(currentTSConfig(c.Env))), nil
	})})
	configured("ts_match_tt", "", types.Bool, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
		q, err := queryBy(types.TSPlain, types.TSAnd)(c, a[1].Str())
		if err != nil {
			return types.Null, err
		}
		v, err := textVector(c, a[0].Str())
		return types.NewBool(fulltext.Match(v, q)), err
	})
	configured("ts_match_tq", "", types.Bool, func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
		v, err := textVector(c, a[0].Str())
		return types.NewBool(fulltext.Match(v, types.DecodeTSQuery(a[1].Str()))), err
	})
	for _, opt := range []string{"", "_opt"} {
		configured("ts_headline"+opt, "ts_headline_byid"+opt, types.Bytes, headlineOf(func(s string, mark func(string) (string, error)) (string, error) {
			return mark(s)
		}))
	}
	registerTSParser()
}

func textVector(c *fulltext.Config, text string) (tsvector, error) {
	t := fulltext.Text{Config: c}
	if err := t.Add(text); err != nil {
		return nil, err
	}
	return t.Vector()
}

// queryBy makes queries of texts read in a way, with the words of one operand joined by op.
func queryBy(mode types.TSParse, op types.TSOp) func(*fulltext.Config, string) (tsquery, error) {
	return func(c *fulltext.Config, text string) (tsquery, error) { return fulltext.Query(c, text, mode, op) }
}

// headlineOf is ts_headline of a document whose texts each changes.
func headlineOf(each func(doc string, mark func(string) (string, error)) (string, error)) func(*fulltext.Config, []types.Datum) (types.Datum, error) {
	return func(c *fulltext.Config, a []types.Datum) (types.Datum, error) {
		var list []fulltext.Option
		if len(a) == 3 {
			var err error
			if list, err = fulltext.ParseOptions(a[2].Str()); err != nil {
				return types.Null, err
			}
		}
		q := types.DecodeTSQuery(a[1].Str())
		s, err := each(a[0].Str(), func(text string) (string, error) {
			// A document without texts is not looked at, nor are the options then.
			opt, err := fulltext.ReadHeadlineOptions(list)
			if err != nil {
				return "", err
			}
			return fulltext.Headline(c, text, q, opt)
		})
		return types.NewString(s), err
	}
}

// defaultTSParser is the OID of the parser, the one there is.
const defaultTSParser = 3722

// tsParserNamed tells whether a name means the parser; 42704 when not.
func tsParserNamed(name string) error {
	if strings.TrimPrefix(name, "pg_catalog.") != "default" {
		return pgerr.New(pgerr.UndefinedObject, "text search parser \"%s\" does not exist", name)
	}
	return nil
}

func tsParserByID(oid int64) error {
	if oid != defaultTSParser {
		return pgerr.New(pgerr.UndefinedObject, "cache lookup failed for text search parser %d", oid)
	}
	return nil
}

func registerTSParser() {
	kinds := func() (out [][]types.Datum) {
		for i, k := range fulltext.Kinds {
			if i > 0 {
				out = append(out, []types.Datum{types.NewInt(int64(i)), types.NewString(k[0]), types.NewString(k[1])})
			}
		}
		return out
	}
	tokens := func(text string) (out [][]types.Datum) {
		for _, t := range fulltext.Tokens(text) {
			out = append(out, []types.Datum{types.NewInt(int64(t.Kind)), types.NewString(t.Text)})
		}
		return out
	}
	parsing := func(name string, f func(a []types.Datum) [][]types.Datum) {
		register(name+"_byid", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return tableSource(call.columnTypes(), f(a)), tsParserByID(a[0].Int())
		}))
		register(name+"_byname", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
			return tableSource(call.columnTypes(), f(a)), tsParserNamed(a[0].Str())
		}))
	}
	parsing("ts_token_type", func([]types.Datum) [][]types.Datum { return kinds() })
	parsing("ts_parse", func(a []types.Datum) [][]types.Datum { return tokens(a[1].Str()) })
	register("ts_lexize", &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		d, err := fulltext.DictByOID(types.OID(a[0].Int()))
		if err != nil {
			return types.Null, err
		}
		lexemes, known, err := d.Lexize(a[1].Str())
		if err != nil || !known {
			return types.Null, err
		}
		return textArray(lexemes), nil
	})})
	register("ts_debug(regconfig,text)", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		return tsDebug(call, types.OID(a[0].Int()), a[1].Str())
	}))
	register("ts_debug(text)", setImpl(func(call *Call, c *Ctx, a []types.Datum) (vec.Source, error) {
		return tsDebug(call, currentTSConfig(c.Env), a[0].Str())
	}))
}

// tsDebug tells of each token what the dictionaries make of it.
func tsDebug(call *Call, config types.OID, text string) (vec.Source, error) {
	cfg, err := fulltext.ConfigByOID(config)
	if err != nil {
		return nil, err
	}
	var out [][]types.Datum
	for _, t := range fulltext.Tokens(text) {
		k := fulltext.Kinds[t.Kind]
		row := []types.Datum{types.NewString(k[0]), types.NewString(k[1]), types.NewString(t.Text), types.Null, types.Null, types.Null}
		var asked []types.Datum
		for i, d := range cfg.Dicts[t.Kind] {
			oid := types.NewInt(int64(d.OID))
			asked = append(asked, oid)
			if !row[5].IsNull() {
				continue
			}
			lexemes, known, err := d.Lexize(t.Text)
			if err != nil {
				return nil, err
			}
			if i == 0 || known {
				row[4] = oid
			}
			if known {
				row[5] = textArray(lexemes)
			}
		}
		arr := types.NewArray(types.ByOID(types.RegdictionaryOID), asked)
		row[3] = types.NewString(arr.Encode())
		out = append(out, row)
	}
	return tableSource(call.columnTypes(), out), nil
}
