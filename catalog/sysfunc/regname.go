package sysfunc

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/funcs"
	"github.com/streamsqld/streamsqld/sql/types"
)

// RegIn gives the object of a reg type that a text names. It implements
// types.Names, which has seen to "-" and numbers.
func (f Functions) RegIn(t *types.Type, s string) (OID, error) {
	c := f.Context
	switch t.OID {
	case types.RegclassOID:
		return regclass(c, s)
	case types.RegtypeOID:
		ty, err := readType(c, s)
		if err != nil {
			return 0, err
		}
		return ty.OID, nil
	case types.RegprocOID:
		return regproc(c, s)
	case types.RegprocedureOID:
		return regprocedure(c, s)
	case types.RegoperOID:
		return regoper(c, s)
	case types.RegoperatorOID:
		return regoperator(c, s)
	case types.RegnamespaceOID:
		return regnamespace(c, s)
	case types.RegroleOID:
		return regrole(c, s)
	case types.RegcollationOID:
		return named(c, s, "pg_collation", "collname", "collation \"%s\" for encoding \"UTF8\" does not exist")
	case types.RegconfigOID:
		return named(c, s, "pg_ts_config", "cfgname", "text search configuration \"%s\" does not exist")
	case types.RegdictionaryOID:
		return named(c, s, "pg_ts_dict", "dictname", "text search dictionary \"%s\" does not exist")
	}
	return 0, pgerr.NotSupported("type %s", t.Name)
}

// tooDeep is the error of a name with more parts than a database has levels.
func tooDeep(what string, parts []string) error {
	return pgerr.New(pgerr.SyntaxError, "improper %s (too many dotted names): %s", what, strings.Join(parts, "."))
}

// aRelation is what errors call the name of a relation.
const aRelation = "relation name"

// schemaAndName parts a name of at most two parts, or three that begin with the
// database. schema is "" when none is given.
func schemaAndName(c *catalog.Context, what string, parts []string) (schema, name string, err error) {
	switch len(parts) {
	case 1:
		return "", parts[0], nil
	case 2:
		return parts[0], parts[1], nil
	case 3:
		if parts[0] != c.DatabaseName() {
			full := strings.Join(parts, ".")
			if what == aRelation {
				full = `"` + full + `"`
			}
			return "", "", pgerr.New(pgerr.FeatureNotSupported, "cross-database references are not implemented: %s", full)
		}
		return parts[1], parts[2], nil
	}
	return "", "", tooDeep(what, parts)
}

// schemaNamed finds a schema; a missing one is 3F000.
func schemaNamed(c *catalog.Context, n string) (*catalog.Schema, error) {
	if s := findSchema(c, n); s != nil {
		return s, nil
	}
	return nil, pgerr.New(pgerr.InvalidSchemaName, "schema \"%s\" does not exist", n)
}

func regclass(c *catalog.Context, s string) (OID, error) {
	r, err := relationNamed(c, s)
	if err != nil {
		return 0, err
	}
	return r.OID, nil
}

// relationNamed finds the relation that a possibly quoted and qualified name
// means.
func relationNamed(c *catalog.Context, s string) (*catalog.Relation, error) {
	parts, err := splitName(s)
	if err != nil {
		return nil, err
	}
	schema, n, err := schemaAndName(c, aRelation, parts)
	if err != nil {
		return nil, err
	}
	if schema == "" {
		if r := c.FindRelation(c.Path, n); r != nil {
			return r, nil
		}
		return nil, pgerr.New(pgerr.UndefinedTable, "relation \"%s\" does not exist", n)
	}
	sc, err := schemaNamed(c, schema)
	if err != nil {
		return nil, err
	}
	if r := c.Relation(sc.OID, n); r != nil {
		return r, nil
	}
	return nil, pgerr.New(pgerr.UndefinedTable, "relation \"%s.%s\" does not exist", schema, n)
}

