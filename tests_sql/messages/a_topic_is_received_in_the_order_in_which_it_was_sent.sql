begin;
\ir ../_setup.inc
select plan(9);

select * from pg_temp.running(pg_temp.worker(), 'pgtap a') \gset
-- Sorted by key, by topic or by message these would come in another order.
select is(send('pgtap a', '30', idempotency_key => 'z'), true);
select is(
  send_many(
    array_fill('pgtap a'::text, '{6}'), '{25,20,"\"of b\"",15,"\"of b\"",10}', '{null,null,b,"",b,null}',
    '{y,x,null,k,null,null}'
  ),
  6
);
select is(send('pgtap a', '5'), true);

select results_eq(
  format($$select outcome, message::text from generate_series(1, 6) as i, recv(%s, %s, i)$$, :key, :token),
  $$values ('received', '30'), ('received', '25'), ('received', '20'), ('received', '15'), ('received', '10'),
    ('received', '5')$$,
  'without a topic, which is the empty one, too'
);
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 7, timeout => '0')$$, :key, :token),
  $$values ('timed out', null::text)$$,
  'what has a topic is not received without one'
);
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 8, 'B', '0')$$, :key, :token),
  $$values ('timed out', null::text)$$,
  'topics differ by case'
);
select results_eq(
  format($$select outcome, message::text from recv(%s, %s, 9, 'b')$$, :key, :token),
  $$values ('received', '"of b"')$$
);
select results_eq(
  format($$select item, outcome, name, message::text from recv_many(array[%1$s, %1$s], array[%2$s, %2$s], '{10,11}',
    '{b,b}', '{0,0}')$$, :key, :token),
  $$values (1, 'received', 'perdure.recv', '"of b"'), (2, 'timed out', 'perdure.recv', null)$$
);
select is_empty(format('select from messages where key = %s and not received', :key));

select * from finish();
rollback;
