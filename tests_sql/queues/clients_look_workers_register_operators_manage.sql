begin;
\ir ../_setup.inc
select plan(55);

create temp table calls (statement text, least_role int);
insert into calls values
  ($$select list_queues()$$, 1),
  ($$select queue_stats()$$, 1),
  ($$select explain_wait('pgtap a')$$, 1),
  ($$select set_delay('pgtap a', '1 hour')$$, 1),
  ($$select debounce('pgtap', 'key', '1 hour', queue => 'pgtap')$$, 1),
  ($$select enqueue('pgtap', queue => 'pgtap', delay => '1 hour', expires_in => '2 hours', retries => 1)$$, 1),
  ($$select enqueue('pgtap', queue => 'pgtap new', create_queue => true)$$, 1),
  ($$select register_queue('pgtap')$$, 2),
  ($$select update_queue('pgtap', '{"concurrency": 1}')$$, 3),
  ($$select pause_queue('pgtap')$$, 3),
  ($$select resume_queue('pgtap')$$, 3),
  ($$select delete_queue('pgtap other')$$, 3);
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', delay => '1 hour') \g /dev/null
create temp table roles (role text, rank int);
insert into roles values (:'client', 1), (:'worker_role', 2), (:'operator', 3), ('pgtap_nobody', 0);
create role pgtap_nobody;
grant usage on schema :"schema" to pgtap_nobody;

select register_queue('pgtap other') \g /dev/null
select is(
  pg_temp.sqlstate_as(r.role, c.statement), case when r.rank >= c.least_role then '00000' else '42501' end,
  format('%s: %s', r.role, c.statement)
)
from roles r, calls c
order by r.rank, c.least_role, c.statement;

-- What is behind them is granted to nobody.
select ok(
  not has_function_privilege(:'operator', f.oid, 'execute'), f.oid::regproc::text
)
from pg_proc f
where f.pronamespace = (select relnamespace from pg_class where oid = 'tasks'::regclass)
  and f.proname = any ('{_queue, _set_queue, _check_queue, _lock_queue, _lane_ids, _deduplicate, _retry_failed}')
order by f.proname;

select * from finish();
rollback;
