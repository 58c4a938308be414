begin;
\ir ../_setup.inc
select plan(17);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select record_step(key, token, 1, 'charge', '1') from run \g /dev/null
select fail_step(key, token, 2, 'ship', '"no"', 1, 3) from run \g /dev/null
select send('pgtap a', '1') \g /dev/null

select throws_ok(
  format(statement, step), 'PD005', format('step %s is recorded as %L, the workflow now runs %L there', step, recorded, name)
)
from (values
  ($$select recv(key, token, %s) from run$$, 'perdure.recv'),
  ($$select set_event(key, token, %s, 'e', '1') from run$$, 'perdure.set_event'),
  ($$select send_in_step(key, token, %s, '{pgtap a}', '{1}') from run$$, 'perdure.send'),
  ($$select sleep(key, token, %s, '1 hour') from run$$, 'perdure.sleep'),
  ($$select write_stream(key, token, %s, 's', '1') from run$$, 'perdure.write_stream'),
  ($$select close_stream(key, token, %s, 's') from run$$, 'perdure.close_stream')
) as f (statement, name),
(values (1, 'charge'), (2, 'ship')) as s (step, recorded);

select results_eq(
  $$select r.outcome, r.name, r.message::text
    from run, recv_many(array[key, key], array[token, token], '{1,2}', '{null,null}') as r$$,
  $$values ('unexpected step', 'charge', '1'), ('unexpected step', 'ship', null)$$
);
select results_eq(
  $$select r.outcome, r.name
    from run, await_events(array[key], array[token], '{1}', '{pgtap a}', '{e}') as r$$,
  $$values ('unexpected step', 'charge')$$
);
select results_eq(
  $$select r.item, r.outcome, r.name
    from run, set_events(array[key, key], array[token, token + 1], '{1,3}', '{e,e}', '{1,1}') as r$$,
  $$values (1, 'unexpected step', 'charge'), (2, 'lease lost', null)$$
);
select is((select count(*) from messages m join run using (key) where not received), 1::bigint, 'nothing is received or sent');
select is_empty($$select get_event('pgtap a', 'e')$$, 'nothing is set');

select * from finish();
rollback;
