-- Calls: enqueue_many.
create or replace function enqueue(
  workflow text,
  input json default null,
  queue text default 'default',
  workflow_id text default null,
  priority int default 0,
  max_recovery_attempts int default 100,
  app_version text default null
)
returns text
language sql
volatile
security definer
set search_path from current
as $$
  select e.workflow_id
  from enqueue_many(
    enqueue.workflow,
    array[enqueue.input],
    queue => enqueue.queue,
    workflow_ids => array[enqueue.workflow_id],
    priorities => array[enqueue.priority],
    max_recovery_attempts => enqueue.max_recovery_attempts,
    app_version => enqueue.app_version
  ) as e
$$;

comment on function enqueue(text, json, text, text, int, int, text) is
  'Puts a workflow into a queue, in the transaction of the caller: it can be claimed when that
commits, and never was there when it rolls back.
workflow: the name under which workers know the function; it need not be known yet.
input: a JSON value. An array holds positional arguments, an object named ones.
queue: where it waits; first in, first out.
workflow_id: 1 to 512 bytes; null: a new time-ordered one. An id starts one workflow, once.
priority: lower runs first; 0 unless given.
max_recovery_attempts: how often it may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
Returns the id.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue).';
