-- What the parameters of input and output take, and how they show.
drop function if exists setting(text, text);
create function vectors.setting(par text, x text) returns text language plpgsql as $$
declare r text;
begin
  perform set_config(par, x, false);
  r := current_setting(par);
  execute 'reset ' || par;
  return r;
end $$;
select v('set', 'setting($1[1],$1[2])', 'timezone', x) from (values ('utc'),('UTC'),('america/new_york'),('AMERICA/NEW_YORK'),('Europe/Berlin'),('europe/berlin '),('est'),('EST'),('EST5EDT'),('est5edt'),('gmt'),('GMT0'),('GMT+3'),('GMT-3'),('z'),('zulu'),('Zulu'),('msk'),('pst'),('PST8PDT'),('5'),('-5'),('+5'),('5.5'),('-7.5'),('5.123456'),('0'),('-0'),('167'),('167.9'),('168'),('169'),('-168'),('1e1'),('5x'),('+05:30'),('-05:30'),('<+03>-3'),('<foo>5<bar>'),('<+0330>-3:30'),('FOO5'),('FOO5BAR4,M3.2.0/2,M11.1.0/2'),('FOO5BAR,M3.2.0'),('FOO24'),('FOO167'),('FOO168'),('interval ''5 hours'''),('INTERVAL ''-8'' HOUR'),('interval ''1 day'''),('interval ''1 month'''),('interval ''5:30'''),('interval ''5:30'' hour to minute'),('interval x'),('interval'),(''),(' '),('nowhere'),('America'),('../etc/passwd'),('/etc/localtime'),('Factory'),('Etc/GMT+12'),('etc/gmt-14'),('GB'),('Japan'),('US/Pacific'),('us/pacific-new'),('ROC'),('W-SU'),('EET'),('default'),('local'),('utc '),(' utc'),('U'),('UCT'),('Universal'),('+'),('-'),('+x'),('ab'),('abc'),('a1'),('abc1'),('abc1d'),('abc1d2'),('1abc'),('ABC-1ABC-2,0/0,J365/23')) t(x);
select v('set', 'setting($1[1],$1[2])', 'datestyle', x) from (values ('iso'),('ISO, MDY'),('iso,dmy'),('iso, ymd'),('sql'),('SQL, DMY'),('sql,european'),('sql,us'),('sql,noneuropean'),('sql,nonEuro'),('postgres'),('postgresql'),('postgres, dmy'),('german'),('German, MDY'),('MDY, German'),('germanx'),('dmy'),('euro'),('us'),('iso, sql'),('iso, iso'),('"iso'),('"iso" x'),('"iso"x'),('""'),(' iso , dmy '),('iso,,dmy'),('dmy, mdy'),('dmy, dmy'),('default'),('default, sql'),('sql, default'),('iso dmy'),(''),(','),('iso,'),('foo'),('iso,foo'),('"iso"'),('"ISO", "dmy"'),('is'),('post'),('isox'),('ymd'),('ymd,default'),('european, iso')) t(x);
