package fulltext

import (
	"fmt"
	"strings"
)

// Kind is a kind of token, by PostgreSQL's numbers.
type Kind int

// The kinds of token.
const (
	ASCIIWord Kind = iota + 1
	Word
	NumWord
	Email
	URL
	Host
	Scientific
	Version
	NumPart
	Part
	ASCIIPart
	Blank
	Tag
	Protocol
	NumHyphen
	ASCIIHyphen
	Hyphen
	URLPath
	File
	Decimal
	SignedInt
	UnsignedInt
	Entity
)

// Kinds are alias and description of each kind of token, the first one's at 1.
var Kinds = [...][2]string{{},
	{"asciiword", "Word, all ASCII"}, {"word", "Word, all letters"}, {"numword", "Word, letters and digits"}, {"email", "Email address"},
	{"url", "URL"}, {"host", "Host"}, {"sfloat", "Scientific notation"}, {"version", "Version number"},
	{"hword_numpart", "Hyphenated word part, letters and digits"}, {"hword_part", "Hyphenated word part, all letters"},
	{"hword_asciipart", "Hyphenated word part, all ASCII"}, {"blank", "Space symbols"}, {"tag", "XML tag"}, {"protocol", "Protocol head"},
	{"numhword", "Hyphenated word, letters and digits"}, {"asciihword", "Hyphenated word, all ASCII"}, {"hword", "Hyphenated word, all letters"},
	{"url_path", "URL path"}, {"file", "File or path name"}, {"float", "Decimal notation"}, {"int", "Signed integer"}, {"uint", "Unsigned integer"},
	{"entity", "XML entity"},
}

// KindOf finds a kind by its alias, 0 when there is none.
func KindOf(alias string) Kind {
	for i, k := range Kinds {
		if i > 0 && k[0] == alias {
			return Kind(i)
		}
	}
	return 0
}

