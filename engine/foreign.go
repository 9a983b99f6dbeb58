package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// foreignKeys checks referential integrity for one statement: what it has changed
// is collected, and looked at when the statement is done, as PostgreSQL does, or put
// off to the end of the transaction. Deferrable unique constraints go the same way.
type foreignKeys struct {
	s   *Session
	rel *catalog.Relation
	// refs are the relation's own foreign keys; referring are those of others to it.
	refs      []*catalog.Constraint
	referring []reference
	// newRows have to find their parents, oldRows may have lost their children.
	newRows []newRows
	gone    []*vec.Batch   // old versions, one batch per element of …
	became  []*vec.Batch   // … their new versions, nil when deleted …
	left    []bool         // … which went to another partition
	keyed   []pendingCheck // new keys of deferrable unique constraints
}

// newRows are rows that were inserted, or the new versions of others.
type newRows struct {
	rows *vec.Batch
	old  *vec.Batch // nil: inserted
}

// to gives the rows that have to find a parent by a foreign key of these columns: a
// version that keeps its key has found it.
func (n newRows) to(lay *layout, attrs []int16) *vec.Batch {
	if n.old == nil {
		return n.rows
	}
	var sel []int32
	for i := range n.rows.N {
		if !sameKey(lay, attrs, n.old, n.rows, i) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) == n.rows.N {
		return n.rows
	}
	return gatherRows(n.rows, sel)
}

// reference is a foreign key of another relation.
type reference struct {
	child *catalog.Relation
	con   *catalog.Constraint
}

// foreignKeys finds the foreign keys that changes of a relation touch.
func (s *Session) foreignKeys(r *catalog.Relation) *foreignKeys {
	snap := s.systemContext().Snapshot
	f := &foreignKeys{s: s, rel: r, refs: s.e.def(r, snap).refs}
	children, cons := snap.ForeignKeysTo(r.OID)
	for i, c := range cons {
		f.referring = append(f.referring, reference{children[i], c})
	}
	return f
}

// layout is the relation's.
func (f *foreignKeys) layout() *layout { return f.s.e.def(f.rel, f.s.tx.catalog()).layout }

// added notes new rows, live columns in order.
func (f *foreignKeys) added(b *vec.Batch) {
	if len(f.refs) > 0 {
		f.newRows = append(f.newRows, newRows{rows: b})
	}
}

// moved notes rows that went to another partition: what refers to the partitioned table
// sees an update, what refers to the partition a deletion.
func (f *foreignKeys) moved(before, after *vec.Batch) {
	if len(f.referring) > 0 {
		f.gone, f.became, f.left = append(f.gone, before), append(f.became, after), append(f.left, true)
	}
}

// changed notes rows that were updated, or (after is nil) deleted.
func (f *foreignKeys) changed(before, after *vec.Batch) {
	if len(f.referring) > 0 {
		f.gone, f.became, f.left = append(f.gone, before), append(f.became, after), append(f.left, false)
	}
	if after != nil && len(f.refs) > 0 {
		f.newRows = append(f.newRows, newRows{after, before})
	}
}

// check does what the constraints ask for.
func (f *foreignKeys) check(ctx context.Context) error {
	for i, before := range f.gone {
		for _, ref := range f.referring {
			err := error(nil)
			if f.left[i] {
				err = f.parentLeft(ctx, ref, before, f.became[i])
			} else {
				err = f.parentChanged(ctx, ref, before, f.became[i])
			}
			if err != nil {
				return err
			}
		}
	}
	lay := f.layout()
	for _, n := range f.newRows {
		for _, c := range f.refs {
			b := n.to(lay, c.Columns)
			if b.N == 0 {
				continue
			}
			if f.s.tx.deferral.modes.deferred(c) {
				f.s.tx.later(pendingCheck{kind: newChild, con: c.OID, rel: f.rel.OID, keys: keysOf(lay, c.Columns, b, allRows(b.N))})
				continue
			}
			if err := f.findParents(ctx, c, columnsOf(lay, c.Columns, b), false); err != nil {
				return err
			}
		}
	}
	return f.checkKeyed(ctx)
}

