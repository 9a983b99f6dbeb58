package ast

// CreatePolicy is CREATE POLICY.
type CreatePolicy struct {
	Name         string
	Table        Name
	Restrictive  bool
	Cmd          string   // "all", "select", "insert", "update", "delete"
	Roles        []string // nil: PUBLIC
	Using, Check Expr
	Pos          Pos
}

// AlterPolicy is ALTER POLICY other than RENAME.
type AlterPolicy struct {
	Name         string
	Table        Name
	Roles        []string // nil: as they are
	Using, Check Expr
	Pos          Pos
}

func (*CreatePolicy) stmtNode() {}
func (*AlterPolicy) stmtNode()  {}

func (p *printer) createPolicy(s *CreatePolicy) {
	p.text("CREATE POLICY ")
	p.ident(s.Name)
	p.text(" ON ")
	p.name(s.Table)
	p.when(s.Restrictive, " AS RESTRICTIVE")
	p.text(" FOR ", s.Cmd)
	p.policyRest(s.Roles, s.Using, s.Check)
}

func (p *printer) policyRest(roles []string, using, check Expr) {
	if roles != nil {
		p.text(" TO ")
		p.roles(roles)
	}
	if using != nil {
		p.text(" USING (")
		p.expr(using)
		p.text(")")
	}
	if check != nil {
		p.text(" WITH CHECK (")
		p.expr(check)
		p.text(")")
	}
}

func (p *printer) alterPolicy(s *AlterPolicy) {
	p.text("ALTER POLICY ")
	p.ident(s.Name)
	p.text(" ON ")
	p.name(s.Table)
	p.policyRest(s.Roles, s.Using, s.Check)
}
