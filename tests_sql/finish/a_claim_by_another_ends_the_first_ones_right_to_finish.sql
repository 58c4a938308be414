begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select release(key, token) from run \g /dev/null
create temp table again as
select workflow_key as key, token from claim(pg_temp.worker(), array['pgtap']);

select throws_ok($$select finish(key, token, '1') from run$$, 'PD004', null, 'while the other runs it');
select ok(finish(key, token, '2'), 'the other ends it') from again;
select throws_ok($$select finish(key, token, '1') from run$$, 'PD004', null, 'and when it has ended');
select is(output::text, '2') from get_result('pgtap a');

select * from finish();
rollback;
