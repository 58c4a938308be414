begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
-- JSON has strings that are no text in Postgres: \u0000, and halves of a surrogate pair, which Python
-- writes for a file name that is not UTF-8.
create temp table odd as
select * from (values
  ('pgtap nul', '{"name": "Odd", "message": "a\u0000b"}'::json),
  ('pgtap low', '{"name": "Odd", "message": "\udc80"}'),
  ('pgtap high', '{"name": "Odd", "message": "\ud800x"}')
) as o (id, error);

select enqueue_many('read', array[null, null, null]::json[], 'pgtap', array_agg(id), retries => 1) from odd \g /dev/null
create temp table run as
select workflow_id as id, workflow_key as key, token from claim(:worker, array['pgtap'], 3);

-- The workflow meets the error in its first step, goes on, and ends with it.
select record_step(key, token, 1, 'open', error => error) from run join odd using (id) \g /dev/null
select record_step(key, token, 2, 'tidy', '1') from run \g /dev/null

select lives_ok(format('select finish(%s, %s, error => %L)', key, token, error), id)
from run join odd using (id);
select is(pg_temp.status(id), 'DELAYED', id || ' will be retried') from odd where id = 'pgtap nul';
select results_eq(
  $$select o.id, s.step from odd o, list_steps(o.id) s order by o.id$$,
  $$values ('pgtap high', 2), ('pgtap low', 2), ('pgtap nul', 2)$$,
  'the error is forgotten, what succeeded is kept'
);

-- A session may read strings as they were before SQL had a standard for backslashes.
set local standard_conforming_strings to off;
select key, token from pg_temp.running(:worker, 'pgtap old') \gset
select results_eq(
  format($$select final_error->>'name' from fail_step(%s, %s, 1, 'open', '"no"', 1, 1)$$, :key, :token),
  $$values ('StepRetriesExceeded')$$,
  'strings with backslashes'
);

select * from finish();
rollback;
