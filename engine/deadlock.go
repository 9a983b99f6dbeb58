package engine

import "slices"

// deadlocked tells whether waiting closes a circle that cannot be broken by changing the
// order in which requests wait; mu is held.
func (t *lockTable) deadlocked(who *locker) bool {
	path := t.circle(who)
	for i, w := range path {
		if t.goAhead(w, path[(i+1)%len(path)]) {
			return false
		}
	}
	return len(path) > 0
}

// goAhead moves a request ahead of one that it waits behind, unless that closes a circle
// or it waits for what the other has.
func (t *lockTable) goAhead(w, other *lockWait) bool {
	l := t.locks[w.tag]
	if other.tag != w.tag || slices.Contains(t.hold(w), other.who) {
		return false
	}
	was := slices.Clone(l.queue)
	l.queue = slices.DeleteFunc(l.queue, func(x *lockWait) bool { return x == w })
	l.queue = slices.Insert(l.queue, slices.Index(l.queue, other), w)
	if t.circle(w.who) != nil || t.circle(other.who) != nil {
		l.queue = was
		return false
	}
	t.serve(w.tag, l)
	return true
}

// circle gives the requests that wait for one another around who, in order; nil: there
// are none. mu is held.
func (t *lockTable) circle(who *locker) []*lockWait {
	seen := map[*locker]bool{}
	var visit func(x *locker) []*lockWait
	visit = func(x *locker) []*lockWait {
		w := x.waiting
		if w == nil {
			return nil
		}
		for _, b := range append(t.hold(w), t.ahead(w)...) {
			if b == who {
				return []*lockWait{w}
			}
			if seen[b] {
				continue
			}
			seen[b] = true
			if path := visit(b); path != nil {
				return append([]*lockWait{w}, path...)
			}
		}
		return nil
	}
	return visit(who)
}

// hold lists those who hold a lock in a way that a request has to wait for.
func (t *lockTable) hold(w *lockWait) []*locker {
	c := conflicts[w.tag.kind][w.mode]
	var out []*locker
	for h, modes := range t.locks[w.tag].holders {
		if h != w.who && modes&c != 0 {
			out = append(out, h)
		}
	}
	return out
}

// ahead lists those whose requests stand before one that conflicts with them.
func (t *lockTable) ahead(w *lockWait) []*locker {
	c := conflicts[w.tag.kind][w.mode]
	var out []*locker
	for _, q := range t.locks[w.tag].queue {
		if q == w {
			break
		}
		if q.who != w.who && (1<<q.mode)&c != 0 {
			out = append(out, q.who)
		}
	}
	return out
}