// parentLeft acts for a foreign key that refers to rows which went to another partition:
// they were updated in the table that it names, or deleted if that is the partition.
func (f *foreignKeys) parentLeft(ctx context.Context, ref reference, before, after *vec.Batch) error {
	snap := f.s.systemContext().Snapshot
	con, _ := snap.ConstraintByOID(ref.con.OID)
	if con == nil || con.RefTable == f.rel.OID {
		return f.parentChanged(ctx, ref, before, nil)
	}
	named := f.s.foreignKeys(snap.RelationByOID(con.RefTable))
	return named.parentChanged(ctx, reference{ref.child, con}, mapRows(f.rel, named.rel, before), mapRows(f.rel, named.rel, after))
}

// checkKeyed looks at deferrable unique constraints.
func (f *foreignKeys) checkKeyed(ctx context.Context) error {
	snap := f.s.systemContext().Snapshot
	for _, p := range f.keyed {
		if c, _ := snap.ConstraintByOID(p.con); c != nil && f.s.tx.deferral.modes.deferred(c) {
			f.s.tx.later(p)
			continue
		}
		if err := f.s.checkPending(ctx, snap, p); err != nil {
			return err
		}
	}
	f.keyed = nil
	return nil
}

// columnsOf gives these columns of a batch, which keeps them.
func columnsOf(lay *layout, attrs []int16, b *vec.Batch) *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Vec, len(attrs)), N: b.N}
	for j, attr := range attrs {
		out.Cols[j] = b.Cols[columnAt(lay, attr)]
	}
	return out
}

// columnAt gives the position of an attribute among the live columns.
func columnAt(lay *layout, attr int16) int {
	for i, a := range lay.attNums {
		if a == attr {
			return i
		}
	}
	return -1
}

// findParents fails with 23503 unless every row's parent exists; the parents are
// locked against deletion. b has the constraint's columns. Where the check was put
// off, rows that are not there any more need no parent.
func (f *foreignKeys) findParents(ctx context.Context, c *catalog.Constraint, b *vec.Batch, late bool) error {
	s := f.s
	snap := s.systemContext().Snapshot
	parent := snap.RelationByOID(c.RefTable)
	p := &parents{f: f, con: c, root: parent}
	vals := make([]types.Datum, len(c.Columns))
	for i := range b.N {
		nulls := 0
		for j := range vals {
			vals[j] = b.Cols[j].Datum(i)
			if vals[j].IsNull() {
				nulls++
			}
		}
		if nulls > 0 {
			if c.MatchFull && nulls < len(vals) {
				if gone, err := f.vanished(ctx, c, b, i, late); err != nil {
					return err
				} else if !gone {
					return f.mixed(c)
				}
			}
			continue
		}
		ok, err := p.lock(ctx, vals)
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		if gone, err := f.vanished(ctx, c, b, i, late); err != nil {
			return err
		} else if !gone {
			return f.missing(c, parent, b, i)
		}
	}
	return nil
}

// vanished tells whether the row of a check that was put off is not there any more.
func (f *foreignKeys) vanished(ctx context.Context, c *catalog.Constraint, b *vec.Batch, row int, late bool) (bool, error) {
	if !late {
		return false, nil
	}
	there, err := f.s.anyRow(ctx, f.rel, c.Columns, " IS NOT DISTINCT FROM ", rowValues(b, row), f.s.columnTypes(f.rel, c.Columns))
	return !there, err
}

// anyRow tells whether a relation now has a row with these values, of these types.
func (s *Session) anyRow(ctx context.Context, r *catalog.Relation, attrs []int16, equals string, vals []types.Datum, of []*types.Type) (bool, error) {
	where := make([]string, len(attrs))
	for j, attr := range attrs {
		where[j] = fmt.Sprintf("%s%s$%d", types.QuoteIdent(r.Columns[attr-1].Name), equals, j+1)
	}
	n := int64(0)
	err := s.asOwner(r, func() (err error) {
		n, err = s.rowsNow(ctx, s.rowsOf(r)+" WHERE "+strings.Join(where, " AND ")+" LIMIT 1", of, vals)
		return err
	})
	return n > 0, err
}

