begin;
\ir ../_setup.inc
select plan(8);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(format($$select finish_many(%s) from run$$, arguments), 'PD001', null, what)
from (values
  ($$null, null, null$$, 'nothing'),
  ($$array[key], null, '{1}'$$, 'no tokens'),
  ($$array[key], array[token, token], '{1}'$$, 'tokens'),
  ($$array[key], array[token], '{1, 2}'$$, 'outputs'),
  ($$array[key], array[token], null$$, 'no outputs'),
  ($$array[key], array[token], '{1}', '{}'$$, 'errors')
) as v (arguments, what);
select is(pg_temp.status('pgtap a'), 'PENDING', 'nothing has ended');
select is_empty($$select finish_many('{}', '{}', '{}')$$, 'an empty batch is as good as any');

select * from finish();
rollback;
