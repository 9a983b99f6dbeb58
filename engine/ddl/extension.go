package ddl

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createExtension runs CREATE EXTENSION. The extensions that there are cannot be added
// to, but scripts ask for one of them before they use it, which dumps of PostgreSQL do.
func (r *run) createExtension(st *ast.CreateExtension) error {
	name := st.Name.Name
	if catalog.ExtensionNamed(name) == 0 {
		return pgerr.New(pgerr.FeatureNotSupported, "extension \"%s\" is not available", name).
			WithHint("The extension must first be installed on the system where PostgreSQL is running.")
	}
	if st.IfNotExists {
		r.notice(pgerr.DuplicateObject, "extension \"%s\" already exists, skipping", name)
		return nil
	}
	return pgerr.New(pgerr.DuplicateObject, "extension \"%s\" already exists", name)
}

// commentedExtension gives the key of the comments on an extension.
func (r *run) commentedExtension(name string) (catalog.CommentKey, error) {
	oid := catalog.ExtensionNamed(name)
	if oid == 0 {
		return catalog.CommentKey{}, pgerr.New(pgerr.UndefinedObject, "extension \"%s\" does not exist", name)
	}
	if !r.s.Super() {
		return catalog.CommentKey{}, notOwner("extension", name)
	}
	return catalog.CommentKey{Object: oid, Class: catalog.ClassExtension}, nil
}
