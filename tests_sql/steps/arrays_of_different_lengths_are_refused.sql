begin;
\ir ../_setup.inc
select plan(11);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(format($$select record_steps(%s) from run$$, arguments), 'PD001', null, what)
from (values
  ($$null, null, null, null, null$$, 'nothing'),
  ($$array[key], null, '{1}', '{a}', '{1}'$$, 'no tokens'),
  ($$array[key], array[token, token], '{1}', '{a}', '{1}'$$, 'tokens'),
  ($$array[key], array[token], '{1, 2}', '{a}', '{1}'$$, 'steps'),
  ($$array[key], array[token], '{1}', '{a, b}', '{1}'$$, 'names'),
  ($$array[key], array[token], '{1}', '{a}', '{1, 2}'$$, 'outputs'),
  ($$array[key], array[token], '{1}', '{a}', null$$, 'no outputs'),
  ($$array[key], array[token], '{1}', '{a}', '{1}', '{}'$$, 'errors'),
  ($$array[key], array[token], '{1}', '{a}', '{1}', durations => '{1 second, 1 second}'$$, 'durations')
) as v (arguments, what);
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');
select is_empty($$select record_steps('{}', '{}', '{}', '{}', '{}')$$, 'an empty batch is as good as any');

select * from finish();
rollback;
