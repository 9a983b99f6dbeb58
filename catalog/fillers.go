package catalog

// fillers says where the rows of the relations of pg_catalog come from that
// depend on the catalogue. A relation that is not listed holds the rows of its
// dump from PostgreSQL, or none; views have queries instead.
var fillers = map[string]filler{
	"pg_am":                {static: amRows},
	"pg_attrdef":           {snapshot: attrdefRows},
	"pg_attribute":         {static: systemAttributeRows, snapshot: attributeRows},
	"pg_auth_members":      {snapshot: authMemberRows},
	"pg_authid":            {snapshot: authidRows},
	"pg_class":             {static: systemClassRows, snapshot: classRows, refresh: refreshClass},
	"pg_constraint":        {static: systemConstraintRows, snapshot: constraintRows},
	"pg_database":          {snapshot: databaseRows},
	"pg_db_role_setting":   {snapshot: roleSettingRows},
	"pg_default_acl":       {snapshot: defaultACLRows},
	"pg_depend":            {static: systemDependRows, snapshot: dependRows},
	"pg_description":       {static: dumpedRows("pg_description"), snapshot: descriptionRows},
	"pg_enum":              {snapshot: enumRows},
	"pg_extension":         {static: extensionRows},
	"pg_index":             {static: systemIndexRows, snapshot: indexRows},
	"pg_inherits":          {snapshot: inheritsRows},
	"pg_partitioned_table": {snapshot: partitionedRows},
	"pg_init_privs":        {static: initPrivRows},
	"pg_namespace":         {snapshot: namespaceRows},
	"pg_proc":              {static: procRows, snapshot: procSnapshotRows},
	"pg_range":             {static: dumpedRows("pg_range"), snapshot: rangeRows},
	"pg_rewrite":           {static: systemRewriteRows, snapshot: rewriteRows},
	"pg_sequence":          {snapshot: sequenceRows},
	"pg_shdepend":          {snapshot: shdependRows},
	"pg_shdescription":     {static: dumpedRows("pg_shdescription"), snapshot: shdescriptionRows},
	"pg_trigger":           {snapshot: triggerRows},
	"pg_type":              {static: systemTypeRows, snapshot: typeRows},
	"watermarks":           {live: watermarkRows},
	"views":                {live: viewRows},
	"streams":              {live: streamRows},
	"ddl_progress":         {live: ddlProgressRows},
}
