// Package catalogtest makes a catalogue with something of everything in it, for
// tests: what fixture.sql makes in PostgreSQL, and a stream.
package catalogtest

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/window"
)

// OID is short for the catalogue's.
type OID = catalog.OID

type maker struct {
	*catalog.Edit
	oids map[string]OID
}

// Fixture gives the snapshot.
func Fixture() *catalog.Snapshot {
	next := types.FirstUserOID
	m := &maker{oids: map[string]OID{}}
	m.Edit = catalog.New().Edit(func() OID { next++; return next - 1 })
	m.roles()
	m.types()
	m.users()
	m.orders()
	m.items()
	m.views()
	m.stream()
	m.comments()
	return m.Publish()
}

func (m *maker) oid(name string) OID {
	if m.oids[name] == 0 {
		m.oids[name] = m.NewOID()
	}
	return m.oids[name]
}

func (m *maker) roles() {
	m.PutRole(&catalog.Role{OID: m.oid("staff"), Name: "staff", Inherit: true, ConnLimit: -1})
	m.PutRole(&catalog.Role{
		OID: m.oid("alice"), Name: "alice", Inherit: true, Login: true, ConnLimit: -1, Member: []OID{m.oid("staff")},
		Config: map[string]string{"work_mem": "8MB"},
	})
	m.PutSchema(&catalog.Schema{OID: m.oid("app"), Name: "app", Owner: m.oid("alice"), ACL: []catalog.ACLItem{
		{Grantee: m.oid("alice"), Grantor: m.oid("alice"), Privs: "UC"}, {Grantor: m.oid("alice"), Privs: "U"},
	}})
}

func (m *maker) types() {
	mood := &types.Type{
		OID: m.oid("mood"), Name: "mood", Schema: catalog.PublicOID, Kind: types.Int, Class: types.Enum, Category: 'E', Len: 4, ByVal: true,
		Align: 'i', Storage: 'p', Delim: ',', BaseMod: types.NoMod, Owner: catalog.BootstrapRole,
	}
	for i, l := range []string{"sad", "ok", "happy"} {
		mood.Labels = append(mood.Labels, types.Label{Name: l, Key: int64(i+1) * types.LabelGap, OID: m.NewOID()})
	}
	m.putType(mood)
	m.putType(&types.Type{
		OID: m.oid("posint"), Name: "posint", Schema: catalog.PublicOID, Kind: types.Int, Class: types.Domain, Category: 'N', Len: 4, ByVal: true,
		Align: 'i', Storage: 'p', Delim: ',', Base: types.TInt4, BaseMod: types.NoMod, NotNull: true, Owner: catalog.BootstrapRole,
	})
	m.PutDomain(&catalog.DomainDef{OID: m.oid("posint"), Default: "1", Constraints: []*catalog.Constraint{
		{OID: m.oid("posint_check"), Name: "posint_check", Kind: catalog.Check, Expr: "(VALUE > 0)", Valid: true},
	}})
	m.relation(&catalog.Relation{Name: "addr", Kind: catalog.Composite, Columns: []catalog.Column{col("street", types.TText), col("zip", types.TInt4)}})
	m.relation(&catalog.Relation{Name: "seq1", Kind: catalog.Sequence, ACL: []catalog.ACLItem{
		{Grantee: catalog.BootstrapRole, Grantor: catalog.BootstrapRole, Privs: "rwU"}, {Grantee: m.oid("staff"), Grantor: catalog.BootstrapRole, Privs: "U"},
	}, Seq: &catalog.SequenceDef{TypeOID: types.Int4OID, Start: 10, Increment: 5, Min: 1, Max: 1000, Cache: 1, Cycle: true}})
}

func (m *maker) putType(t *types.Type) {
	t.Array = catalog.ArrayType(t, m.oid("_"+t.Name), "_"+t.Name)
	m.PutType(t)
}

func col(name string, t *types.Type) catalog.Column {
	return catalog.Column{Name: name, TypeOID: t.OID, Mod: types.NoMod}
}

