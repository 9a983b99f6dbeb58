//go:build !linux

package machine

import "os"

func dataSync(f *os.File) error { return f.Sync() }
