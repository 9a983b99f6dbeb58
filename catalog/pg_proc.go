package catalog

import (
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

const langInternal OID = 12

// procRows writes PostgreSQL's functions and then ours.
func procRows(w *rowWriter) {
	dumpedRows("pg_proc")(w)
	for _, f := range OwnFunctions() {
		addFunction(w, f)
	}
}

// OwnFunctions gives the functions that PostgreSQL does not have, by OID.
func OwnFunctions() []*funcs.Func {
	theirs := map[OID]bool{}
	t := pgdata.Load("pg_proc")
	oid := t.Column("oid")
	for _, r := range t.Rows {
		theirs[OID(pgdata.Uint(r[oid]))] = true
	}
	var own []*funcs.Func
	for _, f := range funcs.All() {
		if !theirs[f.OID] {
			own = append(own, f)
		}
	}
	sort.Slice(own, func(i, j int) bool { return own[i].OID < own[j].OID })
	return own
}

func addFunction(w *rowWriter, f *funcs.Func) {
	variadic := OID(0)
	if f.Variadic != nil {
		variadic = f.Variadic.OID
	}
	args := typeOIDs(f.Args)
	var all []OID
	var modes, names []string
	names = append(names, f.ArgNames...)
	if len(f.Out) > 0 {
		all = append(all, args...)
		for range f.Args {
			modes = append(modes, "i")
			if len(f.ArgNames) == 0 {
				names = append(names, "")
			}
		}
		for _, o := range f.Out {
			all, modes, names = append(all, o.Type.OID), append(modes, "o"), append(names, o.Name)
		}
	}
	src := f.Src
	if src == "" {
		src = f.Name
	}
	w.add(vOID(f.OID), vStr(f.Name), vOID(f.Schema), vOID(BootstrapRole), vOID(langInternal), vFloat(1), vFloat(f.Rows), vOID(variadic), vOID(0),
		vChar(f.Kind), vBool(false), vBool(false), vBool(f.Strict), vBool(f.RetSet), vChar(f.Volatility), vStr("s"), vInt(len(f.Args)), vInt(f.NumDefaults),
		vOID(f.Ret.OID), vOIDVector(args), vInts(oidArray, all), vArray(charArray, modes), vArray(textArray, names), vText(strings.Join(f.Defaults, ", ")),
		types.Null, vStr(src), types.Null, types.Null, types.Null, types.Null)
}

func typeOIDs(ts []*types.Type) []OID {
	out := make([]OID, len(ts))
	for i, t := range ts {
		out[i] = t.OID
	}
	return out
}

// initPrivRows writes the privileges that objects have from the start, so that
// pg_dump does not dump them.
func initPrivRows(w *rowWriter) {
	s := New()
	for _, r := range systemRels {
		if r.ACL != nil && r.Schema != InfoSchemaOID {
			w.add(vOID(r.OID), vOID(classClass), vInt(0), vStr("i"), s.vACL(r.ACL))
		}
		for i, c := range r.Columns {
			if c.ACL != nil {
				w.add(vOID(r.OID), vOID(classClass), vInt(i+1), vStr("i"), s.vACL(c.ACL))
			}
		}
	}
	for _, n := range s.Schemas() {
		if n.ACL != nil && n.OID != InfoSchemaOID {
			w.add(vOID(n.OID), vOID(classNamespace), vInt(0), vStr("i"), s.vACL(n.ACL))
		}
	}
	t := pgdata.Load("pg_proc")
	oid, acl := t.Column("oid"), t.Column("proacl")
	for _, r := range t.Rows {
		if r[acl] != "" {
			w.add(vOID(OID(pgdata.Uint(r[oid]))), vOID(classProc), vInt(0), vStr("i"), vLiteral(aclArray, r[acl]))
		}
	}
}
