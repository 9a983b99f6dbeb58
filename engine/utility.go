package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/settings"
	"github.com/streamsqld/streamsqld/engine/port"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// utility runs the statements that neither read, nor write, nor define; ok is
// false for others.
func (s *Session) utility(ctx context.Context, p *prepared, args []types.Datum, sink port.Sink) (r *result, err error, ok bool) {
	switch st := p.st.Stmt.(type) {
	case *ast.SetVar:
		r, err = s.setVar(st)
	case *ast.ShowVar:
		r, err = s.show(st)
	case *ast.SetTransaction:
		r, err = s.setTransaction(st)
	case *ast.SetConstraints:
		r, err = s.setConstraints(ctx, st)
	case *ast.Prepare:
		r, err = s.prepareSQL(st, p.st.Text)
	case *ast.Execute:
		r, err = s.executeSQL(ctx, p, st, sink)
	case *ast.Deallocate:
		r, err = s.deallocate(st)
	case *ast.DeclareCursor:
		r, err = s.declare(ctx, p, st, args)
	case *ast.Fetch:
		r, err = s.fetch(ctx, st)
	case *ast.ClosePortal:
		r, err = s.closeCursor(st)
	case *ast.Listen:
		r, err = s.listen(st)
	case *ast.Unlisten:
		r, err = s.unlisten(st)
	case *ast.Notify:
		r, err = s.notifySQL(st)
	case *ast.Discard:
		r, err = s.discard(ctx, st)
	case *ast.Analyze:
		r, err = s.analyzeTables(ctx, st)
	case *ast.Reindex:
		r, err = s.reindex(ctx, st)
	case *ast.Cluster:
		r, err = s.cluster(ctx, st)
	case *ast.Lock:
		r, err = s.lock(ctx, st)
	case *ast.Checkpoint:
		r, err = tagged("CHECKPOINT"), s.e.checkpoint.now(ctx)
	case *ast.ExplainView:
		r, err = s.explainView(st)
	case *ast.CheckView:
		r, err = s.checkView(ctx, st)
	case *ast.Subscribe:
		err = pgerr.NotSupported("SUBSCRIBE").At(st.Pos)
	case *ast.Unsupported:
		err = pgerr.NotSupported("%s", st.What).At(st.Pos)
	default:
		return nil, nil, false
	}
	return r, err, true
}

// setVar runs SET and RESET.
func (s *Session) setVar(st *ast.SetVar) (*result, error) {
	tag := "SET"
	var err error
	switch {
	case st.All:
		tag = "RESET"
		s.settings.ResetAll()
	case st.Reset:
		tag = "RESET"
		err = s.resetSetting(st.Name, false)
	case st.Default:
		err = s.resetSetting(st.Name, st.Local)
	default:
		err = s.setValue(st)
	}
	if err != nil {
		return nil, err
	}
	if st.Local && !s.tx.block {
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET LOCAL can only be used in transaction blocks"))
	}
	s.settingsChanged()
	return tagged(tag), nil
}

func (s *Session) setValue(st *ast.SetVar) error {
	vals := make([]string, len(st.Values))
	for i, v := range st.Values {
		text, err := s.settingText(v)
		if err != nil {
			return err
		}
		vals[i] = text
	}
	value, err := settings.Flatten(st.Name, vals)
	if err != nil {
		return err
	}
	switch st.Name { // those that speak of the transaction under way
	case "transaction_isolation":
		return s.setModes(ast.TxModes{Isolation: strings.ToLower(value)})
	case "transaction_read_only":
		b := value == "on" || value == "true" || value == "1" || value == "yes"
		return s.setModes(ast.TxModes{ReadOnly: &b})
	}
	return s.changeSetting(st.Name, value, st.Local)
}

