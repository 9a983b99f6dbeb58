package catalog

// rewriteRows writes the rule of every view; its OID is the view's, for OIDs are
// unique per catalogue only.
func rewriteRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		if r.View != nil {
			addRule(w, r)
		}
	}
}

func systemRewriteRows(w *rowWriter) {
	for _, r := range systemRels {
		if r.View != nil {
			addRule(w, r)
		}
	}
}

func addRule(w *rowWriter, r *Relation) {
	w.add(vOID(r.OID), vStr("_RETURN"), vOID(r.OID), vStr("1"), vStr("O"), vBool(true), vStr("<>"), vStr(r.View.SQL))
}
