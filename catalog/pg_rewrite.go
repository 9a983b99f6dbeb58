package catalog

import "strings"

// rewriteRows writes the rule of every view, whose OID is the view's, for OIDs are
// unique per catalogue only; and the users' rules.
func rewriteRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Relations() {
		if r.View != nil {
			addRule(w, r)
		}
		for _, x := range r.Rules {
			where := x.Where
			if where == "" {
				where = "<>"
			}
			w.add(vOID(x.OID), vStr(x.Name), vOID(r.OID), vChar(x.Event), vChar(x.Enabled), vBool(x.Instead), vStr(where), vStr(strings.Join(x.Actions, "; ")))
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