// settingText is a value of SET as text; SET TIME ZONE INTERVAL is the zone that lies so
// far east.
func (s *Session) settingText(e ast.Expr) (string, error) {
	c, ok := e.(*ast.TypeCast)
	if !ok || c.Type.Name.Object != "interval" {
		return optionText(e), nil
	}
	_, mod, err := planner.ResolveType(s.plannerContext(nil), &c.Type)
	if err != nil {
		return "", err
	}
	iv, err := types.ParseInterval(&s.env.Env, optionText(c.X), mod)
	if err != nil {
		return "", err
	}
	unit := ""
	switch {
	case iv.Months != 0:
		unit = "months"
	case iv.Days != 0:
		unit = "days"
	default:
		return zoneOf(iv), nil
	}
	shown := types.TInterval.Text(&s.env.Env, types.NewInterval(iv))
	return "", pgerr.New(pgerr.InvalidParameterValue, "invalid value for parameter \"TimeZone\": \"INTERVAL '%s'\"", shown).
		WithDetail("Cannot specify %s in time zone interval.", unit)
}

// zoneOf writes the time zone that lies so far east of UTC, as SHOW TIME ZONE does.
func zoneOf(iv types.Interval) string {
	east := iv.Micros / 1_000_000
	sign, other := '+', '-'
	if east < 0 {
		east, sign, other = -east, '-', '+'
	}
	text := fmt.Sprintf("%02d", east/3600)
	if rest := east % 3600; rest != 0 {
		text += fmt.Sprintf(":%02d", rest/60)
		if rest%60 != 0 {
			text += fmt.Sprintf(":%02d", rest%60)
		}
	}
	return fmt.Sprintf("<%c%s>%c%s", sign, text, other, text)
}

// rowsResult makes a result of rows of text, one batch.
func rowsResult(tag string, cols int, rows [][]string) *result {
	b := &vec.Batch{Cols: make([]vec.Vec, cols), N: len(rows)}
	for i := range b.Cols {
		b.Cols[i].Reset(types.Bytes, len(rows))
		for j, row := range rows {
			b.Cols[i].Strs[j] = row[i]
		}
	}
	return &result{src: &batchList{list: []*vec.Batch{b}}, tag: func(int64) string { return tag }}
}

func textColumn(name string) port.Column {
	return port.Column{Name: name, Type: types.TText, Mod: types.NoMod}
}

func (s *Session) showColumns(st *ast.ShowVar) []port.Column {
	if st.All {
		return []port.Column{textColumn("name"), textColumn("setting"), textColumn("description")}
	}
	return []port.Column{textColumn(s.settings.ShownName(st.Name))}
}

// show runs SHOW.
func (s *Session) show(st *ast.ShowVar) (*result, error) {
	if !st.All {
		v, err := s.settings.Show(st.Name, s.super)
		if err != nil {
			return nil, err
		}
		return rowsResult("SHOW", 1, [][]string{{v}}), nil
	}
	var rows [][]string
	for _, r := range s.settings.ShowAll(s.super) {
		rows = append(rows, []string{r.Name, r.Setting, r.Description})
	}
	return rowsResult("SHOW", 3, rows), nil
}

// prepareSQL runs PREPARE.
func (s *Session) prepareSQL(st *ast.Prepare, text string) (*result, error) {
	if s.prepared[st.Name] != nil {
		return nil, pgerr.New(pgerr.DuplicatePstatement, "prepared statement \"%s\" already exists", st.Name)
	}
	given := make([]*types.Type, len(st.Types))
	pc := s.plannerContext(nil)
	for i := range st.Types {
		t, _, err := planner.ResolveType(pc, &st.Types[i])
		if err != nil {
			return nil, err
		}
		given[i] = t
		if t.OID == types.UnknownOID {
			given[i] = nil
		}
	}
	inner := &ast.Statement{Stmt: st.Stmt, Text: st.Text, Start: 0}
	p, err := s.prepare(inner, given)
	if err != nil {
		return nil, err
	}
	inner.NumParams = len(p.params)
	p.name, p.fromSQL, p.sql = st.Name, true, text
	s.prepared[st.Name] = p
	return tagged("PREPARE"), nil
}

