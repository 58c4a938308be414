begin;
\ir ../_setup.inc
select plan(13);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
prepare noted as
select kind::text collate "default", name::text collate "default", waiter_key
from waits w join run on w.target_key = run.key order by 1, 2;

select is_empty($$select read_stream('pgtap a', 's')$$);
select is_empty('noted', 'who does not watch is not noted');
select results_eq($$select watch('pgtap a', 'stream', 's') from generate_series(1, 2)$$, $$values (true), (true)$$);
select results_eq('noted', $$values ('stream', 's', 0::bigint)$$, 'however many watch');
select is(watch('pgtap a', 'event', 's'), true);
select results_eq('noted', $$values ('event', 's', 0::bigint), ('stream', 's', 0)$$);
select ok((select t.watched from tasks t join run using (key)), 'the end of the workflow will be told, too');

select write_stream(key, token, 1, 's', '1') from run \g /dev/null
select results_eq('noted', $$values ('event', 's', 0::bigint)$$);
select set_event(key, token, 2, 's', '1') from run \g /dev/null
select is_empty('noted');

select throws_ok($$select watch('pgtap a', 'message', 's')$$, 'PD001', 'cannot watch ''message''');
select throws_ok($$select watch('pgtap a', null, 's')$$, 'PD001');
select throws_ok($$select watch('pgtap a', 'event', '')$$, 'PD001', 'event is empty');
select throws_ok($$select watch('pgtap none', 'event', 's')$$, 'PD002');

select * from finish();
rollback;
