package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// readACL reads an ACL of a dump; nil where there is none.
func readACL(c *call, s string) []catalog.ACLItem {
	var acl []catalog.ACLItem
	for _, item := range pgdata.Strings(s) {
		if a, ok := catalog.ReadACLItem(c.Snapshot, item); ok {
			acl = append(acl, a)
		}
	}
	return acl
}

func aclItems(c *call, acl []catalog.ACLItem) types.Datum {
	items := make([]string, len(acl))
	for i, a := range acl {
		items[i] = a.Text(c.Snapshot)
	}
	return texts(aclArray, items)
}

// aclExplode gives a row per privilege of each item, in the order of PostgreSQL's
// bits.
func aclExplode(c *call) ([][]types.Datum, error) {
	var rows [][]types.Datum
	for _, d := range elements(aclArray, c.args[0]) {
		a, ok := catalog.ReadACLItem(c.Snapshot, d.Str())
		if !ok {
			return nil, pgerr.New(pgerr.InvalidTextRepresentation, "invalid aclitem: \"%s\"", d.Str())
		}
		for _, l := range catalog.PrivLetters {
			i := strings.IndexRune(a.Privs, l)
			if i < 0 {
				continue
			}
			grantable := i+1 < len(a.Privs) && a.Privs[i+1] == '*'
			rows = append(rows, []types.Datum{integer(a.Grantor), integer(a.Grantee), text(catalog.PrivName(byte(l))), boolean(grantable)})
		}
	}
	return rows, nil
}

// makeACLItem grants one privilege.
func makeACLItem(c *call) (types.Datum, error) {
	l := catalog.PrivLetter(c.str(2))
	if l == 0 {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "unrecognized privilege type: \"%s\"", c.str(2))
	}
	privs := string(l)
	if c.flag(3) {
		privs += "*"
	}
	return text(catalog.ACLItem{Grantee: c.oid(0), Grantor: c.oid(1), Privs: privs}.Text(c.Snapshot)), nil
}

func init() {
	addTables(map[string]table{"aclexplode": aclExplode})
	add(map[string]scalar{
		"acldefault_sql": func(c *call) (types.Datum, error) {
			kind := c.str(0)
			if kind == "" {
				kind = "\x00"
			}
			acl, ok := catalog.DefaultACL(catalog.ObjectKind(kind[0]), c.oid(1))
			if !ok {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "unrecognized object type abbreviation: %c", kind[0])
			}
			return aclItems(c, acl), nil
		},
		"makeaclitem": makeACLItem,
		"hash_aclitem": func(c *call) (types.Datum, error) {
			sum, err := aclSum(c)
			return types.NewInt(int64(int32(sum))), err
		},
		"hash_aclitem_extended": func(c *call) (types.Datum, error) {
			sum, err := aclSum(c)
			if seed := c.num(1); seed != 0 {
				return types.NewInt(int64(funcs.HashUint32(sum, uint64(seed)))), err
			}
			return types.NewInt(int64(sum)), err
		},
		"aclitem_eq": func(c *call) (types.Datum, error) { return boolean(c.str(0) == c.str(1)), nil },
		"aclinsert":  noLonger("aclinsert"),
		"aclremove":  noLonger("aclremove"),
		"aclcontains": func(c *call) (types.Datum, error) {
			want, ok := catalog.ReadACLItem(c.Snapshot, c.str(1))
			if !ok {
				return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid aclitem: \"%s\"", c.str(1))
			}
			for _, d := range elements(aclArray, c.args[0]) {
				a, ok := catalog.ReadACLItem(c.Snapshot, d.Str())
				if ok && a.Grantee == want.Grantee && a.Grantor == want.Grantor && containsAll(a.Privs, want.Privs) {
					return boolean(true), nil
				}
			}
			return boolean(false), nil
		},
	})
}

// containsAll tells whether an item's privileges, grant options included, contain
// another's.
func containsAll(have, want string) bool {
	for i := range len(want) {
		if want[i] == '*' {
			continue
		}
		at := strings.IndexByte(have, want[i])
		if at < 0 || i+1 < len(want) && want[i+1] == '*' && (at+1 >= len(have) || have[at+1] != '*') {
			return false
		}
	}
	return true
}

// aclSum is what aclitems are hashed by: the sum of their parts, the privileges as bits with
// those to grant them above.
func aclSum(c *call) (uint32, error) {
	a, ok := catalog.ReadACLItem(c.Snapshot, c.str(0))
	if !ok {
		return 0, pgerr.New(pgerr.InvalidTextRepresentation, "invalid aclitem: \"%s\"", c.str(0))
	}
	sum := uint32(a.Grantee) + uint32(a.Grantor)
	for i, p := range []byte("arwdDxtXUCTcsA") {
		at := strings.IndexByte(a.Privs, p)
		if at < 0 {
			continue
		}
		sum += 1 << i
		if at+1 < len(a.Privs) && a.Privs[at+1] == '*' {
			sum += 1 << (16 + i)
		}
	}
	return sum, nil
}

// noLonger is a function that PostgreSQL has in name only.
func noLonger(name string) scalar {
	return func(*call) (types.Datum, error) {
		return types.Null, pgerr.New(pgerr.FeatureNotSupported, "%s is no longer supported", name)
	}
}