// columnTypes are the types of a relation's columns.
func (s *Session) columnTypes(r *catalog.Relation, attrs []int16) []*types.Type {
	out := make([]*types.Type, len(attrs))
	for j, attr := range attrs {
		out[j] = s.systemContext().TypeByOID(r.Columns[attr-1].TypeOID)
	}
	return out
}

// rowValues are the values of one row.
func rowValues(b *vec.Batch, row int) []types.Datum {
	out := make([]types.Datum, len(b.Cols))
	for j := range b.Cols {
		out[j] = b.Cols[j].Datum(row)
	}
	return out
}

// qualified is a relation's name in SQL.
func (s *Session) qualified(r *catalog.Relation) string {
	return types.QuoteIdent(s.schemaName(r)) + "." + types.QuoteIdent(r.Name)
}

// rowsOf names a table of whose rows all are meant, and none of those that inherit
// from it.
func (s *Session) rowsOf(r *catalog.Relation) string {
	if r.PartKey != nil {
		return s.qualified(r)
	}
	return "ONLY " + s.qualified(r)
}

// mixed is what MATCH FULL says to a key of which a part is NULL.
func (f *foreignKeys) mixed(c *catalog.Constraint) error {
	return pgerr.New(pgerr.ForeignKeyViolation, "insert or update on table \"%s\" violates foreign key constraint \"%s\"", f.rel.Name, c.Name).
		WithDetail("MATCH FULL does not allow mixing of null and nonnull key values.").WithTable(f.s.schemaName(f.rel), f.rel.Name, "", c.Name)
}

// keyOrder says which of the constraint's columns stands at each place of the
// index's key.
func keyOrder(k *indexKey, c *catalog.Constraint) []int {
	var out []int
	for _, kd := range k.def.Index.Keys[:k.def.Index.NKeys] {
		for j, ref := range c.RefColumns {
			if ref == kd.Column {
				out = append(out, j)
			}
		}
	}
	return out
}

// lockParent finds the row with a key and locks it against deletion and change of
// its key; false when there is none.
func (s *Session) lockParent(ctx context.Context, parent *catalog.Relation, w *writes, k *indexKey, key []byte) (bool, error) {
	own, err := w.rows(s.e.env, s.tx.catalog())
	if err != nil {
		return false, err
	}
	if own != nil {
		found := false
		if err := own.Lookup(k.slot, key, func(uint64) bool { found = true; return false }); err != nil || found {
			return found, err
		}
	}
	for {
		id, found := uint64(0), false
		rows := s.latestRows(parent.OID)
		if rows == nil || w.truncated {
			return false, nil
		}
		index, err := s.byIndex(rows, parent, k)
		if err != nil {
			return false, err
		}
		if err := index.Lookup(k.slot, key, func(at uint64) bool {
			found = !w.isGone(at)
			id = at
			return !found
		}); err != nil || !found {
			return false, err
		}
		if _, err := s.e.locks.acquire(ctx, &s.locker, lockTag{lockRow, parent.OID, id}, rowKeyShare, s.lockPolicy()); err != nil {
			return false, err
		}
		if now := s.latestRows(parent.OID); now != nil && now.Visible(id) {
			return true, nil
		}
	}
}

func (f *foreignKeys) missing(c *catalog.Constraint, parent *catalog.Relation, b *vec.Batch, row int) error {
	return pgerr.New(pgerr.ForeignKeyViolation, "insert or update on table \"%s\" violates foreign key constraint \"%s\"", f.rel.Name, c.Name).
		WithDetail("Key%s is not present in table \"%s\".", f.showKey(f.rel, c.Columns, b, row), parent.Name).
		WithTable(f.s.schemaName(f.rel), f.rel.Name, "", c.Name)
}

