package funcs

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs/ctype"
	"github.com/streamsqld/streamsqld/sql/funcs/fulltext"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The functions of tsvector and tsquery that need no configuration.

type (
	tsvector = types.TSVector
	tsquery  = *types.TSQuery
)

func init() {
	types.TSLetter = ctype.IsAlpha
	for _, p := range []string{"tsvector_", "tsquery_"} {
		for r, s := range relSuffix {
			register(p+s, compareBytes(relation(r)))
		}
		register(p+"cmp", &Impl{Bind: func(call *Call) (Kernel, error) {
			t := call.Args[0]
			return fn2(func(a, b string) int64 { return int64(t.CmpStr(a, b)) }), nil
		}})
	}
	registerTSVectors()
	registerTSQueries()
	registerTSRanks()
}

// vector1 is a function of a tsvector and others that gives a tsvector.
func vector1(f func(v tsvector, a []types.Datum) (tsvector, error)) *Impl {
	return &Impl{Kernel: rows(types.Bytes, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
		v, err := f(types.DecodeTSVector(a[0].Str()), a[1:])
		if err != nil {
			return types.Null, err
		}
		return types.NewString(v.Encode()), nil
	})}
}

func registerTSVectors() {
	match := func(v, q string) bool { return fulltext.Match(types.DecodeTSVector(v), types.DecodeTSQuery(q)) }
	register("ts_match_vq", &Impl{Kernel: fn2(match)})
	register("ts_match_qv", &Impl{Kernel: fn2(func(q, v string) bool { return match(v, q) })})
	register("tsvector_length", &Impl{Kernel: fn1(func(v string) int64 { return int64(len(types.DecodeTSVector(v))) })})
	register("tsvector_strip", vector1(func(v tsvector, _ []types.Datum) (tsvector, error) { return fulltext.Strip(v), nil }))
	register("tsvector_concat", vector1(func(v tsvector, a []types.Datum) (tsvector, error) {
		return fulltext.Concat(v, types.DecodeTSVector(a[0].Str()))
	}))
	register("tsvector_setweight", vector1(func(v tsvector, a []types.Datum) (tsvector, error) {
		w, err := tsWeight(a[0].Str())
		return fulltext.SetWeight(v, w, nil), err
	}))
	register("tsvector_setweight_by_filter", vector1(func(v tsvector, a []types.Datum) (tsvector, error) {
		w, err := tsWeight(a[0].Str())
		if err != nil {
			err = pgerr.New(pgerr.InvalidParameterValue, "unrecognized weight: %s", a[0].Str())
		}
		return fulltext.SetWeight(v, w, textsNotNull(a[1])), err
	}))
	register("tsvector_delete_str", vector1(func(v tsvector, a []types.Datum) (tsvector, error) {
		return fulltext.Delete(v, a[0].Str()), nil
	}))
	register("tsvector_delete_arr", vector1(func(v tsvector, a []types.Datum) (tsvector, error) {
		return fulltext.Delete(v, textsNotNull(a[0])...), nil
	}))
	register("tsvector_filter", vector1(tsFilter))
	register("array_to_tsvector", &Impl{Kernel: fn1e(arrayToTSVector)})
	register("tsvector_to_array", &Impl{Kernel: fn1(func(s string) string {
		var words []string
		for _, l := range types.DecodeTSVector(s) {
			words = append(words, l.Word)
		}
		return textArray(words).Str()
	})})
	register("tsvector_unnest", setImpl(func(call *Call, _ *Ctx, a []types.Datum) (vec.Source, error) {
		var out [][]types.Datum
		for _, l := range types.DecodeTSVector(a[0].Str()) {
			out = append(out, unnestLexeme(l))
		}
		return tableSource(call.columnTypes(), out), nil
	}))
}

// textsNotNull gives the elements of a text[] but for NULLs; it is not nil.
func textsNotNull(d types.Datum) []string {
	out := []string{}
	for it := types.IterArray(types.TText, d.Str()); ; {
		e, ok := it.Next()
		if !ok {
			return out
		}
		if !e.IsNull() {
			out = append(out, e.Str())
		}
	}
}

// tsWeight reads a weight, A to D, as 3 to 0. Another sign is PostgreSQL's internal
// error.
func tsWeight(s string) (int, error) {
	c := byte(0)
	if s != "" {
		c = s[0]
	}
	if w := strings.IndexByte("dcba", c|0x20); w >= 0 {
		return w, nil
	}
	return 0, pgerr.New(pgerr.InvalidParameterValue, "unrecognized weight: %d", int8(c))
}

func tsFilter(v tsvector, a []types.Datum) (tsvector, error) {
	weights := 0
	for it := types.IterArray(types.ByOID(types.CharOID), a[0].Str()); ; {
		e, ok := it.Next()
		if !ok {
			return fulltext.Filter(v, weights), nil
		}
		if e.IsNull() {
			return nil, pgerr.New(pgerr.NullValueNotAllowed, "weight array may not contain nulls")
		}
		w, err := tsWeight(e.Str())
		if err != nil {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "unrecognized weight: \"%s\"", e.Str())
		}
		weights |= 1 << w
	}
}

func arrayToTSVector(s string) (string, error) {
	var words []string
	for it := types.IterArray(types.TText, s); ; {
		e, ok := it.Next()
		if !ok {
			return fulltext.OfWords(words).Encode(), nil
		}
		switch {
		case e.IsNull():
			return "", pgerr.New(pgerr.NullValueNotAllowed, "lexeme array may not contain nulls")
		case e.Str() == "":
			return "", pgerr.New(pgerr.ZeroLengthCharacterString, "lexeme array may not contain empty strings")
		}
		words = append(words, e.Str())
	}
}

