//go:build !unix

package storage

import "os"

// lockFile leaves it to Badger's own guard of its directory.
func lockFile(*os.File) error { return nil }
