-- The same over a table of PostgreSQL: what the test compares with.

CREATE TABLE flights (
    ts          timestamp NOT NULL,
    delay       int,
    distance    int,
    origin      text NOT NULL,
    destination text NOT NULL
);

CREATE VIEW departures AS
SELECT date_bin('1 hour', ts, '1970-01-01') AS hour, origin, count(*) AS flights, avg(delay) AS mean_delay, max(delay) AS worst_delay
FROM flights
GROUP BY 1, origin;

CREATE VIEW routes AS
SELECT date_bin('1 day', ts, '1970-01-01') AS day, origin, destination, count(*) AS flights, avg(delay) AS mean_delay,
       max(delay) AS worst_delay, min(distance) AS distance
FROM flights
GROUP BY 1, origin, destination;
