package ast

import (
	"strconv"
	"strings"
)

// kindWords are the words for the kinds of object.
var kindWords = map[ObjectKind]string{
	ObjTable: "TABLE", ObjStream: "STREAM", ObjView: "VIEW", ObjMatView: "MATERIALIZED VIEW", ObjIndex: "INDEX",
	ObjSequence: "SEQUENCE", ObjSchema: "SCHEMA", ObjType: "TYPE", ObjDomain: "DOMAIN", ObjColumn: "COLUMN",
	ObjConstraint: "CONSTRAINT", ObjDatabase: "DATABASE", ObjRole: "ROLE", ObjFunction: "FUNCTION",
	ObjAggregate: "AGGREGATE", ObjOperator: "OPERATOR", ObjExtension: "EXTENSION", ObjTrigger: "TRIGGER",
	ObjRule: "RULE", ObjPolicy: "POLICY", ObjCollation: "COLLATION", ObjCast: "CAST", ObjLanguage: "LANGUAGE",
	ObjTablespace: "TABLESPACE", ObjPublication: "PUBLICATION", ObjSubscription: "SUBSCRIPTION", ObjServer: "SERVER",
	ObjForeignTable: "FOREIGN TABLE", ObjForeignDataWrapper: "FOREIGN DATA WRAPPER", ObjEventTrigger: "EVENT TRIGGER",
	ObjStatistics: "STATISTICS", ObjProcedure: "PROCEDURE", ObjRoutine: "ROUTINE", ObjLargeObject: "LARGE OBJECT",
	ObjAccessMethod: "ACCESS METHOD", ObjConversion: "CONVERSION", ObjTextSearch: "TEXT SEARCH CONFIGURATION",
	ObjTransform: "TRANSFORM", ObjOperatorClass: "OPERATOR CLASS", ObjOperatorFamily: "OPERATOR FAMILY",
	ObjUserMapping: "USER MAPPING", ObjDomainConstraint: "CONSTRAINT", ObjSink: "SINK", ObjConnection: "CONNECTION",
}

// String is the kind's name in upper case, as it stands in statements.
func (k ObjectKind) String() string { return kindWords[k] }

// alterStmt writes a statement that changes or drops something.
func (p *printer) alterStmt(s Stmt) {
	switch s := s.(type) {
	case *Drop:
		p.drop(s)
	case *CreateFunction:
		p.createFunction(s)
	case *AlterFunction:
		p.alterFunction(s)
	case *CreatePolicy:
		p.createPolicy(s)
	case *AlterPolicy:
		p.alterPolicy(s)
	case *CreateAggregate:
		p.createAggregate(s)
	case *CreateExtension:
		p.createExtension(s)
	case *CreateStatistics:
		p.createStatistics(s)
	case *AlterStatistics:
		p.alterHead(ObjStatistics, s.Name, s.IfExists)
		p.text(" SET STATISTICS ", strconv.FormatInt(s.Target, 10))
	case *CreateRule:
		p.createRule(s)
	case *CreateTrigger:
		p.createTrigger(s)
	case *Comment:
		p.comment(s)
	case *Rename:
		p.rename(s)
	case *SetSchema:
		p.alterHead(s.Kind, s.Name, s.IfExists)
		p.text(" SET SCHEMA ")
		p.ident(s.NewSchema)
	case *ChangeOwner:
		p.alterHead(s.Kind, s.Name, s.IfExists)
		p.text(" OWNER TO ")
		p.role(s.Role)
	case *AlterPartition:
		p.alterPartition(s)
	case *AlterSequence:
		p.alterHead(ObjSequence, s.Name, s.IfExists)
		p.seqOptions(s.Options)
	case *AlterEnum:
		p.alterEnum(s)
	case *AlterTable:
		p.text("ALTER ", s.Kind.String(), " ")
		p.when(s.IfExists, "IF EXISTS ")
		p.tableRef(&s.Table)
		p.text(" ")
		p.list(len(s.Actions), func(i int) { p.action(s.Actions[i], "COLUMN") })
	case *AlterType:
		p.alterHead(ObjType, s.Name, false)
		p.text(" ")
		p.list(len(s.Actions), func(i int) { p.action(s.Actions[i], "ATTRIBUTE") })
	case *AlterDomain:
		p.alterHead(ObjDomain, s.Name, false)
		p.text(" ")
		p.domainAction(s.Action)
	case *AlterDatabase:
		p.alterDatabase(s)
	case *AlterRole:
		p.alterRole(s)
	case *Grant:
		p.grant(s)
	case *GrantRole:
		p.grantRole(s)
	case *AlterDefaultPrivileges:
		p.defaultPrivileges(s)
	case *OwnedBy:
		p.ownedBy(s)
	}
}

