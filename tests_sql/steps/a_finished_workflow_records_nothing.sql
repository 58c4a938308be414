begin;
\ir ../_setup.inc
select plan(3);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select finish(key, token) from run \g /dev/null

select throws_ok($$select record_step(key, token, 1, 'charge') from run$$, 'PD004', null, 'record_step');
select throws_ok($$select fail_step(key, token, 1, 'charge', '"no"', 1, 3) from run$$, 'PD004', null, 'fail_step');
select is_empty($$select list_steps('pgtap a')$$);

select * from finish();
rollback;
