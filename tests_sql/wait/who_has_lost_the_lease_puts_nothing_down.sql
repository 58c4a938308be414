begin;
\ir ../_setup.inc
select plan(11);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');

select throws_ok(format($$select %s(key, token + 1000) from run$$, verb), 'PD004', null, verb || ': another token')
from unnest('{suspend, release}'::text[]) as verb;
select throws_ok(format($$select %s(key, null) from run$$, verb), 'PD004', null, verb || ': no token')
from unnest('{suspend, release}'::text[]) as verb;
select is(pg_temp.status('pgtap a'), 'PENDING', 'it runs on');

select release(key, token) from run \g /dev/null
select throws_ok(format($$select %s(key, token) from run$$, verb), 'PD004', null, verb || ': again')
from unnest('{suspend, release}'::text[]) as verb;
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select throws_ok(format($$select %s(key, token) from run$$, verb), 'PD004', null, verb || ': claimed again')
from unnest('{suspend, release}'::text[]) as verb;
select finish(:key, :token) \g /dev/null
select throws_ok(format($$select %s(%s, %s)$$, verb, :key, :token), 'PD004', null, verb || ': finished')
from unnest('{suspend, release}'::text[]) as verb;

select * from finish();
rollback;
