begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(5);

select pg_temp.history('pgtap', 1200) \g /dev/null
select pg_temp.history('pgtap child', 1) \g /dev/null
update workflows set parent_key = (select key from workflows where workflow_id = 'pgtap 2'), parent_step = 1
where name = 'pgtap child';
select is_empty($$select from preview_retention('pgtap')$$, 'nothing without a policy');
select set_retention('pgtap', max_count => 1197, max_age => '1 day') \g /dev/null
select results_eq(
  $$select workflow_id, name, status, completed_at, descendants from preview_retention('pgtap')$$,
  $$
    select 'pgtap ' || i, 'pgtap', 'SUCCESS', timestamptz '2030-01-01 12:00+00' - (1200 - i) * interval '1 minute',
      case when i = 2 then 1 else 0 end::bigint
    from generate_series(1, 3) as i
  $$
);
select is(cardinality(pg_temp.kept('pgtap')), 1200, 'nothing is removed');
select set_retention('pgtap', max_count => 0) \g /dev/null
select is(count(*), 2::bigint, 'as many as asked for') from preview_retention('pgtap', 2);
select is(count(*), 1200::bigint, 'all') from preview_retention('pgtap', 100000);

select * from finish();
rollback;
