--
-- PostgreSQL database dump
--

\restrict avoGfawhT0Wm8ct7oPPMZ1tRNpTge49yC1EzjUJRJlDC4obbguAfNcxLJdLuXQd

-- Dumped from database version 15.18 (streamsqld 0.1.0)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: SCHEMA public; Type: COMMENT; Schema: -; Owner: pg_database_owner
--

COMMENT ON SCHEMA public IS '';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: vt; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.vt (
    a integer,
    b text,
    c numeric
);


ALTER TABLE public.vt OWNER TO postgres;

--
-- Name: v1; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v1 AS
 SELECT a, sum(c) FROM public.vt GROUP BY a;


ALTER TABLE public.v1 OWNER TO postgres;

--
-- Name: v2; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v2 AS
 SELECT * FROM public.vt ORDER BY a;


ALTER TABLE public.v2 OWNER TO postgres;

--
-- Name: v3; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v3 AS
 values (1), (2);


ALTER TABLE public.v3 OWNER TO postgres;

--
-- Name: v4; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v4 AS
 SELECT a, b FROM public.vt UNION ALL SELECT 1, 'x' ORDER BY 1;


ALTER TABLE public.v4 OWNER TO postgres;

--
-- Name: v5; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v5 AS
 SELECT a, b FROM public.vt;


ALTER TABLE public.v5 OWNER TO postgres;

--
-- Name: v6; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v6 AS
 SELECT a AS q FROM public.vt ORDER BY q DESC LIMIT 3;


ALTER TABLE public.v6 OWNER TO postgres;

--
-- Name: v7; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.v7 AS
 SELECT a AS q, count(*) FROM public.vt GROUP BY q;


ALTER TABLE public.v7 OWNER TO postgres;

--
-- Name: v8; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.v8 AS
 SELECT vt.* FROM (SELECT a, b FROM public.vt) AS vt
  WITH NO DATA;


ALTER TABLE public.v8 OWNER TO postgres;

--
-- Data for Name: vt; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.vt (a, b, c) FROM stdin;
1	x	2
2	y	3
\.


--
-- Name: v8; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: postgres
--

REFRESH MATERIALIZED VIEW public.v8;


--
-- PostgreSQL database dump complete
--

\unrestrict avoGfawhT0Wm8ct7oPPMZ1tRNpTge49yC1EzjUJRJlDC4obbguAfNcxLJdLuXQd

