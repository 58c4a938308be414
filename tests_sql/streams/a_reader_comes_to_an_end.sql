begin;
\ir ../_setup.inc
select plan(9);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select write_stream(key, token, 1, 'closed', '1') from run \g /dev/null
select write_stream(key, token, 2, 'open', '1') from run \g /dev/null
select results_eq($$select close_stream(key, token, 3, 'closed') from run$$, 'values (true)');

select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'closed')$$,
  $$values (0, '1', false), (1, null, true)$$
);
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'closed', 1)$$, $$values (1, null, true)$$
);
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'closed', 5)$$, $$values (5, null, true)$$,
  'after its end'
);
select results_eq(
  $$select entry, at_end from read_stream('pgtap a', 'open')$$, $$values (0, false)$$, 'another stream goes on'
);
select is_empty($$select read_stream('pgtap a', 'open', 1)$$);

select finish(key, token) from run \g /dev/null
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'open')$$, $$values (0, '1', false)$$,
  'the end of the workflow comes after all entries'
);
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'open', 1)$$, $$values (1, null, true)$$
);
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 'never written')$$, $$values (0, null, true)$$
);

select * from finish();
rollback;
