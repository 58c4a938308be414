begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
prepare finish as
select finish(key, token, '1') from run;

select throws_ok($$select finish(key, token + 1000) from run$$, 'PD004', null, 'another token');
select throws_ok($$select finish(key, null) from run$$, 'PD004', null, 'no token');
select throws_ok($$select finish(-1, token) from run$$, 'PD004', null, 'no such workflow');
select suspend(key, token, '1 hour') from run \g /dev/null
select throws_ok('finish', 'PD004', null, 'put down');
select is(pg_temp.status('pgtap a'), 'PENDING', 'it is still active');

select * from finish();
rollback;
