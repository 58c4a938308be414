begin;
\ir ../_setup.inc
select plan(2);

select results_eq(
  $$
    select item, created
    from enqueue_many('pay', array(select to_json(i) from generate_series(1, 500) as i), 'pgtap',
      array_fill('pgtap a'::text, '{500}'))
  $$,
  $$select i, i = 1 from generate_series(1, 500) as i$$,
  'only the first is created'
);
select is(input::text, '1', 'with the input of the first') from get_workflow('pgtap a');

select * from finish();
rollback;
