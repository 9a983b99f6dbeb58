package funcs

import (
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/internal/textenc"
)

func init() {
	register("to_ascii_default", &Impl{Kernel: fn1e(func(string) (string, error) { return "", errToASCII("UTF8") })})
	register("to_ascii_enc", &Impl{Kernel: fn2e(func(s string, id int64) (string, error) {
		if e := textenc.ByID(id); e != nil {
			return toASCII(s, e.Name)
		}
		return "", pgerr.New(pgerr.UndefinedObject, "%d is not a valid encoding code", id)
	})})
	register("to_ascii_encname", &Impl{Kernel: fn2e(func(s, name string) (string, error) {
		if e := textenc.ByName(name); e != nil {
			return toASCII(s, e.Name)
		}
		return "", pgerr.New(pgerr.UndefinedObject, "%s is not a valid encoding name", name)
	})})
}

// asciiLooks gives, for the encodings that to_ascii knows, letters that look
// like the bytes 128 … 255. The bytes that UTF-8 never has are '?'. They were
// read off PostgreSQL 15.
var asciiLooks = map[string]string{
	"LATIN1":  "                                  cL Y  \"Ca  -R     'u .,      ???AAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii noo????????????",
	"LATIN2":  "                                 A L LS \"SSTZ-ZZ a,l'ls ,sstz\"zz??AAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnno????????????",
	"LATIN9":  "                                  cL YS sCa  -R     Zu .z   EeY???AAAAACEEEEIIII NOOOOOxOUUUUYTBaaaaaaaceeeeiiii noo????????????",
	"WIN1250": "  ' \"    %S<STZZ `'\"\".--  s>stzz   L A  \"CS  -RZ  ,l'u .,as L\"lz??AAALCCCEEEEIIDDNNOOOOxRUUUUYTBraaaalccceeeeiiddnno????????????",
}

func errToASCII(encoding string) error {
	return pgerr.New(pgerr.FeatureNotSupported, "encoding conversion from %s to ASCII not supported", encoding)
}

// toASCII takes the bytes of s for text of a one-byte encoding, as PostgreSQL
// does even where the database has another, and replaces those beyond ASCII.
func toASCII(s, encoding string) (string, error) {
	looks, ok := asciiLooks[encoding]
	if !ok {
		return "", errToASCII(encoding)
	}
	out := []byte(s)
	for i, c := range out {
		if c >= 128 {
			out[i] = looks[c-128]
		}
	}
	return string(out), nil
}
