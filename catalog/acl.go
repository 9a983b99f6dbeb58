package catalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// The letters of privileges in an ACL, in the order PostgreSQL writes them.
const PrivLetters = "arwdDxtXUCTcsA"

// String is the item's text form, as aclitemout writes it: grantee=privs/grantor.
func (a ACLItem) text(s *Snapshot) string {
	grantee := ""
	if a.Grantee != 0 {
		grantee = aclName(s.RoleName(a.Grantee))
	}
	return grantee + "=" + a.Privs + "/" + aclName(s.RoleName(a.Grantor))
}

// aclName quotes a role's name unless it is letters, digits and underscores.
func aclName(n string) string {
	for _, c := range []byte(n) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_') {
			return `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
		}
	}
	return n
}

// vACL is an aclitem[], NULL where the default privileges hold.
func (s *Snapshot) vACL(acl []ACLItem) types.Datum {
	items := make([]string, len(acl))
	for i, a := range acl {
		items[i] = a.text(s)
	}
	return vArray(aclArray, items)
}
