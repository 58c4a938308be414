begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
select send_many('{pgtap a,pgtap a}', '{1,2}', idempotency_keys => '{k,null}') \g /dev/null

select results_eq(
  format($$select outcome, message::text, wait_for from recv(%s, %s, 1)$$, :key, :token),
  $$values ('received', '1', null::interval)$$
);
select results_eq(
  format($$select outcome, message::text, wait_for from recv(%s, %s, 1)$$, :key, :token),
  $$values ('recorded before', '1', null::interval)$$,
  'called again'
);
select suspend(:key, :token) \g /dev/null
select token, steps from claim(:worker, array['pgtap']) \gset again_
select is(:'again_steps'::json -> 0 ->> 'name', 'perdure.recv', 'a replay knows it');
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 1)$$, :key, :again_token),
  $$values ('recorded before', '1')$$,
  'called again by another claim'
);
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 2)$$, :key, :again_token),
  $$values ('received', '2')$$,
  'the next step has the next message'
);
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 3, timeout => '0')$$, :key, :again_token),
  $$values ('timed out', null::text)$$
);
select results_eq(
  $$select step, name, output::text from list_steps('pgtap a')$$,
  $$values (1, 'perdure.recv', '1'), (2, 'perdure.recv', '2'), (3, 'perdure.recv', null)$$
);
select results_eq(
  format('select idempotency_key::text collate "default", message::text, received from messages where key = %s', :key),
  $$values ('k', null::text, true)$$,
  'of what was received only the idempotency key is kept'
);

select * from finish();
rollback;
