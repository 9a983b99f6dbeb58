package ddl_test

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/sysfunc"
	"github.com/streamsqld/streamsqld/engine/ddl"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
)

// session is a ddl.Session over a catalogue without rows.
type session struct {
	edit     *catalog.Edit
	next     catalog.OID
	temp     catalog.OID
	role     catalog.OID
	settings map[string]string
	notices  []*pgerr.Error
}

func newSession() *session {
	s := &session{next: types.FirstUserOID, role: catalog.BootstrapRole, settings: map[string]string{"search_path": `"$user", public`}}
	s.edit = catalog.New().Edit(func() catalog.OID { s.next++; return s.next - 1 })
	return s
}

func (s *session) Edit() *catalog.Edit { return s.edit }

func (s *session) Path() catalog.Path {
	return s.edit.ResolvePath(catalog.SplitPath(s.settings["search_path"]), s.User(), s.temp)
}

func (s *session) TempSchema(make bool) catalog.OID {
	if s.temp == 0 && make {
		s.temp = s.edit.NewOID()
		s.edit.PutSchema(&catalog.Schema{OID: s.temp, Name: "pg_temp_3", Owner: catalog.BootstrapRole, Temp: true})
	}
	return s.temp
}

func (s *session) SessionUser() string { return s.User() }
func (s *session) User() string        { return s.edit.RoleName(s.role) }
func (s *session) Role() catalog.OID   { return s.role }
func (s *session) Super() bool         { return s.edit.RoleByOID(s.role).Super }

func (s *session) Planner(params []*types.Type) *planner.Context {
	env := *types.DefaultEnv
	c := &catalog.Context{Snapshot: s.edit.Snapshot, Path: s.Path(), Temp: s.temp, Role: s.role, Env: &env}
	env.Names = sysfunc.Functions{Context: c}
	return &planner.Context{
		Catalog: s.edit.Snapshot, Path: s.Path(), Temp: s.temp, Params: params, Env: &funcs.Env{Env: env},
		ParseExpr: parser.ParseExpr, Notices: s.Notice,
		ParseSQL: func(sql string) (*ast.Select, error) {
			st, err := parser.Parse(sql)
			if err != nil {
				return nil, err
			}
			return st[0].Stmt.(*ast.Select), nil
		},
	}
}

func (s *session) Setting(name string) string            { return s.settings[name] }
func (s *session) Settings() map[string]string           { return map[string]string{} }
func (s *session) CheckSetting(name, value string) error { return nil }
func (s *session) Notice(n *pgerr.Error)                 { s.notices = append(s.notices, n) }
func (s *session) InBlock() bool                         { return false }

func (s *session) Lock(context.Context, catalog.OID, ddl.LockMode) error      { return nil }
func (s *session) LockName(context.Context, catalog.OID, string) error        { return nil }
func (s *session) HasPending(catalog.OID) bool                                { return false }
func (s *session) InUse(catalog.OID) bool                                     { return false }
func (s *session) HasRows(context.Context, catalog.OID) (bool, error)         { return false, nil }
func (s *session) Any(context.Context, string) (bool, string, error)          { return false, "", nil }
func (s *session) Fill(context.Context, catalog.OID, ast.Stmt) (int64, error) { return 0, nil }
func (s *session) CheckIndex(context.Context, catalog.OID) error              { return nil }
func (s *session) CheckUnique(context.Context, catalog.OID) error             { return nil }
func (s *session) Truncate(context.Context, []catalog.OID) error              { return nil }
func (s *session) RestartSequence(*catalog.Relation, int64, bool) error       { return nil }
func (s *session) SequencePosition(seq *catalog.Relation) (int64, bool)       { return seq.Seq.Start, false }
func (s *session) Fingerprint(v *catalog.Relation, _ *catalog.Snapshot) (string, error) {
	return v.View.SQL, nil
}
func (s *session) BuildView(catalog.OID)          {}
func (s *session) PopulatedView(catalog.OID) bool { return true }

func (s *session) Value(_ context.Context, x plan.Expr) (types.Datum, error) {
	if k, ok := x.(*plan.Const); ok {
		return k.Val, nil
	}
	return types.Null, nil
}

func (s *session) Describe(context.Context, ast.Stmt) ([]planner.OutCol, error) { return nil, nil }

func (s *session) Rewrite(context.Context, *catalog.Relation, *planner.Rewrite) error { return nil }

func (s *session) DatabaseUsers(context.Context, catalog.OID, bool) (int, error) { return 0, nil }
