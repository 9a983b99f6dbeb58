// Package regex is PostgreSQL's regular expressions: the syntax and, to the
// last submatch, the semantics of its ARE, ERE and BRE (Henry Spencer's
// package), in time linear in the text for the question whether it matches.
//
// Go's regexp is not used: it has neither PostgreSQL's preference rules (the
// longest or the shortest match as a whole, then subexpression by
// subexpression), nor lookaround, nor back references, and cannot be given them
// from outside.
//
// The steps of a match, as in PostgreSQL's regexec.c:
//
//  1. The pattern is parsed to a tree of node (parse.go), and that is divided
//     into a tree of subre (tree.go): where only the extent of a match matters a
//     subre is one automaton; where submatches, back references or a change of
//     preference matter it has parts.
//  2. A subre's automaton is a Thompson NFA over classes of characters (nfa.go,
//     color.go), run as a DFA that is built as it goes (dfa.go).
//  3. A search finds where the leftmost match begins and ends (match.go), and
//     dissection fixes the extent of the parts, from the outside in
//     (dissect.go).
//
// Back references cost exponential time in the worst case; the number of steps
// is limited.
package regex
