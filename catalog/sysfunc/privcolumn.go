package sysfunc

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// The forms of has_column_privilege and pg_has_role, which have an argument more.

func init() {
	fs := map[string]scalar{}
	for user, roleOf := range roleForms {
		n, sep := 1, user+"_"
		if user == "" {
			n, sep = 0, ""
		}
		for _, rel := range []string{"name", "id"} {
			for _, column := range []string{"name", "attnum"} {
				fs["has_column_privilege_"+sep+rel+"_"+column] = columnPrivilege(roleOf, n, rel == "id", column == "attnum")
			}
		}
	}
	for user, roleOf := range memberForms {
		n, sep := 1, user+"_"
		if user == "" {
			n, sep = 0, ""
		}
		fs["pg_has_role_"+sep+"name"] = hasRole(roleOf, n, false)
		fs["pg_has_role_"+sep+"id"] = hasRole(roleOf, n, true)
	}
	add(fs)
}

// memberForms are roleForms without public, which is no member of anything.
var memberForms = map[string]func(c *call) (OID, error){
	"":     roleForms[""],
	"id":   roleForms["id"],
	"name": func(c *call) (OID, error) { return roleNamed(c.Context, c.str(0)) },
}

func columnPrivilege(roleOf func(c *call) (OID, error), n int, relByOID, byNumber bool) scalar {
	return func(c *call) (types.Datum, error) {
		role, err := roleOf(c)
		if err != nil {
			return types.Null, err
		}
		r := c.RelationByOID(c.oid(n))
		if !relByOID {
			if r, err = relationNamed(c.Context, c.str(n)); err != nil {
				return types.Null, err
			}
		}
		num := int16(c.num(n + 1))
		if !byNumber && r != nil {
			if num, err = columnNumber(r, c.str(n+1)); err != nil {
				return types.Null, err
			}
		}
		ws, err := readPrivileges(c.str(n+2), "arwx")
		if err != nil || r == nil || !liveColumn(r, num) {
			return types.Null, err
		}
		return boolean(any(func(role OID, w wanted) bool { return c.ColumnAllowed(role, r, num, w.letters, w.grant) }, role, ws)), nil
	}
}

// columnNumber finds a column, a system column too.
func columnNumber(r *catalog.Relation, name string) (int16, error) {
	if _, num := r.Column(name); num != 0 {
		return num, nil
	}
	if num, ok := map[string]int16{"ctid": -1, "xmin": -2, "cmin": -3, "xmax": -4, "cmax": -5, "tableoid": -6}[name]; ok {
		return num, nil
	}
	return 0, pgerr.New(pgerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, r.Name)
}

func liveColumn(r *catalog.Relation, num int16) bool {
	return num < 0 && num >= -6 || num > 0 && int(num) <= len(r.Columns) && !r.Columns[num-1].Dropped
}

// hasRole is pg_has_role: argument n is the role that membership is in.
func hasRole(roleOf func(c *call) (OID, error), n int, byOID bool) scalar {
	return func(c *call) (types.Datum, error) {
		role, err := roleOf(c)
		if err != nil {
			return types.Null, err
		}
		of := c.oid(n)
		if !byOID {
			if of, err = roleNamed(c.Context, c.str(n)); err != nil {
				return types.Null, err
			}
		}
		for _, p := range strings.Split(c.str(len(c.args)-1), ",") {
			p = strings.Trim(p, blanks)
			name, admin := cutSuffixFold(p, " WITH GRANT OPTION")
			if !admin {
				name, admin = cutSuffixFold(p, " WITH ADMIN OPTION")
			}
			usage := strings.EqualFold(name, "USAGE")
			if !usage && !strings.EqualFold(name, "MEMBER") {
				return types.Null, pgerr.New(pgerr.InvalidParameterValue, "unrecognized privilege type: \"%s\"", p)
			}
			if c.member(role, of, usage, admin) {
				return boolean(true), nil
			}
		}
		return boolean(false), nil
	}
}

// member tells whether a role is one of another's members; nobody but superusers
// has an admin option.
func (c *call) member(role, of OID, usage, admin bool) bool {
	if r := c.RoleByOID(role); r != nil && r.Super {
		return true
	}
	return !admin && c.MemberOf(role, of, usage)
}
