package catalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/sql/types"
)

// The letters of privileges in an ACL, in the order PostgreSQL writes them.
const PrivLetters = "arwdDxtXUCTcsA"

// Text is the item's text form, as aclitemout writes it: grantee=privs/grantor.
func (a ACLItem) Text(s *Snapshot) string {
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
	if acl != nil && len(acl) == 0 {
		return vLiteral(aclArray, "{}")
	}
	items := make([]string, len(acl))
	for i, a := range acl {
		items[i] = a.Text(s)
	}
	return vArray(aclArray, items)
}

// ReadACLItem reads an item's text form. Roles that are gone are shown as numbers
// and read as such; what is malformed is ok false.
func ReadACLItem(s *Snapshot, text string) (a ACLItem, ok bool) {
	grantee, rest := aclNameOf(text)
	if !strings.HasPrefix(rest, "=") {
		return a, false
	}
	privs, grantor, _ := strings.Cut(rest[1:], "/")
	a.Privs = privs
	if grantee != "" {
		if a.Grantee, ok = s.roleOf(grantee); !ok {
			return a, false
		}
	}
	if grantor == "" {
		a.Grantor = BootstrapRole
		return a, true
	}
	name, _ := aclNameOf(grantor)
	a.Grantor, ok = s.roleOf(name)
	return a, ok
}

// aclNameOf reads a role's name at the head of s, quoted or not.
func aclNameOf(s string) (name, rest string) {
	if !strings.HasPrefix(s, `"`) {
		if i := strings.IndexByte(s, '='); i >= 0 {
			return s[:i], s[i:]
		}
		return s, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 >= len(s) || s[i+1] != '"' {
				return b.String(), s[i+1:]
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

func (s *Snapshot) roleOf(name string) (OID, bool) {
	if r := s.Role(name); r != nil {
		return r.OID, true
	}
	n, err := strconv.ParseUint(name, 10, 32)
	return OID(n), err == nil
}
