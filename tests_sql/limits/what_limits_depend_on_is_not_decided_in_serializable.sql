begin isolation level serializable;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(27);

\set isolation 'serializable'
\ir _isolation.inc

select * from finish();
rollback;
