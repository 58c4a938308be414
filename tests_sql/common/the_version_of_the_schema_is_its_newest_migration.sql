begin;
\ir ../_setup.inc
select plan(2);

select is(schema_version(), (select max(number) from schema_migrations));

insert into schema_migrations (number, name) values (schema_version() + 1, 'pgtap');
select is(schema_version(), (select max(number) from schema_migrations), 'after another one');

select * from finish();
rollback;