// relation puts a relation with its row type into public unless it says
// otherwise.
func (m *maker) relation(r *catalog.Relation) *catalog.Relation {
	r.OID = m.oid(r.Name)
	if r.Schema == 0 {
		r.Schema = catalog.PublicOID
	}
	if r.Owner == 0 {
		r.Owner = catalog.BootstrapRole
	}
	r.Persistence = 'p'
	if r.Kind != catalog.Index && r.Kind != catalog.Sequence {
		row := &types.Type{
			OID: m.oid("row " + r.Name), Name: r.Name, Schema: r.Schema, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1,
			Align: 'd', Storage: 'x', Delim: ',', Rel: r.OID, BaseMod: types.NoMod, Owner: r.Owner,
		}
		for _, c := range r.Columns {
			row.Fields = append(row.Fields, types.Field{Name: c.Name, Type: m.TypeByOID(c.TypeOID), Mod: c.Mod, Dropped: c.Dropped})
		}
		r.RowType = row.OID
		m.putType(row)
	}
	m.PutRelation(r)
	return r
}

// index puts an index on a table that names it among its indexes already.
func (m *maker) index(name, table string, x *catalog.IndexDef, deps ...catalog.Dep) {
	t := m.RelationByOID(m.oid(table))
	x.Table, x.Method, x.Valid = t.OID, "btree", true
	if x.NKeys == 0 {
		x.NKeys = len(x.Keys)
	}
	for i := range x.Keys {
		if k := &x.Keys[i]; k.Column > 0 {
			k.TypeOID, k.Mod = t.Columns[k.Column-1].TypeOID, t.Columns[k.Column-1].Mod
		}
	}
	r := &catalog.Relation{Name: name, Kind: catalog.Index, Schema: t.Schema, Owner: t.Owner, Index: x, Deps: deps}
	for _, k := range x.Keys {
		if k.Expr != "" {
			r.Columns = append(r.Columns, catalog.Column{Name: "lower", TypeOID: k.TypeOID, Mod: k.Mod, Collation: 100})
		}
	}
	m.relation(r)
	t = t.Clone()
	t.Indexes = append(t.Indexes, r.OID)
	m.PutRelation(t)
}

func (m *maker) users() {
	id := col("id", types.TInt4)
	id.NotNull, id.Default, id.Seq = true, "nextval('users_id_seq'::regclass)", m.oid("users_id_seq")
	id.Deps = []catalog.Dep{{Object: m.oid("users_id_seq"), Kind: catalog.DepNormal}}
	email := col("email", types.TVarchar)
	email.Mod, email.NotNull = 104, true
	email.ACL = []catalog.ACLItem{{Grantee: m.oid("staff"), Grantor: catalog.BootstrapRole, Privs: "rw"}}
	name := col("name", types.TText)
	name.Default = "'anon'::text"
	balance := col("balance", types.TNumeric)
	balance.Mod = 786438
	ts := col("ts", types.TTimestamptz)
	ts.Mod, ts.Default = 3, "now()"
	gone := col("gone", types.TInt4)
	gone.Dropped, gone.Default = true, "3"
	ch := col("ch", types.TBpchar)
	ch.Mod = 7
	iv := col("iv", types.TInterval)
	iv.Mod = 470286339
	con := func(name string, kind catalog.ConKind, n int16) *catalog.Constraint {
		return &catalog.Constraint{OID: m.oid("con " + name), Name: name, Kind: kind, Columns: []int16{n}, Index: m.oid(name), Valid: true}
	}
	m.relation(&catalog.Relation{
		Name: "users", Kind: catalog.Table, Columns: []catalog.Column{
			id, email, name, col("mood", m.TypeByOID(m.oid("mood"))), col("age", m.TypeByOID(m.oid("posint"))), col("a", m.TypeByOID(m.oid("row addr"))),
			col("tags", types.TText.Array), balance, ts, gone, ch, iv,
		},
		Constraints: []*catalog.Constraint{con("users_pkey", catalog.Primary, 1), con("users_email_key", catalog.Unique, 2)},
		ACL: []catalog.ACLItem{
			{Grantee: catalog.BootstrapRole, Grantor: catalog.BootstrapRole, Privs: "arwdDxt"}, {Grantor: catalog.BootstrapRole, Privs: "r"},
		},
	})
	m.relation(&catalog.Relation{Name: "users_id_seq", Kind: catalog.Sequence, Seq: &catalog.SequenceDef{
		TypeOID: types.Int4OID, Start: 1, Increment: 1, Min: 1, Max: 2147483647, Cache: 1, OwnerTable: m.oid("users"), OwnerColumn: 1,
	}})
	m.index("users_pkey", "users", &catalog.IndexDef{Keys: []catalog.IndexKey{{Column: 1}}, Unique: true, Primary: true, Constraint: m.oid("con users_pkey")})
	m.index("users_email_key", "users", &catalog.IndexDef{Keys: []catalog.IndexKey{{Column: 2}}, Unique: true, Constraint: m.oid("con users_email_key")})
	m.index("users_email", "users", &catalog.IndexDef{
		Keys: []catalog.IndexKey{{Column: 2, OpClass: varcharPatternOps}, {Column: 3, Desc: true, Collation: 950}}, Unique: true, NullsNotDistinct: true,
	})
}

