package funcs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/sql/types"
)

// testTypes are the types that the vectors' "sql" lines create.
var testTypes = map[string]*types.Type{}

// runTestSQL does what the few statements in the vectors say.
func runTestSQL(t *testing.T, sql string) {
	var name, labels string
	if n, _ := fmt.Sscanf(strings.NewReplacer("(", " ( ", ")", " )").Replace(sql), "CREATE TYPE %s AS ENUM ( %s )", &name, &labels); n == 2 {
		e := &types.Type{OID: types.OID(20000 + 10*len(testTypes)), Name: name, Kind: types.Int, Class: types.Enum, Category: 'E', Len: 4, BaseMod: types.NoMod, Delim: ','}
		for i, l := range strings.Split(labels, ",") {
			e.Labels = append(e.Labels, types.Label{Name: strings.Trim(l, "'"), Key: int64(i), OID: types.OID(20001 + i)})
		}
		e.Array = &types.Type{OID: e.OID + 5, Name: "_" + name, Kind: types.Bytes, Class: types.Base, Category: 'A', Len: -1, Elem: e, BaseMod: types.NoMod, Delim: ','}
		testTypes[name], testTypes["_"+name] = e, e.Array
		return
	}
	t.Fatalf("statement %s", sql)
}

// setSetting does a SET of the vectors.
func setSetting(t *testing.T, e *Env, name, value string) {
	switch strings.ToLower(name) {
	case "timezone":
		loc, err := time.LoadLocation(value)
		if err != nil {
			t.Fatal(err)
		}
		e.Zone = &types.Zone{Name: value, Loc: loc}
	case "datestyle":
		e.DateStyle = map[string]types.DateStyle{"iso": types.DateISO, "sql": types.DateSQL, "postgres": types.DatePostgres, "german": types.DateGerman}[strings.ToLower(strings.Split(value, ",")[0])]
		if _, order, ok := strings.Cut(value, ","); ok {
			e.DateOrder = map[string]types.DateOrder{"mdy": types.OrderMDY, "dmy": types.OrderDMY, "ymd": types.OrderYMD}[strings.ToLower(strings.TrimSpace(order))]
		}
	case "intervalstyle":
		e.IntervalStyle = map[string]types.IntervalStyle{"postgres": types.IntervalPostgres, "postgres_verbose": types.IntervalPostgresVerbose, "sql_standard": types.IntervalSQLStandard, "iso_8601": types.IntervalISO8601}[value]
	case "extra_float_digits":
		e.ExtraFloatDigits = int(value[0] - '0')
	case "bytea_output":
		e.ByteaEscape = value == "escape"
	default:
		t.Fatalf("setting %s", name)
	}
}
