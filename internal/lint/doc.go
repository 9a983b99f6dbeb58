// Package lint checks the source tree, as tests: which room imports which, which
// room alone may use a library, and how long a file may be.
package lint
