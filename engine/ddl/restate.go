package ddl

import "github.com/streamsqld/streamsqld/catalog"

func (r *run) expandStars(rel *catalog.Relation) error { return nil }
