begin;
\ir ../_setup.inc
select plan(13);

select pg_temp.worker() as worker \gset
select throws_ok(format($$select start_many(%s, %s)$$, :worker, arguments), 'PD001', null, what)
from (values
  ($$'{a, b}', '{1}'$$, 'inputs of another length'),
  ($$null, '{1}'$$, 'no workflows'),
  ($$'{a}', null$$, 'no inputs'),
  ($$null, null$$, 'nothing'),
  ($$'{a, b}', '{1, 2}', '{pgtap a}'$$, 'ids of another length'),
  ($$'{a, b}', '{1, 2}', max_recovery_attempts => '{1}'$$, 'max_recovery_attempts of another length'),
  ($$'{a, b}', '{1, 2}', parent_keys => '{1}'$$, 'parent_keys of another length'),
  ($$'{a, b}', '{1, 2}', parent_keys => '{1, 1}', parent_tokens => '{1}'$$, 'parent_tokens of another length'),
  ($$'{a, b}', '{1, 2}', parent_keys => '{1, 1}', parent_steps => '{1}'$$, 'parent_steps of another length'),
  ($$'{""}', '{1}'$$, 'an empty name'),
  ($$array[null::text], '{1}'$$, 'a null name'),
  ($$'{a}', '{1}', array[repeat('ä', 257)]$$, 'an overlong id')
) as v (arguments, what);
select is_empty(format($$select start_many(%s, '{}', '{}')$$, :worker), 'an empty batch starts nothing');

select * from finish();
rollback;
