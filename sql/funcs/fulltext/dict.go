package fulltext

import (
	"embed"
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/porter"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// stemmers are the Snowball stemmers that there are, by language.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"arabic": arabic.Stem, "danish": danish.Stem, "dutch": dutch.Stem, "english": english.Stem, "finnish": finnish.Stem,
	"french": stemFrench, "german": german.Stem, "hungarian": hungarian.Stem, "irish": irish.Stem, "italian": italian.Stem,
	"norwegian": norwegian.Stem, "porter": porter.Stem, "portuguese": portuguese.Stem, "romanian": romanian.Stem, "russian": russian.Stem,
	"spanish": spanish.Stem, "swedish": swedish.Stem, "tamil": tamil.Stem, "turkish": turkish.Stem,
}

// stemFrench does what the algorithm does since Snowball 2.0, which the stemmer is older
// than: the suffixes -ique, -isme and -iste may begin with ï, behind a letter that then
// counts as no vowel.
func stemFrench(env *snowballstem.Env) bool {
	w := frenchSuffix.Replace(env.Current())
	env.SetCurrent(w)
	ok := french.Stem(env)
	env.SetCurrent(strings.ReplaceAll(strings.ReplaceAll(env.Current(), "Hi", "ï"), "H", ""))
	return ok
}

var frenchSuffix = strings.NewReplacer("ïqu", "Hiqu", "ïsm", "Hism", "ïst", "Hist")

//go:embed stopwords/*.stop
var stopFiles embed.FS

var stopLists sync.Map // of map[string]bool by name

// stopList gives the stop words of a list, nil when there is none of that name.
func stopList(name string) map[string]bool {
	if l, ok := stopLists.Load(name); ok {
		return l.(map[string]bool)
	}
	text, err := stopFiles.ReadFile("stopwords/" + name + ".stop")
	if err != nil {
		return nil
	}
	l := map[string]bool{}
	for _, w := range strings.Fields(string(text)) {
		l[strings.ToLower(w)] = true
	}
	stopLists.Store(name, l)
	return l
}

// Dict is a dictionary: it makes the lexeme of a word.
type Dict struct {
	OID  types.OID
	Name string
	// accept says what a dictionary without a stemmer does with words that are no stop
	// words: whether it knows them.
	accept bool
	stem   func(*snowballstem.Env) bool
	stop   map[string]bool
	// missing is the error of a dictionary that cannot be used.
	missing error
}

// simpleTemplate is the OID of the simple template; PostgreSQL's other dictionaries are
// of the snowball template.
const simpleTemplate = "3727"

// maxStem is the length in bytes of the longest word that is stemmed.
const maxStem = 1000

// Lexize gives the lexemes of a word. known is false when the dictionary does not know
// the word, so that the next one is asked; a stop word is known and has no lexemes.
func (d *Dict) Lexize(word string) (lexemes []string, known bool, err error) {
	if d.missing != nil {
		return nil, false, d.missing
	}
	w := strings.ToLower(word)
	switch {
	case d.stem != nil && len(word) > maxStem:
		return []string{w}, true, nil
	case w == "" || d.stop[w]:
		return nil, true, nil
	case d.stem == nil && !d.accept:
		return nil, false, nil
	case d.stem == nil:
		return []string{w}, true, nil
	}
	env := snowballstem.NewEnv(w)
	d.stem(env)
	if s := env.Current(); s != "" {
		w = s
	}
	return []string{w}, true, nil
}

// NewSimple makes a dictionary of the simple template. stop names a list of stop words,
// "" none.
func NewSimple(oid types.OID, name, stop string, accept bool) (*Dict, error) {
	d := &Dict{OID: oid, Name: name, accept: accept}
	return d, d.setStop(stop)
}

// NewSnowball makes a dictionary of the snowball template.
func NewSnowball(oid types.OID, name, language, stop string) (*Dict, error) {
	d := &Dict{OID: oid, Name: name, stem: stemmers[strings.ToLower(language)]}
	if d.stem == nil {
		return nil, pgerr.NotSupported("the Snowball stemmer for language \"%s\"", language)
	}
	return d, d.setStop(stop)
}

func (d *Dict) setStop(list string) error {
	if list == "" {
		return nil
	}
	if d.stop = stopList(list); d.stop == nil {
		return pgerr.New(pgerr.ConfigFileError, "could not open stop-word file \"%s.stop\": No such file or directory", list)
	}
	return nil
}

// dicts are the dictionaries of the catalogue by OID.
var dicts = sync.OnceValue(func() map[types.OID]*Dict {
	out := map[types.OID]*Dict{}
	t := pgdata.Load("pg_ts_dict")
	oid, name, template, options := t.Column("oid"), t.Column("dictname"), t.Column("dicttemplate"), t.Column("dictinitoption")
	for _, r := range t.Rows {
		id := types.OID(pgdata.Uint(r[oid]))
		d, err := NewSimple(id, r[name], "", true)
		if r[template] != simpleTemplate {
			opt := initOptions(r[options])
			d, err = NewSnowball(id, r[name], opt["language"], opt["stopwords"])
		}
		if err != nil {
			d = &Dict{OID: id, Name: r[name], missing: err}
		}
		out[id] = d
	}
	return out
})

// initOptions reads key = 'value', … as the catalogue's rows have it.
func initOptions(s string) map[string]string {
	out := map[string]string{}
	for _, f := range strings.Split(s, ", ") {
		if k, v, ok := strings.Cut(f, " = "); ok {
			out[k] = strings.Trim(v, "'")
		}
	}
	return out
}

// DictByOID gives a dictionary.
func DictByOID(oid types.OID) (*Dict, error) {
	if d := dicts()[oid]; d != nil {
		return d, nil
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "cache lookup failed for text search dictionary %d", oid)
}
