package funcs

// extraFuncs are the functions beyond PostgreSQL's, under OIDs that PostgreSQL
// leaves to developers (8000–9999).
var extraFuncs []*Func

// defaultTexts are the default arguments of PostgreSQL's functions, by
// signature: pg_proc keeps them as trees.
var defaultTexts = map[string][]string{}
