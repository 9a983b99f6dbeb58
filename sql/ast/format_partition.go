package ast

import "strconv"

func (p *printer) partitionBy(b *PartitionBy) {
	if b == nil {
		return
	}
	p.text(" PARTITION BY ")
	p.ident(b.Strategy)
	p.text(" (")
	p.list(len(b.Keys), func(i int) { p.indexElem(b.Keys[i]) })
	p.text(")")
}

func (p *printer) partitionBound(b *PartitionBound) {
	switch {
	case b.Default:
		p.text("DEFAULT")
	case b.In != nil:
		p.text("FOR VALUES IN (")
		p.exprs(b.In)
		p.text(")")
	case b.With != nil:
		p.text("FOR VALUES WITH (")
		p.list(len(b.With), func(i int) {
			p.ident(b.With[i].Name)
			p.text(" " + strconv.FormatInt(b.With[i].Value, 10))
		})
		p.text(")")
	default:
		p.text("FOR VALUES FROM (")
		p.exprs(b.From)
		p.text(") TO (")
		p.exprs(b.To)
		p.text(")")
	}
}

func (p *printer) alterPartition(s *AlterPartition) {
	if s.Index {
		p.text("ALTER INDEX ")
	} else {
		p.text("ALTER TABLE ")
	}
	if s.IfExists {
		p.text("IF EXISTS ")
	}
	p.name(s.Table)
	if !s.Attach {
		p.text(" DETACH PARTITION ")
		p.name(s.Partition)
		return
	}
	p.text(" ATTACH PARTITION ")
	p.name(s.Partition)
	if s.Index {
		return
	}
	p.text(" ")
	p.partitionBound(&s.Bound)
}
