-- Calls: _raise_unreadable, _import_one, _notify_queue.
create or replace function import_workflow(
  document json,
  create_queues boolean default false
)
returns int
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_version text;
  v_workflow json;
  v_id text;
  v_first_key bigint;
  v_many int := 0;
  v_queue_id int;
  v_queues int[];
  v_message text;
begin
  begin
    if json_typeof(document) is distinct from 'object' or document ->> 'format' is distinct from 'perdure.workflow' then
      perform _raise(
        'PD001', 'that is no document of export_workflow',
        hint => 'A document is an object whose format is "perdure.workflow".'
      );
    end if;
    v_version := document ->> 'version';
    if v_version is distinct from '1' then
      perform _raise(
        'PD001',
        format('the document has version %s, this release reads version 1', coalesce(v_version, 'null')),
        detail => 'Nothing was imported.',
        hint => 'Import it with the release that has exported it, or a newer one.'
      );
    end if;
    if json_typeof(document -> 'workflows') is distinct from 'array' then
      perform _raise_unreadable('the document has no workflows');
    end if;

    -- The transaction has its id before it draws a key: _raise_floor relies on that.
    perform pg_current_xact_id();
    v_first_key := nextval('task_keys');
    for v_workflow in select g.workflow from json_array_elements(document -> 'workflows') as g (workflow) loop
      v_id := v_workflow ->> 'workflow_id';
      v_queue_id := _import_one(v_workflow, create_queues, v_first_key);
      v_many := v_many + 1;
      if v_queue_id is not null and v_queue_id <> all (coalesce(v_queues, '{}')) then
        v_queues := v_queues || v_queue_id;
      end if;
    end loop;
  exception
    when data_exception or integrity_constraint_violation or program_limit_exceeded then
      get stacked diagnostics v_message = message_text;
      perform _raise(
        'PD001',
        format('the document cannot be read: %s', v_message),
        detail => format('in workflow %L. Nothing was imported.', v_id),
        hint => 'Give the document as export_workflow has made it.'
      );
  end;
  perform _notify_queue(g.queue_id) from unnest(v_queues) as g (queue_id);
  return v_many;
end
$$;

comment on function import_workflow(json, boolean) is
  'Writes the workflows of a document of export_workflow into this database, all of them or none, as they stood when
it was made: what had ended has ended, what waited waits, and what ran goes on from its last recorded step, here, as
soon as a worker claims it. Exported again before that, they give the same bytes. If it goes on where it came
from too, it runs twice: cancel it there.
document: as export_workflow has made it.
create_queues: true to make the queues that do not exist, without limits; with partitions where a workflow has a
partition key.
Returns how many workflows were written.
Raises PD001 (what is no such document, one of a later version, or one with an error), PD003 (one of the ids
exists), PD007 (no such queue), PD012 (another active workflow holds a deduplication id).';
