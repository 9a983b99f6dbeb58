package oracle

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"

	pg_query "github.com/wasilibs/go-pgquery"
)

// Tree is PostgreSQL's tree of sql as JSON, without what a round trip may
// change: places, and how things were spelled that mean the same.
func Tree(sql string) (string, error) {
	text, err := pg_query.ParseToJSON(sql)
	if err != nil {
		return "", err
	}
	var tree map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return "", err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(normal(tree["stmts"])); err != nil {
		return "", err
	}
	return out.String(), nil
}

// dropped are the fields that do not matter.
var dropped = map[string]bool{
	"location": true, "stmt_location": true, "stmt_len": true, "name_location": true, "type_location": true,
	"funcformat": true, "row_format": true, "coerceformat": true, "list_start": true, "list_end": true,
}

// frameBetween is the flag that a frame was given by two bounds.
const frameBetween = 0x10

func normal(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for k := range v {
			if dropped[k] {
				delete(v, k)
				continue
			}
			v[k] = normal(v[k])
		}
		if s, ok := v["SortBy"].(map[string]any); ok {
			sortBy(s)
		}
		if s, ok := v["IndexElem"].(map[string]any); ok {
			sortBy(s)
		}
		if c, ok := v["CreateStmt"].(map[string]any); ok {
			constraintsLast(c)
		}
		if r, ok := v["CreateRoleStmt"].(map[string]any); ok && r["stmt_type"] == "ROLESTMT_GROUP" {
			r["stmt_type"] = "ROLESTMT_ROLE"
		}
		if r, ok := v["RenameStmt"].(map[string]any); ok { // there is no inheritance
			if rel, ok := r["relation"].(map[string]any); ok {
				rel["inh"] = true
			}
			delete(r, "behavior")
		}
		if l, ok := v["TableLikeClause"].(map[string]any); ok && l["options"] == json.Number("2147483647") {
			l["options"] = 0x1ff // INCLUDING ALL
		}
		if i, ok := v["A_Indirection"].(map[string]any); ok {
			flattenIndirection(i)
		}
		if d, ok := v["DefElem"].(map[string]any); ok {
			defElem(d)
		}
		if v["withCheckOption"] == "LOCAL_CHECK_OPTION" {
			v["withCheckOption"] = "CASCADED_CHECK_OPTION"
		}
		if limit, ok := v["limitCount"].(map[string]any); ok {
			if c, ok := limit["A_Const"].(map[string]any); ok && c["isnull"] == true { // LIMIT ALL
				delete(v, "limitCount")
				v["limitOption"] = "LIMIT_OPTION_DEFAULT"
			}
		}
		if _, ok := v["limitCount"]; !ok && v["limitOption"] == "LIMIT_OPTION_COUNT" {
			v["limitOption"] = "LIMIT_OPTION_DEFAULT"
		}
		if s, ok := v["VacuumStmt"].(map[string]any); ok {
			sortOptions(s)
		}
		if n, ok := v["frameOptions"].(json.Number); ok {
			bits, _ := n.Int64()
			v["frameOptions"] = bits &^ frameBetween
		}
	}
	return v
}

// sortBy resolves the defaults of an ORDER BY item.
func sortBy(s map[string]any) {
	dirKey, nullsKey := "sortby_dir", "sortby_nulls"
	if _, ok := s["ordering"]; ok {
		dirKey, nullsKey = "ordering", "nulls_ordering"
	}
	if s[dirKey] == "SORTBY_ASC" {
		s[dirKey] = "SORTBY_DEFAULT"
	}
	if s[nullsKey] == "SORTBY_NULLS_DEFAULT" {
		s[nullsKey] = "SORTBY_NULLS_LAST"
		if s[dirKey] == "SORTBY_DESC" {
			s[nullsKey] = "SORTBY_NULLS_FIRST"
		}
	}
}

// flattenIndirection makes ((a)[1]).b and a[1].b the same.
func flattenIndirection(i map[string]any) {
	arg, ok := i["arg"].(map[string]any)
	if !ok {
		return
	}
	inner, ok := arg["A_Indirection"].(map[string]any)
	if !ok {
		return
	}
	i["arg"] = inner["arg"]
	first, _ := inner["indirection"].([]any)
	second, _ := i["indirection"].([]any)
	i["indirection"] = append(append([]any{}, first...), second...)
}

// defElem drops the value of an option that is on: it may be left out.
func defElem(d map[string]any) {
	arg, ok := d["arg"].(map[string]any)
	if !ok {
		return
	}
	if b, ok := arg["Boolean"].(map[string]any); ok && b["boolval"] == true {
		delete(d, "arg")
	}
}

// constraintsLast moves the constraints of a table behind its columns.
func constraintsLast(c map[string]any) {
	elements, _ := c["tableElts"].([]any)
	var columns, constraints []any
	for _, e := range elements {
		if m, ok := e.(map[string]any); ok && m["Constraint"] != nil {
			constraints = append(constraints, e)
		} else {
			columns = append(columns, e)
		}
	}
	if len(elements) > 0 {
		c["tableElts"] = append(columns, constraints...)
	}
}

// sortOptions orders the options of VACUUM, which are a set.
func sortOptions(s map[string]any) {
	list, _ := s["options"].([]any)
	sort.SliceStable(list, func(i, j int) bool {
		a, _ := json.Marshal(list[i])
		b, _ := json.Marshal(list[j])
		return string(a) < string(b)
	})
}
