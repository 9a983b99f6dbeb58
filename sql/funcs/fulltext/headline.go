package fulltext

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// headline chooses the part of a text that shows how it fits a query.
type headline struct {
	words []shownWord
	query *types.TSQuery
	opt   HeadlineOptions
	span  int // how many words a cover may have
}

// shownWord is a token of the text. A token that is several lexemes of the query stands
// there once for each; all but the first are repeated.
type shownWord struct {
	Token
	op       *types.TSQuery // the lexeme of the query that it is, nil for none
	pos      int
	repeated bool
	in       bool // it is shown
	selected bool // as a find
	skip     bool // it is shown by its parts
	replace  bool // by a space
}

// HeadlineOptions are the options of ts_headline.
type HeadlineOptions struct {
	MinWords, MaxWords, ShortWord, MaxFragments int
	HighlightAll                                bool
	StartSel, StopSel, FragmentDelimiter        string
}

// ReadHeadlineOptions reads options; those that there are not, or have a wrong value, are
// 22023 and 22P02.
func ReadHeadlineOptions(list []Option) (HeadlineOptions, error) {
	o := HeadlineOptions{MinWords: 15, MaxWords: 35, ShortWord: 3, StartSel: "<b>", StopSel: "</b>", FragmentDelimiter: " ... "}
	numbers := map[string]*int{"maxwords": &o.MaxWords, "minwords": &o.MinWords, "shortword": &o.ShortWord, "maxfragments": &o.MaxFragments}
	texts := map[string]*string{"startsel": &o.StartSel, "stopsel": &o.StopSel, "fragmentdelimiter": &o.FragmentDelimiter}
	for _, f := range list {
		name := strings.ToLower(f.Name)
		switch {
		case numbers[name] != nil:
			n, err := types.ParseIntText(f.Value, 32)
			if err != nil {
				return o, err
			}
			*numbers[name] = int(n)
		case texts[name] != nil:
			*texts[name] = f.Value
		case name == "highlightall":
			switch strings.ToLower(f.Value) {
			case "1", "on", "true", "t", "y", "yes":
				o.HighlightAll = true
			default:
				o.HighlightAll = false
			}
		default:
			return o, pgerr.New(pgerr.InvalidParameterValue, "unrecognized headline parameter: \"%s\"", f.Name)
		}
	}
	if err := o.check(); err != nil {
		return o, err
	}
	for _, f := range [][2]string{{"StartSel", o.StartSel}, {"StopSel", o.StopSel}, {"FragmentDelimiter", o.FragmentDelimiter}} {
		if len(f[1]) > math.MaxInt16 {
			return o, pgerr.New(pgerr.InvalidParameterValue, "value for \"%s\" is too long", f[0])
		}
	}
	return o, nil
}

func (o *HeadlineOptions) check() error {
	msg := ""
	switch {
	case o.HighlightAll:
	case o.MinWords >= o.MaxWords:
		msg = "MinWords should be less than MaxWords"
	case o.MinWords <= 0:
		msg = "MinWords should be positive"
	case o.ShortWord < 0:
		msg = "ShortWord should be >= 0"
	case o.MaxFragments < 0:
		msg = "MaxFragments should be >= 0"
	}
	if msg != "" {
		return pgerr.New(pgerr.InvalidParameterValue, "%s", msg)
	}
	return nil
}

// Headline shows the part of a text that fits a query best, with what was found marked.
func Headline(c *Config, text string, q *types.TSQuery, o HeadlineOptions) (string, error) {
	h := headline{query: q, opt: o, span: max(o.MaxWords*10, 100)}
	if o.MaxFragments > 0 {
		h.span *= o.MaxFragments
	}
	if err := h.read(c, text); err != nil {
		return "", err
	}
	if o.MaxFragments <= 0 {
		h.chooseWords()
	} else {
		h.chooseFragments()
	}
	return h.show(), nil
}

// read cuts the text and finds the lexemes of the query in it.
func (h *headline) read(c *Config, text string) error {
	pos := 0
	for _, t := range Tokens(text) {
		if len(t.Text) >= types.MaxLexeme {
			continue
		}
		h.words = append(h.words, shownWord{Token: t})
		at := len(h.words) - 1
		lexemes, by, err := c.lexize(t)
		if err != nil {
			return err
		}
		if by != nil {
			pos++
		}
		for _, l := range lexemes {
			h.words[len(h.words)-1].pos = min(pos, types.MaxTextPos-1)
			h.query.Words(func(w *types.TSQuery) bool {
				switch {
				case l != w.Word && !(w.Prefix && strings.HasPrefix(l, w.Word)):
				case h.words[at].op == nil:
					h.words[at].op = w
				default:
					again := h.words[at]
					again.op, again.repeated = w, true
					h.words = append(h.words, again)
				}
				return true
			})
		}
	}
	return nil
}

