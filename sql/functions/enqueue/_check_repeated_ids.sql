-- The same item twice is one workflow. Of two that differ under one id, one would be lost without a word.
create or replace function _check_repeated_ids(
  workflow_ids text[],
  inputs json[]
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_repeated text[];
  v_conflict record;
begin
  -- The inputs, which may be large, are looked at only where an id comes twice.
  select array_agg(r.id) into v_repeated
  from (
    select g.id collate "C" as id
    from unnest(workflow_ids) as g (id)
    where g.id is not null
    group by 1
    having count(*) > 1
  ) as r;
  if v_repeated is null then
    return;
  end if;

  select g.id, min(g.item) as item into v_conflict
  from unnest(workflow_ids, inputs) with ordinality as g (id, input, item)
  where g.id = any (v_repeated)
  group by g.id
  having count(distinct coalesce(g.input::text, 'null') collate "C") > 1
  order by 2
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('workflow id %L is given to several workflows with different inputs', v_conflict.id),
      detail => format('The first of them is item %s. Nothing was enqueued.', v_conflict.item),
      hint => 'An id starts one workflow, once. Give each an id of its own, or leave the ids out.'
    );
  end if;
end
$$;

comment on function _check_repeated_ids(text[], json[]) is
  'Raises PD001 if an id comes more than once in a call, with different inputs.';
