package tpch

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner/rules"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
	"github.com/streamsqld/streamsqld/window"
)

// tables are the tables' columns: name and type, numeric being numeric(15,2).
var tables = []struct {
	name string
	key  int
	cols string
}{
	{"region", 1, "r_regionkey int4, r_name bpchar(25), r_comment varchar"},
	{"nation", 1, "n_nationkey int4, n_name bpchar(25), n_regionkey int4, n_comment varchar"},
	{"supplier", 1, "s_suppkey int4, s_name bpchar(25), s_address varchar, s_nationkey int4, s_phone bpchar(15), s_acctbal numeric, s_comment varchar"},
	{"customer", 1, "c_custkey int4, c_name varchar, c_address varchar, c_nationkey int4, c_phone bpchar(15), c_acctbal numeric, c_mktsegment bpchar(10), c_comment varchar"},
	{"part", 1, "p_partkey int4, p_name varchar, p_mfgr bpchar(25), p_brand bpchar(10), p_type varchar, p_size int4, p_container bpchar(10), p_retailprice numeric, p_comment varchar"},
	{"partsupp", 2, "ps_partkey int4, ps_suppkey int4, ps_availqty int4, ps_supplycost numeric, ps_comment varchar"},
	{"orders", 1, "o_orderkey int4, o_custkey int4, o_orderstatus bpchar(1), o_totalprice numeric, o_orderdate date, o_orderpriority bpchar(15), o_clerk bpchar(15), o_shippriority int4, o_comment varchar"},
	{"lineitem", 0, "l_orderkey int4, l_partkey int4, l_suppkey int4, l_linenumber int4, l_quantity numeric, l_extendedprice numeric, l_discount numeric, l_tax numeric, l_returnflag bpchar(1), l_linestatus bpchar(1), l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct bpchar(25), l_shipmode bpchar(10), l_comment varchar"},
}

// database is the catalogue and the blocks of all tables.
type database struct {
	cat  *catalog.Snapshot
	rels map[catalog.OID]*stored
}

type stored struct {
	blocks []vec.Block
	rows   int64
	stats  []rules.ColumnStats
}

func load(tb testing.TB) *database {
	dir := os.Getenv("TPCH_DIR")
	if dir == "" {
		tb.Skip("TPCH_DIR is not set")
	}
	next := types.FirstUserOID
	e := catalog.New().Edit(func() catalog.OID { next++; return next })
	db := &database{rels: map[catalog.OID]*stored{}}
	for _, t := range tables {
		r := define(e, t.name, t.key, t.cols)
		s, err := read(dir, t.name, r)
		if err != nil {
			tb.Fatal(err)
		}
		db.rels[r.OID] = s
	}
	db.cat = e.Publish()
	return db
}

