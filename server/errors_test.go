package server

import (
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func TestReportFields(t *testing.T) {
	e := &pgerr.Error{
		Code: "23505", Message: "m\x00m", Detail: "d\xff", Hint: "h", Pos: 8, Where: "w",
		Schema: "s", Table: "t", Column: "c", DataType: "dt", Constraint: "n", InternalPos: 3, InternalQuery: "ää",
	}
	b := appendReport(nil, e, "größer x", nil)
	var got pgproto3.ErrorResponse
	if b[0] != 'E' || got.Decode(b[5:]) != nil {
		t.Fatalf("%q", b)
	}
	want := pgproto3.ErrorResponse{
		Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "23505", Message: "m\uFFFDm", Detail: "d\uFFFD", Hint: "h", Position: 6, Where: "w",
		SchemaName: "s", TableName: "t", ColumnName: "c", DataTypeName: "dt", ConstraintName: "n", InternalPosition: 2, InternalQuery: "ää",
	}
	got.UnknownFields = nil
	if got.Severity != want.Severity || got.SeverityUnlocalized != want.SeverityUnlocalized || got.Code != want.Code || got.Message != want.Message ||
		got.Detail != want.Detail || got.Hint != want.Hint || got.Position != want.Position || got.Where != want.Where ||
		got.SchemaName != want.SchemaName || got.TableName != want.TableName || got.ColumnName != want.ColumnName ||
		got.DataTypeName != want.DataTypeName || got.ConstraintName != want.ConstraintName ||
		got.InternalPosition != want.InternalPosition || got.InternalQuery != want.InternalQuery {
		t.Errorf("%+v", got)
	}
	for _, severity := range []pgerr.Severity{pgerr.SevNotice, pgerr.SevWarning, pgerr.SevInfo} {
		if b := appendReport(nil, &pgerr.Error{Severity: severity, Code: "00000", Message: "m"}, "", nil); b[0] != 'N' {
			t.Errorf("%s is sent as %c", severity, b[0])
		}
	}
}

func TestCharPos(t *testing.T) {
	for _, tc := range []struct {
		query     string
		pos, want int32
	}{{"abc", 0, 0}, {"abc", 1, 1}, {"abc", 4, 4}, {"äbc", 3, 2}, {"äbc", 5, 4}, {"", 7, 7}, {"abc", 9, 9}} {
		if got := charPos(tc.query, tc.pos); got != tc.want {
			t.Errorf("%q, %d: %d", tc.query, tc.pos, got)
		}
	}
}

func TestSplitOptions(t *testing.T) {
	params := map[string]string{}
	if err := splitOptions(`-c a=1 -cb=2  --work-mem=4MB -c search_path=a\ b,c\\d`, params); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"a": "1", "b": "2", "work_mem": "4MB", "search_path": `a b,c\d`} {
		if params[name] != value {
			t.Errorf("%s is %q", name, params[name])
		}
	}
}
