"""What Python programs do with psycopg2; prints what a server answers."""
import datetime
import decimal
import io
import sys
import uuid

import psycopg2
import psycopg2.extras

conn = psycopg2.connect(sys.argv[1])
psycopg2.extras.register_uuid()
cur = conn.cursor()

cur.execute("CREATE TYPE feeling AS ENUM ('sad', 'ok'); CREATE TYPE place AS (street text, zip int)")
cur.execute(
    "CREATE TABLE people (id serial PRIMARY KEY, name text, paid numeric, at timestamptz, tags int[],"
    " data jsonb, raw bytea, uid uuid, born date, span interval, score float8, feels feeling, home place)"
)
cur.execute(
    "INSERT INTO people (name, paid, at, tags, data, raw, uid, born, span, score, feels)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
    (
        "a'b\\c",
        decimal.Decimal("1.50"),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc),
        [1, 2, None],
        psycopg2.extras.Json({"a": [1]}),
        b"\x00\xff",
        uuid.UUID(int=1),
        datetime.date(2024, 2, 29),
        datetime.timedelta(days=1, seconds=5),
        1e300,
        "ok",
    ),
)
print(cur.fetchone(), cur.statusmessage)
psycopg2.extras.execute_values(cur, "INSERT INTO people (name, paid) VALUES %s", [(str(i), i) for i in range(250)], page_size=100)
psycopg2.extras.execute_batch(cur, "UPDATE people SET score = %s WHERE id = %s", [(i * 0.5, i) for i in range(2, 50)])
cur.execute("SELECT id, name, paid, at, tags, data, raw, uid, born, span, score, feels FROM people ORDER BY id LIMIT 3")
for row in cur.fetchall():
    print([bytes(v) if isinstance(v, memoryview) else v for v in row])
print([(d.name, d.type_code if d.name != "feels" else "feeling", d.internal_size) for d in cur.description])
cur.copy_expert("COPY people (name, paid) FROM STDIN CSV", io.StringIO("x,1\ny,2\n"))
print(cur.rowcount)
out = io.StringIO()
cur.copy_expert("COPY (SELECT name, paid FROM people ORDER BY id DESC LIMIT 2) TO STDOUT", out)
print(repr(out.getvalue()))
conn.commit()

named = conn.cursor("server_side")
named.itersize = 100
named.execute("SELECT id FROM people ORDER BY id")
print(sum(1 for _ in named))
named.close()
held = conn.cursor("held", scrollable=True, withhold=True)
held.execute("SELECT id FROM people ORDER BY id")
conn.commit()
held.scroll(10)
print(held.fetchone())
held.scroll(-5)
print(held.fetchone())
held.close()

psycopg2.extras.register_composite("place", conn)
cur.execute("UPDATE people SET home = ('high', 5) WHERE id = 1 RETURNING home")
print(cur.fetchall())
named_rows = conn.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
named_rows.execute("SELECT 1 AS a, NULL AS b, true AS c, '{a,b}'::text[] AS d, ROW(1, 'x') AS e")
print([dict(r) for r in named_rows.fetchall()])
conn.commit()

for sql in ["SELECT 1/0", "SELECT nope", "INSERT INTO people (id) VALUES (1)", "SELEC"]:
    try:
        cur.execute(sql)
    except psycopg2.Error as e:
        d = e.diag
        print(type(e).__name__, e.pgcode, e.pgerror.splitlines()[0], d.constraint_name, d.table_name, d.statement_position, d.message_detail)
        conn.rollback()

conn.set_session(isolation_level="SERIALIZABLE", readonly=True)
try:
    cur.execute("DELETE FROM people")
except psycopg2.Error as e:
    print(e.pgcode)
conn.rollback()
conn.set_session(isolation_level="DEFAULT", readonly=False, autocommit=True)
cur.execute("LISTEN news")
cur.execute("NOTIFY news, 'read me'")
conn.poll()
print([(n.channel, n.payload) for n in conn.notifies])
cur.callproc("upper", ["abc"])
print(cur.fetchall())
cur.execute("SET statement_timeout = 100")
try:
    cur.execute("SELECT pg_sleep(5)")
except psycopg2.Error as e:
    print(type(e).__name__, e.pgcode)
cur.execute("DROP TABLE people; DROP TYPE feeling, place")