func define(e *catalog.Edit, name string, key int, cols string) *catalog.Relation {
	r := &catalog.Relation{OID: e.NewOID(), Schema: catalog.PublicOID, Name: name, Kind: catalog.Table, Owner: 10, Persistence: 'p'}
	row := &types.Type{OID: e.NewOID(), Name: name, Schema: catalog.PublicOID, Kind: types.Bytes, Class: types.Composite, Category: 'C', Len: -1, Rel: r.OID}
	for _, c := range strings.Split(cols, ", ") {
		f := strings.Fields(c)
		base, mod, _ := strings.Cut(strings.TrimSuffix(f[1], ")"), "(")
		t := types.ByName(base)
		m := types.NoMod
		switch {
		case base == "numeric":
			m = 15<<16 | 2 + 4
		case mod != "":
			m = int32(atoi(mod)) + 4
		}
		r.Columns = append(r.Columns, catalog.Column{Name: f[0], TypeOID: t.OID, Type: t, Mod: m, NotNull: true})
		row.Fields = append(row.Fields, types.Field{Name: f[0], Type: t, Mod: m})
	}
	row.Array = catalog.ArrayType(row, e.NewOID(), "_"+name)
	e.PutType(row)
	r.RowType = row.OID
	if key > 0 {
		con := &catalog.Constraint{OID: e.NewOID(), Name: name + "_pkey", Kind: catalog.Primary}
		for i := range key {
			con.Columns = append(con.Columns, int16(i+1))
		}
		r.Constraints = append(r.Constraints, con)
	}
	e.PutRelation(r)
	return r
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

// read reads a table into blocks.
func read(dir, name string, r *catalog.Relation) (*stored, error) {
	f, err := os.Open(filepath.Join(dir, name+".tbl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &stored{stats: make([]rules.ColumnStats, len(r.Columns))}
	seen := make([]map[uint64]struct{}, len(r.Columns))
	var b vec.Batch
	kinds := make([]types.Kind, len(r.Columns))
	for i, c := range r.Columns {
		kinds[i] = c.Type.Kind
		seen[i] = map[uint64]struct{}{}
	}
	b.Reset(kinds)
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		fields := strings.Split(in.Text(), "|")
		for i, c := range r.Columns {
			d, err := c.Type.In(types.DefaultEnv, fields[i], c.Mod)
			if err != nil {
				return nil, err
			}
			b.Cols[i].AppendDatum(d)
			if len(seen[i]) < 1<<17 {
				seen[i][c.Type.Hash(d)] = struct{}{}
			}
			st := &s.stats[i]
			if st.Min.IsNull() || c.Type.Compare(d, st.Min) < 0 {
				st.Min = d
			}
			if st.Max.IsNull() || c.Type.Compare(d, st.Max) > 0 {
				st.Max = d
			}
		}
		if b.N++; b.N == vec.Size {
			if err := s.seal(&b); err != nil {
				return nil, err
			}
			b.Reset(kinds)
		}
	}
	if b.N > 0 {
		if err := s.seal(&b); err != nil {
			return nil, err
		}
	}
	for i := range s.stats {
		n := float64(len(seen[i]))
		if n >= 1<<17 {
			n = float64(s.rows)
			if d := s.stats[i].Max.Int() - s.stats[i].Min.Int() + 1; r.Columns[i].Type.Kind == types.Int && d < s.rows {
				n = float64(d)
			}
		}
		s.stats[i].Distinct = n
	}
	return s, in.Err()
}

func (s *stored) seal(b *vec.Batch) error {
	data, err := vec.Encode(nil, b)
	if err != nil {
		return err
	}
	blk, err := vec.OpenBlock(data)
	blk.Trust()
	s.blocks = append(s.blocks, blk)
	s.rows += int64(b.N)
	return err
}

// Rows implements rules.Stats.
func (db *database) Rows(rel catalog.OID) float64 { return float64(db.rels[rel].rows) }

// Column implements rules.Stats.
func (db *database) Column(rel catalog.OID, attr int16) (rules.ColumnStats, bool) {
	if attr < 1 {
		return rules.ColumnStats{}, false
	}
	return db.rels[rel].stats[attr-1], true
}

// Parts implements exec.Relations: a part is 16 blocks, as a segment is.
func (db *database) Parts(s *plan.Scan, _ *exec.ScanRequest) int {
	return max(1, len(db.rels[s.Rel.OID].blocks)/16)
}

// Scan implements exec.Relations. Blocks that the ranges exclude are passed over.
func (db *database) Scan(_ context.Context, s *plan.Scan, req *exec.ScanRequest) (vec.Source, error) {
	all := db.rels[s.Rel.OID].blocks
	n := len(all)
	sc := &scan{blocks: all[n*req.Part/req.Parts : n*(req.Part+1)/req.Parts]}
	for _, a := range s.Attrs {
		sc.cols = append(sc.cols, int(a)-1)
	}
	return sc, nil
}

// Lookup implements exec.Relations.
func (db *database) Lookup(context.Context, *plan.Scan, []vec.Vec, int) (exec.Found, error) {
	panic("there are no indexes")
}

// Lock implements exec.Relations.
func (db *database) Lock(context.Context, *plan.LockRows, int, []int64) ([]int32, error) {
	panic("nothing is locked")
}

// Watermark implements exec.Relations.
func (db *database) Watermark([]catalog.OID) int64 { return window.NoTime }

type scan struct {
	blocks []vec.Block
	cols   []int
}

// Next implements vec.Source.
func (s *scan) Next(ctx context.Context, out *vec.Batch) error {
	if len(s.blocks) == 0 {
		out.N = 0
		return ctx.Err()
	}
	b := &s.blocks[0]
	s.blocks = s.blocks[1:]
	return b.Decode(out, s.cols)
}

// Close implements vec.Source.
func (s *scan) Close() error { return nil }
