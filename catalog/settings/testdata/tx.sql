-- Transactions over parameters; tx.txt is what a PostgreSQL 15 answers to
-- psql -X -q -At -f tx.sql
SET work_mem = '1MB';
BEGIN; SET work_mem = '2MB'; ROLLBACK; SHOW work_mem;
BEGIN; SET work_mem = '2MB'; COMMIT; SHOW work_mem;
BEGIN; SET LOCAL work_mem = '3MB'; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SET work_mem = '4MB'; SET LOCAL work_mem = '5MB'; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SET LOCAL work_mem = '5MB'; SET work_mem = '6MB'; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SET work_mem = '7MB'; SAVEPOINT a; SET work_mem = '8MB'; ROLLBACK TO a; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SAVEPOINT a; SET LOCAL work_mem = '8MB'; RELEASE a; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SET LOCAL work_mem = '9MB'; SAVEPOINT a; SET work_mem = '10MB'; ROLLBACK TO a; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SAVEPOINT a; SET work_mem = '11MB'; SAVEPOINT b; SET LOCAL work_mem = '12MB'; RELEASE b; RELEASE a; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; SET work_mem = '13MB'; RESET work_mem; SHOW work_mem; ROLLBACK; SHOW work_mem;
BEGIN; RESET work_mem; COMMIT; SHOW work_mem;
SET work_mem = '14MB';
BEGIN; SET LOCAL work_mem TO DEFAULT; SHOW work_mem; COMMIT; SHOW work_mem;
BEGIN; RESET ALL; SHOW work_mem; ROLLBACK; SHOW work_mem;
RESET ALL; SHOW work_mem;
BEGIN; SET a.b = 'x'; SHOW a.b; ROLLBACK; SHOW a.b;
SET a.c = 'y'; RESET a.c; SHOW a.c;
BEGIN; SET DateStyle = 'German'; SAVEPOINT a; SET DateStyle = 'YMD'; SHOW DateStyle; ROLLBACK TO a; SHOW DateStyle; COMMIT; SHOW DateStyle;
RESET DateStyle; SHOW DateStyle;
