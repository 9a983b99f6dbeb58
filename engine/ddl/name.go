package ddl

import "github.com/streamsqld/streamsqld/sql/ast"

// Name gives the name that PostgreSQL has for a statement of DDL ("CREATE TABLE"),
// which is its command tag too, and "" for other statements.
func Name(st ast.Stmt) string {
	switch st := st.(type) {
	case *ast.CreateSchema:
		return "CREATE SCHEMA"
	case *ast.CreateTable:
		if st.Stream {
			return "CREATE STREAM"
		}
		return "CREATE TABLE"
	case *ast.CreateTableAs:
		return "CREATE TABLE AS"
	case *ast.CreateView:
		return "CREATE VIEW"
	case *ast.CreateMatView:
		return "CREATE MATERIALIZED VIEW"
	case *ast.RefreshMatView:
		return "REFRESH MATERIALIZED VIEW"
	case *ast.CreateIndex:
		return "CREATE INDEX"
	case *ast.CreateSequence:
		return "CREATE SEQUENCE"
	case *ast.CreateEnum, *ast.CreateRange, *ast.CreateComposite:
		return "CREATE TYPE"
	case *ast.CreateDomain:
		return "CREATE DOMAIN"
	case *ast.CreateRole:
		return "CREATE ROLE"
	case *ast.CreateFunction:
		if st.Procedure {
			return "CREATE PROCEDURE"
		}
		return "CREATE FUNCTION"
	case *ast.CreateRule:
		return "CREATE RULE"
	case *ast.CreateTrigger:
		return "CREATE TRIGGER"
	case *ast.CreatePolicy:
		return "CREATE POLICY"
	case *ast.CreateAggregate:
		return "CREATE AGGREGATE"
	case *ast.CreateExtension:
		return "CREATE EXTENSION"
	case *ast.CreateStatistics:
		return "CREATE STATISTICS"
	case *ast.Drop:
		return "DROP " + kindName(st.Kind)
	case *ast.Truncate:
		return "TRUNCATE TABLE"
	case *ast.Comment:
		return "COMMENT"
	}
	return alterName(st)
}

func alterName(st ast.Stmt) string {
	switch st := st.(type) {
	case *ast.AlterPolicy:
		return "ALTER POLICY"
	case *ast.AlterStatistics:
		return "ALTER STATISTICS"
	case *ast.AlterFunction:
		return "ALTER " + kindName(st.Kind)
	case *ast.AlterPartition:
		if st.Index {
			return "ALTER INDEX"
		}
		return "ALTER TABLE"
	case *ast.AlterSequence:
		return "ALTER SEQUENCE"
	case *ast.AlterEnum, *ast.AlterType:
		return "ALTER TYPE"
	case *ast.AlterDomain:
		return "ALTER DOMAIN"
	case *ast.AlterTable:
		return "ALTER " + kindName(st.Kind)
	case *ast.CreateDatabase:
		return "CREATE DATABASE"
	case *ast.AlterDatabase:
		return "ALTER DATABASE"
	case *ast.AlterRole:
		return "ALTER ROLE"
	case *ast.Rename:
		switch st.Kind {
		case ast.ObjColumn:
			return "ALTER " + kindName(st.Relation)
		case ast.ObjConstraint:
			return "ALTER TABLE"
		case ast.ObjDomainConstraint:
			return "ALTER DOMAIN"
		}
		return "ALTER " + kindName(st.Kind)
	case *ast.SetSchema:
		return "ALTER " + kindName(st.Kind)
	case *ast.ChangeOwner:
		return "ALTER " + kindName(st.Kind)
	case *ast.Grant:
		if st.Revoke {
			return "REVOKE"
		}
		return "GRANT"
	case *ast.AlterDefaultPrivileges:
		return "ALTER DEFAULT PRIVILEGES"
	case *ast.OwnedBy:
		if st.NewRole != "" {
			return "REASSIGN OWNED"
		}
		return "DROP OWNED"
	case *ast.GrantRole:
		if st.Group {
			return "ALTER ROLE"
		}
		if st.Revoke {
			return "REVOKE ROLE"
		}
		return "GRANT ROLE"
	}
	return ""
}

// kindNames are the kinds of object as statements name them.
var kindNames = map[ast.ObjectKind]string{
	ast.ObjTable: "TABLE", ast.ObjStream: "STREAM", ast.ObjView: "VIEW", ast.ObjMatView: "MATERIALIZED VIEW", ast.ObjIndex: "INDEX",
	ast.ObjSequence: "SEQUENCE", ast.ObjSchema: "SCHEMA", ast.ObjType: "TYPE", ast.ObjDomain: "DOMAIN", ast.ObjColumn: "COLUMN",
	ast.ObjConstraint: "CONSTRAINT", ast.ObjDatabase: "DATABASE", ast.ObjRole: "ROLE", ast.ObjFunction: "FUNCTION",
	ast.ObjAggregate: "AGGREGATE", ast.ObjOperator: "OPERATOR", ast.ObjExtension: "EXTENSION", ast.ObjTrigger: "TRIGGER", ast.ObjRule: "RULE",
	ast.ObjPolicy: "POLICY", ast.ObjCollation: "COLLATION", ast.ObjCast: "CAST", ast.ObjLanguage: "LANGUAGE", ast.ObjTablespace: "TABLESPACE",
	ast.ObjPublication: "PUBLICATION", ast.ObjSubscription: "SUBSCRIPTION", ast.ObjServer: "SERVER", ast.ObjForeignTable: "FOREIGN TABLE",
	ast.ObjForeignDataWrapper: "FOREIGN DATA WRAPPER", ast.ObjEventTrigger: "EVENT TRIGGER", ast.ObjStatistics: "STATISTICS",
	ast.ObjProcedure: "PROCEDURE", ast.ObjRoutine: "ROUTINE", ast.ObjLargeObject: "LARGE OBJECT", ast.ObjAccessMethod: "ACCESS METHOD",
	ast.ObjConversion: "CONVERSION", ast.ObjTextSearch: "TEXT SEARCH CONFIGURATION", ast.ObjTransform: "TRANSFORM",
	ast.ObjOperatorClass: "OPERATOR CLASS", ast.ObjOperatorFamily: "OPERATOR FAMILY", ast.ObjUserMapping: "USER MAPPING",
	ast.ObjDomainConstraint: "DOMAIN CONSTRAINT", ast.ObjSink: "SINK", ast.ObjConnection: "CONNECTION",
}

func kindName(k ast.ObjectKind) string { return kindNames[k] }