func (p *printer) alterHead(kind ObjectKind, name Name, ifExists bool) {
	p.text("ALTER ", kind.String(), " ")
	p.when(ifExists, "IF EXISTS ")
	p.objectName(kind, name)
}

// objectName writes a name as it stands behind the words for its kind.
func (p *printer) objectName(kind ObjectKind, name Name) {
	switch kind {
	case ObjTrigger, ObjRule, ObjPolicy:
		p.ident(name.Object)
		p.text(" ON ")
		p.name(Name{Schema: name.Catalog, Object: name.Schema})
	case ObjRole:
		p.role(name.Object)
	case ObjType, ObjDomain:
		p.typeName(TypeName{Name: name})
	default:
		p.name(name)
	}
}

func (p *printer) drop(s *Drop) {
	p.text("DROP ", s.Kind.String(), " ")
	p.when(s.Concurrently, "CONCURRENTLY ")
	p.when(s.IfExists, "IF EXISTS ")
	p.list(len(s.Names), func(i int) { p.objectName(s.Kind, s.Names[i]) })
	p.cascade(s.Cascade)
	p.when(s.Force, " WITH (FORCE)")
}

func (p *printer) alterDatabase(s *AlterDatabase) {
	p.text("ALTER DATABASE ")
	p.ident(s.Name)
	if s.Set != nil {
		p.text(" ")
		p.setVar(s.Set)
		return
	}
	p.databaseOptions(s.Options)
}

func (p *printer) databaseOptions(list []Option) {
	for _, o := range list {
		p.text(" ")
		if o.Name == "connection_limit" {
			p.text("CONNECTION LIMIT")
		} else {
			p.ident(o.Name)
		}
		p.text(" = ")
		if o.Value == nil {
			p.text("DEFAULT")
		} else {
			p.expr(o.Value)
		}
	}
}

func (p *printer) comment(s *Comment) {
	p.text("COMMENT ON ", s.Kind.String(), " ")
	switch s.Kind {
	case ObjColumn:
		p.name(s.Name)
		p.text(".")
		p.ident(s.Sub)
	case ObjConstraint, ObjDomainConstraint, ObjTrigger, ObjRule, ObjPolicy:
		p.ident(s.Sub)
		p.text(" ON ")
		p.when(s.Kind == ObjDomainConstraint, "DOMAIN ")
		p.name(s.Table)
	default:
		p.objectName(s.Kind, s.Name)
	}
	p.text(" IS ")
	if s.Text == nil {
		p.text("NULL")
	} else {
		p.literal(*s.Text)
	}
}

func (p *printer) rename(s *Rename) {
	kind := s.Kind
	if s.Sub != "" {
		kind = s.Relation
	}
	if s.Only {
		p.text("ALTER ", kind.String(), " ")
		p.when(s.IfExists, "IF EXISTS ")
		p.text("ONLY ")
		p.name(s.Name)
	} else {
		p.alterHead(kind, s.Name, s.IfExists)
	}
	p.text(" RENAME ")
	switch {
	case s.Sub == "":
	case s.Relation == ObjType:
		p.text("ATTRIBUTE ")
	case s.Kind == ObjColumn:
		p.text("COLUMN ")
	default:
		p.text("CONSTRAINT ")
	}
	if s.Sub != "" {
		p.ident(s.Sub)
		p.text(" ")
	}
	p.text("TO ")
	p.ident(s.NewName)
}

