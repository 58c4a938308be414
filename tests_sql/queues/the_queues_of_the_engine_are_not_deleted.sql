begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(4);

select throws_ok(
  format('select delete_queue(%L)', queue), 'PD001', format('queue %L cannot be deleted', queue)
)
from unnest('{default, _internal}'::text[]) as queue;
select is(pg_temp.hint($$select delete_queue('default')$$), 'The engine needs it. Pause it instead.');
select is((select count(*) from queues where name in ('default', '_internal')), 2::bigint);

select * from finish();
rollback;
