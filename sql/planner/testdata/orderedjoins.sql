create table orders (id int primary key, customer int, made timestamp not null, note text);
create index orders_made on orders (made, id);
create table customers (id int primary key, name text, country int);
create table countries (id int primary key, name text);
create table lines (order_id int, line int, item text, primary key (order_id, line));
insert into countries select i, 'country ' || i from generate_series(1, 20) i;
insert into customers select i, 'customer ' || i, i % 25 from generate_series(1, 2000) i;
insert into orders select i, (i * 7) % 2100, timestamp '2026-01-01' + (i * 37 % 20000) * interval '1 minute', 'n' || i from generate_series(1, 20000) i;
insert into lines select i, k, 'item ' || i * k from generate_series(1, 20000) i, generate_series(1, 3) k where (i + k) % 3 > 0;
-- queries
select o.id, c.name from orders o join customers c on c.id = o.customer order by o.made, o.id limit 10;
select o.id, c.name from orders o left join customers c on c.id = o.customer order by o.made desc, o.id desc limit 60 offset 5;
select o.id, c.name, l.item from orders o left join customers c on c.id = o.customer left join lines l on l.order_id = o.id and l.line = 2 order by o.id limit 30;
select o.id, c.name, k.name from orders o join customers c on c.id = o.customer join countries k on k.id = c.country where o.id > 500 order by o.id limit 10;
select o.id from orders o where exists (select 1 from customers c where c.id = o.customer and c.country = 3) order by o.id desc limit 4;
select o.id from orders o where not exists (select 1 from customers c where c.id = o.customer) order by o.id limit 12;
select o.id, (select c.name from customers c where c.id = o.customer) from orders o order by o.made, o.id limit 25;
select x.n, x.i from (select o.id as i, c.name as n from orders o, customers c where c.id = o.customer and o.note > 'n5') x order by x.i limit 7;
select o.id, l.line from orders o join lines l on l.order_id = o.id and l.line < 3 order by o.id limit 1;
