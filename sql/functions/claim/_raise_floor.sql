-- Writes: floors.
--
-- Why this is safe. A new floor is first a candidate: the lowest key that waits, seen at one
-- moment. Something lower can still come from a transaction that was under way at that moment,
-- and only from such a one, because a transaction takes its id before it draws its keys
-- (_create_workflows). When all of those have ended, whatever they left is visible: if then
-- nothing below the candidate waits, nothing new ever will. pg_snapshot_xmin tells whether they
-- have ended; a transaction that only reads has no id, and holds nothing up.
--
-- What returns to the queue with an old key says so in the same transaction (_drop_floors). A floor
-- knows the snapshot it was made with: one whose snapshot does not have that transaction ends with
-- it (_floor). So nobody waits for anybody here, and sessions may raise at once: each floor stands
-- for itself.
create or replace function _raise_floor(
  queue_id int,
  app_version text,
  old floors,
  last_claimed bigint
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_snapshot pg_snapshot := pg_current_snapshot();
  v_rank double precision;
  v_lowest bigint;
  v_floor bigint := -1;
  v_own bigint := pg_current_xact_id()::text::bigint;
  v_version bigint;
  v_drawn bigint;
begin
  if pg_snapshot_xmin(v_snapshot) < old.candidate_xmax then
    return;
  end if;

  -- Without skipping what is locked: a claim that is not committed may still be rolled back.
  select t.rank, t.key into v_rank, v_lowest
  from tasks t
  where t.status = 'ENQUEUED' and not t.placed
    and t.queue_id = _raise_floor.queue_id and t.app_version = _raise_floor.app_version and t.lane_id = 0
    and (t.rank, t.key) >= (coalesce(old.rank, '-Infinity'), coalesce(old.key, -1))
  order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
  limit 1;
  if v_rank is null then
    -- Nothing waits. Keys that are drawn from now on are higher than any that was claimed.
    v_rank := coalesce(old.rank, (select t.rank from tasks t where t.key = last_claimed));
    v_lowest := last_claimed + 1;
  end if;
  if v_rank = old.rank then
    v_floor := case when v_lowest >= old.candidate_key then old.candidate_key else old.key end;
  end if;

  -- The moment of the candidate is now, after it was seen: it is told by an id that is drawn now. A
  -- subtransaction draws one, and xmin shows its lower half. (pg_snapshot_xmax would not do: it is the
  -- first id after the last that has *ended*, and those above it may be under way.)
  begin
    insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
    values (_raise_floor.queue_id, _raise_floor.app_version, v_rank, v_floor, v_lowest, '0', v_snapshot)
    returning version, xmin::text::bigint into v_version, v_drawn;
  exception
    when unique_violation then
      return;
  end;
  v_drawn := (v_own & ~4294967295) | v_drawn;
  update floors f
  set candidate_xmax = (v_drawn + case when v_drawn < v_own then 4294967296 else 0 end)::text::xid8
  where f.queue_id = _raise_floor.queue_id and f.app_version = _raise_floor.app_version and f.version = v_version;
end
$$;

comment on function _raise_floor(int, text, floors, bigint) is
  'Moves the floor of a version of a queue without partitions up to its candidate, if that is safe now, and chooses the
next candidate.';
