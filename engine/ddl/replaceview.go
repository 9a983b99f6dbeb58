package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// A materialized view is kept as its query, which is planned again when the server
// starts. So what its query means must not change under it: the rows that it holds
// would no longer be those of its query, and after a restart they would be others.

// matViewsOver gives the materialized views whose rows a plain view takes part in.
func (r *run) matViewsOver(view OID) []*catalog.Relation {
	var out []*catalog.Relation
	for _, rel := range r.e.Relations() {
		if rel.Kind == catalog.MatView && r.expands(rel.Deps, view) {
			out = append(out, rel)
		}
	}
	return out
}

// expands tells whether dependencies lead, through plain views alone, to a relation.
func (r *run) expands(deps []catalog.Dep, oid OID) bool {
	for _, d := range deps {
		if d.Object == oid {
			return true
		}
		if f := r.e.FunctionByOID(d.Object); f != nil && f.Agg != nil && r.expands(f.Deps, oid) {
			return true
		}
		if rel := r.e.RelationByOID(d.Object); rel != nil && rel.Kind == catalog.View && r.expands(rel.Deps, oid) {
			return true
		}
	}
	return false
}

// sameFor makes a change of a plain view, unless it changes what materialized views
// over it compute. (PostgreSQL, whose materialized views are copies, allows that; it
// shows with the next REFRESH.)
func (r *run) sameFor(views []*catalog.Relation, changed *catalog.Relation, change func()) error {
	before := make([]string, len(views))
	for i, v := range views {
		var err error
		if before[i], err = r.s.Fingerprint(v, r.e.Snapshot); err != nil {
			return err
		}
	}
	change()
	for i, v := range views {
		after, err := r.s.Fingerprint(v, r.e.Snapshot)
		if err == nil && after == before[i] {
			continue
		}
		return pgerr.New(pgerr.FeatureNotSupported, "replacing view \"%s\" by one that changes the rows of materialized view \"%s\" is not supported", changed.Name, v.Name).
			WithHint("Drop the materialized view before, and create it again afterwards.")
	}
	return nil
}
