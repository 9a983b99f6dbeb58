-- The rows of the catalogues that fixture.sql makes, OIDs replaced by names:
-- psql -X -At -F '|' -f rows.sql >rows.txt
SET search_path = '';
CREATE FUNCTION pg_temp.obj(class oid, o oid, sub int) RETURNS text LANGUAGE sql AS $$
	SELECT CASE class
		WHEN 1259 THEN o::regclass::text || coalesce('.' || (SELECT attname FROM pg_attribute WHERE attrelid = o AND attnum = sub AND sub <> 0), '')
		WHEN 1247 THEN 'type ' || (SELECT n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = o)
		WHEN 2615 THEN 'schema ' || o::regnamespace
		WHEN 2606 THEN 'constraint ' || (SELECT conname FROM pg_constraint WHERE oid = o)
		WHEN 2604 THEN 'default ' || (SELECT adrelid::regclass || '.' || adnum FROM pg_attrdef WHERE oid = o)
		WHEN 2618 THEN 'rule ' || (SELECT ev_class::regclass FROM pg_rewrite WHERE oid = o)
		WHEN 1260 THEN 'role ' || o::regrole
		ELSE class || ':' || o END $$;
CREATE FUNCTION pg_temp.typ(o oid) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((SELECT n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = o), '-') $$;

SELECT 'pg_class', relname, relnamespace::regnamespace, relowner::regrole, relam, pg_temp.typ(reltype), relhasindex, relisshared, relpersistence, relkind,
	relnatts, relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity, relispopulated, relreplident, relispartition, relacl, reloptions
FROM pg_class WHERE oid >= 16384 AND relnamespace <> 99 ORDER BY oid::regclass::text COLLATE "C";
SELECT 'pg_attribute', attrelid::regclass, attname, pg_temp.typ(atttypid), attstattarget, attlen, attnum, attndims, atttypmod, attbyval, attalign, attstorage,
	attnotnull, atthasdef, attidentity, attgenerated, attisdropped, attislocal, attinhcount, attcollation, attacl
FROM pg_attribute WHERE attrelid >= 16384 AND attrelid::regclass::text NOT LIKE 'pg_toast%' ORDER BY attrelid::regclass::text COLLATE "C", attnum;
SELECT 'pg_attrdef', adrelid::regclass, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef ORDER BY adrelid::regclass::text COLLATE "C", adnum;
SELECT 'pg_index', indexrelid::regclass, indrelid::regclass, indnatts, indnkeyatts, indisunique, indnullsnotdistinct, indisprimary, indisexclusion, indimmediate,
	indisvalid, indisready, indislive, indkey, indcollation, indclass, indoption, pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid)
FROM pg_index WHERE indexrelid >= 16384 AND indexrelid::regclass::text NOT LIKE 'pg_toast%' ORDER BY indexrelid::regclass::text COLLATE "C";
SELECT 'pg_constraint', conname, connamespace::regnamespace, contype, condeferrable, condeferred, convalidated, conrelid::regclass, pg_temp.typ(contypid), conindid::regclass,
	confrelid::regclass, confupdtype, confdeltype, confmatchtype, connoinherit, conkey, confkey, conpfeqop, conppeqop, conffeqop, confdelsetcols, pg_get_expr(conbin, conrelid)
FROM pg_constraint WHERE oid >= 16384 ORDER BY conname COLLATE "C";
SELECT 'pg_type', pg_temp.typ(oid), typowner::regrole, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, typdelim, typrelid::regclass, typsubscript::oid,
	pg_temp.typ(typelem), pg_temp.typ(typarray), typinput::oid, typoutput::oid, typreceive::oid, typsend::oid, typanalyze::oid, typalign, typstorage, typnotnull,
	pg_temp.typ(typbasetype), typtypmod, typndims, typcollation, typdefault
FROM pg_type WHERE oid >= 16384 AND typnamespace NOT IN (99, pg_my_temp_schema()) ORDER BY pg_temp.typ(oid) COLLATE "C";
SELECT 'pg_enum', pg_temp.typ(enumtypid), enumsortorder, enumlabel FROM pg_enum ORDER BY 2, 3;
SELECT 'pg_sequence', seqrelid::regclass, pg_temp.typ(seqtypid), seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle FROM pg_sequence ORDER BY seqrelid::regclass::text COLLATE "C";
SELECT 'pg_namespace', nspname, nspowner::regrole, nspacl FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg_%' ORDER BY nspname;
SELECT 'pg_authid', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit FROM pg_authid ORDER BY rolname COLLATE "C";
SELECT 'pg_auth_members', roleid::regrole, member::regrole FROM pg_auth_members ORDER BY roleid::regrole::text, member::regrole::text;
SELECT 'pg_db_role_setting', setdatabase, setrole::regrole, setconfig FROM pg_db_role_setting;
SELECT 'pg_description', pg_temp.obj(classoid, objoid, objsubid), description FROM pg_description WHERE objoid >= 16384 ORDER BY 2;
SELECT 'pg_shdescription', pg_temp.obj(classoid, objoid, 0), description FROM pg_shdescription WHERE objoid >= 16384 ORDER BY 2;
SELECT DISTINCT 'pg_depend', pg_temp.obj(classid, objid, objsubid), pg_temp.obj(refclassid, refobjid, refobjsubid), deptype
FROM pg_depend WHERE objid >= 16384 AND classid NOT IN (2620, 1255) AND refclassid NOT IN (3456)
	AND NOT (classid = 1259 AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 99))
	AND NOT (refclassid = 2615 AND refobjid = pg_my_temp_schema())
ORDER BY 2, 3, 4;
SELECT DISTINCT 'pg_shdepend', pg_temp.obj(classid, objid, objsubid), pg_temp.obj(refclassid, refobjid, 0), deptype
FROM pg_shdepend WHERE refclassid = 1260 ORDER BY 2, 3, 4;
SELECT 'pg_rewrite', ev_class::regclass, rulename, ev_type, ev_enabled, is_instead FROM pg_rewrite WHERE ev_class >= 16384 ORDER BY ev_class::regclass::text COLLATE "C";
