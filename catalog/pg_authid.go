package catalog

import (
	"slices"
	"sort"

	"github.com/streamsqld/streamsqld/sql/types"
)

// authidRows writes the roles.
func authidRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Roles() {
		until := types.Null
		if d, err := types.TTimestamptz.In(types.DefaultEnv, r.ValidUntil, types.NoMod); r.ValidUntil != "" && err == nil {
			until = d
		}
		w.add(vOID(r.OID), vStr(r.Name), vBool(r.Super), vBool(r.Inherit), vBool(r.CreateRole), vBool(r.CreateDB), vBool(r.Login),
			vBool(r.Repl), vBool(r.BypassRLS), vInt(r.ConnLimit), vText(r.Password), until)
	}
}

// authMemberRows writes who is a member of which role.
func authMemberRows(s *Snapshot, w *rowWriter) {
	for _, r := range s.Roles() {
		for _, of := range r.Member {
			w.add(vOID(of), vOID(r.OID), vOID(BootstrapRole), vBool(slices.Contains(r.Admin, of)))
		}
	}
}

// roleSettingRows writes what ALTER ROLE … SET and ALTER DATABASE … SET have set.
func roleSettingRows(s *Snapshot, w *rowWriter) {
	for _, d := range s.Databases() {
		if len(d.Config) > 0 {
			w.add(vOID(d.OID), vOID(0), vArray(textArray, configTexts(d.Config)))
		}
	}
	for _, r := range s.Roles() {
		if len(r.Config) > 0 {
			w.add(vOID(0), vOID(r.OID), vArray(textArray, configTexts(r.Config)))
		}
	}
}

func configTexts(config map[string]string) []string {
	var out []string
	for k, v := range config {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return out
}

// databaseRows writes the databases.
func databaseRows(s *Snapshot, w *rowWriter) {
	const utf8 = 6
	for _, d := range s.Databases() {
		w.add(vOID(d.OID), vStr(d.Name), vOID(d.Owner), vInt(utf8), vStr("c"), vBool(d.Template), vBool(!d.Closed), vInt(int64(d.ConnLimit)), vInt(firstXid), vInt(1),
			vOID(1663), vStr(collationName), vStr(collationName), types.Null, types.Null, s.vACL(d.ACL))
	}
}

// collationName is the one collation (semantics §22).
const collationName = "C.UTF-8"

// DatabaseName gives the name of the session's database.
func (c *Context) DatabaseName() string {
	if d := c.DatabaseByOID(c.Database()); d != nil {
		return d.Name
	}
	return "" // dropped meanwhile
}

// namespaceRows writes the schemas.
func namespaceRows(s *Snapshot, w *rowWriter) {
	for _, n := range s.Schemas() {
		w.add(vOID(n.OID), vStr(n.Name), vOID(n.Owner), s.vACL(n.ACL))
	}
}
