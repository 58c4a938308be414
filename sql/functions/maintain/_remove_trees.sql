-- Calls: _descendants, _is_active_below, _delete_held.
-- Locks: outcomes, then rows of workflows, each by key; both skip what others hold, and the whole tree with it.
--
-- A tree goes as a whole, unless it is larger than a bite: of one with more than 10,000 the leaves go first, bite
-- by bite, and the root last.
create or replace function _remove_trees(
  root_keys bigint[],
  out removed int,
  out dealt_with int
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
-- Only arrays are joined here: ten thousand of a tree with each other in a nested loop took seconds.
set enable_nestloop to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_bite constant int := 10000;
  v_roots bigint[] := root_keys;
  v_of bigint[];
  v_keys bigint[];
  v_held bigint[];
  v_grown bigint[];
begin
  loop
    select array_agg(d.root_key), array_agg(d.key) into v_of, v_keys from _descendants(v_roots, v_bite + 1) as d;
    exit when cardinality(v_keys) <= v_bite or cardinality(v_roots) = 1;
    v_roots := v_roots[: (cardinality(v_roots) + 1) / 2];
  end loop;
  dealt_with := cardinality(v_roots);

  v_held := array(select o.key from outcomes o where o.key = any (v_keys) order by o.key for update skip locked);
  v_held := array(
    select w.key from workflows w where w.key = any (v_held) order by w.key for update skip locked
  );
  if cardinality(v_keys) > v_bite then
    if _is_active_below(v_roots[1]) then
      removed := 0;
      return;
    end if;
    v_held := array(
      select h.key
      from unnest(v_held) as h (key)
      where not exists (select from workflows c where c.parent_key = h.key offset 0)
    );
    if v_held <> '{}' then
      -- There is more of it.
      dealt_with := 0;
    end if;
  else
    -- What was resumed and has ended again, before it was locked here, may have started more.
    v_grown := array(
      select c.key
      from unnest(v_held) as h (key)
      cross join lateral (
        select f.key from workflows f where f.parent_key = h.key offset 0
      ) as c
      except
      select g.key from unnest(v_keys) as g (key)
    );
    if v_grown <> '{}' then
      v_held := array(
        select h.key from unnest(v_held) as h (key)
        except
        select w.parent_key from workflows w where w.key = any (v_grown)
      );
    end if;
    v_held := array(
      select g.key
      from unnest(v_of, v_keys) as g (root_key, key)
      join (
        select t.root_key
        from unnest(v_of, v_keys) as t (root_key, key)
        left join unnest(v_held) as h (key) on h.key = t.key
        group by t.root_key
        having count(*) = count(h.key)
      ) as whole on whole.root_key = g.root_key
    );
  end if;
  if v_held <> '{}' then
    perform _delete_held(v_held);
  end if;
  removed := cardinality(v_held);
end
$$;

comment on function _remove_trees(bigint[]) is
  'Removes workflows that have ended with all that they have started, if that has ended too. Returns how many
workflows it removed, and how many of the roots, in the order given, need not be looked at again.';
