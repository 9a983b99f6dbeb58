package catalog

// dependRows writes what the users' objects depend on.
func dependRows(s *Snapshot, w *rowWriter) {
	s.Dependencies(func(a, b Object, kind DepKind) {
		w.add(vOID(a.Class), vOID(a.OID), vInt(a.Sub), vOID(b.Class), vOID(b.OID), vInt(b.Sub), vChar(kind))
	})
}

// shdependRows writes which roles objects belong to and are granted to.
func shdependRows(s *Snapshot, w *rowWriter) {
	s.RoleDependencies(func(o Object, role OID, kind RoleDep) {
		db := s.Database()
		if o.Class == classDatabase {
			db = 0
		}
		w.add(vOID(db), vOID(o.Class), vOID(o.OID), vInt(o.Sub), vOID(classAuthid), vOID(role), vStr(string(kind)))
	})
}