// showKey shows " (a, b)=(1, 2)", or nothing to a role that may not read these columns;
// b has them.
func (f *foreignKeys) showKey(r *catalog.Relation, cols []int16, b *vec.Batch, row int) string {
	snap := f.s.systemContext().Snapshot
	if on, _ := snap.Restricts(r, f.s.role); on {
		return ""
	}
	var names, vals []string
	for j, attr := range cols {
		if !f.s.super && !snap.ColumnAllowed(f.s.role, r, attr, "r", false) {
			return ""
		}
		names = append(names, r.Columns[attr-1].Name) // as it is: PostgreSQL quotes none here
		d := b.Cols[j].Datum(row)
		if d.IsNull() {
			vals = append(vals, "null")
			continue
		}
		vals = append(vals, f.s.systemContext().TypeByOID(r.Columns[attr-1].TypeOID).Text(&f.s.env.Env, d))
	}
	return " (" + strings.Join(names, ", ") + ")=(" + strings.Join(vals, ", ") + ")"
}

// parentChanged acts for a foreign key that refers to rows that were deleted, or
// whose key has changed. NO ACTION may be put off.
func (f *foreignKeys) parentChanged(ctx context.Context, ref reference, before, after *vec.Batch) error {
	lay := f.layout()
	action := ref.con.OnDelete
	if after != nil {
		action = ref.con.OnUpdate
	}
	later := action == 'a' && f.s.tx.deferral.modes.deferred(ref.con)
	old := columnsOf(lay, ref.con.RefColumns, before)
	var put []int32
	for i := range before.N {
		if after != nil && sameKey(lay, ref.con.RefColumns, before, after, i) || hasNull(old.Cols, i) {
			continue
		}
		if later {
			put = append(put, int32(i))
			continue
		}
		if err := f.act(ctx, ref, action, old, after, i); err != nil {
			return err
		}
	}
	if len(put) > 0 {
		f.s.tx.later(pendingCheck{kind: oldParent, con: ref.con.OID, rel: f.rel.OID, keys: keysOf(lay, ref.con.RefColumns, before, put)})
	}
	return nil
}

func sameKey(lay *layout, attrs []int16, a, b *vec.Batch, i int) bool {
	for _, attr := range attrs {
		c := columnAt(lay, attr)
		if !vec.Equal(&a.Cols[c], i, &b.Cols[c], i, lay.types[lay.slotOf(attr)]) {
			return false
		}
	}
	return true
}

// perform does what ON DELETE or ON UPDATE says for the children of one row, of which
// old has the key: by SQL, in the same transaction, over the rows as they are now:
// whoever has added a child had the parent locked.
func (f *foreignKeys) perform(ctx context.Context, ref reference, action byte, old, after *vec.Batch, row int) error {
	s := f.s
	child := s.rowsOf(ref.child)
	lay := f.layout()
	n := len(ref.con.RefColumns)
	params, key, where := s.columnTypes(f.rel, ref.con.RefColumns), rowValues(old, row), make([]string, n)
	for j, attr := range ref.con.Columns {
		where[j] = fmt.Sprintf("%s = $%d", types.QuoteIdent(ref.child.Columns[attr-1].Name), j+1)
	}
	cond := " WHERE " + strings.Join(where, " AND ")
	switch action {
	case 'c':
		if after == nil {
			return f.change(ctx, ref.child, cond, "DELETE FROM "+child+cond, params, key, nil)
		}
		sets := make([]string, n)
		var vals []types.Datum
		for j, attr := range ref.con.RefColumns {
			sets[j] = fmt.Sprintf("%s = $%d", types.QuoteIdent(ref.child.Columns[ref.con.Columns[j]-1].Name), n+j+1)
			vals = append(vals, after.Cols[columnAt(lay, attr)].Datum(row))
		}
		return f.change(ctx, ref.child, cond, "UPDATE "+child+" SET "+strings.Join(sets, ", ")+cond, params, key, vals)
	case 'n', 'd':
		cols := ref.con.Columns
		if after == nil && len(ref.con.SetColumns) > 0 {
			cols = ref.con.SetColumns
		}
		word := map[byte]string{'n': "NULL", 'd': "DEFAULT"}[action]
		sets := make([]string, len(cols))
		for j, attr := range cols {
			sets[j] = types.QuoteIdent(ref.child.Columns[attr-1].Name) + " = " + word
		}
		return f.change(ctx, ref.child, cond, "UPDATE "+child+" SET "+strings.Join(sets, ", ")+cond, params, key, nil)
	}
	return f.refuse(ctx, ref, action, old, row)
}

