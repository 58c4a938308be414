-- Calls: _check_isolation, _descendants, _delete_held.
-- Locks: the outcomes, by key; then the rows of workflows, by key. Resuming takes the outcome away, so of a
-- resume and a delete the second finds what the first has done; a fork holds the row of the workflow that it reads.
--
-- What has ended gets no more children, so once all are held the tree cannot grow.
create or replace function delete_workflows(
  workflow_ids text[],
  children boolean default false
)
returns int
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_given bigint[];
  v_seen bigint[] := '{}'::bigint[];
  v_new bigint[];
  v_locked bigint[];
  v_held bigint[] := '{}'::bigint[];
  v_active text;
begin
  perform _check_isolation('delete_workflows');
  v_given := array(
    select distinct w.key
    from unnest(workflow_ids) as g (workflow_id)
    cross join lateral (
      select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
    ) as w
  );

  loop
    if children then
      v_new := array(
        select d.key from _descendants(v_given) as d except select g.key from unnest(v_seen) as g (key)
      );
    else
      v_new := array(select g.key from unnest(v_given) as g (key) where v_seen = '{}');
    end if;
    exit when v_new = '{}';
    v_seen := v_seen || v_new;

    v_locked := array(select o.key from outcomes o where o.key = any (v_new) order by o.key for update);
    v_held := v_held || v_locked;
    if cardinality(v_locked) < cardinality(v_new) then
      -- What is not there either was deleted by somebody else meanwhile.
      select w.workflow_id into v_active
      from (
        select g.key from unnest(v_new) as g (key) except select h.key from unnest(v_locked) as h (key)
      ) as g
      cross join lateral (
        select f.workflow_id from workflows f where f.key = g.key offset 0
      ) as w
      limit 1;
      if found then
        perform _raise(
          'PD030',
          format('workflow %L is active', v_active),
          detail => case
            when v_active = any (workflow_ids) then 'Nothing was deleted.'
            else 'It is a descendant of one that was to be deleted with its children. Nothing was deleted.'
          end,
          hint => 'Wait for its end, or cancel it first.'
        );
      end if;
    end if;
  end loop;

  v_held := array(select w.key from workflows w where w.key = any (v_held) order by w.key for update);
  if v_held <> '{}' then
    perform _delete_held(v_held);
  end if;
  return cardinality(v_held);
end
$$;

comment on function delete_workflows(text[], boolean) is
  'Removes workflows that have ended, with their steps, results, events, messages and streams, for ever: all of
them, or on an error none. Their ids are free again.
workflow_ids: those that do not exist are passed over, so the call may be made again.
children: true to remove all that they have started too, and what that has started. Otherwise those stay, without
a parent.
Returns how many were removed.
Raises PD001 (a transaction that is not read committed), PD030 (one of them is active).';
