package ddl

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// streamOption reads an option of a stream into its definition.
type streamOption func(d *catalog.StreamDef, name, value string) error

// streamOptions are the WITH options of CREATE STREAM.
var streamOptions = map[string]streamOption{
	"on_late": onLate, "idle_timeout": duration(func(d *catalog.StreamDef, us int64) { d.Rules.Idle = us }),
	"max_future_skew": duration(func(d *catalog.StreamDef, us int64) { d.Rules.Skew = us }),
	"retention":       notYet, "rate_limit": notYet, "burst": notYet, "dedup_key": notYet, "dedup_window": notYet, "on_error": notYet, "connector": notYet,
}

func notYet(_ *catalog.StreamDef, name, _ string) error {
	return pgerr.NotSupported("option \"%s\" of a stream", name)
}

func onLate(d *catalog.StreamDef, name, value string) error {
	switch strings.ToLower(value) {
	case "divert":
		d.OnLateDrop = false
	case "drop":
		d.OnLateDrop = true
	default:
		return badOption(name, value).WithHint("Available values: divert, drop.")
	}
	return nil
}

func badOption(name, value string) *pgerr.Error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid value for option \"%s\": \"%s\"", name, value)
}

// duration reads an interval without months into microseconds.
func duration(set func(d *catalog.StreamDef, us int64)) streamOption {
	return func(d *catalog.StreamDef, name, value string) error {
		v, err := types.ParseInterval(types.DefaultEnv, value, types.NoMod)
		if err != nil {
			return badOption(name, value).WithDetail("It is not an interval.")
		}
		us, ok := span(v)
		if !ok || us < 0 {
			return badOption(name, value).WithDetail("It must be an interval without months that is not negative.")
		}
		set(d, us)
		return nil
	}
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// span is the length of an interval without months in microseconds, a day having 24
// hours; ok is false when it has months or is too long.
func span(v types.Interval) (us int64, ok bool) {
	days := int64(v.Days) * microsPerDay
	sum := days + v.Micros
	return sum, v.Months == 0 && (days^sum)&(v.Micros^sum) >= 0
}

// streamOptions reads WITH of CREATE STREAM.
func (t *newTable) streamOptions() error {
	t.rel.Kind = catalog.Stream
	t.rel.Stream = &catalog.StreamDef{Rules: window.Rules{Skew: window.DefaultSkew}}
	seen := map[string]bool{}
	for _, o := range t.st.Options {
		if seen[o.Name] {
			return pgerr.New(pgerr.InvalidParameterValue, "parameter \"%s\" specified more than once", o.Name).At(o.Pos)
		}
		seen[o.Name] = true
		if err := setStreamOption(t.rel, o); err != nil {
			return err
		}
	}
	if t.st.Watermark == nil {
		for _, name := range []string{"on_late", "idle_timeout", "max_future_skew"} {
			if seen[name] {
				return pgerr.New(pgerr.InvalidParameterValue, "option \"%s\" needs a watermark", name).
					WithHint("Declare one: WATERMARK FOR ts AS ts - INTERVAL '5 seconds'.")
			}
		}
	}
	return nil
}

// setStreamOption applies an option of a stream and keeps its text.
func setStreamOption(rel *catalog.Relation, o ast.Option) error {
	set, ok := streamOptions[o.Name]
	if !ok {
		return pgerr.New(pgerr.InvalidParameterValue, "unrecognized option \"%s\" of a stream", o.Name).
			WithHint("Known options: %s.", knownList(streamOptions)).At(o.Pos)
	}
	v := optionText(o)
	if err := set(rel.Stream, o.Name, v); err != nil {
		return pgerr.AtPos(err, o.Pos)
	}
	rel.Options = append(withoutOption(rel.Options, o.Name), o.Name+"="+v)
	return nil
}

// withoutOption gives options without the one of that name.
func withoutOption(list []string, name string) []string {
	var out []string
	for _, o := range list {
		if !strings.HasPrefix(o, name+"=") {
			out = append(out, o)
		}
	}
	return out
}

func uniqueStream() *pgerr.Error {
	return pgerr.New(pgerr.FeatureNotSupported, "a unique constraint on a stream is not supported").
		WithHint("To ignore repeated rows, give the stream the option dedup_key.")
}

// streamConstraint refuses the constraints that a stream does not have.
func (t *newTable) streamConstraint(c *ast.Constraint) error {
	if !t.st.Stream {
		return nil
	}
	return streamConstraint(c)
}

func streamConstraint(c *ast.Constraint) error {
	switch c.Kind {
	case ast.ConPrimary:
		return pgerr.New(pgerr.FeatureNotSupported, "a primary key on a stream is not supported").
			WithHint("To ignore repeated rows, give the stream the option dedup_key.").At(c.Pos)
	case ast.ConUnique:
		return uniqueStream().At(c.Pos)
	case ast.ConForeign:
		return pgerr.New(pgerr.FeatureNotSupported, "a foreign key on a stream is not supported").At(c.Pos)
	}
	return nil
}

// watermark reads WATERMARK FOR (semantics §4).
func (t *newTable) watermark() error {
	w := t.st.Watermark
	if w == nil {
		return nil
	}
	c, attr := t.rel.Column(w.Column.Name)
	if c == nil {
		return pgerr.New(pgerr.UndefinedColumn, "column \"%s\" named in WATERMARK does not exist", w.Column.Name).At(w.Column.Pos)
	}
	if u := t.typeOf(c); u.OID != types.TimestampOID && u.OID != types.TimestamptzOID {
		return pgerr.New(pgerr.DatatypeMismatch, "the event time must be of type timestamp or timestamp with time zone, but column \"%s\" is of type %s",
			c.Name, t.typeName(u)).At(w.Column.Pos)
	}
	if c.Generated != "" || t.isGenerated(attr) {
		return pgerr.New(pgerr.FeatureNotSupported, "a generated column as event time is not supported").At(w.Column.Pos)
	}
	if declaredNull(t.st, c.Name) {
		return pgerr.New(pgerr.SyntaxError, "conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\"", c.Name, t.rel.Name).At(w.Pos)
	}
	c.NotNull, t.rel.Stream.Time = true, attr
	if w.Expr == nil {
		return nil
	}
	delay, err := t.delay(w, attr)
	t.rel.Stream.Rules.Delay = delay
	return err
}

func (t *newTable) isGenerated(attr int16) bool {
	for _, p := range t.defaults {
		if p.attr == attr && p.generated {
			return true
		}
	}
	return false
}

// delay reads the watermark's expression: the column, or the column less a constant.
func (t *newTable) delay(w *ast.Watermark, attr int16) (int64, error) {
	refused := func() (int64, error) {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "this watermark is not supported").
			WithHint("Write WATERMARK FOR %s AS %s - INTERVAL '5 seconds'.", catalog.QuoteIdent(w.Column.Name), catalog.QuoteIdent(w.Column.Name)).
			At(w.Expr.Position())
	}
	isTime := func(e ast.Expr) bool {
		c, ok := e.(*ast.ColumnRef)
		return ok && !c.Star && len(c.Parts) > 0 && c.Parts[len(c.Parts)-1] == w.Column.Name
	}
	bound := t.rel.Clone()
	x, err := planner.BindRow(t.planner(), w.Expr, bound, planner.RowUsing)
	if err != nil {
		return 0, err
	}
	if isTime(w.Expr) {
		return 0, nil
	}
	op, ok := w.Expr.(*ast.BinaryOp)
	call, isCall := x.X.(*plan.Call)
	if !ok || !isCall || op.Op != "-" || !isTime(op.L) || len(call.Args) != 2 {
		return refused()
	}
	k, ok := call.Args[1].(*plan.Const)
	if !ok || k.Typ.OID != types.IntervalOID || k.Val.IsNull() {
		return refused()
	}
	us, ok := span(k.Val.Interval())
	if !ok {
		return 0, pgerr.New(pgerr.FeatureNotSupported, "a watermark delay with months is not supported").At(op.R.Position())
	}
	if us < 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "the delay of a watermark must not be negative").At(op.R.Position())
	}
	return us, nil
}

