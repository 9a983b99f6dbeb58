package catalog

import "github.com/streamsqld/streamsqld/sql/types"

// AggDef is a row of pg_aggregate: what an aggregate is made of.
type AggDef struct {
	// Kind is 'n', 'o' (ordered set) or 'h' (hypothetical set); Direct is how many
	// arguments stand before WITHIN GROUP.
	Kind   byte
	Direct int `json:",omitempty"`
	// Trans computes the next state of a state and a row's arguments, Final the value of
	// the last state (0: the state is the value). The functions that only concern speed
	// are kept to be shown.
	Trans                     OID
	Final                     OID  `json:",omitempty"`
	FinalExtra                bool `json:",omitempty"`
	Combine, Serial, Deserial OID  `json:",omitempty"`
	MTrans, MInverse, MFinal  OID  `json:",omitempty"`
	MFinalExtra               bool `json:",omitempty"`
	FinalModify, MFinalModify byte
	SortOp                    OID `json:",omitempty"`
	TransType                 OID
	TransSpace                int     `json:",omitempty"`
	MTransType                OID     `json:",omitempty"`
	MTransSpace               int     `json:",omitempty"`
	Init, MInit               *string `json:",omitempty"`
}

// Functions are the functions that the aggregate is made of, 0 for those it has not.
func (a *AggDef) Functions() []OID {
	return []OID{a.Trans, a.Final, a.Combine, a.Serial, a.Deserial, a.MTrans, a.MInverse, a.MFinal}
}

// aggregateRows writes the users' aggregates.
func aggregateRows(s *Snapshot, w *rowWriter) {
	text := func(t *string) types.Datum {
		if t == nil {
			return types.Null
		}
		return vStr(*t)
	}
	for _, f := range s.Functions() {
		if a := f.Agg; a != nil {
			w.add(vOID(f.OID), vChar(a.Kind), vInt(a.Direct), vOID(a.Trans), vOID(a.Final), vOID(a.Combine), vOID(a.Serial), vOID(a.Deserial),
				vOID(a.MTrans), vOID(a.MInverse), vOID(a.MFinal), vBool(a.FinalExtra), vBool(a.MFinalExtra), vChar(a.FinalModify), vChar(a.MFinalModify),
				vOID(a.SortOp), vOID(a.TransType), vInt(a.TransSpace), vOID(a.MTransType), vInt(a.MTransSpace), text(a.Init), text(a.MInit))
		}
	}
}
