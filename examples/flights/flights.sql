-- Departures of flights as a stream, with two continuous views on it.
--
--   psql -h 127.0.0.1 -p 5433 -f examples/flights/flights.sql
--
-- loads the sample beside this file; README.md says where real data come from:
--
--   psql -h 127.0.0.1 -p 5433 -v data=flights.csv -f examples/flights/flights.sql

\set ON_ERROR_STOP on
\if :{?data}
\else
\set data examples/flights/sample.csv
\endif

DROP STREAM IF EXISTS flights CASCADE;

CREATE STREAM flights (
    ts          timestamp NOT NULL,  -- scheduled departure
    delay       int,                 -- minutes, negative when early
    distance    int,                 -- miles
    origin      text NOT NULL,
    destination text NOT NULL,
    WATERMARK FOR ts AS ts - INTERVAL '1 hour'
);

-- Per origin and hour: how many flights, their mean and their worst delay.
CREATE MATERIALIZED VIEW departures AS
SELECT window_start AS hour, origin, count(*) AS flights, avg(delay) AS mean_delay, max(delay) AS worst_delay
FROM TUMBLE(flights, ts, INTERVAL '1 hour')
GROUP BY window_start, origin;

-- Per route and day.
CREATE MATERIALIZED VIEW routes AS
SELECT window_start AS day, origin, destination, count(*) AS flights, avg(delay) AS mean_delay, max(delay) AS worst_delay,
       min(distance) AS distance
FROM TUMBLE(flights, ts, INTERVAL '1 day')
GROUP BY window_start, origin, destination;

-- \copy takes no variables, but a variable can hold a \copy.
\set load '\\copy flights FROM ' :'data' ' WITH (FORMAT csv, HEADER)'
\timing on
:load
\timing off

\echo 'The hours with the longest delays on average, of those with five flights or more:'
SELECT hour, origin, flights, round(mean_delay, 1) AS mean_delay, worst_delay
FROM departures
WHERE flights >= 5
ORDER BY departures.mean_delay DESC, hour, origin
LIMIT 5;

\echo 'The routes that are flown most:'
SELECT origin, destination, sum(flights) AS flights, round(sum(mean_delay * flights) / sum(flights), 1) AS mean_delay, max(worst_delay) AS worst_delay
FROM routes
GROUP BY origin, destination
ORDER BY flights DESC, origin, destination
LIMIT 5;
