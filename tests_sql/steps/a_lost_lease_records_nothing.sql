begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
prepare record as
select record_step(key, token, 1, 'charge', '1') from run;
prepare fail as
select fail_step(key, token, 1, 'charge', '"no"', 1, 3) from run;

select throws_ok($$select record_step(key, token + 1000, 1, 'charge') from run$$, 'PD004', null, 'another token');
select throws_ok($$select record_step(key, null, 1, 'charge') from run$$, 'PD004', null, 'no token');
select throws_ok($$select record_step(-1, token, 1, 'charge') from run$$, 'PD004', null, 'another workflow');
select release(key, token) from run \g /dev/null
select throws_ok('record', 'PD004', null, 'released');
select throws_ok('fail', 'PD004', null, 'released: fail_step');

select claim(:worker, array['pgtap']) \g /dev/null
select throws_ok('record', 'PD004', null, 'claimed again by the same executor');
select throws_ok('fail', 'PD004', null, 'claimed again: fail_step');

select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');

select * from finish();
rollback;
