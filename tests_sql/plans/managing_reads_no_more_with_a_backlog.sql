-- 100 workflows are cancelled, resumed and forked; no call may read more than 60 rows for each, on a
-- small database as on a large one. A plan that walks the backlog reads 100,000 rows.
begin;
\ir ../_setup.inc
select plan(30);

\ir _backlog.inc
insert into hot (what, statement, fresh) values
  ('fork_many', $$select fork_many(ids) from run$$, true),
  ('place_steps', $$
    select place_steps(keys, tokens, array_fill(1, '{100}'), array_fill('1:1'::text, '{100}')) from run
  $$, true),
  ('set_event', $$
    select set_events(keys, tokens, array_fill(1, '{100}'), array_fill('e'::text, '{100}'), array_fill('1'::json, '{100}'))
    from run
  $$, false),
  ('fork_many from the last step', $$
    select fork_many(ids, from_last => 'step', queue => 'pgtap') from run
  $$, false),
  ('fork_in_step', $$
    select fork_in_step(keys[i], tokens[i], 2, array[ids[i]]) from run, generate_series(1, 100) as i
  $$, false),
  ('cancel_in_step', $$select cancel_in_step(keys[1], tokens[1], 3, ids[2:20], true) from run$$, false),
  ('cancel_many', $$select cancel_many(ids) from run$$, false),
  ('cancel_many with children, again', $$select cancel_many(ids, children => true) from run$$, false),
  ('resume_many', $$select resume_many(ids) from run$$, false),
  ('resume_many to another queue', $$select resume_many(ids, 'default', children => true) from run$$, false);
select pg_temp.measure_all() \g /dev/null

select cmp_ok(max(cost), '<=', 6000::bigint, what || ', ' || stage)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;
