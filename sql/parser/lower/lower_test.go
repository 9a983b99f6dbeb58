package lower

import (
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser/canon"
	"github.com/streamsqld/streamsqld/sql/parser/tidb"
)

// TestForgedTexts wants a text that does not fit its annex, or that is not of
// the reader's making, to be a bug and never a crash.
func TestForgedTexts(t *testing.T) {
	var b canon.Builder
	op := &ast.BinaryOp{Op: "||"}
	b.Node(op, canon.Arg{Piece: b.Text("x"), To: &op.L}, canon.Arg{Piece: b.Text("x"), To: &op.R}) // k0
	b.Node(&ast.TableRef{})                                                                        // k1
	sub := &ast.SubLink{Query: &ast.Select{}}
	b.Node(sub, canon.Arg{Piece: b.Text("x"), ToQuery: sub.Query}) // k2
	b.Node(&canon.QueryTail{OrderBy: make([]ast.SortItem, 2)})     // k3
	b.Node(&ast.Delete{})                                          // k4
	b.Node(&ast.SubqueryRef{})                                     // k5
	for _, sql := range []string{
		"SELECT k0", "SELECT k0($a)", "SELECT k0($a, $b, $c)", "SELECT k9", "SELECT k9($a)", "SELECT k1", "SELECT k1($a)",
		"SELECT k2($a)", "SELECT 1 FROM k0", "SELECT 1 FROM k9", "SELECT 1 FROM $t", "SELECT a", "SELECT f(1)", "SELECT $a.b",
		"SELECT 1 AS x", "SELECT 1 ORDER BY k3", "SELECT 1 ORDER BY $a, k3", "WITH k0 AS (SELECT 1) SELECT 2",
		"WITH x AS (SELECT 1) SELECT 2", "SELECT * FROM k1", "SELECT 1 FROM (SELECT 1) AS k1",
		"SELECT 1 FROM (SELECT 1) AS x", "VALUES ROW(1)", "VALUES ROW(k0)", "VALUES ROW(1, 2), ROW(3, 4)", "SELECT $a XOR $b",
		"SELECT $a & $b", "SELECT ~ $a", "SELECT 1 IS TRUE", "SELECT CAST(1 AS CHAR)", "SELECT COUNT(1)", "SELECT @x",
		"(SELECT 1) UNION SELECT 2 LIMIT 3", "INSERT INTO k1 VALUES ()", "INSERT INTO k4 VALUES ()", "UPDATE k4 SET h = 1",
		"DELETE FROM k0", "DELETE FROM k0 USING k1", "CREATE TABLE x (a int)", "SELECT ?", "SELECT $a LIKE 'x' ESCAPE 'y' FROM k9",
	} {
		text := b.Finish(b.Text(sql))
		tidb.Parse(sql, "", func(stmt tidb.Stmt) error { // refused ones do not come here
			err := Query(stmt, text, &ast.Select{})
			dml := DML(stmt, text)
			slots := Slots(stmt, text, make([]canon.Hole, 3))
			for _, err := range []error{err, dml, slots} {
				if err != nil && pgerr.CodeOf(err) != pgerr.InternalError {
					t.Errorf("%s: %v", sql, err)
				}
			}
			if err == nil || dml == nil || slots == nil {
				t.Errorf("%s is taken: %v, %v, %v", sql, err, dml, slots)
			}
			return nil
		})
	}
}
