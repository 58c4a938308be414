begin;
\ir ../_setup.inc
select plan(11);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(format($$select %s(%s) from run$$, verb, arguments), 'PD001', null, format('%s: %s', verb, what))
from unnest('{suspend_many, release_many}'::text[]) as verb,
  (values
    ($$null, null$$, 'nothing'),
    ($$array[key], null$$, 'no tokens'),
    ($$array[key], array[token, token]$$, 'tokens'),
    ($$array[key], array[token], '{}'$$, 'delays')
  ) as v (arguments, what);
select is(pg_temp.status('pgtap a'), 'PENDING', 'nothing is put down');
select is_empty(format($$select %s('{}', '{}')$$, verb), verb || ': an empty batch is as good as any')
from unnest('{suspend_many, release_many}'::text[]) as verb;

select * from finish();
rollback;
