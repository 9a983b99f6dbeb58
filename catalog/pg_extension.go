package catalog

import "github.com/streamsqld/streamsqld/sql/types"

// ClassExtension is pg_extension, as Object.Class.
const ClassExtension OID = 3079

// Our system schema is an extension, as PostgreSQL's own additions are, so that
// dump tools leave it out. PL/pgSQL is one because it is in PostgreSQL: dumps of
// PostgreSQL ask for it by name.
const (
	extensionOID     OID = 9102
	plpgsqlExtension OID = 13559
	ExtensionName        = "streamsql"
	ExtensionVersion     = "1.0"
	ExtensionText        = "streams, watermarks and continuously maintained views"
)

// ExtensionNamed gives the OID of an extension, 0 when there is none of that name.
func ExtensionNamed(name string) OID {
	switch name {
	case ExtensionName:
		return extensionOID
	case LangPLpgSQL:
		return plpgsqlExtension
	}
	return 0
}

func extensionRows(w *rowWriter) {
	add := func(oid OID, name string, schema OID, relocatable bool) {
		w.add(vOID(oid), vStr(name), vOID(BootstrapRole), vOID(schema), vBool(relocatable), vStr(ExtensionVersion), types.Null, types.Null)
	}
	add(plpgsqlExtension, LangPLpgSQL, PgCatalogOID, false)
	add(extensionOID, ExtensionName, StreamsqlOID, false)
}

// extensionMembers makes the objects of our system schema part of its extension, and
// PL/pgSQL with its handlers part of its own.
func extensionMembers(w *rowWriter) {
	add := func(class, oid, extension OID) {
		w.add(vOID(class), vOID(oid), vInt(0), vOID(ClassExtension), vOID(extension), vInt(0), vStr("e"))
	}
	for oid := langPLpgSQL - 3; oid < langPLpgSQL; oid++ {
		add(classProc, oid, plpgsqlExtension)
	}
	add(classLanguage, langPLpgSQL, plpgsqlExtension)
	add(classNamespace, StreamsqlOID, extensionOID)
	add(2601, StreamAM, extensionOID)
	for _, r := range systemRels {
		if r.Schema == StreamsqlOID {
			add(classClass, r.OID, extensionOID)
			add(classType, r.RowType, extensionOID)
		}
	}
}