// executeSQL runs EXECUTE.
func (s *Session) executeSQL(ctx context.Context, outer *prepared, st *ast.Execute, sink port.Sink) (*result, error) {
	p, args, err := s.executed(ctx, st)
	if err != nil {
		return nil, err
	}
	outer.cols = p.cols
	return s.execute(ctx, p, args, sink)
}

// executed finds the statement that EXECUTE names, and evaluates its arguments.
func (s *Session) executed(ctx context.Context, st *ast.Execute) (*prepared, []types.Datum, error) {
	p := s.prepared[st.Name]
	if p == nil {
		return nil, nil, noStatement(st.Name)
	}
	if err := s.analyze(p); err != nil {
		return nil, nil, err
	}
	if len(st.Args) != len(p.params) {
		return nil, nil, pgerr.New(pgerr.SyntaxError, "wrong number of parameters for prepared statement \"%s\"", st.Name).
			WithDetail("Expected %d parameters but got %d.", len(p.params), len(st.Args))
	}
	args, err := s.constants(ctx, st.Args, p.params)
	return p, args, err
}

// constants evaluates expressions that read nothing, as values of given types.
func (s *Session) constants(ctx context.Context, list []ast.Expr, want []*types.Type) ([]types.Datum, error) {
	if len(list) == 0 {
		return nil, nil
	}
	row, meta, err := planner.Constants(s.plannerContext(nil), list, want)
	if err != nil {
		return nil, err
	}
	q := &planner.Query{Root: row, Meta: meta}
	src, err := s.openQuery(&planned{query: q}, nil)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var b vec.Batch
	if err := src.Next(ctx, &b); err != nil {
		return nil, err
	}
	out := make([]types.Datum, len(list))
	for i, at := range positions(row, row.(*plan.Values).Cols) {
		out[i] = b.Cols[at].Datum(b.Row(0))
	}
	return out, nil
}

// deallocate runs DEALLOCATE.
func (s *Session) deallocate(st *ast.Deallocate) (*result, error) {
	if st.All {
		for name := range s.prepared {
			_ = s.CloseStatement(name)
		}
		return tagged("DEALLOCATE ALL"), nil
	}
	if s.prepared[st.Name] == nil {
		return nil, noStatement(st.Name)
	}
	return tagged("DEALLOCATE"), s.CloseStatement(st.Name)
}

