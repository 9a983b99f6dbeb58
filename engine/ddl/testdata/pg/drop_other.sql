DROP FUNCTION nosuch;
--= ERROR 42883: could not find a function named "nosuch"
DROP FUNCTION IF EXISTS nosuch;
--= NOTICE 00000: function nosuch() does not exist, skipping
--= DROP FUNCTION
DROP EXTENSION nosuch;
--= ERROR 42704: extension "nosuch" does not exist
DROP EXTENSION IF EXISTS nosuch;
--= NOTICE 00000: extension "nosuch" does not exist, skipping
--= DROP EXTENSION
CREATE TABLE t (a int);
--= CREATE TABLE
DROP TRIGGER x ON t;
--= ERROR 42704: trigger "x" for table "t" does not exist
DROP TRIGGER IF EXISTS x ON t;
--= NOTICE 00000: trigger "x" for relation "t" does not exist, skipping
--= DROP TRIGGER
DROP TRIGGER IF EXISTS x ON nosuch;
--= NOTICE 00000: relation "nosuch" does not exist, skipping
--= DROP TRIGGER
DROP RULE x ON t;
--= ERROR 42704: rule "x" for relation "t" does not exist
DROP RULE IF EXISTS x ON t;
--= NOTICE 00000: rule "x" for relation "t" does not exist, skipping
--= DROP RULE
DROP POLICY x ON t;
--= ERROR 42704: policy "x" for table "t" does not exist
DROP POLICY IF EXISTS x ON t;
--= NOTICE 00000: policy "x" for relation "t" does not exist, skipping
--= DROP POLICY
DROP COLLATION nosuch;
--= ERROR 42704: collation "nosuch" for encoding "UTF8" does not exist
DROP COLLATION IF EXISTS nosuch;
--= NOTICE 00000: collation "nosuch" does not exist, skipping
--= DROP COLLATION
DROP LANGUAGE nosuch;
--= ERROR 42704: language "nosuch" does not exist
DROP LANGUAGE IF EXISTS nosuch;
--= NOTICE 00000: language "nosuch" does not exist, skipping
--= DROP LANGUAGE
DROP PUBLICATION nosuch;
--= ERROR 42704: publication "nosuch" does not exist
DROP PUBLICATION IF EXISTS nosuch;
--= NOTICE 00000: publication "nosuch" does not exist, skipping
--= DROP PUBLICATION
DROP SERVER nosuch;
--= ERROR 42704: server "nosuch" does not exist
DROP SERVER IF EXISTS nosuch;
--= NOTICE 00000: server "nosuch" does not exist, skipping
--= DROP SERVER
DROP FOREIGN TABLE nosuch;
--= ERROR 42704: foreign table "nosuch" does not exist
DROP FOREIGN TABLE IF EXISTS nosuch;
--= NOTICE 00000: foreign table "nosuch" does not exist, skipping
--= DROP FOREIGN TABLE
DROP FOREIGN DATA WRAPPER nosuch;
--= ERROR 42704: foreign-data wrapper "nosuch" does not exist
DROP EVENT TRIGGER nosuch;
--= ERROR 42704: event trigger "nosuch" does not exist
DROP EVENT TRIGGER IF EXISTS nosuch;
--= NOTICE 00000: event trigger "nosuch" does not exist, skipping
--= DROP EVENT TRIGGER
DROP STATISTICS nosuch;
--= ERROR 42704: statistics object "nosuch" does not exist
DROP STATISTICS IF EXISTS nosuch;
--= NOTICE 00000: statistics object "nosuch" does not exist, skipping
--= DROP STATISTICS
DROP TABLESPACE nosuch;
--= ERROR 42704: tablespace "nosuch" does not exist
DROP TABLESPACE IF EXISTS nosuch;
--= NOTICE 00000: tablespace "nosuch" does not exist, skipping
--= DROP TABLESPACE
DROP DATABASE nosuch;
--= ERROR 3D000: database "nosuch" does not exist
DROP DATABASE IF EXISTS nosuch;
--= NOTICE 00000: database "nosuch" does not exist, skipping
--= DROP DATABASE
DROP CONVERSION nosuch;
--= ERROR 42704: conversion "nosuch" does not exist
DROP ACCESS METHOD nosuch;
--= ERROR 42704: access method "nosuch" does not exist
DROP SUBSCRIPTION nosuch;
--= ERROR 42704: subscription "nosuch" does not exist
