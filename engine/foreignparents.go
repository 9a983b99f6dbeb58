package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// parents looks for the rows that a foreign key refers to: in one table, or in the
// partitions of one.
type parents struct {
	f       *foreignKeys
	con     *catalog.Constraint
	root    *catalog.Relation
	tables  map[OID]*parentTable
	routers map[OID]*router
}

// parentTable is a table that has such rows.
type parentTable struct {
	rel   *catalog.Relation
	w     *writes
	k     *indexKey
	order []int // which of the constraint's columns stands at each place of the key
	seen  map[string]bool
}

// lock finds and locks the row with these values of the constraint's columns, none of them
// NULL; false when there is none.
func (p *parents) lock(ctx context.Context, vals []types.Datum) (bool, error) {
	rel := p.root
	if rel.PartKey != nil {
		var err error
		if rel, err = p.partition(vals); rel == nil || err != nil {
			return false, err
		}
	}
	t, err := p.table(rel)
	if err != nil {
		return false, err
	}
	key := make([]types.Datum, len(vals))
	for j, at := range t.order {
		if key[j], err = p.as(vals[at], at, t.k.cols[j].typ); err != nil {
			return false, err
		}
	}
	text, _ := t.k.prefix(nil, key)
	if t.seen[string(text)] {
		return true, nil
	}
	ok, err := p.f.s.lockParent(ctx, rel, t.w, t.k, text)
	t.seen[string(text)] = ok
	return ok, err
}

// as converts a value of a referring column to the type of a key.
func (p *parents) as(d types.Datum, column int, to *types.Type) (types.Datum, error) {
	from := p.f.s.systemContext().TypeByOID(p.f.rel.Columns[p.con.Columns[column]-1].TypeOID)
	if from.Underlying().Kind == to.Underlying().Kind {
		return d, nil
	}
	return to.In(types.DefaultEnv, from.Text(types.DefaultEnv, d), types.NoMod)
}

func (p *parents) table(rel *catalog.Relation) (*parentTable, error) {
	if t := p.tables[rel.OID]; t != nil {
		return t, nil
	}
	con, snap := p.con, p.f.s.systemContext().Snapshot
	if rel != p.root {
		con = snap.ForeignKeyIn(con, rel)
	}
	t := &parentTable{rel: rel, seen: map[string]bool{}}
	var err error
	if t.w, err = p.f.s.tx.into(rel); err != nil {
		return nil, err
	}
	if con != nil {
		t.k = t.w.keys.find(con.Index)
	}
	if t.k == nil {
		return nil, pgerr.New(pgerr.InternalError, "the index of foreign key \"%s\" is missing", p.con.Name)
	}
	t.order = keyOrder(t.k, con)
	if p.tables == nil {
		p.tables = map[OID]*parentTable{}
	}
	p.tables[rel.OID] = t
	return t, nil
}

// partition finds the partition that a row with the key would be in, nil when there is
// none: the columns of the partition key are among those of the key.
func (p *parents) partition(vals []types.Datum) (*catalog.Relation, error) {
	snap := p.f.s.systemContext().Snapshot
	b := &vec.Batch{N: 1}
	for i := range p.root.Columns {
		c := &p.root.Columns[i]
		if c.Dropped {
			continue
		}
		t := columnType(c, snap)
		v := vec.Vec{Kind: t.Kind}
		d := types.Null
		for j, n := range p.con.RefColumns {
			if n == int16(i+1) {
				var err error
				if d, err = p.as(vals[j], j, t); err != nil {
					return nil, err
				}
			}
		}
		v.AppendDatum(d)
		b.Cols = append(b.Cols, v)
	}
	rel := p.root
	for rel.PartKey != nil {
		r := p.routers[rel.OID]
		if r == nil {
			var err error
			if r, err = p.f.s.newRouter(rel); err != nil {
				return nil, err
			}
			if p.routers == nil {
				p.routers = map[OID]*router{}
			}
			p.routers[rel.OID] = r
		}
		at, err := r.route(b)
		if err != nil || at[0] < 0 {
			return nil, err
		}
		b = mapRows(rel, r.parts[at[0]], b)
		rel = r.parts[at[0]]
	}
	return rel, nil
}
