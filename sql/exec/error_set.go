package exec

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/exec/state"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// errorSet counts the errors of rows by what they say: a multiset of reports with
// weights.
type errorSet struct {
	tab *state.Table // code, message, detail, hint; weight
}

const errorColumns = 4

func newErrorSet() *errorSet {
	ts := make([]*types.Type, errorColumns, errorColumns+1)
	for i := range ts {
		ts[i] = types.TText
	}
	return &errorSet{tab: state.NewTable(append(ts, types.TInt8), errorColumns, state.Image)}
}

// add counts an error; it is a BadRow.
func (s *errorSet) add(err error, weight int64) {
	if weight == 0 {
		return
	}
	e := pgerr.From(err)
	key := make([]vec.Vec, errorColumns)
	for i, text := range []string{string(e.Code), e.Message, e.Detail, e.Hint} {
		key[i].Reset(types.Bytes, 1)
		key[i].Strs[0] = text
	}
	var slot [1]uint32
	fresh, _ := s.tab.Groups(key, 1, slot[:])
	weights := s.tab.Cols[errorColumns].Ints
	if len(fresh) > 0 {
		weights[slot[0]] = 0
	}
	weights[slot[0]] += weight
	s.tab.Touch(slot[0])
	if weights[slot[0]] == 0 {
		s.tab.Free(slot[0])
	}
}

// err gives an error of the set, always the same one of the same set; nil when it
// is empty.
func (s *errorSet) err() error {
	if s.tab.Len() == 0 {
		return nil
	}
	var e *pgerr.Error
	s.tab.EachFrom(0, 1, func(slot uint32) {
		if e != nil {
			return
		}
		text := func(c int) string { return s.tab.Cols[c].Strs[slot] }
		e = &pgerr.Error{Code: pgerr.Code(text(0)), Message: text(1), Detail: text(2), Hint: text(3)}
	})
	return e
}

// Save implements the saving half of Stateful.
func (s *errorSet) Save(w state.PageWriter) error { return s.tab.Save(w, 0, nil) }

// SaveAll makes the next Save write every page.
func (s *errorSet) SaveAll() { s.tab.SaveAll() }

// LoadPage takes back a page.
func (s *errorSet) LoadPage(table, page uint32, data []byte) error {
	if table != 0 {
		return errUnknownTable
	}
	return s.tab.LoadPage(page, data, nil)
}

// Loaded is called after the last page.
func (s *errorSet) Loaded() error { return s.tab.Loaded() }

// Bytes is the memory in use.
func (s *errorSet) Bytes() int64 { return s.tab.Bytes() }
