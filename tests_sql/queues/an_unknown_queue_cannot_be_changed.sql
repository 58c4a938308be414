begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(13);

create temp table calls (call text);
insert into calls values
  ('update_queue(%L, ''{}'')'), ('pause_queue(%L)'), ('resume_queue(%L)'), ('delete_queue(%L)');

select throws_ok(
  'select ' || format(call, 'pgtap none'), 'PD007', 'queue ''pgtap none'' does not exist', call
)
from calls;
select throws_ok('select ' || format(call, null), 'PD001', null, call || ' null') from calls;
select throws_ok('select ' || format(call, ''), 'PD001', null, call || ' empty') from calls;
select is(
  pg_temp.hint($$select pause_queue('pgtap none')$$), format('Register it first: select %I.register_queue(''pgtap none'')', :'schema')
);

select * from finish();
rollback;
