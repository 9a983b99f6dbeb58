-- The rows that PostgreSQL 15 has of its own relations, OIDs as they are:
-- psql -X -q -At -F '|' -f system_rows.sql | gzip -9n >system_rows.txt.gz
SELECT 'pg_class', oid, relname, relnamespace, relowner, relam, reltablespace, reltype, relhasindex, relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules, relhastriggers,
	relhassubclass, relrowsecurity, relispopulated, relacl, reloptions
FROM pg_class WHERE oid < 16384 AND relnamespace <> 99 AND relkind IN ('r', 'v', 'i');
SELECT 'pg_attribute', attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, atttypmod, attbyval, attalign, attstorage, attnotnull, atthasdef, attidentity,
	attgenerated, attisdropped, attislocal, attinhcount, attcollation
FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE attrelid < 16384 AND relnamespace <> 99;
SELECT 'pg_index', indexrelid, indrelid, indnatts, indnkeyatts, indisunique, indnullsnotdistinct, indisprimary, indisexclusion, indimmediate, indisvalid, indisready, indislive,
	indkey, indcollation, indclass, indoption, indexprs, indpred
FROM pg_index i JOIN pg_class c ON c.oid = indrelid WHERE indrelid < 16384 AND relnamespace <> 99;
SELECT 'pg_constraint', oid, conname, connamespace, contype, condeferrable, condeferred, convalidated, conrelid, contypid, conindid, confrelid, confupdtype, confdeltype,
	confmatchtype, connoinherit, conkey, confkey
FROM pg_constraint WHERE oid < 16384;
SELECT 'pg_namespace', oid, nspname, nspowner, nspacl FROM pg_namespace WHERE oid < 16384 AND nspname NOT LIKE 'pg_%temp%';
SELECT 'pg_init_privs', objoid, classoid, objsubid, privtype, initprivs FROM pg_init_privs;
SELECT 'pg_database', oid, datname, datdba, encoding, datlocprovider, datistemplate, datconnlimit, dattablespace, datcollate, datctype, daticulocale, datcollversion, datacl FROM pg_database;
SELECT 'pg_type', oid, typname, typnamespace, typlen, typrelid, typelem, typarray, typinput::oid, typsubscript::oid, typcollation, typdefault FROM pg_type WHERE oid < 16384;
