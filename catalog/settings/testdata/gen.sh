#!/bin/sh
# Asks a PostgreSQL 15 (by psql's environment variables) what becomes of each
# "name|value" of set.txt's left half, one after another in one session, and
# writes set.txt anew: name|value|S|what SHOW says, or E|code|message|detail|hint.
cd "$(dirname "$0")"
{
	cat <<-'SQL'
	SET bytea_output = hex;
	CREATE FUNCTION pg_temp.try(n text, v text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE c text; m text; d text; h text;
	BEGIN
		PERFORM set_config(n, v, false);
		RETURN 'S|' || current_setting(n);
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS c = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
		RETURN 'E|' || c || '|' || m || '|' || d || '|' || h;
	END $$;
	SQL
	cut -d'|' -f1,2 set.txt | sed "s/'/''/g" | while IFS='|' read -r n v; do
		echo "SELECT '$n|$v|' || pg_temp.try('$n', '$v');"
	done
} | psql -X -q -At >set.new && mv set.new set.txt
