package catalog

import (
	"sort"
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/sql/types"
)

// OIDs of the catalogues that comments and dependencies name.
const (
	classType       OID = 1247
	classProc       OID = 1255
	classClass      OID = 1259
	classAuthid     OID = 1260
	classDatabase   OID = 1262
	classTablespace OID = 1213
	classAttrdef    OID = 2604
	classConstraint OID = 2606
	classLanguage   OID = 2612
	classNamespace  OID = 2615
	classOperator   OID = 2617
	classRewrite    OID = 2618
)

func sharedClass(class OID) bool {
	return class == classAuthid || class == classDatabase || class == classTablespace
}

// commentable tells whether users can comment on objects of that class that PostgreSQL
// comes with: the schema public, extensions, databases.
func commentable(class OID) bool {
	return class == classNamespace || class == ClassExtension || sharedClass(class)
}

// builtinDescriptionRows writes the comments that PostgreSQL comes with and that nobody
// can change.
func builtinDescriptionRows(w *rowWriter) {
	t := pgdata.Load(w.rel.Name)
	class, from := t.Column("classoid"), columnsOf(w.rel, t)
	row := make([]types.Datum, len(w.rel.Columns))
	for _, r := range t.Rows {
		if !commentable(OID(pgdata.Uint(r[class]))) {
			fillDumped(row, w.rel, from, r)
			w.add(row...)
		}
	}
}

// descriptionRows writes comments, of objects that belong to one database.
func descriptionRows(s *Snapshot, w *rowWriter) {
	s.commentRows(func(c CommentKey, text string) {
		if !sharedClass(c.Class) {
			w.add(vOID(c.Object), vOID(c.Class), vInt(c.Sub), vStr(text))
		}
	})
}

// shdescriptionRows writes those of roles, databases and tablespaces.
func shdescriptionRows(s *Snapshot, w *rowWriter) {
	s.commentRows(func(c CommentKey, text string) {
		if sharedClass(c.Class) {
			w.add(vOID(c.Object), vOID(c.Class), vStr(text))
		}
	})
}

// commentRows calls fn for every comment that users have made or could change.
func (s *Snapshot) commentRows(fn func(c CommentKey, text string)) {
	for c, text := range builtinComments() {
		if _, changed := s.comments[c]; commentable(c.Class) && !changed {
			fn(c, text)
		}
	}
	for _, c := range s.commentsSorted() {
		if text := s.comments[c]; text != "" {
			fn(c, text)
		}
	}
}

func (s *Snapshot) commentsSorted() []CommentKey {
	keys := make([]CommentKey, 0, len(s.comments))
	for k := range s.comments {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if a.Class != b.Class {
			return a.Class < b.Class
		}
		if a.Object != b.Object {
			return a.Object < b.Object
		}
		return a.Sub < b.Sub
	})
	return keys
}

// Description gives the comment on an object, a user's or one that PostgreSQL
// comes with; ok is false when there is none.
func (s *Snapshot) Description(k CommentKey) (text string, ok bool) {
	if text, ok = s.comments[k]; ok {
		return text, text != ""
	}
	text, ok = builtinComments()[k]
	return text, ok
}

var builtinComments = sync.OnceValue(func() map[CommentKey]string {
	m := map[CommentKey]string{}
	for _, table := range []string{"pg_description", "pg_shdescription"} {
		t := pgdata.Load(table)
		obj, class, text := t.Column("objoid"), t.Column("classoid"), t.Column("description")
		for _, r := range t.Rows {
			k := CommentKey{Object: OID(pgdata.Uint(r[obj])), Class: OID(pgdata.Uint(r[class]))}
			if len(t.Columns) == 4 {
				k.Sub = int32(pgdata.Int(r[t.Column("objsubid")]))
			}
			m[k] = r[text]
		}
	}
	return m
})
