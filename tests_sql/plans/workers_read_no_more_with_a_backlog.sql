-- 100 workflows are claimed, run and finished; no call may read more than 50 rows for each, on a
-- small database as on a large one. A plan that walks the backlog reads 100,000 rows.
begin;
\ir ../_setup.inc
select plan(57);

\ir _backlog.inc
insert into hot (what, statement, fresh) values
  ('enqueue_many', $$
    select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap') from run
  $$, true),
  ('enqueue_many, there already', $$
    select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap', ids) from run
  $$, false),
  ('claim', $$select claim(worker, array['pgtap'], 100) from run$$, false),
  ('claim of one', $$select claim(worker, array['pgtap']) from run$$, false),
  ('claim from all queues', $$select claim(worker, max_workflows => 100) from run$$, false),
  ('start_many', $$
    select start_many(worker, array_fill('pgtap'::text, '{100}'), array_fill('1'::json, '{100}')) from run
  $$, false),
  ('enqueue_many of children', $$
    select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap', parent_keys => keys,
      parent_tokens => tokens, parent_steps => array_fill(1, '{100}'))
    from run
  $$, false),
  ('enqueue_many of children, there already', $$
    select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap', parent_keys => keys,
      parent_tokens => tokens, parent_steps => array_fill(1, '{100}'))
    from run
  $$, false),
  ('record_steps', $$
    select record_steps(keys, tokens, array_fill(2, '{100}'), array_fill('a'::text, '{100}'),
      array_fill('1'::json, '{100}'))
    from run
  $$, false),
  ('record_steps, recorded before', $$
    select record_steps(keys, tokens, array_fill(2, '{100}'), array_fill('a'::text, '{100}'),
      array_fill('1'::json, '{100}'))
    from run
  $$, false),
  ('fail_step', $$
    select fail_step(keys[i], tokens[i], 3, 'b', '"no"', 1, 3) from run, generate_series(1, 100) as i
  $$, false),
  ('record_steps of retried ones', $$
    select record_steps(keys, tokens, array_fill(3, '{100}'), array_fill('b'::text, '{100}'),
      array_fill('1'::json, '{100}'))
    from run
  $$, false),
  ('get_results, watching', $$select get_results(ids, watch => true) from run$$, false),
  ('get_workflow', $$select get_workflow(ids[i]) from run, generate_series(1, 100) as i$$, false),
  ('list_steps', $$select list_steps(ids[i]) from run, generate_series(1, 100) as i$$, false),
  ('finish_many', $$
    select finish_many(keys, tokens, array_fill('1'::json, '{100}')) from run
  $$, false),
  ('finish_many, finished before', $$
    select finish_many(keys, tokens, array_fill('1'::json, '{100}')) from run
  $$, false),
  ('get_results', $$select get_results(ids) from run$$, false),
  ('get_result', $$select get_result(ids[i]) from run, generate_series(1, 100) as i$$, false);
select pg_temp.measure_all() \g /dev/null

select cmp_ok(max(cost), '<=', 5000::bigint, what || ', ' || stage)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;
