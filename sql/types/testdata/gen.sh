#!/bin/sh
# Makes NAME.txt from NAME.sql for the names given, with psql's usual environment (PGHOST, PGPORT, PGUSER).
cd "$(dirname "$0")" || exit 1
for n in "$@"; do
	psql -AtXq -v ON_ERROR_STOP=1 -f prelude.sql -f "$n.sql" | awk 'length($0) < 1200' >"$n.txt" || exit 1
done
