package ddl

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// aclTarget is an object whose privileges change.
type aclTarget struct {
	kind  catalog.ObjectKind
	owner OID
	acl   []catalog.ACLItem // nil: the default
	// table is the one that a column belongs to: who may grant on it may grant on
	// the column.
	table      *catalog.Relation
	word, name string
}

// list is the privileges as they are, the default ones written out.
func (t *aclTarget) list() []catalog.ACLItem {
	if t.acl != nil {
		return slices.Clone(t.acl)
	}
	acl, _ := catalog.DefaultACL(t.kind, t.owner)
	return acl
}

// change grants or revokes privileges and gives the new list (ExecGrant_…).
func (g *granting) change(t *aclTarget, bits privs) ([]catalog.ACLItem, error) {
	grantor, options := g.grantor(t, bits)
	bits, err := g.restrict(t, bits, options)
	if err != nil {
		return nil, err
	}
	acl := t.list()
	for _, to := range g.grantees {
		if !g.st.Revoke {
			have, grant := bits, privs(0)
			if g.st.Option {
				grant = bits
			}
			acl = addItem(acl, to, grantor, have, grant)
			continue
		}
		if acl, err = g.revoke(acl, to, grantor, bits); err != nil {
			return nil, err
		}
	}
	return acl, nil
}

// grantor chooses the role that grants: the owner, if the current role may act for
// it, else one that has the most of the grant options (select_best_grantor).
func (g *granting) grantor(t *aclTarget, bits privs) (OID, privs) {
	all := ^privs(0)
	if g.s.Super() || g.e.MemberOf(g.s.Role(), t.owner, true) {
		return t.owner, all
	}
	best, options := g.s.Role(), privs(0)
	lists := [][]catalog.ACLItem{t.list()}
	if t.table != nil {
		lists = append(lists, (&aclTarget{kind: catalog.OnRelation, owner: t.owner, acl: t.table.ACL}).list())
	}
	for _, role := range g.e.Roles() {
		if !g.e.MemberOf(g.s.Role(), role.OID, true) {
			continue
		}
		var has privs
		for _, acl := range lists {
			for _, item := range acl {
				if item.Grantee == role.OID {
					_, o := privBits(item.Privs)
					has |= o
				}
			}
		}
		if n := count(has & bits); n > count(options&bits) || n == count(options&bits) && n > 0 && role.OID == g.s.Role() {
			best, options = role.OID, has
		}
	}
	return best, options
}

func count(b privs) (n int) {
	for ; b != 0; b &= b - 1 {
		n++
	}
	return n
}

// restrict leaves the privileges that the role may grant, and warns of the others
// (restrict_and_check_grant).
func (g *granting) restrict(t *aclTarget, bits, options privs) (privs, error) {
	if options == 0 && bits != 0 {
		letters := privText(bits, 0)
		any := g.e.Allowed(g.s.Role(), t.kind, t.owner, t.acl, catalog.PrivsOf(t.kind), false)
		if t.table != nil {
			any = any || g.e.Allowed(g.s.Role(), catalog.OnRelation, t.owner, t.table.ACL, letters, false)
		}
		if !any {
			if t.table != nil {
				return 0, forbidden("permission denied for column \"%s\" of relation \"%s\"", t.name, t.table.Name)
			}
			return 0, denied(t.word, t.name)
		}
	}
	can := bits & options
	if can == bits || g.all && can != 0 {
		return can, nil
	}
	warn := func(code pgerr.Code, some, none string) {
		text := some
		if can == 0 {
			text = none
		}
		if t.table != nil {
			g.s.Notice(pgerr.Warning(code, text+" for column \"%s\" of relation \"%s\"", t.name, t.table.Name))
			return
		}
		g.s.Notice(pgerr.Warning(code, text+" for \"%s\"", t.name))
	}
	if g.st.Revoke {
		warn(pgerr.WarningPrivilegeNotRevoked, "not all privileges could be revoked", "no privileges could be revoked")
	} else {
		warn(pgerr.WarningPrivilegeNotGranted, "not all privileges were granted", "no privileges were granted")
	}
	return can, nil
}

// addItem adds privileges for a grantee by a grantor.
func addItem(acl []catalog.ACLItem, to, by OID, have, grant privs) []catalog.ACLItem {
	for i := range acl {
		if acl[i].Grantee == to && acl[i].Grantor == by {
			h, o := privBits(acl[i].Privs)
			acl[i].Privs = privText(h|have, o|grant)
			return acl
		}
	}
	return append(acl, catalog.ACLItem{Grantee: to, Grantor: by, Privs: privText(have, grant)})
}

// revoke takes privileges from a grantee, or their grant option; what the grantee
// has granted with it goes too, or stands in the way (recursive_revoke).
func (g *granting) revoke(acl []catalog.ACLItem, from, by OID, bits privs) ([]catalog.ACLItem, error) {
	at := slices.IndexFunc(acl, func(a catalog.ACLItem) bool { return a.Grantee == from && a.Grantor == by })
	if at < 0 {
		return acl, nil
	}
	have, options := privBits(acl[at].Privs)
	lost := options & bits
	options &^= bits
	if !g.st.Option {
		have &^= bits
	}
	if have == 0 {
		acl = slices.Delete(acl, at, at+1)
	} else {
		acl[at].Privs = privText(have, options)
	}
	if lost == 0 || from == 0 {
		return acl, nil
	}
	return g.revokeGranted(acl, from, lost)
}

func (g *granting) revokeGranted(acl []catalog.ACLItem, by OID, lost privs) ([]catalog.ACLItem, error) {
	for _, a := range acl { // another grantor may have given the option too
		if a.Grantee == by {
			_, o := privBits(a.Privs)
			lost &^= o
		}
	}
	for _, a := range slices.Clone(acl) {
		have, _ := privBits(a.Privs)
		if a.Grantor != by || have&lost == 0 || a.Grantee == by {
			continue
		}
		if !g.st.Cascade {
			return nil, pgerr.New(pgerr.DependentObjectsStillExist, "dependent privileges exist").WithHint("Use CASCADE to revoke them too.")
		}
		inner := *g
		st := *g.st
		st.Option = false
		inner.st = &st
		var err error
		if acl, err = inner.revoke(acl, a.Grantee, by, have&lost); err != nil {
			return nil, err
		}
	}
	return acl, nil
}
