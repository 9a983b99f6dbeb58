// Package keyword holds PostgreSQL 15's key words with their categories, for
// the lexer and the grammar (sql/parser), for quoting (sql/ast) and for
// pg_get_keywords().
package keyword

// ID is a key word; the constants are in table.go. None is no key word.
type ID uint16

// NotKeyword is the ID of a word that is not a key word.
const NotKeyword ID = 0

// Category says where a key word may stand as a name.
type Category uint8

// The categories, as kwlist.h names them.
const (
	// Unreserved words may be any name.
	Unreserved Category = iota
	// ColName words may be a column or table name, not a function or type name.
	ColName
	// TypeFuncName words may be a function or type name, not a column name.
	TypeFuncName
	// Reserved words may only be labels.
	Reserved
)

// Code is the category's letter in pg_get_keywords().
func (c Category) Code() string { return [...]string{"U", "C", "T", "R"}[c] }

// String describes the category as pg_get_keywords() does.
func (c Category) String() string {
	return [...]string{
		"unreserved",
		"unreserved (cannot be function or type name)",
		"reserved (can be function or type name)",
		"reserved",
	}[c]
}

// Keyword is one key word.
type Keyword struct {
	Word     string // lower case
	Category Category
	// BareLabel is set when the word can be a column label without AS.
	BareLabel bool
}

// maxLen is the length of the longest key word, current_timestamp.
const maxLen = 17

// index is an open-addressing hash table over the words.
var index [1024]ID

func init() {
	for id := ID(1); int(id) < len(table); id++ {
		h := hash(table[id].Word)
		for index[h] != NotKeyword {
			h = (h + 1) % uint32(len(index))
		}
		index[h] = id
	}
}

// hash ignores the case of ASCII letters.
func hash(word string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(word); i++ {
		h = (h ^ uint32(word[i]|0x20)) * 16777619
	}
	return (h ^ h>>15) % uint32(len(index))
}

// Lookup finds a word in any case of its ASCII letters.
func Lookup(word string) ID {
	if len(word) < 2 || len(word) > maxLen {
		return NotKeyword
	}
	for h := hash(word); index[h] != NotKeyword; h = (h + 1) % uint32(len(index)) {
		if equalFold(table[index[h]].Word, word) {
			return index[h]
		}
	}
	return NotKeyword
}

// equalFold compares a lower-case key word with a word in any case.
func equalFold(lower, word string) bool {
	if len(lower) != len(word) {
		return false
	}
	for i := 0; i < len(word); i++ {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// List gives the key words in alphabetical order. The slice is shared: it must
// not be changed.
func List() []Keyword { return table[1:] }

// Word is the key word in lower case.
func (id ID) Word() string { return table[id].Word }

// Category is the category of a key word.
func (id ID) Category() Category { return table[id].Category }

// BareLabel tells whether the word can be a column label without AS.
func (id ID) BareLabel() bool { return table[id].BareLabel }
