begin isolation level repeatable read;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(27);

\set isolation 'repeatable read'
\ir _isolation.inc

select * from finish();
rollback;
