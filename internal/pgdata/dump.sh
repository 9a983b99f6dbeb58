#!/bin/sh
# Writes the tables of this package from a freshly initialised PostgreSQL 15
# (initdb --locale=C.UTF-8 --encoding=UTF8 -U postgres); psql's environment
# variables say where it runs. References to functions are written as OIDs, for
# names of overloaded functions are not unique; parse trees as SQL.
set -e
cd "$(dirname "$0")"

out() { # file, query
	psql -X -q -v ON_ERROR_STOP=1 -c "\\copy ($2) to '$1.csv' csv header"
}

table() { # relation, order, columns
	out "$1" "select $3 from $1 order by $2"
}

table pg_am oid oid,amname,amhandler::oid,amtype
table pg_amop oid oid,amopfamily,amoplefttype,amoprighttype,amopstrategy,amoppurpose,amopopr,amopmethod,amopsortfamily
table pg_amproc oid oid,amprocfamily,amproclefttype,amprocrighttype,amprocnum,amproc::oid
table pg_authid oid oid,rolname,rolsuper,rolinherit,rolcreaterole,rolcreatedb,rolcanlogin,rolreplication,rolbypassrls,rolconnlimit
table pg_auth_members roleid,member roleid,member,grantor,admin_option
table pg_conversion oid oid,conname,connamespace,conowner,conforencoding,contoencoding,conproc::oid,condefault
out pg_language "select oid,lanname,lanowner,lanispl,lanpltrusted,lanplcallfoid,laninline,lanvalidator from pg_language order by oid"
table pg_opclass oid oid,opcmethod,opcname,opcnamespace,opcowner,opcfamily,opcintype,opcdefault,opckeytype
table pg_opfamily oid oid,opfmethod,opfname,opfnamespace,opfowner
table pg_range rngtypid rngtypid,rngsubtype,rngmultitypid,rngcollation,rngsubopc,rngcanonical::oid,rngsubdiff::oid
table pg_tablespace oid oid,spcname,spcowner
table pg_ts_config oid oid,cfgname,cfgnamespace,cfgowner,cfgparser
table pg_ts_config_map mapcfg,maptokentype,mapseqno mapcfg,maptokentype,mapseqno,mapdict
table pg_ts_dict oid oid,dictname,dictnamespace,dictowner,dicttemplate,dictinitoption
table pg_ts_parser oid oid,prsname,prsnamespace,prsstart::oid,prstoken::oid,prsend::oid,prsheadline::oid,prslextype::oid
table pg_ts_template oid oid,tmplname,tmplnamespace,tmplinit::oid,tmpllexize::oid
table pg_shdescription objoid objoid,classoid,description
table pg_description classoid,objoid,objsubid objoid,classoid,objsubid,description
table pg_cast oid oid,castsource,casttarget,castfunc,castcontext,castmethod
out pg_collation "select oid,collname,collnamespace,collowner,collprovider,collisdeterministic,collencoding,collcollate,collctype,colliculocale,collversion from pg_collation where collprovider <> 'i' order by oid"

table pg_type oid "oid,typname,typnamespace,typowner,typlen,typbyval,typtype,typcategory,typispreferred,typisdefined,typdelim,typrelid,typsubscript::oid,typelem,typarray,typinput::oid,typoutput::oid,typreceive::oid,typsend::oid,typmodin::oid,typmodout::oid,typanalyze::oid,typalign,typstorage,typnotnull,typbasetype,typtypmod,typndims,typcollation,pg_get_expr(typdefaultbin,0) as typdefaultbin,typdefault,typacl"
out pg_proc "select oid,proname,pronamespace,proowner,prolang,procost,prorows,provariadic,prosupport::oid,prokind,prosecdef,proleakproof,proisstrict,proretset,provolatile,proparallel,pronargs,pronargdefaults,prorettype,proargtypes,proallargtypes,proargmodes,proargnames,pg_get_expr(proargdefaults,0) as proargdefaults,protrftypes,prosrc,probin,pg_get_function_sqlbody(oid) as prosqlbody,proconfig,proacl from pg_proc order by oid"
table pg_operator oid oid,oprname,oprnamespace,oprowner,oprkind,oprcanmerge,oprcanhash,oprleft,oprright,oprresult,oprcom,oprnegate,oprcode::oid,oprrest::oid,oprjoin::oid
table pg_aggregate aggfnoid aggfnoid::oid,aggkind,aggnumdirectargs,aggtransfn::oid,aggfinalfn::oid,aggcombinefn::oid,aggserialfn::oid,aggdeserialfn::oid,aggmtransfn::oid,aggminvtransfn::oid,aggmfinalfn::oid,aggfinalextra,aggmfinalextra,aggfinalmodify,aggmfinalmodify,aggsortop,aggtranstype,aggtransspace,aggmtranstype,aggmtransspace,agginitval,aggminitval

out pg_get_keywords "select * from pg_get_keywords()"
out pg_get_catalog_foreign_keys "select fktable::oid,fkcols,pktable::oid,pkcols,is_array,is_opt from pg_get_catalog_foreign_keys()"
out pg_settings "select name,unit,category,short_desc,extra_desc,context,vartype,min_val,max_val,enumvals,boot_val,pg_settings_get_flags(name) as flags from pg_settings order by name collate \"C\""
for t in sql_features sql_implementation_info sql_parts sql_sizing; do
	out $t "select * from information_schema.$t"
done

# The system relations: one row each, columns as name:type, then what differs from
# the ordinary: ! for NOT NULL, ~collation where it is not the type's own, ^ACL.
out relations "select c.oid, relname, relnamespace, relkind, reltype, relisshared, relacl, reloptions,
	(select string_agg(attname || ':' || atttypid || case when attnotnull then '!' else '' end
		|| case when attcollation <> typcollation then '~' || attcollation else '' end || coalesce('^' || attacl::text, ''), ' ' order by attnum)
	 from pg_attribute a join pg_type t on t.oid = atttypid where attrelid = c.oid and attnum > 0) as columns
	from pg_class c where relkind in ('r','v') and c.oid < 16384 order by c.oid"
out indexes "select i.indexrelid, c.relname, i.indrelid, i.indisunique, i.indisprimary, i.indkey, i.indcollation, i.indclass, i.indoption, o.oid as conoid
	from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = indrelid
	left join pg_constraint o on o.conindid = i.indexrelid
	where t.relkind = 'r' and t.relnamespace = 11 order by 1"

views() { # file, schema
	psql -X -q -t -A -v ON_ERROR_STOP=1 -c "select '-- ' || relname || e'\n' || pg_get_viewdef(c.oid) || e'\n' from pg_class c
		where relkind = 'v' and relnamespace = '$2'::regnamespace order by relname" >"$1"
}
views pg_catalog_views.sql pg_catalog
views information_schema_views.sql information_schema
