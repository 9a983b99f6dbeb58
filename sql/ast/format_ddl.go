package ast

// ddl writes a statement that makes something; false means that s is none.
func (p *printer) ddl(s Stmt) bool {
	switch s := s.(type) {
	case *CreateSchema:
		p.createSchema(s)
	case *CreateTable:
		p.createTable(s)
	case *CreateTableAs:
		p.createTableAs(s)
	case *CreateView:
		p.createView(s)
	case *CreateMatView:
		p.createMatView(s)
	case *RefreshMatView:
		p.text("REFRESH MATERIALIZED VIEW ")
		p.when(s.Concurrently, "CONCURRENTLY ")
		p.name(s.Name)
		p.when(s.NoData, " WITH NO DATA")
	case *CreateIndex:
		p.createIndex(s)
	case *CreateSequence:
		p.text("CREATE ")
		p.persistence(s.Persistence)
		p.text("SEQUENCE ")
		p.ifNotExists(s.IfNotExists)
		p.name(s.Name)
		p.seqOptions(s.Options)
	case *CreateEnum:
		p.text("CREATE TYPE ")
		p.name(s.Name)
		p.text(" AS ENUM ")
		p.parens(len(s.Labels), func(i int) { p.literal(s.Labels[i]) })
	case *CreateRange:
		p.text("CREATE TYPE ")
		p.name(s.Name)
		p.text(" AS RANGE ")
		p.parens(len(s.Options), func(i int) {
			o := &s.Options[i]
			p.ident(o.Name)
			p.text(" = ")
			if o.Type != nil {
				p.typeName(*o.Type)
			} else {
				p.name(o.Object)
			}
		})
	case *CreateComposite:
		p.text("CREATE TYPE ")
		p.name(s.Name)
		p.text(" AS ")
		p.parens(len(s.Columns), func(i int) { p.columnDef(s.Columns[i]) })
	case *CreateDomain:
		p.text("CREATE DOMAIN ")
		p.name(s.Name)
		p.text(" AS ")
		p.typeName(s.Type)
		p.quals(s.Collation, s.Constraints)
	case *CreateDatabase:
		p.text("CREATE DATABASE ")
		p.ident(s.Name)
		p.databaseOptions(s.Options)
	case *CreateRole:
		p.text("CREATE ", map[bool]string{true: "USER ", false: "ROLE "}[s.User])
		p.ident(s.Name)
		p.roleOptions(s.Options)
	default:
		return false
	}
	return true
}

func (p *printer) ifNotExists(on bool) { p.when(on, "IF NOT EXISTS ") }

func (p *printer) persistence(kind Persistence) {
	p.text([...]string{"", "TEMPORARY ", "UNLOGGED "}[kind])
}

func (p *printer) createSchema(s *CreateSchema) {
	p.text("CREATE SCHEMA ")
	p.ifNotExists(s.IfNotExists)
	if s.Name != "" {
		p.ident(s.Name)
	}
	if s.Role != "" {
		p.when(s.Name != "", " ")
		p.text("AUTHORIZATION ")
		p.role(s.Role)
	}
	for _, e := range s.Elements {
		p.text(" ")
		p.stmt(e)
	}
}

// role writes the name of a role; the words for roles of the session are as
// they are.
func (p *printer) role(name string) {
	switch name {
	case "current_user", "session_user", "current_role":
		p.text(name)
	default:
		p.ident(name)
	}
}

func (p *printer) roles(list []string) { p.list(len(list), func(i int) { p.role(list[i]) }) }

func (p *printer) createTable(s *CreateTable) {
	p.text("CREATE ")
	p.persistence(s.Persistence)
	p.text(map[bool]string{false: "TABLE ", true: "STREAM "}[s.Stream])
	p.ifNotExists(s.IfNotExists)
	p.name(s.Name)
	switch {
	case s.OfType != nil:
		p.text(" OF ")
		p.name(*s.OfType)
	case s.PartitionOf != nil:
		p.text(" PARTITION OF ")
		p.name(s.PartitionOf.Parent)
		if len(s.Columns)+len(s.Constraints) > 0 {
			p.text(" (")
			p.elements(s)
			p.text(")")
		}
		p.text(" ")
		p.partitionBound(&s.PartitionOf.Bound)
	default:
		p.text(" (")
		p.elements(s)
		p.text(")")
	}
	if len(s.Inherits) > 0 {
		p.text(" INHERITS (")
		p.names(s.Inherits)
		p.text(")")
	}
	p.partitionBy(s.PartitionBy)
	p.optName(" USING ", s.Method)
	p.optWith(s.Options)
	p.onCommit(s.OnCommit)
	p.optName(" TABLESPACE ", s.Space)
}

// optName writes a name behind its words unless it is empty.
func (p *printer) optName(words, name string) {
	if name != "" {
		p.text(words)
		p.ident(name)
	}
}

