-- To which trace a workflow belongs. In a table of its own: most databases have none, and no start, enqueue or
-- claim pays for it. And where steps of branches belong, which only few workflows have: in another, for the same reason.

do $$
begin
if _migrate(15, 'traces') then

create table traces (
  key bigint primary key,
  traceparent text collate "C" not null
);
comment on table traces is
  'The W3C trace contexts in which workflows were started, of programs that are instrumented with OpenTelemetry.';

-- A document of export_workflow carries it.
alter type exported_workflow add attribute traceparent text;

-- The places of steps that cannot be known from their numbers.
create table places (
  key bigint not null,
  step int not null,
  place text collate "C" not null,
  primary key (key, step)
);
comment on table places is
  'Which steps belong to which branch of their workflow''s code: for those whose number depends on time.';

end if;
end
$$;
