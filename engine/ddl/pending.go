package ddl

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/ast"
)

func Exec(ctx context.Context, s Session, st ast.Stmt, text string) (string, error) { return "", nil }
func Name(st ast.Stmt) string                                                       { return "" }
