package engine

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/funcs/fulltext"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// The trigger functions tsvector_update_trigger and tsvector_update_trigger_column: they
// keep a tsvector of what stands in other columns.

// tsvectorCall is a call of one of them.
type tsvectorCall struct {
	*triggerCall
	live []catalog.Column // the table's columns as the rows have them
}

// updateTSVector puts a tsvector into the new row. The arguments are the column it goes to,
// the configuration (or, with column, the column that has it) and the columns with texts.
func (c *triggerCall) updateTSVector(column bool) (*vec.Batch, error) {
	if err := c.checkTSVector(); err != nil {
		return nil, err
	}
	call := tsvectorCall{triggerCall: c}
	for _, col := range c.ts.rel.Columns {
		if !col.Dropped {
			call.live = append(call.live, col)
		}
	}
	row := rowValues(c.new, 0)
	args := c.t.Args
	to, err := call.column(args[0], "tsvector column \"%s\" does not exist", "column \"%s\" is not of tsvector type", types.TSVectorOID)
	if err != nil {
		return nil, err
	}
	cfg, err := call.config(args[1], column, row)
	if err != nil {
		return nil, err
	}
	text := fulltext.Text{Config: cfg}
	needed := c.event == ast.TriggerInsert
	for _, name := range args[2:] {
		i, err := call.column(name, "column \"%s\" does not exist", "column \"%s\" is not of a character type", types.TextOID, types.VarcharOID)
		if err != nil {
			return nil, err
		}
		_, attr := c.ts.rel.Column(name)
		needed = needed || slices.Contains(c.assigned, attr)
		if row[i].IsNull() {
			continue
		}
		if err := text.Add(row[i].Str()); err != nil {
			return nil, err
		}
	}
	if !needed {
		return c.new, nil
	}
	v, err := text.Vector()
	if err != nil {
		return nil, err
	}
	out := &vec.Batch{N: 1, Cols: slices.Clone(c.new.Cols)}
	out.Cols[to] = vec.Vec{Kind: types.Bytes}
	out.Cols[to].AppendDatum(types.NewString(v.Encode()))
	return out, nil
}

// checkTSVector refuses triggers that are none of those that the functions are for.
func (c *triggerCall) checkTSVector() error {
	msg := ""
	switch {
	case c.t.Type&ast.TriggerRow == 0:
		msg = "must be fired for row"
	case c.t.Type&ast.TriggerBefore == 0:
		msg = "must be fired BEFORE event"
	case c.event != ast.TriggerInsert && c.event != ast.TriggerUpdate:
		msg = "must be fired for INSERT or UPDATE"
	case len(c.t.Args) < 3:
		msg = "arguments must be tsvector_field, ts_config, text_field1, ...)"
	default:
		return nil
	}
	return pgerr.New(pgerr.InternalError, "tsvector_update_trigger: %s", msg)
}

// column finds a column of one of the types among a row's.
func (c *tsvectorCall) column(name, missing, wrong string, oids ...types.OID) (int, error) {
	i := slices.IndexFunc(c.live, func(col catalog.Column) bool { return col.Name == name })
	if i < 0 {
		return 0, pgerr.New(pgerr.UndefinedColumn, missing, name)
	}
	if !slices.Contains(oids, c.live[i].Type.Underlying().OID) {
		return 0, pgerr.New(pgerr.DatatypeMismatch, wrong, name)
	}
	return i, nil
}

// config finds the configuration.
func (c *tsvectorCall) config(name string, column bool, row []types.Datum) (*fulltext.Config, error) {
	if column {
		i, err := c.column(name, "configuration column \"%s\" does not exist", "column \"%s\" is not of regconfig type", types.RegconfigOID)
		if err != nil {
			return nil, err
		}
		if row[i].IsNull() {
			return nil, pgerr.New(pgerr.NullValueNotAllowed, "configuration column \"%s\" must not be null", name)
		}
		return fulltext.ConfigByOID(types.OID(row[i].Int()))
	}
	if !strings.Contains(name, ".") {
		return nil, pgerr.New(pgerr.InvalidParameterValue, "text search configuration name \"%s\" must be schema-qualified", name)
	}
	oid, err := c.ts.s.env.Names.RegIn(types.ByOID(types.RegconfigOID), name)
	if err != nil {
		return nil, err
	}
	return fulltext.ConfigByOID(oid)
}