// elements writes the columns and LIKE clauses in their order, then the rest.
func (p *printer) elements(s *CreateTable) {
	sep := ""
	next := func() {
		p.text(sep)
		sep = ", "
	}
	for _, i := range s.Order {
		next()
		if i >= 0 {
			p.columnDef(s.Columns[i])
		} else {
			p.likeClause(s.Likes[^i])
		}
	}
	for _, c := range s.Constraints {
		next()
		p.tableConstraint(c)
	}
	if w := s.Watermark; w != nil {
		next()
		p.text("WATERMARK FOR ")
		p.ident(w.Column.Name)
		if w.Expr != nil {
			p.text(" AS ")
			p.expr(w.Expr)
		}
	}
}

func (p *printer) likeClause(l LikeClause) {
	p.text("LIKE ")
	p.name(l.Table)
	for _, kind := range l.Include {
		p.text(" INCLUDING ", kind)
	}
}

func (p *printer) onCommit(o OnCommit) {
	p.text([...]string{"", " ON COMMIT PRESERVE ROWS", " ON COMMIT DELETE ROWS", " ON COMMIT DROP"}[o])
}

func (p *printer) columnDef(c ColumnDef) {
	p.ident(c.Name.Name)
	if c.Type.Name.Object != "" { // else of a partition
		p.text(" ")
		p.typeName(c.Type)
	}
	if c.Compression != "" {
		p.text(" COMPRESSION ")
		p.ident(c.Compression)
	}
	p.quals(c.Collation, c.Constraints)
}

// quals writes the collation and the constraints of a column.
func (p *printer) quals(collation *Name, list []Constraint) {
	if collation != nil {
		p.text(" COLLATE ")
		p.name(*collation)
	}
	for _, c := range list {
		p.text(" ")
		p.columnConstraint(c)
	}
}

func (p *printer) conName(name string) {
	if name != "" {
		p.text("CONSTRAINT ")
		p.ident(name)
		p.text(" ")
	}
}

func (p *printer) columnConstraint(c Constraint) {
	p.conName(c.Name)
	switch c.Kind {
	case ConNotNull:
		p.text("NOT NULL")
	case ConNull:
		p.text("NULL")
	case ConDefault:
		p.text("DEFAULT ")
		p.restricted(c.Expr)
	case ConCheck:
		p.text("CHECK ")
		p.inParens(c.Expr)
		p.when(c.NoInherit, " NO INHERIT")
	case ConUnique:
		p.text("UNIQUE")
		p.when(c.NullsNotDistinct, " NULLS NOT DISTINCT")
		p.optWith(c.Options)
	case ConPrimary:
		p.text("PRIMARY KEY")
		p.optWith(c.Options)
	case ConGenerated:
		p.text("GENERATED ALWAYS AS ")
		p.inParens(c.Expr)
		p.text(" STORED")
	case ConIdentity:
		p.identity(c)
	case ConForeign:
		p.references(c)
	}
	p.deferrable(c)
}

func (p *printer) identity(c Constraint) {
	p.text("GENERATED ")
	p.generatedWhen(c.Always)
	p.text(" AS IDENTITY")
	if len(c.SeqOpts) > 0 {
		p.text(" (")
		var opts printer
		opts.seqOptions(c.SeqOpts)
		p.text(opts.String()[1:], ")")
	}
}

func (p *printer) generatedWhen(always bool) {
	p.text(map[bool]string{true: "ALWAYS", false: "BY DEFAULT"}[always])
}

func (p *printer) references(c Constraint) {
	p.text("REFERENCES ")
	p.name(c.RefTable)
	p.columns(c.RefColumns)
	p.when(c.MatchFull, " MATCH FULL")
	if c.OnDelete != FKNoAction {
		p.text(" ON DELETE ", actionWords[c.OnDelete])
		p.columns(c.SetColumns)
	}
	if c.OnUpdate != FKNoAction {
		p.text(" ON UPDATE ", actionWords[c.OnUpdate])
	}
}

var actionWords = [...]string{"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"}

func (p *printer) deferrable(c Constraint) {
	p.when(c.Deferrable, " DEFERRABLE")
	p.when(c.InitiallyDeferred, " INITIALLY DEFERRED")
}

func (p *printer) tableConstraint(c Constraint) {
	p.conName(c.Name)
	switch c.Kind {
	case ConCheck:
		p.text("CHECK ")
		p.inParens(c.Expr)
	case ConUnique, ConPrimary:
		p.text(map[ConKind]string{ConUnique: "UNIQUE", ConPrimary: "PRIMARY KEY"}[c.Kind])
		p.when(c.NullsNotDistinct, " NULLS NOT DISTINCT")
		if c.UsingIndex != "" {
			p.text(" USING INDEX ")
			p.ident(c.UsingIndex)
		}
		p.columns(c.Columns)
		if len(c.Include) > 0 {
			p.text(" INCLUDE")
			p.columns(c.Include)
		}
		p.optWith(c.Options)
	case ConForeign:
		p.text("FOREIGN KEY")
		p.columns(c.Columns)
		p.text(" ")
		p.references(c)
	case ConExclude:
		p.text("EXCLUDE (x WITH =)") // refused wherever it is used
	}
	p.deferrable(c)
	p.when(c.NotValid, " NOT VALID")
	p.when(c.NoInherit, " NO INHERIT")
}

