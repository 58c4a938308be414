begin;
\ir ../_setup.inc
select plan(13);

select pg_temp.worker() as worker \gset
-- One that runs, one that sleeps, one that is delayed, and one that waits and holds a deduplication id.
select * from pg_temp.running(:worker, 'pgtap runs') \gset
select record_step(:key, :token, 1, 'charge', '1') \g /dev/null
select r.key as sleeper, r.token as sleeping from pg_temp.running(:worker, 'pgtap sleeps') as r \gset
select sleep(:sleeper, :sleeping, 1, '1 hour', put_down => true) \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap delayed', delay => '1 hour') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap waits', deduplication_id => 'd', timeout => '1 hour') \g /dev/null

create temp table document as
select g.id, export_workflow('pgtap ' || g.id) as content from unnest('{runs,sleeps,delayed,waits}'::text[]) as g (id);
select is(content -> 'workflows' -> 0 ->> 'status', 'PENDING', 'a document says what was') from document where id = 'runs';
-- Into an empty database.
truncate workflows, tasks, steps, deduplications, wakes, waits;
select is(import_workflow(content), 1, id) from document;
select is(export_workflow('pgtap ' || id)::text, content::text, 'the same bytes again') from document;
select is(status || ' ' || wake_at, 'DELAYED ' || (content -> 'workflows' -> 0 ->> 'wake_at')::timestamptz, 'a delay is kept')
from get_workflow('pgtap delayed'), document
where id = 'delayed';
select throws_ok(
  $$select enqueue('pgtap', queue => 'pgtap', deduplication_id => 'd')$$, 'PD012', null, 'so is a deduplication id'
);
select set_eq(
  format($$select workflow_id from claim(%s, array['pgtap'], 10)$$, :worker),
  '{pgtap runs,pgtap sleeps,pgtap waits}'::text[], 'what was put down looks again'
);
select is(name, 'charge', 'with what is recorded') from list_steps('pgtap runs');

select * from finish();
rollback;
