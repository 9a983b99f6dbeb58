package sysfunc

import "github.com/streamsqld/streamsqld/sql/funcs"

// Files of a package are initialised in the order of their names, and this one is
// the last: by now every function of the package is in its tables.
func init() { funcs.Delegate(Names()) }
