begin;
\ir ../_setup.inc
select plan(12);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
prepare noted as
select kind::text collate "default", name::text collate "default", waiter_key
from waits w join run on w.target_key = run.key order by 1, 2;

select is_empty($$select read_stream('pgtap a', 's')$$);
select is_empty($$select get_event('pgtap a', 's')$$);
select is_empty('noted', 'who does not watch is not noted');
select is_empty($$select read_stream('pgtap a', 's', watch => true) from generate_series(1, 2)$$);
select results_eq('noted', $$values ('stream', 's', 0::bigint)$$, 'however many watch');
select is_empty($$select get_event('pgtap a', 's', watch => true)$$);
select results_eq('noted', $$values ('event', 's', 0::bigint), ('stream', 's', 0)$$);
select ok((select t.watched from tasks t join run using (key)), 'the end of the workflow will be told, too');

select write_stream(key, token, 1, 's', '1') from run \g /dev/null
select results_eq('noted', $$values ('event', 's', 0::bigint)$$);
select set_event(key, token, 2, 's', '1') from run \g /dev/null
select is_empty('noted');
select read_stream('pgtap a', 's', watch => true), get_event('pgtap a', 's', watch => true) \g /dev/null
select is_empty('noted', 'nor is who finds something');
select finish(key, token) from run \g /dev/null
select read_stream('pgtap a', 't', watch => true) \g /dev/null
select is_empty('noted', 'nor is who finds the end');

select * from finish();
rollback;