// unnestLexeme is the row that unnest makes of a lexeme.
func unnestLexeme(l types.Lexeme) []types.Datum {
	row := []types.Datum{types.NewString(l.Word), types.Null, types.Null}
	if len(l.Pos) == 0 {
		return row
	}
	pos, weights := make([]types.Datum, len(l.Pos)), make([]string, len(l.Pos))
	for i, p := range l.Pos {
		pos[i], weights[i] = types.NewInt(int64(p.Pos())), "DCBA"[p.Weight():p.Weight()+1]
	}
	arr := types.NewArray(types.TInt2, pos)
	row[1], row[2] = types.NewString(arr.Encode()), textArray(weights)
	return row
}

// query2 is a function of two tsqueries that gives one.
func query2(f func(a, b tsquery) tsquery) *Impl {
	return &Impl{Kernel: fn2(func(a, b string) string { return f(types.DecodeTSQuery(a), types.DecodeTSQuery(b)).Encode() })}
}

func registerTSQueries() {
	register("tsquery_and", query2(func(a, b tsquery) tsquery { return fulltext.Join(types.TSAnd, a, b, 0) }))
	register("tsquery_or", query2(func(a, b tsquery) tsquery { return fulltext.Join(types.TSOr, a, b, 0) }))
	register("tsquery_phrase", query2(func(a, b tsquery) tsquery { return fulltext.Join(types.TSPhrase, a, b, 1) }))
	register("tsquery_phrase_distance", &Impl{Kernel: fn3e(func(a, b string, n int64) (string, error) {
		if n < 0 || n > types.MaxTextPos {
			return "", types.ErrTSDistance()
		}
		return fulltext.Join(types.TSPhrase, types.DecodeTSQuery(a), types.DecodeTSQuery(b), int(n)).Encode(), nil
	})})
	register("tsquery_not", &Impl{Kernel: fn1(func(q string) string { return fulltext.Not(types.DecodeTSQuery(q)).Encode() })})
	register("tsquery_numnode", &Impl{Kernel: fn1(func(q string) int64 { return int64(types.DecodeTSQuery(q).Nodes()) })})
	register("tsquerytree", &Impl{Kernel: fn1(func(s string) string {
		q := types.DecodeTSQuery(s)
		if q == nil {
			return ""
		}
		if q = q.WithoutNot(); q == nil {
			return "T"
		}
		return q.String()
	})})
	contains := func(q, part string) bool { return fulltext.Contains(types.DecodeTSQuery(q), types.DecodeTSQuery(part)) }
	register("tsq_mcontains", &Impl{Kernel: fn2(contains)})
	register("tsq_mcontained", &Impl{Kernel: fn2(func(part, q string) bool { return contains(q, part) })})
	register("tsquery_rewrite", &Impl{Kernel: fn3e(func(q, part, by string) (string, error) {
		return fulltext.Rewrite(types.DecodeTSQuery(q), types.DecodeTSQuery(part), types.DecodeTSQuery(by)).Encode(), nil
	})})
}

// registerTSRanks registers ts_rank and ts_rank_cd: with weights (w) and a method (f).
func registerTSRanks() {
	type rank func(w [4]float32, v tsvector, q tsquery, method int) float32
	for name, f := range map[string]rank{"ts_rank": fulltext.Rank, "ts_rankcd": fulltext.RankCover} {
		for _, form := range []string{"wttf", "wtt", "ttf", "tt"} {
			weighted := strings.HasPrefix(form, "w")
			register(name+"_"+form, &Impl{Kernel: rows(types.Float, func(_ *Ctx, a []types.Datum) (types.Datum, error) {
				weights, method := fulltext.DefaultWeights, 0
				if weighted {
					var err error
					if weights, err = tsWeights(a[0].Str()); err != nil {
						return types.Null, err
					}
					a = a[1:]
				}
				if len(a) == 3 {
					method = int(a[2].Int())
				}
				return types.NewFloat(float64(f(weights, types.DecodeTSVector(a[0].Str()), types.DecodeTSQuery(a[1].Str()), method))), nil
			})})
		}
	}
}

// tsWeights reads what places count by weight, D to A; negative ones mean the default.
func tsWeights(s string) (w [4]float32, err error) {
	it := types.IterArray(types.TFloat4, s)
	var vals []types.Datum
	for d, ok := it.Next(); ok; d, ok = it.Next() {
		vals = append(vals, d)
	}
	switch {
	case it.NDim != 1:
		return w, pgerr.New(pgerr.ArraySubscriptError, "array of weight must be one-dimensional")
	case len(vals) < len(w):
		return w, pgerr.New(pgerr.ArraySubscriptError, "array of weight is too short")
	case slices.ContainsFunc(vals, types.Datum.IsNull):
		return w, pgerr.New(pgerr.NullValueNotAllowed, "array of weight must not contain nulls")
	}
	for i := range w {
		if w[i] = float32(vals[i].Float()); !(w[i] >= 0) {
			w[i] = fulltext.DefaultWeights[i]
		}
		if w[i] > 1 {
			return w, pgerr.New(pgerr.InvalidParameterValue, "weight out of range")
		}
	}
	return w, nil
}
