package ast

// AlterDefaultPrivileges is ALTER DEFAULT PRIVILEGES.
type AlterDefaultPrivileges struct {
	Roles   []string // FOR ROLE; none: the current one
	Schemas []Ident  // IN SCHEMA; none: everywhere
	// Grant is what is granted or revoked, on ObjTable, ObjSequence, ObjFunction, ObjType or
	// ObjSchema, and on no objects by name.
	Grant *Grant
	Pos   Pos
}

// OwnedBy is DROP OWNED BY, and REASSIGN OWNED BY … TO.
type OwnedBy struct {
	Roles   []string
	NewRole string // REASSIGN OWNED: the new owner; else ""
	Cascade bool
	Pos     Pos
}

func (*AlterDefaultPrivileges) stmtNode() {}
func (*OwnedBy) stmtNode()                {}

// defaultObjects are the words for the kinds of object with default privileges.
var defaultObjects = map[ObjectKind]string{
	ObjTable: "TABLES", ObjSequence: "SEQUENCES", ObjFunction: "FUNCTIONS", ObjType: "TYPES", ObjSchema: "SCHEMAS",
}

func (p *printer) defaultPrivileges(s *AlterDefaultPrivileges) {
	p.text("ALTER DEFAULT PRIVILEGES")
	if len(s.Roles) > 0 {
		p.text(" FOR ROLE ")
		p.roles(s.Roles)
	}
	if len(s.Schemas) > 0 {
		p.text(" IN SCHEMA ")
		p.list(len(s.Schemas), func(i int) { p.ident(s.Schemas[i].Name) })
	}
	g := s.Grant
	p.text(map[bool]string{false: " GRANT ", true: " REVOKE "}[g.Revoke])
	p.when(g.Revoke && g.Option, "GRANT OPTION FOR ")
	p.privileges(g)
	p.text(" ON ", defaultObjects[g.Kind], map[bool]string{false: " TO ", true: " FROM "}[g.Revoke])
	p.roles(g.Grantees)
	p.when(!g.Revoke && g.Option, " WITH GRANT OPTION")
	p.cascade(g.Cascade)
}

func (p *printer) ownedBy(s *OwnedBy) {
	p.text(map[bool]string{false: "DROP", true: "REASSIGN"}[s.NewRole != ""], " OWNED BY ")
	p.roles(s.Roles)
	if s.NewRole != "" {
		p.text(" TO ")
		p.role(s.NewRole)
		return
	}
	p.cascade(s.Cascade)
}
