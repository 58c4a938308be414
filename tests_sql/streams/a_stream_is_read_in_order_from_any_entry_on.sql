begin;
\ir ../_setup.inc
select plan(13);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
create temp table other as
select * from pg_temp.running(pg_temp.worker(), 'pgtap b');

select is_empty($$select read_stream('pgtap a', 's')$$, 'before its first entry');
select results_eq($$select write_stream(key, token, 1, 's', '"0"') from run$$, 'values (true)');
select write_streams(
  array[key, key, key], array[token, token, token], '{2,3,4}', '{s,S,s}', array['{"b": 1, "a":1e22}', '"S"', null]::json[]
)
from run \g /dev/null
select write_stream(key, token, 1, 's', '"b"') from other \g /dev/null

select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 's')$$,
  $$values (0, '"0"', false), (1, '{"b": 1, "a":1e22}', false), (2, null, false)$$
);
select results_eq($$select entry, value::text from read_stream('pgtap a', 'S')$$, $$values (0, '"S"')$$);
select results_eq($$select entry from read_stream('pgtap a', 's', 1)$$, 'values (1), (2)');
select results_eq($$select entry from read_stream('pgtap a', 's', 1, 1)$$, 'values (1)');
select is_empty($$select read_stream('pgtap a', 's', 3)$$, 'after the last entry so far');
select is_empty($$select read_stream('pgtap a', 's', 2147483647)$$);

select throws_ok(
  statement, 'PD001', format('cannot read %s entries from entry %s of a stream', max_entries, from_entry)
)
from (values
  ($$select read_stream('pgtap a', 's', -1)$$, '1000', '-1'),
  ($$select read_stream('pgtap a', 's', null)$$, '1000', null),
  ($$select read_stream('pgtap a', 's', 0, 0)$$, '0', '0'),
  ($$select read_stream('pgtap a', 's', 0, 100001)$$, '100001', '0')
) as f (statement, max_entries, from_entry);
select throws_ok($$select read_stream('pgtap none', 's')$$, 'PD002', 'workflow ''pgtap none'' does not exist');

select * from finish();
rollback;