// counts tells words from signs and from what is shown by its parts.
func (w *shownWord) counts() bool {
	switch w.Kind {
	case Blank, Tag, URL, NumHyphen, ASCIIHyphen, Hyphen:
		return false
	}
	return true
}

// find tells a word that the query asks for.
func (w *shownWord) find() bool { return w.op != nil && !w.repeated }

// badEnd tells words that a headline should not begin or end with.
func (h *headline) badEnd(i int) bool {
	w := &h.words[i]
	if w.find() {
		return false
	}
	switch w.Kind {
	case Scientific, Version, Decimal, SignedInt, UnsignedInt, Protocol, Entity:
		return true
	}
	return !w.counts() || len(w.Text) <= h.opt.ShortWord
}

// nextOp finds the first word from i on that is in the query, -1 if there is none.
func (h *headline) nextOp(i int) int {
	for ; i < len(h.words); i++ {
		if h.words[i].op != nil {
			return i
		}
	}
	return -1
}

// cover finds the first and shortest part from a word on that has what the query asks for.
func (h *headline) cover(from int) (first, last int, ok bool) {
	if h.query == nil {
		return 0, 0, false
	}
	for first = h.nextOp(from); first >= 0; first = h.nextOp(first + 1) {
		for last = first; last >= 0 && last-first < h.span; last = h.nextOp(last + 1) {
			if execute(h.query, inWords(h.words[first:last+1])) != No {
				return first, last, true
			}
		}
	}
	return 0, 0, false
}

// inWords looks lexemes up in a part of the text.
func inWords(ws []shownWord) lookup {
	return func(op *types.TSQuery, at *places) Truth {
		t := No
		for i := range ws {
			if ws[i].op != op {
				continue
			}
			t = Yes
			if at == nil {
				return t
			}
			if n := len(at.pos); n == 0 || at.pos[n-1] < ws[i].pos {
				at.pos = append(at.pos, ws[i].pos)
			}
		}
		return t
	}
}

// mark chooses words.
func (h *headline) mark(first, last int) {
	for i := first; i <= last && i < len(h.words); i++ {
		w := &h.words[i]
		w.selected = w.selected || w.op != nil
		switch w.Kind {
		case Tag:
			w.replace = w.replace || !h.opt.HighlightAll
		case URL, NumHyphen, ASCIIHyphen, Hyphen:
			w.skip = true
		}
		w.in = !w.repeated
	}
}

// tally counts words and finds in steps of one.
type tally struct{ words, finds int }

func (t *tally) add(w *shownWord, n int) {
	if w.counts() {
		t.words += n
	}
	if w.find() {
		t.finds += n
	}
}

// chooseWords chooses one part.
func (h *headline) chooseWords() {
	if h.opt.HighlightAll {
		h.mark(0, len(h.words)-1)
		return
	}
	bestFirst, bestLast, bestFinds, bestCovers := -1, -1, -1, false
	for p, q, ok := h.cover(0); ok; p, q, ok = h.cover(p + 1) {
		first, last, finds := h.around(p, q)
		covers := first <= p && last >= q
		if covers && !bestCovers || covers == bestCovers && (finds > bestFinds || finds == bestFinds && !h.badEnd(last) && h.badEnd(bestLast)) {
			bestFirst, bestLast, bestFinds, bestCovers = first, last, finds, covers
		}
	}
	if bestFinds < 0 {
		h.markBeginning()
		return
	}
	h.mark(bestFirst, bestLast)
}

// markBeginning chooses the first words where nothing was found.
func (h *headline) markBeginning() {
	words, last := 0, 0
	for i := 0; i < len(h.words) && words < h.opt.MinWords; i++ {
		if h.words[i].counts() {
			words++
		}
		last = i
	}
	h.mark(0, last)
}

