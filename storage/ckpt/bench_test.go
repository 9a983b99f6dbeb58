package ckpt

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

// A segment's column: 65,536 rows of 2 to 8 bytes.
func BenchmarkPutBlob(b *testing.B) {
	for _, size := range []int{128 << 10, 512 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			cols := [][]byte{make([]byte, size), make([]byte, size), make([]byte, size)}
			b.SetBytes(int64(3 * size))
			for b.Loop() {
				if err := s.PutBlob(s.NewBlob(), 0, cols...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// One 7 KiB block out of one of 3,000 blobs.
func BenchmarkReadBlob(b *testing.B) {
	s, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const blobs, block = 3000, 7 << 10
	for range blobs {
		if err := s.PutBlob(s.NewBlob(), 0, make([]byte, 16*block)); err != nil {
			b.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	buf := make([]byte, 0, block)
	b.Run("block", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if buf, err = s.ReadBlob(buf[:0], BlobID(1+rng.IntN(blobs)), 0, rng.IntN(16)*block, block); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.SetBytes(16 * block)
		for b.Loop() {
			if buf, err = s.ReadBlob(buf[:0], BlobID(1+rng.IntN(blobs)), 0, 0, -1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A checkpoint of view pages: 12 KiB each.
func BenchmarkCommit(b *testing.B) {
	for _, pages := range []int{1, 100, 2000} {
		b.Run(fmt.Sprintf("%dpages", pages), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			page := make([]byte, 12<<10)
			var key [8]byte
			b.SetBytes(int64(pages * len(page)))
			for b.Loop() {
				batch := s.Begin()
				for i := range pages {
					binary.BigEndian.PutUint64(key[:], uint64(i))
					if err := batch.Put(key[:], page); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Commit(nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