// functionsNamed gives the functions that a name may mean: of the schema, or the
// first in the search path that has any.
func functionsNamed(c *catalog.Context, parts []string) ([]*funcs.Func, error) {
	schema, n, err := schemaAndName(c, "qualified name", parts)
	if err != nil {
		return nil, err
	}
	if schema != "" {
		sc, err := schemaNamed(c, schema)
		if err != nil {
			return nil, err
		}
		return allNamed(c, sc.OID, n), nil
	}
	var all []*funcs.Func
	for _, sc := range c.Path {
		all = append(all, allNamed(c, sc, n)...)
	}
	return all, nil
}

// allNamed gives the functions of a name in a schema, those that make values of
// users' range types among them.
func allNamed(c *catalog.Context, schema OID, n string) []*funcs.Func {
	fs := c.FuncsNamed(schema, n)
	return append(fs[:len(fs):len(fs)], c.RangeMakers(schema, n)...)
}

func regproc(c *catalog.Context, s string) (OID, error) {
	parts, err := splitName(s)
	if err != nil {
		return 0, err
	}
	fs, err := functionsNamed(c, parts)
	if err != nil {
		return 0, err
	}
	switch len(fs) {
	case 0:
		return 0, pgerr.New(pgerr.UndefinedFunction, "function \"%s\" does not exist", s)
	case 1:
		return fs[0].OID, nil
	}
	return 0, pgerr.New(pgerr.AmbiguousFunction, "more than one function named \"%s\"", s)
}

// nameAndTypes parts name(type, type). What is no list of types is 22P02.
func nameAndTypes(c *catalog.Context, s string, none bool) (parts []string, args []*types.Type, err error) {
	open := outsideQuotes(s, '(')
	if open < 0 {
		return nil, nil, pgerr.New(pgerr.InvalidTextRepresentation, "expected a left parenthesis")
	}
	if parts, err = splitName(s[:open]); err != nil {
		return nil, nil, err
	}
	list := strings.TrimRight(s[open+1:], blanks)
	if !strings.HasSuffix(list, ")") {
		return nil, nil, pgerr.New(pgerr.InvalidTextRepresentation, "expected a right parenthesis")
	}
	list = strings.TrimRight(list[:len(list)-1], blanks)
	for rest := list; strings.Trim(rest, blanks) != ""; {
		arg := rest
		if i := topLevelComma(rest); i >= 0 {
			arg, rest = rest[:i], rest[i+1:]
			if strings.Trim(rest, blanks) == "" {
				return nil, nil, pgerr.New(pgerr.InvalidTextRepresentation, "expected a type name")
			}
		} else {
			rest = ""
		}
		if none && strings.EqualFold(strings.Trim(arg, blanks), "none") {
			args = append(args, nil)
			continue
		}
		t, err := readType(c, arg)
		if err != nil {
			return nil, nil, err
		}
		args = append(args, t)
	}
	return parts, args, nil
}

// outsideQuotes finds a sign that is not in double quotes, -1 if there is none.
func outsideQuotes(s string, sign byte) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sign && !quoted:
			return i
		}
	}
	return -1
}

// topLevelComma finds the first comma outside quotes, parentheses and brackets.
func topLevelComma(s string) int {
	quoted, depth := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			return i
		}
	}
	return -1
}

func regprocedure(c *catalog.Context, s string) (OID, error) {
	parts, args, err := nameAndTypes(c, s, false)
	if err != nil {
		return 0, err
	}
	fs, err := functionsNamed(c, parts)
	if err != nil {
		return 0, err
	}
	for _, f := range fs {
		if sameArgs(f.Args, args) {
			return f.OID, nil
		}
	}
	return 0, pgerr.New(pgerr.UndefinedFunction, "function \"%s\" does not exist", s)
}

func sameArgs(a, b []*types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Same(a[i], b[i]) {
			return false
		}
	}
	return true
}

