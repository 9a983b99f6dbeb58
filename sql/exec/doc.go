// Package exec runs plans: once over what is stored (the batch side), or for
// ever over what arrives (the circuit side).
//
// # The batch side
//
// Compile turns a plan into a tree of operators, each a vec.Source that pulls
// from those below it. Steps: prepare expressions, open lazily at the first
// Next, fill, pass on. Prepare keeps the tree, so that it can run again.
//
// B1: operators obey vec's O1–O3: what Next gives is lent until the next call.
//
// B2: a row that fails ends the query when its turn comes and not before: the
// rows ahead of it in the batch are passed on first. So a LIMIT that needs only
// these does not see the error, as in PostgreSQL.
//
// B3: rows keep the order of their input wherever SQL lets them: scans give id
// order, filters and projections keep it, joins keep the order of the probing
// side. Parallel parts are put back in order unless what is above does not care.
//
// B4: every operator that keeps rows counts their bytes and moves them to
// temporary files when they are more than Runtime.WorkMem.
//
// B5: an operator never writes into the memory of the batch it is handed: it
// overwrites the batch by one of its own. Sources from outside, which may decode
// into the batch they are handed, get one that no one else uses.
//
// B6: an operator that was closed is not used again; one that is rewound begins
// anew with the parameters as they are then.
package exec
