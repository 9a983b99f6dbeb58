package ddl

import (
	"sort"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/types"
)

// optionKind is the kind of value of a storage parameter.
type optionKind uint8

const (
	boolOption optionKind = iota
	intOption
	realOption
	enumOption
)

// storageOption is a storage parameter and the values that it takes.
type storageOption struct {
	kind     optionKind
	min, max float64
	values   []string
}

const (
	maxInt4   = 2147483647
	freezeMax = 2000000000
)

// vacuumOptions are the storage parameters that tables and their TOAST tables share
// (reloptions.c).
var vacuumOptions = map[string]storageOption{
	"autovacuum_enabled": {kind: boolOption}, "autovacuum_vacuum_threshold": {kind: intOption, max: maxInt4},
	"autovacuum_vacuum_insert_threshold": {kind: intOption, min: -1, max: maxInt4}, "autovacuum_vacuum_cost_limit": {kind: intOption, min: 1, max: 10000},
	"autovacuum_vacuum_cost_delay": {kind: realOption, max: 100}, "autovacuum_vacuum_scale_factor": {kind: realOption, max: 100},
	"autovacuum_vacuum_insert_scale_factor": {kind: realOption, max: 100}, "autovacuum_freeze_min_age": {kind: intOption, max: 1000000000},
	"autovacuum_freeze_max_age": {kind: intOption, min: 100000, max: freezeMax}, "autovacuum_freeze_table_age": {kind: intOption, max: freezeMax},
	"autovacuum_multixact_freeze_min_age":   {kind: intOption, max: 1000000000},
	"autovacuum_multixact_freeze_max_age":   {kind: intOption, min: 10000, max: freezeMax},
	"autovacuum_multixact_freeze_table_age": {kind: intOption, max: freezeMax}, "log_autovacuum_min_duration": {kind: intOption, min: -1, max: maxInt4},
	"vacuum_index_cleanup": {kind: enumOption, values: []string{"auto", "on", "off", "true", "false", "yes", "no", "1", "0"}},
	"vacuum_truncate":      {kind: boolOption},
}

// heapOptions are those of tables and materialized views.
var heapOptions = func() map[string]storageOption {
	m := map[string]storageOption{
		"fillfactor": {kind: intOption, min: 10, max: 100}, "toast_tuple_target": {kind: intOption, min: 128, max: 8160},
		"parallel_workers": {kind: intOption, max: 1024}, "user_catalog_table": {kind: boolOption},
		"autovacuum_analyze_threshold": {kind: intOption, max: maxInt4}, "autovacuum_analyze_scale_factor": {kind: realOption, max: 100},
	}
	for k, v := range vacuumOptions {
		m[k] = v
		m["toast."+k] = v
	}
	return m
}()

// btreeOptions are those of indexes.
var btreeOptions = map[string]storageOption{
	"fillfactor": {kind: intOption, min: 10, max: 100}, "deduplicate_items": {kind: boolOption},
	"vacuum_cleanup_index_scale_factor": {kind: realOption, max: 1e10},
}

// relOptions checks storage parameters and gives them as name=value.
func relOptions(list []ast.Option, known map[string]storageOption) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, o := range list {
		def, ok := known[o.Name]
		if !ok {
			return nil, unknownOption(o.Name)
		}
		if seen[o.Name] {
			return nil, pgerr.New(pgerr.InvalidParameterValue, "parameter \"%s\" specified more than once", o.Name)
		}
		seen[o.Name] = true
		v := optionText(o)
		if err := def.check(plainOption(o.Name), v); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(o.Name, "toast.") {
			out = append(out, o.Name+"="+v)
		}
	}
	return out, nil
}

func plainOption(name string) string { return strings.TrimPrefix(name, "toast.") }

func unknownOption(name string) error {
	if ns, _, ok := strings.Cut(name, "."); ok && ns != "toast" {
		return pgerr.New(pgerr.InvalidParameterValue, "unrecognized parameter namespace \"%s\"", ns)
	}
	return pgerr.New(pgerr.InvalidParameterValue, "unrecognized parameter \"%s\"", plainOption(name))
}

// optionText is the value of an option as text; one without a value is true.
func optionText(o ast.Option) string {
	switch v := o.Value.(type) {
	case nil:
		return "true"
	case *ast.Literal:
		if v.Kind == ast.LitBool {
			return strconv.FormatBool(v.Bool)
		}
		return v.Text
	case *ast.UnaryOp:
		return v.Op + optionText(ast.Option{Value: v.X})
	case *ast.ColumnRef:
		return strings.Join(v.Parts, ".")
	}
	return ast.FormatExpr(o.Value)
}

func (o storageOption) check(name, v string) error {
	bounds := func(n float64, verb string) error {
		if n >= o.min && n <= o.max {
			return nil
		}
		return pgerr.New(pgerr.InvalidParameterValue, "value %s out of bounds for option \"%s\"", v, name).
			WithDetail("Valid values are between \"%s\" and \"%s\".", strconv.FormatFloat(o.min, 'f', decimals(verb), 64), strconv.FormatFloat(o.max, 'f', decimals(verb), 64))
	}
	switch o.kind {
	case boolOption:
		if _, ok := types.ParseBool(v); !ok {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid value for boolean option \"%s\": %s", name, v)
		}
	case intOption:
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid value for integer option \"%s\": %s", name, v)
		}
		return bounds(float64(n), "d")
	case realOption:
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return pgerr.New(pgerr.InvalidParameterValue, "invalid value for floating point option \"%s\": %s", name, v)
		}
		return bounds(n, "f")
	case enumOption:
		for _, x := range o.values {
			if strings.EqualFold(x, v) {
				return nil
			}
		}
		return pgerr.New(pgerr.InvalidParameterValue, "invalid value for enum option \"%s\": %s", name, v).
			WithDetail("Valid values are \"on\", \"off\", and \"auto\".")
	}
	return nil
}

func decimals(verb string) int {
	if verb == "f" {
		return 6
	}
	return 0
}

// knownList lists names for a message, in order of the alphabet.
func knownList[V any](m map[string]V) string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
