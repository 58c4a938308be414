-- A column that a later release adds must not be lost on the way.
begin;
\ir ../_setup.inc
\ir _tree.inc
select plan(1);

select pg_temp.worker() as worker \gset
select pg_temp.tree(:worker) \g /dev/null
create temp table exported as
select k.name
from json_array_elements(export_workflow('pgtap a') -> 'workflows') as w
cross join lateral (
  select k from json_object_keys(w) as k
  union
  select k
  from unnest('{steps,events,messages,streams}'::text[]) as part,
    json_array_elements(w -> part) as e, json_object_keys(e) as k
) as k (name);
select is_empty(
  $$
    select c.relname, a.attname
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    where c.oid in (
        'workflows'::regclass, 'tasks'::regclass, 'outcomes'::regclass, 'steps'::regclass, 'events'::regclass,
        'messages'::regclass, 'stream_entries'::regclass, 'places'::regclass
      )
      and a.attnum > 0 and not a.attisdropped
      and a.attname not in (select name from exported)
      -- What belongs to this database: keys, who runs it, and what is reckoned from the rest.
      and a.attname not in (
        'key', 'queue_id', 'lane_id', 'parent_key', 'event_id', 'message_id', 'token', 'executor_id', 'rank',
        'resumed', 'watched', 'placed',
        -- In places by number.
        'place'
      )
  $$
);

select * from finish();
rollback;
