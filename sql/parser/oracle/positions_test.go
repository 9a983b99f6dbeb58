package oracle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	pg_query "github.com/wasilibs/go-pgquery"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// place is a node of PostgreSQL's with where it stands.
type place struct {
	node string
	pos  int
}

// pgNames are PostgreSQL's nodes that our nodes stand for.
var pgNames = map[string]string{
	"ColumnRef": "ColumnRef", "ParamRef": "ParamRef", "Literal": "A_Const", "TypeCast": "TypeCast",
	"CollateClause": "CollateClause", "BinaryOp": "A_Expr", "UnaryOp": "A_Expr", "BoolExpr": "BoolExpr",
	"NullTest": "NullTest", "BooleanTest": "BooleanTest", "DistinctExpr": "A_Expr", "BetweenExpr": "A_Expr",
	"InExpr": "A_Expr", "LikeExpr": "A_Expr", "AnyExpr": "A_Expr", "SubLink": "SubLink", "CaseExpr": "CaseExpr",
	"When": "CaseWhen", "CoalesceExpr": "CoalesceExpr", "MinMaxExpr": "MinMaxExpr", "NullIfExpr": "A_Expr",
	"RowExpr": "RowExpr", "ArrayExpr": "A_ArrayExpr", "NamedArg": "NamedArgExpr", "FuncCall": "FuncCall",
	"GroupingFunc": "GroupingFunc", "SQLValue": "SQLValueFunction", "DefaultExpr": "SetToDefault",
	"Target": "ResTarget", "TypeName": "TypeName",
}

// oursOf collects the places in our tree.
func oursOf(v reflect.Value, out *[]place) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			oursOf(v.Elem(), out)
		}
	case reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			oursOf(v.Index(i), out)
		}
	case reflect.Struct:
		if name, ok := pgNames[v.Type().Name()]; ok {
			*out = append(*out, place{name, int(v.FieldByName("Pos").Int())})
		}
		switch n := v.Interface().(type) {
		case ast.TableRef:
			*out = append(*out, place{"RangeVar", int(n.Name.Pos)})
		case ast.InsertColumn:
			*out = append(*out, place{"ResTarget", int(n.Name.Pos)})
		case ast.LockingClause:
			for _, name := range n.Of {
				*out = append(*out, place{"RangeVar", int(name.Pos)})
			}
		}
		for i := 0; i < v.NumField(); i++ {
			oursOf(v.Field(i), out)
		}
	}
}

// theirsOf collects the places in PostgreSQL's tree.
func theirsOf(v any, out *[]place) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			theirsOf(e, out)
		}
	case map[string]any:
		for k, e := range v {
			if m, ok := e.(map[string]any); ok && pgNodes[k] {
				if !invented(k, m) {
					n, _ := m["location"].(json.Number)
					at, _ := n.Int64()
					*out = append(*out, place{k, int(at)})
				}
			}
			if k == "typeName" || k == "relation" && e.(map[string]any)["relname"] != nil {
				n, _ := e.(map[string]any)["location"].(json.Number)
				at, err := n.Int64()
				if err == nil {
					*out = append(*out, place{map[string]string{"typeName": "TypeName", "relation": "RangeVar"}[k], int(at)})
				}
			}
			theirsOf(e, out)
		}
	}
}

// pgNodes are the nodes that are compared.
var pgNodes = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range pgNames {
		m[name] = true
	}
	delete(m, "TypeName")
	delete(m, "RangeVar")
	m["RangeVar"] = true
	return m
}()

// invented tells whether a node is one that PostgreSQL's grammar makes up.
func invented(node string, m map[string]any) bool {
	text, _ := json.Marshal(m["funcname"])
	return node == "FuncCall" && (strings.Contains(string(text), "like_escape") || strings.Contains(string(text), "similar_to_escape"))
}

// comparePlaces tells what differs between the places of a query's nodes.
func comparePlaces(s ast.Statement) (missing, extra []place, total int) {
	text, err := pg_query.ParseToJSON(s.Text)
	if err != nil {
		return nil, nil, 0
	}
	var tree map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&tree) != nil {
		return nil, nil, 0
	}
	var ours, theirs []place
	oursOf(reflect.ValueOf(s.Stmt), &ours)
	theirsOf(tree["stmts"], &theirs)
	have, want := map[place]bool{}, map[place]bool{}
	for _, p := range theirs {
		if p.pos >= 0 {
			want[place{p.node, p.pos + int(s.Start)}] = true
		}
	}
	for _, p := range ours {
		if p.pos >= 0 && !(p.node == "TypeCast" && isTypedLiteral(s, p.pos)) {
			have[p] = true
		}
	}
	for p := range want {
		if !have[p] {
			missing = append(missing, p)
		}
	}
	for p := range have {
		if !want[p] {
			extra = append(extra, p)
		}
	}
	sort.Slice(missing, func(i, j int) bool { return missing[i].pos < missing[j].pos })
	sort.Slice(extra, func(i, j int) bool { return extra[i].pos < extra[j].pos })
	return missing, extra, len(want)
}

// isTypedLiteral tells whether the cast at pos was written type 'literal':
// PostgreSQL gives it no place.
func isTypedLiteral(s ast.Statement, pos int) bool {
	text := s.Text[pos-int(s.Start):]
	return !strings.HasPrefix(text, "::") && !strings.EqualFold(text[:min(4, len(text))], "cast")
}

// TestPlaces compares the places of the nodes of queries and DML with
// PostgreSQL's.
func TestPlaces(t *testing.T) {
	corpus := Seeds(seedFile)
	if dir := os.Getenv("STREAMSQLD_SHARED"); dir != "" {
		corpus = append(corpus, Recorded(filepath.Join(dir, "clients", "recorded"))...)
	}
	if dir := os.Getenv("STREAMSQLD_REGRESS"); dir != "" {
		corpus = append(corpus, Regress(dir)...)
	}
	nodes, bad, shown := 0, map[string]int{}, 0
	for _, sample := range corpus {
		list, err := parser.Parse(sample.SQL)
		if err != nil {
			continue
		}
		for _, s := range list {
			switch s.Stmt.(type) {
			case *ast.Select, *ast.Insert, *ast.Update, *ast.Delete:
			default:
				continue
			}
			missing, extra, n := comparePlaces(s)
			nodes += n
			for _, p := range missing {
				bad["missing "+p.node]++
			}
			for _, p := range extra {
				bad["extra "+p.node]++
			}
			if len(missing)+len(extra) > 0 && shown < 30 {
				shown++
				t.Logf("%s\n   missing %v\n   extra %v", clip(strings.Join(strings.Fields(s.Text), " ")), missing, extra)
			}
		}
	}
	total := 0
	for _, n := range bad {
		total += n
	}
	t.Logf("%d nodes, %d places differ: %v", nodes, total, bad)
	if total > nodes/1000 {
		t.Errorf("more than one place in a thousand differs")
	}
}
