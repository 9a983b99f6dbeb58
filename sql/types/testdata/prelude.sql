-- v(function, expression, arguments…): one line of vectors; the expression sees the arguments as $1[n].
-- vs(settings, …) does so under settings.
\set QUIET on
set client_min_messages = error;
create schema if not exists vectors;
set search_path = vectors;
create or replace function vectors.esc(s text) returns text language sql immutable as
$$ select replace(replace(replace(replace(s, '\', '\\'), chr(9), '\t'), chr(10), '\n'), chr(13), '\r') $$;

create or replace function vectors.vs(settings text, fn text, expr text, variadic a text[]) returns text language plpgsql as $$
declare r text; n bool; m text; d text; h text; s text; c text; kv text; res text;
begin
  foreach kv in array string_to_array(settings, ';') loop
    if kv <> '' then perform set_config(split_part(kv, '=', 1), substr(kv, strpos(kv, '=') + 1), false); end if;
  end loop;
  begin
    execute 'select format(''%s'', x), num_nulls(x) > 0 from (select (' || expr || ') as x) q' into r, n using a;
    res := case when n then '~' else '=' || r end;
  exception when others then
    get stacked diagnostics s = returned_sqlstate, m = message_text, d = pg_exception_detail, h = pg_exception_hint, c = pg_exception_context;
    res := '!' || s || ' ' || m || case when d <> '' then E'\nDETAIL: ' || d else '' end
      || case when h <> '' then E'\nHINT: ' || h else '' end
      || case when c like 'JSON data%' then E'\nCONTEXT: ' || split_part(c, E'\n', 1) else '' end;
  end;
  foreach kv in array string_to_array(settings, ';') loop
    if kv <> '' then execute 'reset ' || split_part(kv, '=', 1); end if;
  end loop;
  return fn || chr(9) || settings || chr(9) ||
    (select string_agg(vectors.esc(coalesce(x, '\N')), chr(9) order by o) from unnest(a) with ordinality u(x, o)) || chr(9) || vectors.esc(res);
end $$;

create or replace function vectors.v(fn text, expr text, variadic a text[]) returns text language sql as
$$ select vectors.vs('', fn, expr, variadic a) $$;
