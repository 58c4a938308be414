begin;
\ir ../_setup.inc
\ir _listed.inc

create temp table cases (place int generated always as identity, arguments text, expected text);
insert into cases (arguments, expected) values
  ('', 'e9 d8 c7 c6 b5 b4 b3 a2 a1'),
  ('newest_first => false', 'a1 a2 b3 b4 b5 c6 c7 d8 e9'),
  ($$workflow_ids => '{b4,none,a1}'$$, 'b4 a1'),
  ($$workflow_ids => '{}'$$, ''),
  ($$id_prefixes => '{a}'$$, 'a2 a1'),
  ($$id_prefixes => '{e,a1}'$$, 'e9 a1'),
  ($$id_prefixes => '{%}'$$, ''),
  ($$id_prefixes => '{_}'$$, ''),
  ($$id_prefixes => '{""}'$$, 'e9 d8 c7 c6 b5 b4 b3 a2 a1'),
  ($$id_prefixes => '{}'$$, ''),
  ($$statuses => '{DELAYED}'$$, 'a1'),
  ($$statuses => '{ENQUEUED}'$$, 'e9 a2'),
  ($$statuses => '{PENDING}'$$, 'd8 b3'),
  ($$statuses => '{SUCCESS}'$$, 'b4'),
  ($$statuses => '{ERROR}'$$, 'b5'),
  ($$statuses => '{CANCELLED}'$$, 'c6'),
  ($$statuses => '{MAX_RECOVERY_ATTEMPTS_EXCEEDED}'$$, 'c7'),
  ($$statuses => '{ERROR,PENDING,DELAYED,SUCCESS,ERROR}'$$, 'd8 b5 b4 b3 a1'),
  ($$statuses => '{ERROR,PENDING,DELAYED,SUCCESS}', newest_first => false, max_workflows => 3$$, 'a1 b3 b4'),
  ($$statuses => '{}'$$, ''),
  ($$names => '{b}'$$, 'b5 b4 b3'),
  ($$names => '{b,a,a}'$$, 'b5 b4 b3 a2 a1'),
  ($$names => '{b,a}', max_workflows => 4, newest_first => false$$, 'a1 a2 b3 b4'),
  ($$names => '{b,a,none}', statuses => '{ERROR,ENQUEUED,PENDING}'$$, 'b5 b3 a2'),
  ($$names => array(select 'n' || i from generate_series(1, 30) as i) || '{b}'::text[]$$, 'b5 b4 b3'),
  ($$names => '{}'$$, ''),
  ($$app_versions => '{v1}'$$, 'a2'),
  ($$app_versions => '{v1,v2}'$$, 'b4 a2'),
  ($$users => '{ann}'$$, 'b5 a1'),
  ($$users => '{ann,bob}'$$, 'c6 b5 a1'),
  ($$users => '{ann}', statuses => '{ERROR}'$$, 'b5'),
  ($$queues => '{pgtap 2}'$$, 'e9'),
  ($$queues => '{pgtap,pgtap 2}', statuses => '{ENQUEUED,PENDING}'$$, 'e9 b3 a2'),
  ($$queues => '{no such queue}'$$, ''),
  ('queued => true', 'e9 c7 c6 b5 b4 b3 a2 a1'),
  ('queued => false', 'd8'),
  ($$executors => '{host-1}'$$, 'd8 b3'),
  ($$executors => '{host-1,host-2}'$$, 'd8 b5 b4 b3'),
  ($$executors => '{host-2}', statuses => '{SUCCESS}'$$, 'b4'),
  ($$executors => '{nobody}'$$, ''),
  ($$parents => '{d8}'$$, 'e9'),
  ($$parents => '{a1,d8}'$$, 'e9'),
  ($$parents => '{none}'$$, ''),
  ('has_parent => true', 'e9'),
  ($$has_parent => false, statuses => '{ENQUEUED}'$$, 'a2'),
  ($$forked_from => '{b5}'$$, 'a2'),
  ($$forked_from => '{b5,none}'$$, 'a2'),
  ('is_fork => true', 'a2'),
  ($$is_fork => true, statuses => '{ERROR}'$$, ''),
  ($$is_fork => false, names => '{a,b}'$$, 'b5 b4 b3 a1'),
  ('was_forked => true', 'b5'),
  ($$was_forked => false, names => '{b}'$$, 'b4 b3'),
  ($$schedules => '{nightly}'$$, 'c6'),
  ($$schedules => '{nightly,daily}'$$, 'c6'),
  ($$attributes => '{"tier": 1}'$$, 'a2'),
  ($$attributes => '{"tags": ["y"]}'$$, 'a2'),
  ($$attributes => '{"tier": 2}'$$, ''),
  ($$applications => '{shop}'$$, 'b5 a1'),
  ($$created_from => '2030-01-01 12:08+00'$$, 'e9 d8'),
  ($$created_until => '2030-01-01 12:02+00'$$, 'a1'),
  ($$created_from => '2030-01-01 12:03+00', created_until => '2030-01-01 12:05+00', newest_first => false$$, 'b3 b4'),
  ($$created_from => '2030-01-01 12:03+00', statuses => '{ERROR,PENDING,SUCCESS}'$$, 'd8 b5 b4 b3'),
  ($$started_from => '2030-01-01 13:00+00'$$, 'b5 b4 b3'),
  ($$started_until => '2030-01-01 13:00+00'$$, 'd8'),
  ($$started_from => '2030-01-01 13:00+00', statuses => '{PENDING}'$$, 'b3'),
  ($$completed_from => '2030-01-01 14:01+00'$$, 'c7 c6 b5'),
  ($$completed_until => '2030-01-01 14:01+00'$$, 'b4'),
  ($$completed_from => '2030-01-01 14:00+00', completed_until => '2030-01-01 14:03+00', newest_first => false$$, 'b4 b5 c6'),
  ($$completed_from => '2030-01-01', statuses => '{ERROR,PENDING}'$$, 'b5'),
  ($$completed_from => '2030-01-01', created_until => '2030-01-01 12:06+00'$$, 'b5 b4'),
  ($$completed_from => '2030-01-01', executors => '{host-2}', names => '{b}', users => '{ann}'$$, 'b5');

select plan(count(*)::int + 1) from cases;
select is(pg_temp.listed(arguments), expected, arguments) from cases order by place;

update tasks t set queue_id = (select queue_id from queues where name = '_internal')
from workflows w where w.workflow_id = 'a2' and w.key = t.key;
select is(
  pg_temp.listed($$queues => '{pgtap}', statuses => '{ENQUEUED}'$$), 'a2',
  'what waits in the internal queue to be resumed is listed by its own'
);

select * from finish();
rollback;
