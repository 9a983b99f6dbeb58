package slt

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgdata"
)

// firstUserOID is the first OID of objects that users make.
const firstUserOID = 16384

var builtin = sync.OnceValue(func() map[uint32]string {
	t := pgdata.Load("pg_type")
	oid, name := t.Column("oid"), t.Column("typname")
	m := make(map[uint32]string, len(t.Rows))
	for _, row := range t.Rows {
		n, err := strconv.ParseUint(row[oid], 10, 32)
		if err == nil {
			m[uint32(n)] = row[name]
		}
	}
	return m
})

// OIDs of types whose modifier is a number of characters, or precision and scale.
const (
	oidBPChar, oidVarchar, oidNumeric = 1042, 1043, 1700
	oidFloat4, oidFloat8              = 700, 701
)

// typeName gives a type as files write it: pg_type's name, with the modifier
// in parentheses.
func typeName(oid uint32, typmod int32) string {
	name := builtin()[oid]
	if name == "" {
		name = "oid" + strconv.FormatUint(uint64(oid), 10)
	}
	switch {
	case typmod < 0:
		return name
	case oid == oidNumeric && typmod >= 4:
		m := typmod - 4
		scale := (m&0x7ff ^ 1024) - 1024
		return fmt.Sprintf("%s(%d,%d)", name, m>>16&0xffff, scale)
	case (oid == oidBPChar || oid == oidVarchar) && typmod >= 4:
		return fmt.Sprintf("%s(%d)", name, typmod-4)
	}
	return fmt.Sprintf("%s(%d)", name, typmod)
}

// userTypes are the names of the types that users have made, as a connection
// has asked for them.
type userTypes map[uint32]string

// name gives the name of a user's type, asking the server for it unless its
// transaction has failed.
func (u userTypes) name(ctx context.Context, c *pgconn.PgConn, oid uint32) string {
	if n, ok := u[oid]; ok {
		return n
	}
	if c.TxStatus() == 'E' {
		return "usertype"
	}
	rows, err := c.Exec(ctx, fmt.Sprintf("SELECT pg_catalog.format_type(%d, NULL)", oid)).ReadAll()
	if err != nil || len(rows) != 1 || len(rows[0].Rows) != 1 {
		return "usertype"
	}
	u[oid] = string(rows[0].Rows[0][0])
	return u[oid]
}
