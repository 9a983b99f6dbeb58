package slt

import "slices"

// epoch is a part of a file, in the order in which a ViewRunner runs it.
type epoch struct {
	boundary []*Record // what ended the epoch before, and what changes the schema
	creates  []*Record // CREATE statements from anywhere in the epoch
	body     []*Record // the rest, in order
	// opaque are the records of body that are part of transactions or of other
	// connections.
	opaque map[*Record]bool
}

// epochs parts a file for a server of that name.
func epochs(f *File, server string) []epoch {
	c := &cutter{current: mainConn}
	c.cut()
	for _, r := range f.Records {
		if r.runsOn(server) {
			c.add(r)
		}
	}
	return c.out
}

type cutter struct {
	out     []epoch
	current string // connection
	open    bool   // a transaction on the main connection
}

func (c *cutter) cut() { c.out = append(c.out, epoch{opaque: map[*Record]bool{}}) }

func (c *cutter) add(r *Record) {
	if r.Kind == Connection {
		c.current = r.Argument
	}
	e := &c.out[len(c.out)-1]
	switch {
	case c.transaction(r), c.open, c.current != mainConn:
		e.opaque[r] = true
		e.body = append(e.body, r)
	case creates(r):
		e.creates = append(e.creates, r)
	case r.Kind == Statement && !r.Fails && !changes(r):
		if len(e.body)+len(e.creates) > 0 {
			c.cut()
			e = &c.out[len(c.out)-1]
		}
		e.boundary = append(e.boundary, r)
	default:
		e.body = append(e.body, r)
	}
}

// transaction follows BEGIN and its end on the main connection; it tells whether
// the record is one of them.
func (c *cutter) transaction(r *Record) bool {
	if c.current != mainConn || r.Kind != Statement {
		return false
	}
	switch verb(r.SQL) {
	case "begin", "start":
		c.open = true
	case "commit", "rollback", "end", "abort":
		ts := scan(r.SQL)
		if len(ts) > 1 && slices.ContainsFunc(ts, func(t token) bool { return t.text == "to" || t.text == "chain" }) {
			return c.open
		}
		c.open = false
	default:
		return false
	}
	return true
}

// created are the objects whose CREATE can be done before data that stands
// before it.
var created = []string{"table", "type", "domain", "view", "schema", "sequence", "stream", "source"}

// creates tells whether a record is such a CREATE.
func creates(r *Record) bool {
	if r.Kind != Statement || r.Fails || !single(r.SQL) {
		return false
	}
	ts := scan(r.SQL)
	if len(ts) < 3 || ts[0].text != "create" || !slices.Contains(created, ts[1].text) {
		return false
	}
	for i := range ts[:len(ts)-1] {
		if ts[i].text == "as" && ts[i].depth == 0 && ts[1].text == "table" {
			return false
		}
	}
	return true
}

// changes tells whether a record changes data.
func changes(r *Record) bool {
	switch r.Kind {
	case CopyIn, Restart, Kill:
		return true
	case Statement, Query:
		switch verb(r.SQL) {
		case "insert", "update", "delete", "truncate":
			return true
		}
	}
	return false
}

// viewable tells whether a record's query can be tried as a view.
func (r *Record) viewable() bool {
	if r.Kind != Query || r.Fails || r.NoView != "" || r.Params != nil || r.Classic() && r.SQL == "" || !single(r.SQL) {
		return false
	}
	switch verb(r.SQL) {
	case "select", "values", "with", "table":
	default:
		return false
	}
	for _, t := range scan(r.SQL) {
		switch t.text {
		case "insert", "update", "delete", "into", "emit", "nextval", "currval", "lastval", "setval":
			return false
		}
	}
	return true
}

// writtenWords gives the words of a statement that changes data: among them is
// the relation's name. nil stands for all relations: foreign keys have actions.
func writtenWords(sql string) map[string]bool {
	if v := verb(sql); v != "insert" && v != "copy" {
		return nil
	}
	out := map[string]bool{}
	for _, t := range scan(sql)[1:] {
		switch t.text {
		case "into", "from", "only", "table", ".":
			continue
		case "values", "select", "set", "where":
			return out
		}
		out[t.text] = true
	}
	return out
}
