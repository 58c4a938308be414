begin;
\ir ../_setup.inc
select plan(2);

select register_queue('pgtap shared', partitioned => true) \g /dev/null
select enqueue_many('w', array_fill(null::json, '{100}'), 'pgtap shared', partition_keys => array_agg(g::text))
from generate_series(1, 100) as g \g /dev/null
select max(lane_id) as newest from lanes \gset

select enqueue_many('w', array_fill(null::json, '{202}'), 'pgtap shared',
  partition_keys => array_agg(g::text) || array_agg(g::text) || '{zz, zz}'::text[])
from generate_series(1, 100) as g \g /dev/null
select is((select max(lane_id) - :newest from lanes), 1, 'one key is new');
select enqueue('w', queue => 'pgtap shared', partition_key => 'zzz') \g /dev/null
select is((select max(lane_id) - :newest from lanes), 2, 'and the next one comes right after it');

select * from finish();
rollback;
