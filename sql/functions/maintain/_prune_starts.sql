-- Rate limits, floors and turns are read at their newest end; what lies behind is removed here. Of the
-- starts, the last one before the period stays: the window is counted from it.
create or replace function _prune_starts()
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  delete from starts s
  where (s.queue_id, s.lane_id, s.started_at) in (
    select o.queue_id, o.lane_id, o.started_at
    from queues q
    join starts o on o.queue_id = q.queue_id
    where q.limited
      and exists (
        select from starts n
        where n.queue_id = o.queue_id and n.lane_id = o.lane_id and n.started_at > o.started_at
          and n.started_at < v_now - greatest(q.rate_period, q.partition_rate_period, interval '0')
      )
    limit 10000
    for update of o skip locked
  );

  delete from floors f
  where (f.queue_id, f.version) in (
    select o.queue_id, o.version
    from floors o
    where o.version < (select max(n.version) from floors n where n.queue_id = o.queue_id)
    limit 10000
    for update skip locked
  );

  delete from floor_drops d
  where (d.queue_id, d.transaction) in (
    select o.queue_id, o.transaction
    from floor_drops o
    where o.transaction < pg_snapshot_xmin((_floor(o.queue_id)).snapshot)
    limit 10000
    for update skip locked
  );

  delete from turns t
  where (t.queue_id, t.turn) in (
    select o.queue_id, o.turn
    from turns o
    where o.turn < (select max(n.turn) from turns n where n.queue_id = o.queue_id)
    limit 10000
    for update skip locked
  );
end
$$;

comment on function _prune_starts() is
  'Removes, some thousands a call, what rate limits, floors and round robin do not look at any more.';
