package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/funcs/fulltext"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The functions of text search that run a query given as text: ts_rewrite(tsquery, text)
// and ts_stat.

// rowsOfText runs a query that is the argument of a function, which must give columns of
// the given types; what says so in the error when it does not.
func (s *Session) rowsOfText(ctx context.Context, text, what string, want ...types.OID) ([][]types.Datum, error) {
	if s.plDepth >= maxPLDepth {
		return nil, pgerr.New(pgerr.StatementTooComplex, "stack depth limit exceeded")
	}
	s.plDepth++
	defer func() { s.plDepth-- }()
	list, err := parser.Parse(text)
	switch {
	case err != nil:
		return nil, inDynamic(text, err)
	case len(list) != 1:
		return nil, pgerr.New(pgerr.InvalidCursorDefinition, "cannot open multi-query plan as cursor")
	}
	if _, ok := list[0].Stmt.(*ast.Select); !ok {
		return nil, pgerr.New(pgerr.InvalidCursorDefinition, "cannot open %s query as cursor", statementWord(list[0].Stmt))
	}
	p := &prepared{st: &list[0], sql: text, at: s.e.now(), fromSQL: true}
	s.systemContext()
	if err := s.analyze(p); err != nil {
		return nil, inDynamic(text, err)
	}
	if !slices.EqualFunc(resultFields(p), want, func(f types.Field, oid types.OID) bool { return f.Type.Underlying().OID == oid }) {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "%s", what)
	}
	r, err := s.execute(ctx, p, nil, s.sink)
	if err != nil {
		return nil, inDynamic(text, err)
	}
	defer r.close()
	batches, err := readAll(ctx, r.src)
	if err != nil {
		return nil, inDynamic(text, err)
	}
	var rows [][]types.Datum
	for _, b := range batches {
		for i := range b.N {
			row := make([]types.Datum, len(want))
			for j, at := range resultColumns(p) {
				row[j] = b.Cols[at].Datum(i)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// tsRewrite is ts_rewrite(tsquery, text): the query's rows are what is replaced by what.
func (s *Session) tsRewrite(ctx context.Context, args []types.Datum) (types.Datum, error) {
	q := types.DecodeTSQuery(args[0].Str())
	if q == nil {
		return args[0], nil
	}
	rows, err := s.rowsOfText(ctx, args[1].Str(), "ts_rewrite query must return two tsquery columns", types.TSQueryOID, types.TSQueryOID)
	if err != nil {
		return types.Null, err
	}
	var pairs [][2]*types.TSQuery
	for _, r := range rows {
		if !r[0].IsNull() && !r[1].IsNull() {
			pairs = append(pairs, [2]*types.TSQuery{types.DecodeTSQuery(r[0].Str()), types.DecodeTSQuery(r[1].Str())})
		}
	}
	return types.NewString(fulltext.RewriteAll(q, pairs).Encode()), nil
}

// wordCount is a row of ts_stat: in how many texts a word is, and how often in all.
type wordCount struct {
	word      string
	docs, all int64
}

// tsStat is ts_stat: it counts the words of the query's rows, of the given weights.
func (s *Session) tsStat(ctx context.Context, c *funcs.Call, args []types.Datum) ([]*types.Type, [][]types.Datum, error) {
	rows, err := s.rowsOfText(ctx, args[0].Str(), "ts_stat query must return one tsvector column", types.TSVectorOID)
	if err != nil {
		return nil, nil, err
	}
	weights := ""
	if len(args) > 1 {
		weights = strings.ToUpper(args[1].Str())
	}
	counts := map[string]*wordCount{}
	for _, r := range rows {
		if r[0].IsNull() {
			continue
		}
		for _, l := range types.DecodeTSVector(r[0].Str()) {
			n := int64(max(1, len(l.Pos)))
			if strings.ContainsAny(weights, "ABCD") {
				n = 0
				for _, p := range l.Pos {
					if strings.IndexByte(weights, "DCBA"[p.Weight()]) >= 0 {
						n++
					}
				}
			}
			if n == 0 {
				continue
			}
			w := counts[l.Word]
			if w == nil {
				w = &wordCount{word: l.Word}
				counts[l.Word] = w
			}
			w.docs++
			w.all += n
		}
	}
	list := make([]*wordCount, 0, len(counts))
	for _, w := range counts {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b *wordCount) int { return cmp.Compare(b.word, a.word) })
	out := make([][]types.Datum, len(list))
	for i, w := range list {
		out[i] = []types.Datum{types.NewString(w.word), types.NewInt(w.docs), types.NewInt(w.all)}
	}
	return []*types.Type{types.TText, types.TInt4, types.TInt4}, out, nil
}
