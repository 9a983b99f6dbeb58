package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// otherWords are the kinds of object that there are none of, or none but PostgreSQL's
// own, as messages name them.
var otherWords = map[ast.ObjectKind]string{
	ast.ObjFunction: "function", ast.ObjAggregate: "aggregate", ast.ObjProcedure: "procedure", ast.ObjRoutine: "routine",
	ast.ObjExtension: "extension", ast.ObjCollation: "collation",
	ast.ObjLanguage: "language", ast.ObjTablespace: "tablespace", ast.ObjPublication: "publication", ast.ObjSubscription: "subscription",
	ast.ObjServer: "server", ast.ObjForeignTable: "foreign table", ast.ObjForeignDataWrapper: "foreign-data wrapper",
	ast.ObjEventTrigger: "event trigger", ast.ObjConversion: "conversion",
	ast.ObjAccessMethod: "access method", ast.ObjSink: "sink", ast.ObjConnection: "connection",
}

// ownNames are the catalogues in which PostgreSQL's own objects of a kind are, and
// the column of their name.
var ownNames = map[ast.ObjectKind][2]string{
	ast.ObjFunction: {"pg_proc", "proname"}, ast.ObjAggregate: {"pg_proc", "proname"}, ast.ObjRoutine: {"pg_proc", "proname"},
	ast.ObjCollation: {"pg_collation", "collname"}, ast.ObjLanguage: {"pg_language", "lanname"}, ast.ObjTablespace: {"pg_tablespace", "spcname"},
	ast.ObjConversion: {"pg_conversion", "conname"}, ast.ObjAccessMethod: {"pg_am", "amname"},
}

// dropOther runs DROP for the kinds of object that users cannot make: what does not
// exist is said to be missing, as PostgreSQL does, so that scripts with IF EXISTS run.
func (r *run) dropOther(st *ast.Drop) error {
	word, ok := otherWords[st.Kind]
	if !ok {
		return pgerr.NotSupported("DROP %s", kindName(st.Kind))
	}
	for _, n := range st.Names {
		if err := r.dropMissing(st, n, word); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) dropMissing(st *ast.Drop, n ast.Name, word string) error {
	switch st.Kind {
	case ast.ObjExtension:
		if n.Object == "streamsql" || n.Object == "plpgsql" {
			return pgerr.NotSupported("DROP EXTENSION %s", n.Object)
		}
	}
	if t, ok := ownNames[st.Kind]; ok && inTable(t, n.Object) {
		return pgerr.New(pgerr.DependentObjectsStillExist, "cannot drop %s %s because it is required by the database system", word, n.Object)
	}
	name, code := "\""+n.String()+"\"", pgerr.UndefinedObject
	missing := "%s %s does not exist"
	switch st.Kind {
	case ast.ObjFunction, ast.ObjAggregate, ast.ObjProcedure, ast.ObjRoutine:
		if code = pgerr.UndefinedFunction; !st.IfExists {
			missing = "could not find a %s named %s"
		} else {
			name = n.String() + "()"
		}
	case ast.ObjCollation:
		if !st.IfExists {
			missing = "%s %s for encoding \"UTF8\" does not exist"
		}
	}
	if st.IfExists {
		r.notice(pgerr.SuccessfulCompletion, missing+", skipping", word, name)
		return nil
	}
	return pgerr.New(code, missing, word, name)
}

func inTable(t [2]string, name string) bool {
	tab := pgdata.Load(t[0])
	at := tab.Column(t[1])
	for _, row := range tab.Rows {
		if strings.EqualFold(row[at], name) {
			return true
		}
	}
	return false
}
