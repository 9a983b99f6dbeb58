package ast

// PartitionBy is PARTITION BY strategy (keys) of CREATE TABLE.
type PartitionBy struct {
	Strategy string // as written, in lower case: range, list, hash, or what is none
	Keys     []IndexElem
	Pos      Pos
}

// PartitionOf is PARTITION OF parent bound of CREATE TABLE, whose Columns have no types
// then.
type PartitionOf struct {
	Parent Name
	Bound  PartitionBound
	Pos    Pos
}

// PartitionBound is FOR VALUES … or DEFAULT: which rows a partition holds.
type PartitionBound struct {
	Default bool
	In      []Expr // of LIST
	From    []Expr // of RANGE; MINVALUE and MAXVALUE are column references
	To      []Expr
	With    []HashPart // of HASH
	Pos     Pos
}

// HashPart is MODULUS n or REMAINDER n.
type HashPart struct {
	Name  string
	Value int64
	Pos   Pos
}

// AlterPartition is ALTER TABLE t ATTACH PARTITION p bound, and DETACH PARTITION p; of
// indexes, ALTER INDEX t ATTACH PARTITION p.
type AlterPartition struct {
	Table     Name
	Index     bool
	IfExists  bool
	Attach    bool
	Partition Name
	Bound     PartitionBound
	Pos       Pos
}
