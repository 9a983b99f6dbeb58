package funcs

// Files of a package are initialised in the order of their names, and this one
// is the last: by now every Impl is registered.
func init() { load() }
