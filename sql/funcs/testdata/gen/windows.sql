-- Makes testdata/windows.txt: psql -X -q -At -F '	' -f windows.sql
-- Each line: function, frame, order keys, first argument, results; in every
-- array the rows are in window order.
CREATE TEMP TABLE d(id int, k int, v int);
INSERT INTO d VALUES (1,1,10),(2,1,NULL),(3,2,30),(4,2,40),(5,2,5),(6,4,60),(7,7,NULL),(8,7,80);
CREATE TEMP TABLE f(f text);
INSERT INTO f VALUES
 ('RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'),
 ('ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW'),
 ('ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING'),
 ('ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING'),
 ('ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING'),
 ('ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW'),
 ('ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE GROUP'),
 ('ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE TIES'),
 ('ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING');
CREATE TEMP TABLE c(c text);
INSERT INTO c VALUES ('row_number()'),('rank()'),('dense_rank()'),('percent_rank()'),('cume_dist()'),('ntile(1)'),('ntile(3)'),('ntile(5)'),('ntile(20)'),('ntile(NULL)'),
 ('lag(v)'),('lead(v)'),('lag(v,2)'),('lead(v,2)'),('lag(v,0)'),('lag(v,-1)'),('lag(v,NULL)'),('lag(v,3,-1)'),('lead(v,3,-1)'),('lead(v,NULL,-1)'),('lead(v,1,NULL)'),
 ('first_value(v)'),('last_value(v)'),('nth_value(v,1)'),('nth_value(v,2)'),('nth_value(v,3)'),('nth_value(v,NULL)');
CREATE FUNCTION pg_temp.w(c text, f text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  EXECUTE format('SELECT array_agg(x ORDER BY id)::text FROM (SELECT id, %s OVER (ORDER BY k %s) AS x FROM d) s', c, f) INTO r;
  RETURN r;
END $$;
SELECT c, f, (SELECT array_agg(k ORDER BY id) FROM d), (SELECT array_agg(v ORDER BY id) FROM d), pg_temp.w(c, f) FROM c, f
WHERE c ~ '_value' OR f = 'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';