// rules are the states of the default parser: what it may see in each, in the order it
// is looked at, and what it then does. A test is one of the words in tests or characters
// in brackets; what it does are words of actions, the state it goes to after > (none: it
// stays), and for a token that is whole its kind after =.
//
//	push   remembers the place, to come back when this way leads to nothing
//	pop    comes back to it, and goes on with the rule behind the one that pushed
//	clear  forgets the last place, all forgets them all
//	merge  takes the place back with the position of now
//	rerun  looks at the character again
const rules = `
Base: eof; [<] push >TagFirst; ignored >Space; letter >AsciiWord; alpha >Word; digit >UInt; [-+] push >SIntFirst; [&] push >EntityFirst; [~] push >FileTilde; [/] push >FileFirst; [.] push >PathDot; any >Space
NumWord: eof =numword >Base; alnum >NumWord; mark >NumWord; [@] push >Email; [/] push >FileFirst; [.] push >FileNext; [-] push >HyphenNumFirst; any =numword >Base
AsciiWord: eof =asciiword >Base; letter; [.] push >HostFirstDomain; [.] push >FileNext; [-] push >HostFirst; [-] push >HyphenAsciiFirst; [_] push >HostFirst; [@] push >Email; [:] push >ProtocolFirst; [/] push >FileFirst; digit push >Host; digit >NumWord; alpha >Word; mark >Word; any =asciiword >Base
Word: eof =word >Base; alpha; mark; digit >NumWord; [-] push >HyphenWordFirst; any =word >Base
UInt: eof =uint >Base; digit; [.] push >HostFirstDomain; [.] push >UDecimalFirst; [eE] push >MantissaFirst; [-_] push >HostFirst; [@] push >Email; letter push >Host; alpha >NumWord; mark >NumWord; [/] push >FileFirst; any =uint >Base
SIntFirst: eof pop; digit clear >SInt; any pop
SInt: eof =int >Base; digit; [.] push >DecimalFirst; [eE] push >MantissaFirst; any =int >Base
Space: eof =blank >Base; [<] =blank >Base; ignored; [-+&/] =blank >Base; notalnum >Space; any =blank >Base
UDecimalFirst: eof pop; digit clear >UDecimal; any pop
UDecimal: eof =float >Base; digit >UDecimal; [.] push >VersionFirst; [eE] push >MantissaFirst; any =float >Base
DecimalFirst: eof pop; digit clear >Decimal; any pop
Decimal: eof =float >Base; digit >Decimal; [.] push >VerVersion; [eE] push >MantissaFirst; any =float >Base
VerVersion: eof pop; digit rerun restart >SVerVersion; any pop
SVerVersion: eof pop; digit all =blank >UInt; any
VersionFirst: eof pop; digit clear >Version; any pop
Version: eof =version >Base; digit >Version; [.] push >VersionFirst; any =version >Base
MantissaFirst: eof pop; digit clear >Mantissa; [-+] >MantissaSign; any pop
MantissaSign: eof pop; digit clear >Mantissa; any pop
Mantissa: eof =sfloat >Base; digit >Mantissa; any =sfloat >Base
EntityFirst: eof pop; [#] >EntityNumFirst; letter >Entity; [:_] >Entity; any pop
Entity: eof pop; alnum >Entity; [-:_.] >Entity; [;] >EntityEnd; any pop
EntityNumFirst: eof pop; [xX] >EntityHexFirst; digit >EntityNum; any pop
EntityHexFirst: eof pop; hex >EntityHex; any pop
EntityNum: eof pop; digit >EntityNum; [;] >EntityEnd; any pop
EntityHex: eof pop; hex >EntityHex; [;] >EntityEnd; any pop
EntityEnd: any clear =entity >Base
TagFirst: eof pop; [/] push >TagCloseFirst; [!] push >CommentFirst; [?] push >XMLBegin; letter push >TagName; [:_] push >TagName; any pop
XMLBegin: eof pop; [x] >Tag; any pop
TagCloseFirst: eof pop; letter >TagName; any pop
TagName: eof pop; [/] >TagBeginEnd; [>] tags >TagEnd; space tags >Tag; alnum; [-:_.]; any pop
TagBeginEnd: eof pop; [>] >TagEnd; any pop
Tag: eof pop; [>] tags >TagEnd; ['] >TagQuote; ["] >TagQuotes; letter; digit; [-=_#/:.&?%~]; space tags; any pop
TagQuote: eof pop; [\] push >TagEscape; ['] >Tag; any >TagQuote
TagQuotes: eof pop; [\] push >TagEscape; ["] >Tag; any >TagQuotes
TagEscape: eof pop; any merge
TagEnd: any all =tag >Base
CommentFirst: eof pop; [-] >CommentLast; [Dd] >Tag; any pop
CommentLast: eof pop; [-] >Comment; any pop
Comment: eof pop; [-] >CloseCommentFirst; any
CloseCommentFirst: eof pop; [-] >CloseCommentLast; any >Comment
CloseCommentLast: eof pop; [-]; [>] >CommentEnd; any >Comment
CommentEnd: any all =tag >Base
HostFirstDomain: eof pop; letter >HostDomainSecond; digit >Host; any pop
HostDomainSecond: eof pop; letter >HostDomain; digit push >Host; [-_] push >HostFirst; [.] push >HostFirstDomain; [@] push >Email; any pop
HostDomain: eof all =host >Base; letter >HostDomain; digit push >Host; [:] push >PortFirst; [-_] push >HostFirst; [.] push >HostFirstDomain; [@] push >Email; digit pop; stophost all =host >URLPathStart; [/] push >FURL; any all =host >Base
PortFirst: eof pop; digit >Port; any pop
Port: eof all =host >Base; digit >Port; stophost all =host >URLPathStart; [/] push >FURL; any all =host >Base
HostFirst: eof pop; digit >Host; letter >Host; any pop
Host: eof pop; digit >Host; letter >Host; [@] push >Email; [.] push >HostFirstDomain; [-_] push >HostFirst; any pop
Email: stophost pop; host all =email >Base; any pop
FileFirst: eof pop; letter >File; digit >File; [.] >PathFirst; [_] >File; [~] push >FileTilde; any pop
FileTilde: eof pop; letter >File; digit >File; [_] >File; [/] >FileFirst; any pop
PathFirst: eof pop; letter >File; digit >File; [_] >File; [.] >PathSecond; [/] >FileFirst; any pop
PathDot: eof pop; [.] >PathSecond; [/] >FileFirst; any pop
PathSecond: eof clear =file >Base; [/] push >FileFirst; [/] clear =file >Base; space clear =file >Base; any pop
File: eof =file >Base; letter >File; digit >File; [.] push >FileNext; [-_] >File; [/] push >FileFirst; any =file >Base
FileNext: eof pop; letter clear >File; digit clear >File; [_] clear >File; any pop
URLPathFirst: eof pop; urlchar >URLPath; any pop
URLPathStart: any >URLPath
URLPath: eof =url_path >Base; urlchar >URLPath; any =url_path >Base
FURL: eof pop; urlpath all url =url >Base; any pop
ProtocolFirst: eof pop; [/] >ProtocolSecond; any pop
ProtocolSecond: eof pop; [/] >ProtocolEnd; any pop
ProtocolEnd: any all =protocol >Base
HyphenAsciiFirst: eof pop; letter >HyphenAscii; alpha >HyphenWord; digit >HyphenDigits; any pop
HyphenAscii: eof all back =asciihword >Parts; letter >HyphenAscii; alpha >HyphenWord; mark >HyphenWord; digit >HyphenNum; [-] push >HyphenAsciiFirst; any all back =asciihword >Parts
HyphenWordFirst: eof pop; alpha >HyphenWord; digit >HyphenDigits; any pop
HyphenWord: eof all back =hword >Parts; alpha >HyphenWord; mark >HyphenWord; digit >HyphenNum; [-] push >HyphenWordFirst; any all back =hword >Parts
HyphenNumFirst: eof pop; alpha >HyphenNum; digit >HyphenDigits; any pop
HyphenNum: eof all back =numhword >Parts; alnum >HyphenNum; mark >HyphenNum; [-] push >HyphenNumFirst; any all back =numhword >Parts
HyphenDigits: eof pop; digit >HyphenDigits; alpha >HyphenNum; mark >HyphenNum; any pop
Parts: eof rerun >Base; letter >AsciiPart; alpha >WordPart; digit push >PartUInt; [-] push >PartHyphen; any rerun >Base
PartHyphen: eof pop; alnum clear =blank >Parts; mark clear =blank >Parts; any pop
WordPart: eof =hword_part >Base; alpha >WordPart; mark >WordPart; digit >NumPart; any =hword_part >Parts
AsciiPart: eof =hword_asciipart >Base; letter >AsciiPart; alpha >WordPart; mark >WordPart; digit >NumPart; any =hword_asciipart >Parts
NumPart: eof =hword_numpart >Base; alnum >NumPart; mark >NumPart; any =hword_numpart >Parts
PartUInt: eof pop; digit; alpha clear >NumPart; mark clear >NumPart; any pop
`

