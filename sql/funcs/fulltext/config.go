package fulltext

import (
	"sync"

	"github.com/streamsqld/streamsqld/internal/pgdata"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/types"
)

// Config is a text search configuration: which dictionaries are asked about which kinds
// of token, in their order.
type Config struct {
	OID   types.OID
	Name  string
	Dicts [Entity + 1][]*Dict
}

// DefaultConfig is the OID of the configuration that a server begins with: english.
const DefaultConfig types.OID = 13164

var configs = sync.OnceValue(func() map[types.OID]*Config {
	out := map[types.OID]*Config{}
	t := pgdata.Load("pg_ts_config")
	oid, name := t.Column("oid"), t.Column("cfgname")
	for _, r := range t.Rows {
		id := types.OID(pgdata.Uint(r[oid]))
		out[id] = &Config{OID: id, Name: r[name]}
	}
	t = pgdata.Load("pg_ts_config_map") // its rows are in order of seqno
	cfg, kind, dict := t.Column("mapcfg"), t.Column("maptokentype"), t.Column("mapdict")
	for _, r := range t.Rows {
		c, k := out[types.OID(pgdata.Uint(r[cfg]))], pgdata.Int(r[kind])
		c.Dicts[k] = append(c.Dicts[k], dicts()[types.OID(pgdata.Uint(r[dict]))])
	}
	return out
})

// ConfigByOID gives a configuration.
func ConfigByOID(oid types.OID) (*Config, error) {
	if c := configs()[oid]; c != nil {
		return c, nil
	}
	return nil, pgerr.New(pgerr.UndefinedObject, "cache lookup failed for text search configuration %d", oid)
}

// lexize asks the dictionaries for a token's kind, one after the other. by is the one
// that knew it, nil when none did.
func (c *Config) lexize(t Token) (lexemes []string, by *Dict, err error) {
	for _, d := range c.Dicts[t.Kind] {
		lexemes, known, err := d.Lexize(t.Text)
		if err != nil || known {
			return lexemes, d, err
		}
	}
	return nil, nil, nil
}

// Text collects the lexemes of texts with their positions.
type Text struct {
	Config *Config
	Words  []TextWord
	Pos    int // of the last word
}

// TextWord is a lexeme and where it stands.
type TextWord struct {
	Word string
	Pos  int
}

// Add adds a text behind the others. Words that are too long are left out, as
// PostgreSQL does with a notice.
func (t *Text) Add(text string) error {
	for _, token := range Tokens(text) {
		if len(token.Text) >= types.MaxLexeme {
			continue
		}
		lexemes, by, err := t.Config.lexize(token)
		if err != nil {
			return err
		}
		if by == nil {
			continue
		}
		t.Pos++
		for _, l := range lexemes {
			t.Words = append(t.Words, TextWord{l, t.Pos})
		}
	}
	return nil
}

// AddApart is Add for one of several texts, between which no phrase is found.
func (t *Text) AddApart(text string) error {
	before := len(t.Words)
	err := t.Add(text)
	if len(t.Words) > before {
		t.Pos++
	}
	return err
}

// Vector makes the tsvector. One that is too large is 54000.
func (t *Text) Vector() (types.TSVector, error) {
	v := make(types.TSVector, 0, len(t.Words))
	for _, w := range t.Words {
		v = append(v, types.Lexeme{Word: w.Word, Pos: []types.TSPos{types.NewTSPos(w.Pos, 0)}})
	}
	v = unite(v)
	if n := v.Size(); n > types.MaxLexemes {
		return nil, types.ErrTSVectorSize(n)
	}
	return v, nil
}