// around makes a cover longer or shorter, so that it has the number of words asked for
// and a good end.
func (h *headline) around(p, q int) (first, last, finds int) {
	var n tally
	first, last = p, p
	i := p
	for ; i <= q && n.words < h.opt.MaxWords; i++ {
		n.add(&h.words[i], 1)
		last = i
	}
	if n.words >= h.opt.MaxWords {
		for i = min(i, q); n.words > h.opt.MinWords && h.badEnd(i); i-- {
			n.add(&h.words[i], -1)
			last = i - 1
		}
		return first, last, n.finds
	}
	for i--; i < len(h.words) && n.words < h.opt.MaxWords; i++ {
		if i > q {
			n.add(&h.words[i], 1)
		}
		if last = i; !h.badEnd(i) && n.words >= h.opt.MinWords {
			break
		}
	}
	if n.words < h.opt.MinWords {
		for i = p - 1; i >= 0; i-- {
			n.add(&h.words[i], 1)
			if n.words >= h.opt.MaxWords || !h.badEnd(i) && n.words >= h.opt.MinWords {
				break
			}
		}
		first = max(i, 0)
	}
	return first, last, n.finds
}

// fragment is a part that may be chosen.
type fragment struct {
	first, last      int
	n                tally
	chosen, excluded bool
}

// chooseFragments chooses several parts.
func (h *headline) chooseFragments() {
	fs := h.fragments()
	chosen := 0
	for ; chosen < h.opt.MaxFragments; chosen++ {
		best, finds, words := -1, 0, math.MaxInt32
		for i, f := range fs {
			if !f.chosen && !f.excluded && (f.n.finds > finds || f.n.finds == finds && f.n.words < words) {
				best, finds, words = i, f.n.finds, f.n.words
			}
		}
		if best < 0 {
			break
		}
		f := &fs[best]
		f.chosen = true
		h.stretch(f)
		h.mark(f.first, f.last)
		for i := range fs {
			if g := &fs[i]; i != best && g.first <= f.last && g.last >= f.first {
				g.excluded = true
			}
		}
	}
	if chosen == 0 {
		h.markBeginning()
	}
}

// fragments are all covers, in parts of at most the number of words asked for.
func (h *headline) fragments() (out []fragment) {
	for p, q, ok := h.cover(0); ok; p, q, ok = h.cover(p + 1) {
		for first := p; first <= q; first = out[len(out)-1].last + 1 {
			out = append(out, h.cut(first, q))
		}
	}
	return out
}

// cut gives the beginning of a cover that begins and ends with a find.
func (h *headline) cut(first, last int) fragment {
	f := fragment{first: first, last: last}
	for i := first; i <= last; i++ {
		if f.first = i; h.words[i].find() {
			break
		}
	}
	i := f.first
	for ; i <= last && f.n.words < h.opt.MaxWords; i++ {
		f.n.add(&h.words[i], 1)
	}
	if last <= i {
		return f
	}
	for f.last = i; i >= f.first; i-- {
		if f.last = i; h.words[i].find() {
			break
		}
		if h.words[i].counts() {
			f.n.words--
		}
	}
	return f
}

// stretch makes a fragment longer on both sides.
func (h *headline) stretch(f *fragment) {
	if f.n.words >= h.opt.MaxWords {
		return
	}
	words := f.n.words
	one := func(i int) int {
		if h.words[i].counts() {
			return 1
		}
		return 0
	}
	most, more, at := (h.opt.MaxWords-words)/2, 0, f.first
	for i := f.first - 1; i >= 0 && more < most && !h.words[i].in; i-- {
		words += one(i)
		more += one(i)
		at = i
	}
	for ; at < f.first && h.badEnd(at); at++ {
		words -= one(at)
	}
	f.first = at
	at = f.last
	for i := f.last + 1; i < len(h.words) && words < h.opt.MaxWords && !h.words[i].in; i++ {
		words += one(i)
		at = i
	}
	for ; at > f.last && h.badEnd(at); at-- {
		words -= one(at)
	}
	f.last, f.n.words = at, words
}

// show writes what was chosen.
func (h *headline) show() string {
	var b strings.Builder
	inside, fragments := false, 0
	for i := range h.words {
		w := &h.words[i]
		switch {
		case w.repeated:
			continue
		case !w.in:
			inside = false
			continue
		case !inside:
			inside = true
			if fragments++; fragments > 1 {
				b.WriteString(h.opt.FragmentDelimiter)
			}
		}
		switch {
		case w.replace:
			b.WriteByte(' ')
		case w.skip:
		case w.selected:
			b.WriteString(h.opt.StartSel + w.Text + h.opt.StopSel)
		default:
			b.WriteString(w.Text)
		}
	}
	return b.String()
}