const varcharPatternOps = 4218

func (m *maker) orders() {
	id := col("id", types.TInt8)
	id.NotNull, id.Identity, id.Seq = true, 'a', m.oid("orders_id_seq")
	user := col("user_id", types.TInt4)
	user.NotNull = true
	doubled := col("doubled", types.TNumeric)
	doubled.Generated = "(total * (2)::numeric)"
	total := []catalog.Dep{{Object: m.oid("orders"), Column: 3, Kind: catalog.DepNormal}}
	doubled.Deps = total
	m.relation(&catalog.Relation{
		Name: "orders", Kind: catalog.Table, Options: []string{"fillfactor=70"},
		Columns: []catalog.Column{id, user, col("total", types.TNumeric), doubled, col("Odd name", types.TInt4)},
		Constraints: []*catalog.Constraint{
			{OID: m.oid("con orders_pkey"), Name: "orders_pkey", Kind: catalog.Primary, Columns: []int16{1}, Index: m.oid("orders_pkey"), Valid: true},
			{OID: m.oid("orders_total_check"), Name: "orders_total_check", Kind: catalog.Check, Columns: []int16{3}, Expr: "(total >= (0)::numeric)", Deps: total, Valid: true},
			{
				OID: m.oid("orders_user_id_fkey"), Name: "orders_user_id_fkey", Kind: catalog.Foreign, Columns: []int16{2}, RefTable: m.oid("users"),
				RefColumns: []int16{1}, Index: m.oid("users_pkey"), OnDelete: 'c', OnUpdate: 'a', Valid: true,
			},
		},
		ACL: []catalog.ACLItem{
			{Grantee: catalog.BootstrapRole, Grantor: catalog.BootstrapRole, Privs: "arwdDxt"},
			{Grantee: m.oid("alice"), Grantor: catalog.BootstrapRole, Privs: "r*w*"},
		},
	})
	m.relation(&catalog.Relation{Name: "orders_id_seq", Kind: catalog.Sequence, Seq: &catalog.SequenceDef{
		TypeOID: types.Int8OID, Start: 1, Increment: 1, Min: 1, Max: 9223372036854775807, Cache: 1, OwnerTable: m.oid("orders"), OwnerColumn: 1,
	}})
	m.index("orders_pkey", "orders", &catalog.IndexDef{Keys: []catalog.IndexKey{{Column: 1}}, Unique: true, Primary: true, Constraint: m.oid("con orders_pkey")})
	m.index("orders_user", "orders", &catalog.IndexDef{Keys: []catalog.IndexKey{{Column: 2, Desc: true, NullsFirst: true}, {Column: 5}, {Column: 3}}, NKeys: 2})
	m.index("orders_expr", "orders", &catalog.IndexDef{
		Keys: []catalog.IndexKey{{Expr: "lower((total)::text)", TypeOID: types.TextOID, Mod: types.NoMod}}, Predicate: "(total > (0)::numeric)",
	}, total...)
}

