-- Planned on tables that are empty and analyzed, all indexes cost the same. One that has the key behind another
-- column would be read from its beginning to its end; a partial one is not looked at.
begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  $$select i.indexrelid::regclass
  from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'key'
  where i.indrelid in ('workflows'::regclass, 'outcomes'::regclass, 'tasks'::regclass)
    and a.attnum = any (i.indkey) and i.indkey[0] <> a.attnum and i.indpred is null$$
);

select * from finish();
rollback;
