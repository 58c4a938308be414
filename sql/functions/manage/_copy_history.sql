-- One statement: it sees one moment of the originals, which may be running. So nothing of them is locked.
create or replace function _copy_history(
  from_keys bigint[],
  to_keys bigint[],
  first_steps int[],
  children json
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
begin
  with forks as materialized (
    select g.*
    from unnest(from_keys, to_keys, first_steps) as g (from_key, to_key, first_step)
    where g.first_step > 1
  ),
  copied_steps as (
    insert into steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at)
    select
      f.to_key, s.step, s.name, s.output, s.error, coalesce(children ->> s.child_id, s.child_id), s.attempts,
      s.started_at, s.completed_at, s.retry_at
    from forks f
    -- What has not completed the fork does itself. `offset 0`, here and below, keeps the look-ups apart: planned
    -- on an empty table, a join would read all there is.
    cross join lateral (
      select o.* from steps o
      where o.key = f.from_key and o.step < f.first_step and o.completed_at is not null
      offset 0
    ) as s
  ),
  copied_places as (
    insert into places (key, step, place)
    select f.to_key, p.step, p.place
    from forks f
    cross join lateral (
      select o.* from places o where o.key = f.from_key and o.step < f.first_step offset 0
    ) as p
    cross join lateral (
      select from steps o where o.key = p.key and o.step = p.step and o.completed_at is not null offset 0
    ) as s
  ),
  copied_events as (
    insert into events (key, name, value, step, set_at)
    select f.to_key, e.name, e.value, e.step, e.set_at
    from forks f
    cross join lateral (
      select o.* from events o where o.key = f.from_key and o.step < f.first_step offset 0
    ) as e
    order by e.event_id
  )
  insert into stream_entries (key, name, entry, value, closes, step, written_at)
  select
    f.to_key, e.name,
    -- Steps that ran at once may have written in turn: what is left out leaves no gap.
    row_number() over (partition by f.to_key, e.name order by e.entry) - 1,
    e.value, e.closes, e.step, e.written_at
  from forks f
  cross join lateral (
    select o.* from stream_entries o where o.key = f.from_key and o.step < f.first_step offset 0
  ) as e;
end
$$;

comment on function _copy_history(bigint[], bigint[], int[], json) is
  'Copies what workflows have recorded before a step (steps with their places, events, streams) to others, with other ids of children.';
