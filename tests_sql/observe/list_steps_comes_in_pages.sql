begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
select record_steps(array_fill(:key::bigint, '{5}'), array_fill(:token::bigint, '{5}'), '{1, 2, 3, 4, 5}', '{a, b, c, d, e}',
  array['1', '2', '3', '4', '5']::json[]) \g /dev/null

select results_eq($$select step, output::text from list_steps('pgtap a', max_steps => 2)$$, $$values (1, '1'), (2, '2')$$);
select results_eq($$select step from list_steps('pgtap a', after_step => 2, max_steps => 2)$$, '{3,4}'::int[]);
select results_eq($$select step from list_steps('pgtap a', after_step => 4)$$, '{5}'::int[]);
select results_eq(
  $$select output::text from list_steps('pgtap a', with_output => false, max_steps => 1)$$, '{null}'::text[]
);
select throws_ok($$select list_steps('pgtap a', max_steps => 0)$$, 'PD001', 'a list has 1 step or more, not 0');

select * from finish();
rollback;
