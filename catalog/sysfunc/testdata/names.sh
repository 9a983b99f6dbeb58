#!/bin/sh
# Asks a PostgreSQL 15 that has run ../catalogtest/fixture.sql (by psql's
# environment variables) what reg types make of names: each line "type|name" of
# names.txt becomes type|name|S|text, or type|name|E|code|message|hint.
cd "$(dirname "$0")"
{
	cat <<-'SQL'
	CREATE FUNCTION pg_temp.try(t text, v text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE c text; m text; h text; r text;
	BEGIN
		IF t LIKE 'to\_%' THEN EXECUTE format('SELECT %s(%L)::text', t, v) INTO r;
		ELSE EXECUTE format('SELECT %L::%s::text', v, t) INTO r; END IF;
		RETURN 'S|' || coalesce(r, 'NULL');
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS c = RETURNED_SQLSTATE, m = MESSAGE_TEXT, h = PG_EXCEPTION_HINT;
		RETURN 'E|' || c || '|' || m || '|' || h;
	END $$;
	SET client_min_messages = error;
	SQL
	cut -d'|' -f1,2 names.txt | sed "s/'/''/g" | while IFS='|' read -r n v; do
		echo "SELECT '$n|$v|' || pg_temp.try('$n', '$v');"
	done
} | psql -X -q -At >names.new && mv names.new names.txt
