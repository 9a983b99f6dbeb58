package types

// codecOf finds a type's I/O, nil for types that have none here.
func codecOf(t *Type) *codec {
	switch t.Class {
	case Domain:
		return codecOf(t.Base)
	}
	return codecs[t.OID]
}

var codecs = map[OID]*codec{}
