package sysfunc

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/types"
)

// sharedCatalogs are those whose objects have their comments in pg_shdescription:
// pg_authid, pg_database, pg_tablespace.
var sharedCatalogs = map[OID]bool{1260: true, 1262: true, 1213: true}

func init() {
	// of gives the comment on the object of argument 0 in the catalogue that
	// argument 1 names, which is one that the databases share or is none of those.
	of := func(shared bool) scalar {
		return func(c *call) (types.Datum, error) {
			class := c.Relation(catalog.PgCatalogOID, c.str(1))
			if class == nil || sharedCatalogs[class.OID] != shared {
				return types.Null, nil
			}
			return description(c, catalog.CommentKey{Object: c.oid(0), Class: class.OID}), nil
		}
	}
	add(map[string]scalar{
		"obj_description(oid,name)":   of(false),
		"shobj_description(oid,name)": of(true),
		"obj_description(oid)": func(c *call) (types.Datum, error) { // of the first catalogue that has it
			for _, class := range []OID{1259, 1255, 1247, 2615, 2617, 2606, 2616, 2753, 3456, 2607, 2612, 2601} {
				if d := description(c, catalog.CommentKey{Object: c.oid(0), Class: class}); !d.IsNull() {
					return d, nil
				}
			}
			return types.Null, nil
		},
		"col_description(oid,int4)": func(c *call) (types.Datum, error) {
			return description(c, catalog.CommentKey{Object: c.oid(0), Class: 1259, Sub: int32(c.num(1))}), nil
		},
	})
}

func description(c *call, k catalog.CommentKey) types.Datum {
	if s, ok := c.Description(k); ok {
		return text(s)
	}
	return types.Null
}
