package funcs

// extraFuncs are the functions beyond PostgreSQL's, under OIDs that PostgreSQL
// leaves to developers (8000–9999).
var extraFuncs []*Func