func (p *printer) alterEnum(s *AlterEnum) {
	p.alterHead(ObjType, s.Name, false)
	if s.Rename {
		p.text(" RENAME VALUE ")
		p.literal(s.Old)
		p.text(" TO ")
		p.literal(s.Value)
		return
	}
	p.text(" ADD VALUE ")
	p.ifNotExists(s.IfNotExists)
	p.literal(s.Value)
	if s.Neighbor != "" {
		p.text(map[bool]string{true: " AFTER ", false: " BEFORE "}[s.After])
		p.literal(s.Neighbor)
	}
}

// action writes one action of ALTER TABLE or ALTER TYPE; column is the word
// for a column.
func (p *printer) action(a AlterAction, column string) {
	switch a.Kind {
	case AlterAddColumn:
		p.text("ADD ", column, " ")
		p.ifNotExists(a.IfExists)
		p.columnDef(*a.Def)
		p.cascade(a.Cascade)
	case AlterDropColumn:
		p.text("DROP ", column, " ")
		p.when(a.IfExists, "IF EXISTS ")
		p.ident(a.Column.Name)
		p.cascade(a.Cascade)
	case AlterAddConstraint, AlterDropConstraint, AlterValidateConstraint:
		p.domainAction(a)
	case AlterConstraint:
		p.text("ALTER CONSTRAINT ")
		p.ident(a.Name)
		p.when(a.Constraint.Deferrable, " DEFERRABLE")
		p.when(a.Constraint.InitiallyDeferred, " INITIALLY DEFERRED")
	case AlterSetOptions:
		p.text("SET ")
		p.relOptions(a.Options)
	case AlterResetOptions:
		p.text("RESET ")
		p.relOptions(a.Options)
	case AlterReplicaIdentity:
		p.replicaIdentity(a)
	case AlterCluster:
		if a.Name == "" {
			p.text("SET WITHOUT CLUSTER")
			break
		}
		p.text("CLUSTER ON ")
		p.ident(a.Name)
	case AlterRowSecurity:
		p.text(a.Text, " ROW LEVEL SECURITY")
	case AlterRule:
		word, kind, _ := strings.Cut(a.Text, " ")
		p.text(word, " ")
		p.when(kind != "", kind+" ")
		p.text("RULE ")
		p.ident(a.Name)
	case AlterTrigger:
		word, kind, _ := strings.Cut(a.Text, " ")
		p.text(word, " ")
		p.when(kind != "", kind+" ")
		p.text("TRIGGER ")
		switch {
		case a.All:
			p.text("ALL")
		case a.User:
			p.text("USER")
		default:
			p.ident(a.Name)
		}
	case AlterInherit, AlterNoInherit:
		p.when(a.Kind == AlterNoInherit, "NO ")
		p.text("INHERIT ")
		p.name(*a.Parent)
	case AlterOther:
		p.text(a.Text)
	default:
		p.text("ALTER ", column, " ")
		p.ident(a.Column.Name)
		p.text(" ")
		p.columnAction(a)
	}
}

func (p *printer) replicaIdentity(a AlterAction) {
	p.text("REPLICA IDENTITY ")
	if a.Text == "index" {
		p.text("USING INDEX ")
		p.ident(a.Name)
		return
	}
	p.text(strings.ToUpper(a.Text))
}

// columnAction writes what is done to a column.
func (p *printer) columnAction(a AlterAction) {
	switch a.Kind {
	case AlterColumnType:
		p.text("TYPE ")
		p.typeName(*a.Type)
		if a.Def != nil && a.Def.Collation != nil {
			p.text(" COLLATE ")
			p.name(*a.Def.Collation)
		}
		if a.Using != nil {
			p.text(" USING ")
			p.expr(a.Using)
		}
		p.cascade(a.Cascade)
	case AlterAddIdentity:
		p.text("ADD ")
		p.identity(*a.Constraint)
	case AlterSetIdentity:
		p.setIdentity(a)
	case AlterDropIdentity:
		p.text("DROP IDENTITY")
		p.when(a.IfExists, " IF EXISTS")
	case AlterDropExpression:
		p.text("DROP EXPRESSION")
		p.when(a.IfExists, " IF EXISTS")
	case AlterSetStatistics:
		p.text("SET STATISTICS ")
		p.expr(a.Options[0].Value)
	case AlterSetStorage:
		p.text("SET STORAGE ")
		p.ident(a.Text)
	case AlterColumnOptions:
		if a.Text == "reset" {
			p.text("RE")
		}
		p.text("SET ")
		p.relOptions(a.Options)
	default:
		p.domainAction(a)
	}
}