// discard runs DISCARD.
func (s *Session) discard(ctx context.Context, st *ast.Discard) (*result, error) {
	tag := "DISCARD " + strings.ToUpper(st.What)
	var err error
	switch st.What {
	case "plans":
		for _, p := range s.prepared {
			p.plan.discard()
			p.plan = nil
		}
	case "sequences":
		s.seqLast, s.lastSeq = nil, 0
	case "temp":
		err = s.dropTemp()
	case "all":
		if s.tx.block {
			return nil, pgerr.New(pgerr.ActiveSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
		}
		s.closePortals()
		if err := s.resetSetting("session_authorization", false); err != nil {
			return nil, err
		}
		s.settings.ResetAll()
		for name := range s.prepared {
			_ = s.CloseStatement(name)
		}
		s.e.channels.unlistenAll(s)
		s.AdvisoryUnlockAll()
		s.seqLast, s.lastSeq = nil, 0
		s.settingsChanged()
		err = s.dropTemp()
	}
	return tagged(tag), err
}

// analyzeTables runs ANALYZE and VACUUM: statistics of columns are kept as data arrives,
// and space comes back by itself, so there is nothing to do but to check the names, and
// to fill the statistics objects.
func (s *Session) analyzeTables(ctx context.Context, st *ast.Analyze) (*result, error) {
	tag := "ANALYZE"
	if st.Vacuum {
		tag = "VACUUM"
		if s.tx.block || s.tx.many {
			return nil, pgerr.New(pgerr.ActiveSQLTransaction, "VACUUM cannot run inside a transaction block")
		}
	}
	build := !st.Vacuum || st.Analyze
	if len(st.Tables) == 0 && build {
		for _, r := range s.systemContext().Relations() {
			if err := s.analyzeObjects(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	for i := range st.Tables {
		t := &st.Tables[i]
		r, err := s.relation(t.Table.Name)
		if err != nil {
			return nil, err
		}
		for _, c := range t.Columns {
			if col, _ := r.Column(c.Name); col == nil {
				return nil, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", c.Name, r.Name)
			}
		}
		if build {
			if err := s.analyzeObjects(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	if st.Vacuum {
		s.e.keeper.poke()
	}
	return tagged(tag), nil
}

var lockModes = map[string]lockMode{
	"access share": accessShare, "row share": rowShare, "row exclusive": rowExclusive, "share update exclusive": shareUpdateExclusive,
	"share": share, "share row exclusive": shareRowExclusive, "exclusive": exclusive, "access exclusive": accessExclusive,
}

// lock runs LOCK TABLE.
func (s *Session) lock(ctx context.Context, st *ast.Lock) (*result, error) {
	if !s.tx.block {
		return nil, pgerr.New(pgerr.NoActiveSQLTransaction, "LOCK TABLE can only be used in transaction blocks")
	}
	for i := range st.Tables {
		t := &st.Tables[i]
		r, err := s.relation(t.Name)
		if err != nil {
			return nil, err
		}
		if err := s.mayLock(r, lockModes[st.Mode]); err != nil {
			return nil, err
		}
		_, err = s.e.locks.acquire(ctx, &s.locker, lockTag{kind: lockRelation, rel: r.OID}, lockModes[st.Mode],
			lockPolicy{noWait: st.NoWait, timeout: s.lockPolicy().timeout})
		if err == errLockNotAvailable {
			return nil, pgerr.New(pgerr.LockNotAvailable, "could not obtain lock on relation \"%s\"", r.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return tagged("LOCK TABLE"), nil
}

// mayLock checks that the role has a privilege that LOCK in a mode asks for
// (LockTableAclCheck).
func (s *Session) mayLock(r *catalog.Relation, mode lockMode) error {
	refused := map[catalog.RelKind]string{catalog.MatView: "materialized views", catalog.Index: "indexes", catalog.Sequence: "sequences", catalog.Composite: "composite types"}
	if what := refused[r.Kind]; what != "" {
		return pgerr.New(pgerr.WrongObjectType, "cannot lock relation \"%s\"", r.Name).WithDetail("This operation is not supported for %s.", what)
	}
	kind := "table"
	if r.Kind == catalog.View {
		kind = "view"
	}
	letters := "wdD"
	switch mode {
	case accessShare:
		letters = "r"
	case rowExclusive:
		letters = "awdD"
	}
	if s.super || s.systemContext().Snapshot.RelationAllowed(s.role, r, letters, false) {
		return nil
	}
	return pgerr.New(pgerr.InsufficientPrivilege, "permission denied for %s %s", kind, r.Name)
}

// internal runs a statement of the engine's own within the transaction: what
// foreign keys do to other tables.
func (s *Session) internal(ctx context.Context, sql string, params []*types.Type, args []types.Datum) error {
	_, err := s.internalRows(ctx, sql, params, args)
	return err
}

// internalRows runs a statement and counts its rows.
func (s *Session) internalRows(ctx context.Context, sql string, params []*types.Type, args []types.Datum) (int64, error) {
	list, err := parser.Parse(sql)
	if err != nil {
		return 0, err
	}
	p, err := s.prepare(&list[0], params)
	if err != nil {
		return 0, err
	}
	r, err := s.execute(ctx, p, args, nil)
	if err != nil {
		return 0, err
	}
	defer r.close()
	var n int64
	for r.src != nil {
		var b vec.Batch
		if err := r.src.Next(ctx, &b); err != nil {
			return n, err
		}
		if b.N == 0 {
			break
		}
		n += int64(b.N)
	}
	return n, nil
}

func sprintf(format string, args []any) string { return fmt.Sprintf(format, args...) }