func (p *printer) createTableAs(s *CreateTableAs) {
	p.text("CREATE ")
	p.persistence(s.Persistence)
	p.text("TABLE ")
	p.ifNotExists(s.IfNotExists)
	p.name(s.Name)
	p.columns(s.Columns)
	p.optName(" USING ", s.Method)
	p.optWith(s.Options)
	p.onCommit(s.OnCommit)
	p.optName(" TABLESPACE ", s.Space)
	p.text(" AS ")
	p.stmt(s.Query)
	p.when(s.NoData, " WITH NO DATA")
}

func (p *printer) createView(s *CreateView) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.persistence(s.Persistence)
	p.when(s.Recursive, "RECURSIVE ")
	p.text("VIEW ")
	p.name(s.Name)
	p.columns(s.Columns)
	p.optWith(s.Options)
	p.text(" AS ")
	p.query(s.Query)
	p.when(s.Check && !s.CheckLocal, " WITH CHECK OPTION")
	p.when(s.Check && s.CheckLocal, " WITH LOCAL CHECK OPTION")
}

func (p *printer) createMatView(s *CreateMatView) {
	p.text("CREATE ")
	p.when(s.OrReplace, "OR REPLACE ")
	p.text("MATERIALIZED VIEW ")
	p.ifNotExists(s.IfNotExists)
	p.name(s.Name)
	p.columns(s.Columns)
	p.optName(" USING ", s.Method)
	p.optWith(s.Options)
	p.optName(" TABLESPACE ", s.Space)
	p.text(" AS ")
	p.query(s.Query)
	p.when(s.NoData, " WITH NO DATA")
}

func (p *printer) createIndex(s *CreateIndex) {
	p.text("CREATE ")
	p.when(s.Unique, "UNIQUE ")
	p.text("INDEX ")
	p.when(s.Concurrently, "CONCURRENTLY ")
	p.ifNotExists(s.IfNotExists)
	if s.Name != "" {
		p.ident(s.Name)
		p.text(" ")
	}
	p.text("ON ")
	p.tableRef(&s.Table)
	p.optName(" USING ", s.Method)
	p.text(" ")
	p.indexElems(s.Keys)
	if len(s.Include) > 0 {
		p.text(" INCLUDE ")
		p.indexElems(s.Include)
	}
	p.when(s.NullsNotDistinct, " NULLS NOT DISTINCT")
	p.optWith(s.Options)
	p.optName(" TABLESPACE ", s.Space)
	p.where(s.Where)
}

// seqOptions writes the options of a sequence, each behind a blank.
func (p *printer) seqOptions(list []SeqOption) {
	for _, o := range list {
		p.text(" ")
		p.seqOption(o)
	}
}

func (p *printer) seqOption(o SeqOption) {
	switch {
	case o.Type != nil:
		p.text("AS ")
		p.typeName(*o.Type)
	case o.Name == "cycle":
		p.when(!o.Bool, "NO ")
		p.text("CYCLE")
	case o.Name == "owned by" && len(o.Owner) == 0:
		p.text("OWNED BY NONE")
	case len(o.Owner) > 0:
		p.text(o.Name, " ")
		p.dotted(o.Owner)
	case o.Value == nil:
		p.when(o.Name != "restart", "NO ")
		p.text(o.Name)
	default:
		p.text(o.Name, " ")
		p.expr(o.Value)
	}
}

// roleFlags are the words for the options of a role that are on or off.
var roleFlags = map[string][2]string{
	"superuser": {"NOSUPERUSER", "SUPERUSER"}, "createrole": {"NOCREATEROLE", "CREATEROLE"},
	"isreplication": {"NOREPLICATION", "REPLICATION"}, "createdb": {"NOCREATEDB", "CREATEDB"},
	"canlogin": {"NOLOGIN", "LOGIN"}, "bypassrls": {"NOBYPASSRLS", "BYPASSRLS"}, "inherit": {"NOINHERIT", "INHERIT"},
}

// roleWords are the words before the value of an option of a role.
var roleWords = map[string]string{
	"password": "PASSWORD ", "connectionlimit": "CONNECTION LIMIT ", "validuntil": "VALID UNTIL ", "sysid": "SYSID ",
	"rolemembers": "ROLE ", "adminmembers": "ADMIN ", "addroleto": "IN ROLE ",
}

func (p *printer) roleOptions(list []Option) {
	for _, o := range list {
		p.text(" ")
		if words, ok := roleFlags[o.Name]; ok {
			on := 0
			if lit, ok := o.Value.(*Literal); ok && lit.Bool {
				on = 1
			}
			p.text(words[on])
			continue
		}
		p.text(roleWords[o.Name])
		switch {
		case o.List != nil:
			p.roles(o.List)
		case o.Value == nil:
			p.text("NULL")
		default:
			p.expr(o.Value)
		}
	}
}
