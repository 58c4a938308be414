begin;
\ir ../_setup.inc
select plan(5);

set local perdure.test_clock = '2030-01-01 12:00+00';
select is(_now(), '2030-01-01 12:00+00'::timestamptz, 'the owner moves it');
select is(
  pg_temp.sqlstate_as(:'client', $$select enqueue('pgtap', queue => 'pgtap')$$),
  'PD009',
  'a client may not, also inside a function that runs with the owner''s rights'
);

create role pgtap_member;
select format('grant %I to pgtap_member', n.nspowner::regrole::name)
from pg_namespace n
where n.nspname = :'schema'
\gexec
select is(
  pg_temp.sqlstate_as('pgtap_member', $$select enqueue('pgtap', queue => 'pgtap')$$),
  '00000',
  'a member of the owner may'
);

set local perdure.test_clock = '';
select ok(
  _now() between clock_timestamp() - interval '1 minute' and clock_timestamp(),
  'reset, it is the real one again'
);
select is(
  pg_temp.sqlstate_as(:'client', $$select enqueue('pgtap', queue => 'pgtap')$$),
  '00000',
  'and everybody may use it'
);

select * from finish();
rollback;
