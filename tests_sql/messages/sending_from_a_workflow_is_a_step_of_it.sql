begin;
\ir ../_setup.inc
select plan(5);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null
prepare send as
select send_in_step(key, token, 1, '{pgtap b,pgtap a,pgtap b}', '{1,2,3}', '{t,null,t}') from run;

select results_eq('send', 'values (true)');
select results_eq('send', 'values (false)', 'again, it sends nothing');
select is(
  (
    select string_agg(format('%s %s %s', w.workflow_id, m.topic, m.message), ', ' order by m.message_id)
    from messages m join workflows w using (key)
    where w.workflow_id like 'pgtap _'
  ),
  'pgtap b t 1, pgtap a  2, pgtap b t 3'
);
select results_eq($$select step, name, output::text from list_steps('pgtap a')$$, $$values (1, 'perdure.send', null)$$);
select results_eq(
  $$select outcome, message::text from run, recv(key, token, 2)$$, $$values ('received', '2')$$, 'one to itself'
);

select * from finish();
rollback;
