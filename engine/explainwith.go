package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/sql/planner"
)

// modifyTitle is the title of a statement that modifies data.
func modifyTitle(m *planner.Modify) string {
	return [...]string{planner.InsertRows: "Insert", planner.UpdateRows: "Update", planner.DeleteRows: "Delete", planner.MergeRows: "Merge"}[m.Kind] + " on " + m.Rel.Name
}

// partNodes lists the nodes of the statement's parts, each below the statement's
// first node under the name of its WITH entry.
func (x *explained) partNodes() []*shownNode {
	var list []*shownNode
	for _, p := range x.parts {
		root, depth := p.Query, 1
		first := len(list)
		if p.Modify != nil {
			root = p.Modify.Source
			list = append(list, &shownNode{depth: 1, title: modifyTitle(p.Modify), root: root})
			depth = 2
		}
		list = append(list, describeAt(root, x.meta, depth)...)
		list[first].cte = p.Name
		for _, n := range list[first:] {
			n.indent = 2
		}
	}
	return list
}

// describeAt lists the nodes of a plan at a depth.
func describeAt(root plan.Node, meta *plan.Meta, depth int) []*shownNode {
	var list []*shownNode
	for _, l := range plan.Describe(root, meta) {
		if l.Node == nil {
			last := list[len(list)-1]
			last.details = append(last.details, l.Text)
			continue
		}
		list = append(list, &shownNode{depth: l.Depth + depth, node: l.Node, title: l.Text})
	}
	return list
}

// withParts puts the nodes of the parts behind the first node.
func (x *explained) withParts(list []*shownNode) []*shownNode {
	if len(x.parts) == 0 {
		return list
	}
	return slices.Insert(list, 1, x.partNodes()...)
}
