package funcs

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"math/bits"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

func init() {
	register("bytea_substr", &Impl{Kernel: fn3e(byteaSubstr)})
	register("bytea_substr_no_len", &Impl{Kernel: fn2(func(s string, from int64) string { return s[min(max(from, 1)-1, int64(len(s))):] })})
	register("byteaoverlay", &Impl{Kernel: fn4e(byteaOverlay)})
	register("byteaoverlay_no_len", &Impl{Kernel: fn3e(func(s, t string, from int64) (string, error) {
		return byteaOverlay(s, t, from, int64(len(t)))
	})})
	register("byteapos", &Impl{Kernel: fn2(func(s, t string) int64 { return int64(strings.Index(s, t) + 1) })})
	register("byteatrim", &Impl{Kernel: fn2(func(s, set string) string { return byteaTrim(s, set, true, true) })})
	register("bytealtrim", &Impl{Kernel: fn2(func(s, set string) string { return byteaTrim(s, set, true, false) })})
	register("byteartrim", &Impl{Kernel: fn2(func(s, set string) string { return byteaTrim(s, set, false, true) })})
	register("byteaGetByte", &Impl{Kernel: fn2e(getByte)})
	register("byteaSetByte", &Impl{Kernel: fn3e(setByte)})
	register("byteaGetBit", &Impl{Kernel: fn2e(getBit)})
	register("byteaSetBit", &Impl{Kernel: fn3e(setBit)})
	register("bytea_bit_count", &Impl{Kernel: fn1(bitCount)})
	for _, p := range []string{"md5_text", "md5_bytea"} {
		register(p, &Impl{Kernel: append1(func(dst []byte, s string) []byte { h := md5.Sum([]byte(s)); return hex.AppendEncode(dst, h[:]) })})
	}
	register("sha224_bytea", &Impl{Kernel: fn1(func(s string) string { h := sha256.Sum224([]byte(s)); return string(h[:]) })})
	register("sha256_bytea", &Impl{Kernel: fn1(func(s string) string { h := sha256.Sum256([]byte(s)); return string(h[:]) })})
	register("sha384_bytea", &Impl{Kernel: fn1(func(s string) string { h := sha512.Sum384([]byte(s)); return string(h[:]) })})
	register("sha512_bytea", &Impl{Kernel: fn1(func(s string) string { h := sha512.Sum512([]byte(s)); return string(h[:]) })})
}

func byteaSubstr(s string, start, length int64) (string, error) {
	from, to, ok := span(start, length)
	if !ok {
		return "", errSubstring
	}
	n := int64(len(s))
	return s[min(from, n):min(to, n)], nil
}

func byteaOverlay(s, t string, start, length int64) (string, error) {
	if start <= 0 {
		return "", errSubstring
	}
	end := start + length
	if !width4.fits(end) {
		return "", errInt4Range
	}
	n := int64(len(s))
	return s[:min(start-1, n)] + t + s[min(max(end, 1)-1, n):], nil
}

func byteaTrim(s, set string, left, right bool) string {
	for left && s != "" && strings.IndexByte(set, s[0]) >= 0 {
		s = s[1:]
	}
	for right && s != "" && strings.IndexByte(set, s[len(s)-1]) >= 0 {
		s = s[:len(s)-1]
	}
	return s
}

func errIndex(i int64, n int64) error {
	return pgerr.New(pgerr.ArraySubscriptError, "index %d out of valid range, 0..%d", i, n-1)
}

func getByte(s string, i int64) (int64, error) {
	if i < 0 || i >= int64(len(s)) {
		return 0, errIndex(i, int64(len(s)))
	}
	return int64(s[i]), nil
}

func setByte(s string, i, x int64) (string, error) {
	if i < 0 || i >= int64(len(s)) {
		return "", errIndex(i, int64(len(s)))
	}
	b := []byte(s)
	b[i] = byte(x)
	return string(b), nil
}

// getBit counts bits from the low end of each byte.
func getBit(s string, i int64) (int64, error) {
	if i < 0 || i >= 8*int64(len(s)) {
		return 0, errIndex(i, 8*int64(len(s)))
	}
	return int64(s[i/8] >> (i % 8) & 1), nil
}

func setBit(s string, i, x int64) (string, error) {
	if i < 0 || i >= 8*int64(len(s)) {
		return "", errIndex(i, 8*int64(len(s)))
	}
	if x != 0 && x != 1 {
		return "", pgerr.New(pgerr.InvalidParameterValue, "new bit must be 0 or 1")
	}
	b := []byte(s)
	b[i/8] = b[i/8]&^(1<<(i%8)) | byte(x)<<(i%8)
	return string(b), nil
}

func bitCount(s string) (n int64) {
	for i := range len(s) {
		n += int64(bits.OnesCount8(s[i]))
	}
	return n
}