// refuse fails with 23503 if there are children: NO ACTION and RESTRICT. old has
// the key. Under NO ACTION another row may have the key by now.
func (f *foreignKeys) refuse(ctx context.Context, ref reference, action byte, old *vec.Batch, row int) error {
	s := f.s
	key, of := rowValues(old, row), s.columnTypes(f.rel, ref.con.RefColumns)
	if there, err := s.anyRow(ctx, ref.child, ref.con.Columns, " = ", key, of); err != nil || !there {
		return err
	}
	if action == 'a' {
		if there, err := s.anyRow(ctx, f.rel, ref.con.RefColumns, " = ", key, of); err != nil || there {
			return err
		}
	}
	return pgerr.New(pgerr.ForeignKeyViolation, "update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
		f.rel.Name, ref.con.Name, ref.child.Name).
		WithDetail("Key%s is still referenced from table \"%s\".", f.showKey(f.rel, ref.con.RefColumns, old, row), ref.child.Name).
		WithTable(s.schemaName(ref.child), ref.child.Name, "", ref.con.Name)
}

// rowsNow counts rows of the latest version, whatever the transaction reads.
func (s *Session) rowsNow(ctx context.Context, from string, params []*types.Type, args []types.Datum) (n int64, err error) {
	err = s.tx.withLatest(func() error {
		n, err = s.internalRows(ctx, "SELECT 1 FROM "+from, params, args)
		return err
	})
	return n, err
}

// change changes children: those with a key, by a statement that may take other values
// of the same types. Above READ COMMITTED it is 40001 if the transaction does not see
// them as they are.
func (f *foreignKeys) change(ctx context.Context, child *catalog.Relation, cond, sql string, params []*types.Type, key, vals []types.Datum) error {
	return f.s.asOwner(child, func() error {
		if err := f.s.seesAll(ctx, f.s.rowsOf(child)+cond, params, key); err != nil {
			return err
		}
		if len(vals) > 0 {
			params, key = slices.Concat(params, params), slices.Concat(key, vals)
		}
		was := f.s.cascading
		f.s.cascading = true
		defer func() { f.s.cascading = was }()
		return f.s.tx.withLatest(func() error { return f.s.internal(ctx, sql, params, key) })
	})
}

// seesAll fails with 40001, above READ COMMITTED, when there are other rows now than the
// transaction sees.
func (s *Session) seesAll(ctx context.Context, from string, params []*types.Type, args []types.Datum) error {
	if s.tx.iso == readCommitted {
		return nil
	}
	seen, err := s.internalRows(ctx, "SELECT 1 FROM "+from, params, args)
	if err != nil {
		return err
	}
	now, err := s.rowsNow(ctx, from, params, args)
	if err == nil && seen != now {
		err = errSerialize()
	}
	return err
}

// asOwner has fn act as the owner of a relation: who changes a row needs no privileges on
// what foreign keys look at.
func (s *Session) asOwner(r *catalog.Relation, fn func() error) error {
	user, role, super := s.user, s.role, s.super
	defer func() {
		s.user, s.role, s.super = user, role, super
		s.systemContext()
	}()
	if owner := s.systemContext().Snapshot.RoleByOID(r.Owner); owner != nil {
		s.user, s.role, s.super = owner.Name, owner.OID, owner.Super
	}
	s.systemContext()
	return fn()
}
