-- What a later release adds to a workflow must not be lost on the way: each table of the schema is named here, with
-- where its rows are in a document, and each of its columns is there or named, too.
begin;
\ir ../_setup.inc
\ir _tree.inc
select plan(3);

select pg_temp.worker() as worker \gset
select pg_temp.tree(:worker) \g /dev/null

create temp table described (name text, part text, left_out text[]);
insert into described
values
  -- What belongs to this database: keys, who runs it, and what is reckoned from the rest.
  ('workflows', '', '{key,queue_id,lane_id,parent_key}'),
  ('tasks', '', '{key,queue_id,lane_id,rank,token,executor_id,resumed,watched,placed}'),
  ('outcomes', '', '{key,token,executor_id}'),
  ('traces', '', '{key}'),
  ('steps', 'steps', '{key}'),
  ('events', 'events', '{key,event_id}'),
  ('messages', 'messages', '{key,message_id}'),
  ('stream_entries', 'streams', '{key}'),
  ('places', 'places', '{key}'),
  -- As `deduplicated`, under the queue, partition and deduplication id of the workflow.
  ('deduplications', '', '{key,queue_id,lane_id}');

-- What is of no workflow, and what is made again where it goes on: who waits for what.
create temp table others as
select unnest(array[
  'alerting', 'executors', 'floor_drops', 'floors', 'lanes', 'queues', 'removals', 'retention', 'schedules',
  'schema_functions', 'schema_migrations', 'starts', 'turns', 'version_pins', 'versions', 'waits', 'wakes'
]) as name;

create temp table exported as
select p.part, k.name
from json_array_elements(export_workflow('pgtap a') -> 'workflows') as w
cross join unnest(array['', 'steps', 'events', 'messages', 'streams']) as p (part)
cross join lateral json_array_elements(case when p.part = '' then json_build_array(w) else w -> p.part end) as e
cross join lateral json_object_keys(e) as k (name)
union all
-- An object: places by their steps.
select 'places', k.name
from json_array_elements(export_workflow('pgtap a') -> 'workflows') as w
cross join lateral json_each_text(case json_typeof(w -> 'places') when 'object' then w -> 'places' end)
cross join unnest(array['step', 'place']) as k (name);

select bag_eq(
  format(
    $$select c.relname::text from pg_class c where c.relnamespace = %L::regnamespace and c.relkind in ('r', 'p')$$,
    :'schema'
  ),
  'select name from described union all select name from others',
  'every table belongs to workflows or not'
);
select is_empty(
  $$
    select d.name, a.attname
    from described d
    join pg_attribute a on a.attrelid = to_regclass(quote_ident(d.name)) and a.attnum > 0 and not a.attisdropped
    where a.attname <> all (d.left_out)
      and a.attname not in (select e.name from exported e where e.part = d.part)
  $$,
  'every column is in a document, or left out'
);
select is_empty(
  $$
    select d.name, g.column_name
    from described d
    cross join lateral unnest(d.left_out) as g (column_name)
    where not exists (
      select
      from pg_attribute a
      where a.attrelid = to_regclass(quote_ident(d.name)) and a.attname = g.column_name and not a.attisdropped
    )
  $$,
  'what is left out exists'
);

select * from finish();
rollback;
