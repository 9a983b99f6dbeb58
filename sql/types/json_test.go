package types

import "testing"

func TestJSONVectors(t *testing.T) {
	runVectors(t, "json", map[string]vecFunc{
		"json": ioOf(t, TJSON), "jsonb": ioOf(t, TJSONB),
		"cmp":  func(_ *Env, a []string) (string, bool, error) { return cmpOf(t, TJSONB, a[1], a[2]) },
		"send": func(env *Env, a []string) (string, bool, error) { return sendText(env, TJSONB, a[1]) },
	})
}
