package engine

import (
	"github.com/streamsqld/streamsqld/sql/ast"
)

// textPlans keeps the plans of the last simple Queries of a session by their text, since
// many clients send the same text again and again. A plan that is out of date is not
// used; only texts of one query or INSERT, UPDATE, DELETE are kept.
type textPlans struct {
	byText map[string]*prepared
	// older are texts in the order they came in, for the oldest to go.
	older []string
}

const (
	maxTextPlans = 64
	maxPlanText  = 8 << 10 // bytes of a text that is kept
)

// statement gives the syntax tree of a text that is known, nil when it is not.
func (t *textPlans) statement(text string) *ast.Statement {
	if p := t.byText[text]; p != nil {
		return p.st
	}
	return nil
}

// take gives the prepared statement of a text ("" for one that is not kept).
func (t *textPlans) take(s *Session, text string, st *ast.Statement) (*prepared, error) {
	if p := t.byText[text]; p != nil {
		if s.fresh(p.plan) && s.stats == nil {
			return p, nil
		}
		p.plan.discard()
	}
	p, err := s.prepareAs(&prepared{st: st, noParams: true, at: s.e.now()})
	if err == nil && p.plan != nil && !p.plan.clock() && text != "" && len(text) <= maxPlanText && len(p.params) == 0 {
		t.keep(text, p)
	}
	return p, err
}

// clock tells that the plan is of its moment (plan.Meta.Clock), or one that rules have rewritten.
func (pl *planned) clock() bool {
	return pl.ruled || pl.query != nil && pl.query.Meta.Clock || pl.modify != nil && pl.modify.Meta.Clock
}

func (t *textPlans) keep(text string, p *prepared) {
	if t.byText == nil {
		t.byText = map[string]*prepared{}
	}
	if t.byText[text] == nil {
		if len(t.older) == maxTextPlans {
			t.byText[t.older[0]].plan.discard()
			delete(t.byText, t.older[0])
			t.older = t.older[1:]
		}
		t.older = append(t.older, text)
	}
	t.byText[text] = p
}
