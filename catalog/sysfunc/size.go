package sysfunc

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

func fields(s string) []string { return strings.Fields(s) }

// sizeOf makes a function of the bytes of a relation, NULL when it is gone.
func sizeOf(fn func(c *call, r *catalog.Relation) int64) scalar {
	return func(c *call) (types.Datum, error) {
		r := c.RelationByOID(c.oid(0))
		if r == nil {
			return types.Null, nil
		}
		return integer(fn(c, r)), nil
	}
}

func own(c *call, r *catalog.Relation) int64 { return c.stats(r.OID).Bytes }

func indexes(c *call, r *catalog.Relation) int64 {
	n := int64(0)
	for _, x := range r.Indexes {
		n += c.stats(x).Bytes
	}
	return n
}

// databaseBytes is what is stored: in postgres all that is in no other database.
func (c *call) databaseBytes(db OID) int64 {
	if db != catalog.DatabaseOID {
		return c.relationBytes(db)
	}
	total := c.allBytes()
	for _, d := range c.Databases() {
		if d.OID != db {
			total -= c.relationBytes(d.OID)
		}
	}
	return max(total, 0)
}

// relationBytes sums up the relations and indexes of a database.
func (c *call) relationBytes(db OID) int64 {
	sum := int64(0)
	for _, r := range c.In(db).Relations() {
		sum += own(c, r)
	}
	return sum
}

// allBytes is what all databases have stored.
func (c *call) allBytes() int64 {
	if c.Server == nil {
		return 0
	}
	return c.Server.DatabaseStats().Bytes
}

func init() {
	add(map[string]scalar{
		// nameconcatoid makes the specific names of information_schema.
		"nameconcatoid": func(c *call) (types.Datum, error) {
			const longest = 63
			suffix := "_" + oidText(c.oid(1))
			n := c.str(0)
			for len(n)+len(suffix) > longest {
				_, size := utf8.DecodeLastRuneInString(n)
				n = n[:len(n)-size]
			}
			return text(n + suffix), nil
		},
		"pg_relation_size(regclass)": sizeOf(own),
		"pg_relation_size": func(c *call) (types.Datum, error) {
			switch c.str(1) {
			case "main":
				return sizeOf(own)(c)
			case "fsm", "vm", "init":
				return sizeOf(func(*call, *catalog.Relation) int64 { return 0 })(c)
			}
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid fork name").
				WithHint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".")
		},
		"pg_table_size":          sizeOf(own),
		"pg_indexes_size":        sizeOf(indexes),
		"pg_total_relation_size": sizeOf(func(c *call, r *catalog.Relation) int64 { return own(c, r) + indexes(c, r) }),
		"pg_database_size_oid": func(c *call) (types.Datum, error) {
			if c.DatabaseByOID(c.oid(0)) == nil {
				return types.Null, nil
			}
			return integer(c.databaseBytes(c.oid(0))), nil
		},
		"pg_database_size_name": func(c *call) (types.Datum, error) {
			d := c.DatabaseNamed(c.str(0))
			if d == nil {
				return types.Null, pgerr.New(pgerr.InvalidCatalogName, "database \"%s\" does not exist", c.str(0))
			}
			return integer(c.databaseBytes(d.OID)), nil
		},
		"pg_tablespace_size_oid": func(c *call) (types.Datum, error) {
			if !tablespace(c.oid(0)) {
				return types.Null, nil
			}
			return integer(c.allBytes()), nil
		},
		"pg_tablespace_size_name": func(c *call) (types.Datum, error) {
			if n := c.str(0); n != "pg_default" && n != "pg_global" {
				return types.Null, pgerr.New(pgerr.UndefinedObject, "tablespace \"%s\" does not exist", n)
			}
			return integer(c.allBytes()), nil
		},
		"pg_tablespace_location": func(c *call) (types.Datum, error) {
			if c.oid(0) != 0 && !tablespace(c.oid(0)) {
				return types.Null, nil
			}
			return text(""), nil
		},
		"pg_relation_filenode": func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil || !r.Stored() && r.Kind != catalog.Index && r.Kind != catalog.Sequence {
				return types.Null, nil
			}
			return integer(r.OID), nil
		},
		"pg_relation_filepath": constant(types.Null),
		"pg_filenode_relation": func(c *call) (types.Datum, error) {
			if r := c.RelationByOID(c.oid(1)); r != nil && r.Stored() {
				return integer(r.OID), nil
			}
			return types.Null, nil
		},
		"pg_sequence_last_value": func(c *call) (types.Datum, error) {
			r := c.RelationByOID(c.oid(0))
			if r == nil || r.Kind != catalog.Sequence {
				return types.Null, notASequence(c, c.oid(0))
			}
			if c.Server == nil {
				return types.Null, nil
			}
			last, ok := c.Server.SequenceLast(r.OID)
			if !ok {
				return types.Null, nil
			}
			return integer(last), nil
		},
	})
	addTables(map[string]table{
		"pg_tablespace_databases": func(c *call) ([][]types.Datum, error) {
			if c.oid(0) != 1663 {
				return nil, nil
			}
			var rows [][]types.Datum
			for _, d := range c.Databases() {
				rows = append(rows, []types.Datum{integer(d.OID)})
			}
			return rows, nil
		},
	})
}

func tablespace(oid OID) bool { return oid == 1663 || oid == 1664 }
