package funcs

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// systemNames are the functions that read the catalogue or the server's state,
// by the beginnings of their names. Those that are not implemented here are
// Env.System's, under their prosrc or, where PostgreSQL writes them in SQL,
// their name.
var systemNames = []string{
	"pg_", "has_", "txid_", "obj_description", "shobj_description", "col_description", "row_security_active", "inet_client_port",
	"inet_server_port", "current_query", "version", "currtid2", "age", "mxid_age", "acl", "makeaclitem", "hash_aclitem",
}

// systemFunc tells whether a function without an Impl is Env.System's.
func systemFunc(f *Func) bool {
	if f.Kind != Scalar {
		return false
	}
	for _, t := range append([]*types.Type{f.Ret}, f.Args...) {
		switch t.OID {
		case types.InternalOID, types.TriggerOID, types.CstringOID:
			return false
		}
	}
	for _, p := range systemNames {
		if strings.HasPrefix(f.Name, p) {
			return true
		}
	}
	return false
}

// systemName is the name that Env.System knows a function by.
func (f *Func) systemName() string {
	if f.Src == "" || f.sqlBody() {
		return f.Name
	}
	return f.Src
}

func systemImpl(f *Func) *Impl {
	name := f.systemName()
	if f.RetSet {
		return &Impl{Set: func(call *Call) (SetFunc, error) {
			ts := call.columnTypes()
			return func(c *Ctx, args []types.Datum) (vec.Source, error) {
				s, err := c.system(f)
				if err != nil {
					return nil, err
				}
				rows, err := s.Rows(name, args)
				return tableSource(ts, rows), err
			}, nil
		}}
	}
	return &Impl{Bind: func(call *Call) (Kernel, error) {
		return rows(call.Ret.Kind, func(c *Ctx, args []types.Datum) (types.Datum, error) {
			s, err := c.system(f)
			if err != nil {
				return types.Null, err
			}
			return s.Call(name, args)
		}), nil
	}}
}

func (c *Ctx) system(f *Func) (System, error) {
	if c.Env.System == nil {
		return nil, pgerr.NotSupported("function %s here", f.Signature())
	}
	return c.Env.System, nil
}
