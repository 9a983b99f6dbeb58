// Package jsonpath reads and shows the SQL/JSON path language as PostgreSQL's
// type jsonpath does. What a path finds in a value is package funcs/jsonpath's
// business.
package jsonpath

// Kind is the kind of an Item.
type Kind uint8

// The kinds of items.
const (
	Null Kind = iota
	String
	Number
	True
	False
	Variable // $name
	Root     // $
	Current  // @
	Last
	And
	Or
	Not
	IsUnknown
	Equal
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	StartsWith
	LikeRegex
	Exists
	Add
	Sub
	Mul
	Div
	Mod
	Plus
	Minus
	AnyArray   // [*]
	IndexArray // [subscripts]
	AnyKey     // .*
	Any        // .**
	Key
	Filter // ?(predicate)
	Type
	Size
	Abs
	Floor
	Ceiling
	Double
	Datetime
	KeyValue
)

// Unbounded is the level "last" of .**.
const Unbounded = -1

// Item is a step or an operator. Next is the step that follows it.
type Item struct {
	Kind        Kind
	Left, Right *Item // operands; the only operand is Left
	Next        *Item
	Str         string // of String, Key, Variable, the pattern of LikeRegex; the text of Number
	Flags       Flags  // of LikeRegex
	First, Last int    // the levels of Any
	Subscripts  []Subscript
	Template    bool // Datetime has a template: Str
}

// Subscript is one of [a, b to c]; To is nil for a single one.
type Subscript struct{ From, To *Item }

// Flags are those of like_regex.
type Flags uint8

// The flags.
const (
	IgnoreCase Flags = 1 << iota // i
	DotAll                       // s
	MultiLine                    // m
	Spaced                       // x
	Quoted                       // q
)

// Path is a jsonpath.
type Path struct {
	Strict bool
	Root   *Item
}
