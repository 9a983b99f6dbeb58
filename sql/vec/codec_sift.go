package vec

import "github.com/streamsqld/streamsqld/sql/types"

// Dict makes v the distinct strings of a page that is coded by a dictionary. ok is
// false for other pages, and for those with NULLs, whose codes mean nothing.
func (p *Page) Dict(v *Vec) (ok bool, err error) {
	if p.form() != formDict || p.Kind() != types.Bytes || p.Nulls() > 0 {
		return false, nil
	}
	body, err := p.plainBody()
	if err != nil {
		return false, err
	}
	count, lens, _, text, ok := openDict(body, p.Rows())
	if !ok {
		return false, p.badBody()
	}
	v.Reset(types.Bytes, count)
	if !cutStrs(v.Strs, &lens, text) {
		return false, p.badBody()
	}
	return true, nil
}

// Coded writes to sel[:0] the positions of the values whose number in the
// dictionary (see Dict) is marked in want.
func (p *Page) Coded(want []bool, sel []int32) ([]int32, error) {
	body, err := p.plainBody()
	if err != nil {
		return nil, err
	}
	n := p.Rows()
	count, _, codes, _, ok := openDict(body, n)
	if !ok || count != len(want) {
		return nil, p.badBody()
	}
	sel = resize(sel, n)
	var part [decimalStep]int64
	k := 0
	for at := 0; at < n; at += decimalStep {
		dst := part[:min(decimalStep, n-at)]
		s := codes
		s.bits = s.bits[at*s.width/8:]
		s.unpack(dst)
		for i, code := range dst {
			if uint64(code) >= uint64(len(want)) {
				return nil, p.badBody()
			}
			sel[k] = int32(at + i)
			if want[code] {
				k++
			}
		}
	}
	return sel[:k], nil
}
