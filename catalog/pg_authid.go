package catalog

import (
	"context"
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

// roleSettingRows writes what ALTER ROLE … SET has set.
func roleSettingRows(s *Snapshot, w *rowWriter) {
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

// databaseRows writes the one database, under the name the session knows, and
// the two templates that tools expect beside it.
func databaseRows(_ context.Context, c *Context, w *rowWriter) error {
	const utf8 = 6
	add := func(oid OID, name string, template bool, acl types.Datum) {
		w.add(vOID(oid), vStr(name), vOID(BootstrapRole), vInt(utf8), vStr("c"), vBool(template), vBool(!template), vInt(-1), vInt(firstXid), vInt(1),
			vOID(1663), vStr(collationName), vStr(collationName), types.Null, types.Null, acl)
	}
	templateACL := c.vACL([]ACLItem{{0, BootstrapRole, "c"}, {BootstrapRole, BootstrapRole, "CTc"}})
	add(1, "template1", true, templateACL)
	add(4, "template0", true, templateACL)
	add(DatabaseOID, c.DatabaseName(), false, types.Null)
	return nil
}

// collationName is the one collation (semantics §22).
const collationName = "C.UTF-8"

// DatabaseName gives the name of the database as the session knows it.
func (c *Context) DatabaseName() string {
	if c.Session == nil {
		return "postgres"
	}
	return c.Session.Database()
}

// namespaceRows writes the schemas.
func namespaceRows(s *Snapshot, w *rowWriter) {
	for _, n := range s.Schemas() {
		w.add(vOID(n.OID), vStr(n.Name), vOID(n.Owner), s.vACL(n.ACL))
	}
}
