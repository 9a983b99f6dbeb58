package ast

// Do is DO [LANGUAGE name] body.
type Do struct {
	Language string
	Body     string
	// Text is the body as it is written, which begins at Pos.
	Text string
	Pos  Pos
}

func (*Do) stmtNode() {}

func (p *printer) do(s *Do) {
	p.text("DO ")
	if s.Language != "" {
		p.text("LANGUAGE ")
		p.ident(s.Language)
		p.text(" ")
	}
	p.literal(s.Body)
}
