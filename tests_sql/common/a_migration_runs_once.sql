begin;
\ir ../_setup.inc
select plan(3);

select ok(_migrate(2000000001, 'pgtap'), 'the first time');
select ok(not _migrate(2000000001, 'pgtap'), 'not again');
select is(schema_version(), 2000000001, 'it is recorded');

select * from finish();
rollback;
