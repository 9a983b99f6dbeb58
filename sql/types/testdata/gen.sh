#!/bin/sh
# Makes testdata/NAME.txt from testdata/NAME.sql, with psql and its usual environment (PGHOST, PGPORT, PGUSER). A name may
# lead to another package: ../arrays/testdata/arrays.
cd "$(dirname "$0")" || exit 1
for n in "$@"; do
	psql -AtXq -v ON_ERROR_STOP=1 -f prelude.sql -f "$n.sql" | awk 'length($0) < 1200' >"$n.txt" || exit 1
done