func (p *printer) setIdentity(a AlterAction) {
	sep := ""
	if a.Always != nil {
		p.text("SET GENERATED ")
		p.generatedWhen(*a.Always)
		sep = " "
	}
	for _, o := range a.SeqOpts {
		p.text(sep)
		p.when(o.Name != "restart", "SET ")
		p.seqOption(o)
		sep = " "
	}
}

// domainAction writes the actions that a domain can have too.
func (p *printer) domainAction(a AlterAction) {
	switch a.Kind {
	case AlterAddConstraint:
		p.text("ADD ")
		p.tableConstraint(*a.Constraint)
	case AlterDropConstraint:
		p.text("DROP CONSTRAINT ")
		p.when(a.IfExists, "IF EXISTS ")
		p.ident(a.Name)
		p.cascade(a.Cascade)
	case AlterValidateConstraint:
		p.text("VALIDATE CONSTRAINT ")
		p.ident(a.Name)
	case AlterSetDefault:
		p.text("SET DEFAULT ")
		p.expr(a.Using)
	case AlterDropDefault:
		p.text("DROP DEFAULT")
	case AlterSetNotNull:
		p.text("SET NOT NULL")
	case AlterDropNotNull:
		p.text("DROP NOT NULL")
	}
}

func (p *printer) alterRole(s *AlterRole) {
	p.text("ALTER ROLE ")
	if s.Name == "" {
		p.text("ALL")
	} else {
		p.role(s.Name)
	}
	if s.Set != nil {
		p.text(" ")
		p.setVar(s.Set)
		return
	}
	p.roleOptions(s.Options)
}

func (p *printer) grant(s *Grant) {
	p.text(map[bool]string{false: "GRANT ", true: "REVOKE "}[s.Revoke])
	p.when(s.Revoke && s.Option, "GRANT OPTION FOR ")
	p.privileges(s)
	p.text(" ON ")
	if s.AllIn {
		p.text("ALL ", strings.ToUpper(s.Kind.String()), "S IN SCHEMA ")
		p.names(s.Objects)
	} else {
		p.text(s.Kind.String(), " ")
		p.list(len(s.Objects), func(i int) { p.name(s.Objects[i]) })
	}
	p.text(map[bool]string{false: " TO ", true: " FROM "}[s.Revoke])
	p.roles(s.Grantees)
	p.when(!s.Revoke && s.Option, " WITH GRANT OPTION")
	p.grantedBy(s.GrantedBy)
	p.cascade(s.Cascade)
}

func (p *printer) privileges(s *Grant) {
	columns := func(i int) {
		if i < len(s.Columns) && len(s.Columns[i]) > 0 {
			p.text(" (")
			p.words(s.Columns[i])
			p.text(")")
		}
	}
	if len(s.Privileges) == 0 {
		p.text("ALL")
		columns(0)
		return
	}
	p.list(len(s.Privileges), func(i int) {
		p.text(quotePrivilege(s.Privileges[i]))
		columns(i)
	})
}

// quotePrivilege is the name of a privilege, which may be a reserved word.
func quotePrivilege(name string) string {
	switch name {
	case "select", "references", "create", "alter system":
		return name
	}
	return QuoteIdent(name)
}

func (p *printer) grantRole(s *GrantRole) {
	if s.Revoke {
		p.text("REVOKE ")
		p.when(s.Admin, "ADMIN OPTION FOR ")
	} else {
		p.text("GRANT ")
	}
	p.roles(s.Roles)
	p.text(map[bool]string{false: " TO ", true: " FROM "}[s.Revoke])
	p.roles(s.Grantees)
	p.when(!s.Revoke && s.Admin, " WITH ADMIN OPTION")
	p.grantedBy(s.GrantedBy)
}

func (p *printer) grantedBy(role string) {
	if role != "" {
		p.text(" GRANTED BY ")
		p.role(role)
	}
}