// rule is one of a state.
type rule struct {
	test  func(*parser) bool // nil when chars say it
	chars string
	flags uint16
	to    int // the state it goes to, -1 to stay
	kind  Kind
	do    func(*parser)
}

// The flags of a rule; found says that the token is whole.
const (
	push uint16 = 1 << iota
	pop
	clearLast
	clearAll
	merge
	rerun
	found
)

// states are the rules of each state; stateOf are their numbers by name.
// Package initialisation fills them once tests are there.
var (
	states  [][]rule
	stateOf = map[string]int{}
)

func parseRules() {
	lines := strings.Split(strings.TrimSpace(rules), "\n")
	for i, l := range lines {
		name, _, _ := strings.Cut(l, ": ")
		stateOf[name] = i
	}
	for _, l := range lines {
		_, list, _ := strings.Cut(l, ": ")
		list = strings.ReplaceAll(list, "[;]", "[semicolon]")
		var rs []rule
		for _, text := range strings.Split(list, "; ") {
			rs = append(rs, parseRule(strings.Fields(text), stateOf))
		}
		states = append(states, rs)
	}
}

// parseRule reads a rule; one that is not in order is a mistake in this file.
func parseRule(f []string, of map[string]int) rule {
	r := rule{to: -1}
	if f[0][0] == '[' {
		r.chars = strings.ReplaceAll(f[0][1:len(f[0])-1], "semicolon", ";")
	} else if r.test = tests[f[0]]; r.test == nil {
		panic("fulltext: no test " + f[0])
	}
	for _, w := range f[1:] {
		flag, isFlag := map[string]uint16{"push": push, "pop": pop, "clear": clearLast, "all": clearAll, "merge": merge, "rerun": rerun}[w]
		state, isState := of[strings.TrimPrefix(w, ">")]
		switch {
		case isFlag:
			r.flags |= flag
		case w[0] == '>' && isState:
			r.to = state
		case w[0] == '=' && KindOf(w[1:]) != 0:
			r.kind = KindOf(w[1:])
			r.flags |= found
		case actions[w] != nil:
			r.do = actions[w]
		default:
			panic(fmt.Sprintf("fulltext: no action %s", w))
		}
	}
	return r
}