// lateSuffix ends the name of the companion that keeps a stream's late rows.
const lateSuffix = "_late"

// putLate makes the companion of a stream with a watermark.
func (t *newTable) putLate() error {
	if t.rel.Stream == nil || t.rel.Stream.Time == 0 {
		return nil
	}
	name := lateName(t.rel.Name)
	if err := t.lockName(t.schema.OID, name); err != nil {
		return err
	}
	if _, err := t.checkFree(t.schema, name); err != nil {
		return err
	}
	rel := t.current()
	late := &catalog.Relation{
		OID: t.e.NewOID(), Schema: rel.Schema, Name: name, Kind: catalog.Stream, Owner: rel.Owner, Persistence: rel.Persistence,
		Stream: &catalog.StreamDef{LateOf: rel.OID},
	}
	for i := range rel.Columns {
		late.Columns = append(late.Columns, lateColumn(&rel.Columns[i], len(late.Columns)))
	}
	for _, n := range []string{"late_at", "watermark"} {
		if c, _ := rel.Column(n); c != nil {
			return pgerr.New(pgerr.DuplicateColumn, "column \"%s\" conflicts with a column of the relation of late rows, \"%s\"", n, name)
		}
		late.Columns = append(late.Columns, catalog.Column{Name: n, TypeOID: types.TimestamptzOID, Mod: types.NoMod, Slot: len(late.Columns), Type: types.TTimestamptz})
	}
	t.putRowType(late)
	t.putNew(late)
	rel.Stream.Late = late.OID
	t.put(rel)
	return nil
}

func lateName(stream string) string { return clip(stream, maxName-len(lateSuffix)) + lateSuffix }

// lateColumn is a stream's column in its companion, which has no defaults.
func lateColumn(c *catalog.Column, slot int) catalog.Column {
	return catalog.Column{
		Name: c.Name, TypeOID: c.TypeOID, Mod: c.Mod, NotNull: c.NotNull, Dropped: c.Dropped, Slot: slot, Collation: c.Collation, Dims: c.Dims, Type: c.Type,
	}
}
