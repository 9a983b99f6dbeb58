-- One of each thing that pg_dump asks for and that this server has; materialized
-- views aside, which it writes WITH NO DATA.
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN shop.positive AS int CHECK (VALUE > 0);
CREATE TYPE shop.place AS (street text, zip int);
CREATE SEQUENCE shop.numbers START 5 INCREMENT 3 CYCLE MAXVALUE 100;
SELECT nextval('shop.numbers'), nextval('shop.numbers') \g /dev/null
CREATE TABLE shop.users (
    id serial PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, name text DEFAULT 'anon', mood shop.mood DEFAULT 'ok',
    created timestamptz, meta jsonb, tags text[], balance numeric(12,2), raw bytea, uid uuid, age shop.positive, home shop.place,
    active bool DEFAULT true, f4 real, f8 double precision, d date, t time, iv interval, ch char(3), ts timestamp(3)
);
CREATE TABLE shop.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL REFERENCES shop.users (id) ON DELETE CASCADE,
    total numeric CHECK (total >= 0), doubled numeric GENERATED ALWAYS AS (total * 2) STORED
);
CREATE INDEX orders_user ON shop.orders (user_id);
CREATE INDEX orders_total ON shop.orders (lower(total::text)) WHERE total > 0;
CREATE TABLE shop.parts (k text, n int, PRIMARY KEY (k, n));
CREATE TABLE shop.uses (k text, n int, q int, FOREIGN KEY (k, n) REFERENCES shop.parts (k, n));
COMMENT ON TABLE shop.orders IS 'the orders';
COMMENT ON COLUMN shop.orders.total IS 'the total';
SET search_path = shop;
CREATE VIEW owed AS SELECT u.email, u.mood = 'ok'::mood AS fine, o.total, 'orders'::regclass AS source FROM orders o JOIN users u ON u.id = o.user_id;
CREATE VIEW best AS SELECT * FROM owed WHERE total > 10;
INSERT INTO users (email, meta, tags, balance, raw, uid, age, home, f4, f8, d, t, iv, ch, ts, created)
    SELECT 'u' || i || '@x', '{"a": 1}', ARRAY['x', E'y\t"'], i * 1.5, '\xdead', '00000000-0000-0000-0000-000000000001', i, ('a street', i)::place,
        1.1, 1e-10, '2024-01-01', '12:00', '1 day 02:03', 'abc', '2024-01-01 00:00:00.123', '2024-01-01 00:00Z' FROM generate_series(1, 20) i;
INSERT INTO users (email, name) VALUES (E'tab\t@back\\slash', NULL), ('N@', E'\\N');
INSERT INTO orders (user_id, total) SELECT i % 20 + 1, i FROM generate_series(1, 50) i;
INSERT INTO parts VALUES ('p', 1);
INSERT INTO uses VALUES ('p', 1, 2), (NULL, 1, 3);
GRANT SELECT ON users TO PUBLIC;
