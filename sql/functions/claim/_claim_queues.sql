-- Calls: _claim_queue.
--
-- With an equal share for each, so that no queue with a long backlog starves the others. What the short ones
-- leave goes afterwards to those worth a second look: they gave all that they were asked for, or their turn did
-- not come.
create or replace function _claim_queues(
  queue_ids int[],
  executor_id bigint,
  max_workflows int,
  versions text[],
  own_version text
)
returns bigint[]
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_open int[] := queue_ids;
  v_again int[];
  v_share int;
  v_found bigint[];
  v_keys bigint[] := array[]::bigint[];
  v_left int := max_workflows;
begin
  for v_turn in 1 .. 2 loop
    v_again := '{}';
    for v_index in 1 .. cardinality(v_open) loop
      exit when v_left = 0;
      v_share := case
        when v_turn = 1 then ceil(v_left / (cardinality(v_open) - v_index + 1)::numeric)::int
        else v_left
      end;
      v_found := _claim_queue(
        v_open[v_index],
        executor_id,
        v_share,
        -- Whoever has found something waits for no queue that another claim holds.
        patient => v_turn = 2 and v_keys = '{}',
        versions => versions,
        own_version => own_version
      );
      if v_found is null or cardinality(v_found) = v_share then
        v_again := v_again || v_open[v_index];
      end if;
      v_keys := v_keys || v_found;
      v_left := v_left - coalesce(cardinality(v_found), 0);
    end loop;
    v_open := v_again;
  end loop;
  return v_keys;
end
$$;

comment on function _claim_queues(int[], bigint, int, text[], text) is
  'Hands workflows of these queues and versions to an executor, so many at the most. Returns their keys, in no order.';
