package exec

import "github.com/streamsqld/streamsqld/sql/exec/state"

// The tables of a DeltaSession's state: the partitions, the rows, the sessions.

// Save implements Stateful.
func (s *DeltaSession) Save(w state.PageWriter) error {
	if err := s.parts.Save(w, 0, nil); err != nil {
		return err
	}
	if err := s.rows.Save(w, 1); err != nil {
		return err
	}
	return s.sess.Save(w, 2)
}

// SaveAll implements Stateful.
func (s *DeltaSession) SaveAll() {
	s.parts.SaveAll()
	s.rows.SaveAll()
	s.sess.SaveAll()
}

// LoadPage implements Stateful.
func (s *DeltaSession) LoadPage(table, page uint32, data []byte) error {
	switch table {
	case 0:
		return s.parts.LoadPage(page, data, nil)
	case 1:
		return s.rows.LoadPage(page, data)
	case 2:
		return s.sess.LoadPage(page, data)
	}
	return errUnknownTable
}

// Loaded implements Stateful.
func (s *DeltaSession) Loaded() error {
	if err := s.parts.Loaded(); err != nil {
		return err
	}
	if err := s.rows.Loaded(); err != nil {
		return err
	}
	if err := s.sess.Loaded(); err != nil || s.times == nil {
		return err
	}
	s.times.Clear()
	s.sess.Each(func(slot uint32) { s.times.Add(slot, s.end(s.span(slot))) })
	return nil
}

// Kept implements Stateful.
func (s *DeltaSession) Kept() int { return s.rows.Len() }

// Bytes implements Stateful.
func (s *DeltaSession) Bytes() int64 {
	n := s.parts.Bytes() + s.rows.Bytes() + s.sess.Bytes()
	if s.times != nil {
		n += s.times.Bytes()
	}
	return n
}