func (m *maker) items() {
	k, n := col("k", types.TText), col("n", types.TInt4)
	k.NotNull, n.NotNull = true, true
	m.relation(&catalog.Relation{
		Name: "items", Kind: catalog.Table, Schema: m.oid("app"), Owner: m.oid("alice"), Columns: []catalog.Column{k, n},
		Constraints: []*catalog.Constraint{
			{OID: m.oid("con items_pkey"), Name: "items_pkey", Kind: catalog.Primary, Columns: []int16{1, 2}, Index: m.oid("items_pkey"), Valid: true},
		},
	})
	m.index("items_pkey", "items", &catalog.IndexDef{
		Keys: []catalog.IndexKey{{Column: 1}, {Column: 2}}, Unique: true, Primary: true, Constraint: m.oid("con items_pkey"),
	})
	m.relation(&catalog.Relation{
		Name: "sub", Kind: catalog.Table, Schema: m.oid("app"), Columns: []catalog.Column{col("k", types.TText), col("n", types.TInt4), col("q", types.TInt4)},
		Constraints: []*catalog.Constraint{{
			OID: m.oid("sub_fk"), Name: "sub_fk", Kind: catalog.Foreign, Columns: []int16{1, 2}, RefTable: m.oid("items"), RefColumns: []int16{1, 2},
			Index: m.oid("items_pkey"), OnUpdate: 'n', OnDelete: 'd', MatchFull: true, Deferrable: true, Deferred: true, Valid: true,
		}},
	})
}

func (m *maker) views() {
	email := col("email", types.TVarchar)
	email.Mod = 104
	m.relation(&catalog.Relation{
		Name: "v_orders", Kind: catalog.View, Columns: []catalog.Column{email, col("total", types.TNumeric)},
		View: &catalog.ViewDef{SQL: "SELECT u.email, o.total FROM orders o JOIN users u ON u.id = o.user_id"},
		Deps: []catalog.Dep{
			{Object: m.oid("orders"), Column: 3, Kind: catalog.DepNormal}, {Object: m.oid("orders"), Column: 2, Kind: catalog.DepNormal},
			{Object: m.oid("users"), Column: 2, Kind: catalog.DepNormal}, {Object: m.oid("users"), Column: 1, Kind: catalog.DepNormal},
		},
	})
	m.relation(&catalog.Relation{
		Name: "mv_totals", Kind: catalog.MatView, Columns: []catalog.Column{col("user_id", types.TInt4), col("total", types.TNumeric)},
		View: &catalog.ViewDef{SQL: "SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id"},
		Deps: []catalog.Dep{
			{Object: m.oid("orders"), Column: 3, Kind: catalog.DepNormal}, {Object: m.oid("orders"), Column: 2, Kind: catalog.DepNormal},
		},
	})
	m.index("mv_totals_u", "mv_totals", &catalog.IndexDef{Keys: []catalog.IndexKey{{Column: 1}}, Unique: true})
}

// stream makes what PostgreSQL has not: a stream with its companion.
func (m *maker) stream() {
	ts := col("ts", types.TTimestamptz)
	ts.NotNull = true
	cols := []catalog.Column{ts, col("sensor_id", types.TInt4), col("value", types.TFloat8)}
	m.relation(&catalog.Relation{
		Name: "readings", Kind: catalog.Stream, Schema: m.oid("app"), Columns: cols, Options: []string{"retention=7 days"},
		Stream: &catalog.StreamDef{Time: 1, Rules: window.Rules{Delay: 5000000, Skew: window.DefaultSkew}, Late: m.oid("readings_late")},
	})
	m.relation(&catalog.Relation{
		Name: "readings_late", Kind: catalog.Table, Schema: m.oid("app"),
		Columns: append(append([]catalog.Column(nil), cols...), col("late_at", types.TTimestamptz), col("watermark", types.TTimestamptz)),
		Stream:  &catalog.StreamDef{LateOf: m.oid("readings")},
	})
}

func (m *maker) comments() {
	for k, text := range map[catalog.CommentKey]string{
		{Object: m.oid("orders"), Class: 1259}: "the orders", {Object: m.oid("orders"), Class: 1259, Sub: 3}: "the total",
		{Object: m.oid("app"), Class: 2615}: "the app", {Object: m.oid("alice"), Class: 1260}: "a user", {Object: m.oid("mood"), Class: 1247}: "a mood",
	} {
		m.PutComment(k, &text)
	}
}
