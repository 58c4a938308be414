-- To which trace a workflow belongs. In a table of its own: most databases have none, and no start, enqueue or
-- claim pays for it.

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

end if;
end
$$;