// operatorName parts a possibly qualified operator name.
func operatorName(c *catalog.Context, s string) (string, error) {
	parts, err := splitName(s)
	if err != nil {
		return "", err
	}
	schema, name, err := schemaAndName(c, "qualified name", parts)
	if err != nil {
		return "", err
	}
	if schema == "" || schema == "pg_catalog" {
		return name, nil
	}
	_, err = schemaNamed(c, schema)
	return "", err
}

func regoper(c *catalog.Context, s string) (OID, error) {
	n, err := operatorName(c, s)
	if err != nil {
		return 0, err
	}
	switch ops := funcs.Operators(n); len(ops) {
	case 0:
		return 0, pgerr.New(pgerr.UndefinedFunction, "operator does not exist: %s", s)
	case 1:
		return ops[0].OID, nil
	}
	return 0, pgerr.New(pgerr.AmbiguousFunction, "more than one operator named %s", s)
}

func regoperator(c *catalog.Context, s string) (OID, error) {
	open := outsideQuotes(s, '(')
	if open < 0 {
		return 0, pgerr.New(pgerr.InvalidTextRepresentation, "expected a left parenthesis")
	}
	n, err := operatorName(c, s[:open])
	if err != nil {
		return 0, err
	}
	_, args, err := nameAndTypes(c, "x"+s[open:], true)
	if err != nil {
		return 0, err
	}
	switch {
	case len(args) == 1:
		return 0, pgerr.New(pgerr.UndefinedParameter, "missing argument").WithHint("Use NONE to denote the missing argument of a unary operator.")
	case len(args) != 2:
		return 0, pgerr.New(pgerr.TooManyArguments, "too many arguments").WithHint("Provide two argument types for operator.")
	}
	var left OID
	if args[0] != nil {
		left = args[0].OID
	}
	if args[1] != nil {
		if o := funcs.FindOperator(n, left, args[1].OID); o != nil {
			return o.OID, nil
		}
	}
	return 0, pgerr.New(pgerr.UndefinedFunction, "operator does not exist: %s", s)
}

func regnamespace(c *catalog.Context, s string) (OID, error) {
	parts, err := splitName(s)
	switch {
	case err != nil:
		return 0, err
	case len(parts) != 1:
		return 0, pgerr.New(pgerr.InvalidName, "invalid name syntax")
	}
	sc, err := schemaNamed(c, parts[0])
	if err != nil {
		return 0, err
	}
	return sc.OID, nil
}

func regrole(c *catalog.Context, s string) (OID, error) {
	parts, err := splitName(s)
	switch {
	case err != nil:
		return 0, err
	case len(parts) != 1:
		return 0, pgerr.New(pgerr.InvalidName, "invalid name syntax")
	}
	return roleNamed(c, parts[0])
}

// roleNamed finds a role; a missing one is 42704.
func roleNamed(c *catalog.Context, n string) (OID, error) {
	if r := c.Snapshot.Role(n); r != nil {
		return r.OID, nil
	}
	return 0, pgerr.New(pgerr.UndefinedObject, "role \"%s\" does not exist", n)
}

// named finds an object among the rows that PostgreSQL has of a catalogue.
func named(c *catalog.Context, s, table, column, missing string) (OID, error) {
	parts, err := splitName(s)
	if err != nil {
		return 0, err
	}
	schema, n, err := schemaAndName(c, "qualified name", parts)
	if err != nil {
		return 0, err
	}
	if schema != "" {
		if _, err := schemaNamed(c, schema); err != nil {
			return 0, err
		}
	}
	if schema == "" || schema == "pg_catalog" {
		t := pgdata.Load(table)
		oid, name := t.Column("oid"), t.Column(column)
		for _, r := range t.Rows {
			if r[name] == n {
				return OID(pgdata.Uint(r[oid])), nil
			}
		}
	}
	return 0, pgerr.New(pgerr.UndefinedObject, missing, strings.Join(parts, "."))
}

func oidText(oid OID) string { return strconv.FormatUint(uint64(oid), 10) }
