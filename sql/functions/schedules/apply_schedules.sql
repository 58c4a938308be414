-- Calls: _check_schedule.
-- Locks: the schedules by name, so that two calls cannot wait for each other.
create or replace function apply_schedules(
  schedules json,
  create_queues boolean default false,
  application text default null
)
returns table (
  schedule text,
  outcome text,
  next_at timestamptz
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_known text[] := array[
    'schedule', 'workflow', 'cron', 'zone', 'queue', 'context', 'automatic_backfill', 'max_recovery_attempts'
  ];
  v_item json;
  v_wrong text;
  v_new schedules;
  v_old schedules;
begin
  if json_typeof(apply_schedules.schedules) is distinct from 'array' then
    perform _raise(
      'PD001',
      'schedules are a JSON array of objects',
      hint => 'For example [{"schedule": "nightly", "workflow": "report", "cron": "0 2 * * *", "zone": "Europe/Berlin"}].'
    );
  end if;
  perform _check_isolation('apply_schedules');

  for v_item in
    select g.item
    from json_array_elements(apply_schedules.schedules) as g (item)
    order by case json_typeof(g.item) when 'object' then g.item ->> 'schedule' end collate "C"
  loop
    if json_typeof(v_item) <> 'object' then
      perform _raise('PD001', format('a schedule is a JSON object, not %s', left(v_item::text, 60)));
    end if;
    select k.name into v_wrong from json_object_keys(v_item) as k (name) where k.name <> all (v_known) limit 1;
    if found then
      perform _raise(
        'PD001',
        format('a schedule has no setting %L', left(v_wrong, 60)),
        hint => 'Settings are ' || array_to_string(v_known, ', ') || '.'
      );
    end if;
    if v_item ->> 'schedule' = v_new.name then
      perform _raise('PD001', format('schedule %L is given twice', v_new.name), hint => 'Give each schedule once.');
    end if;

    v_new := null;
    v_new.name := v_item ->> 'schedule';
    v_new.workflow := v_item ->> 'workflow';
    v_new.cron := v_item ->> 'cron';
    v_new.zone := coalesce(v_item ->> 'zone', 'UTC');
    v_new.queue := coalesce(v_item ->> 'queue', apply_schedules.application, 'default');
    v_new.context := v_item -> 'context';
    begin
      v_new.automatic_backfill := coalesce((v_item ->> 'automatic_backfill')::boolean, false);
      v_new.max_recovery_attempts := coalesce((v_item ->> 'max_recovery_attempts')::int, 100);
    exception
      when data_exception then
        perform _raise(
          'PD001',
          format('a setting of schedule %L cannot be read: %s', left(v_new.name, 60), sqlerrm),
          hint => 'Give automatic_backfill as true or false, and max_recovery_attempts as a whole number.'
        );
    end;
    v_new.application := apply_schedules.application;
    v_new.paused := false;
    v_new.created_at := _now();
    v_new.reckoned_at := v_new.created_at;
    v_new.next_at := _check_schedule(v_new, create_queues or v_item ->> 'queue' is null);

    schedule := v_new.name;
    loop
      insert into schedules select v_new.* on conflict (name) do nothing;
      if found then
        outcome := 'created';
        exit;
      end if;
      select s.* into v_old from schedules s where s.name = v_new.name for no key update;
      -- It was deleted meanwhile: once more.
      continue when not found;

      if v_old.application <> v_new.application then
        perform _raise(
          'PD021',
          format('schedule %L belongs to application %L', v_new.name, v_old.application),
          detail => format('Application %L wanted to have it. Nothing was changed.', v_new.application),
          hint => 'Give each application schedules with names of its own.'
        );
      end if;
      v_new.application := coalesce(v_new.application, v_old.application);
      v_new.paused := v_old.paused;
      v_new.last_at := v_old.last_at;
      v_new.created_at := v_old.created_at;
      if v_new.paused then
        v_new.next_at := null;
        v_new.reckoned_at := v_old.reckoned_at;
      elsif (v_new.cron, v_new.zone) = (v_old.cron, v_old.zone) and v_old.next_at is not null then
        v_new.next_at := v_old.next_at;
        v_new.reckoned_at := v_old.reckoned_at;
      end if;
      -- json has no equality; text is what matters.
      outcome := case when v_new::text = v_old::text then 'unchanged' else 'updated' end;
      if outcome = 'updated' then
        update schedules s
        set workflow = v_new.workflow,
            cron = v_new.cron,
            zone = v_new.zone,
            queue = v_new.queue,
            context = v_new.context,
            automatic_backfill = v_new.automatic_backfill,
            max_recovery_attempts = v_new.max_recovery_attempts,
            application = v_new.application,
            next_at = v_new.next_at,
            reckoned_at = v_new.reckoned_at
        where s.name = v_new.name;
      end if;
      exit;
    end loop;
    next_at := v_new.next_at;
    return next;
  end loop;
end
$$;

comment on function apply_schedules(json, boolean, text) is
  'Makes these schedules, or gives those that exist exactly these settings: all of them or, on an error, none.
Others are left as they are.
schedules: an array of objects with the settings schedule, workflow, cron, zone, queue, context,
automatic_backfill and max_recovery_attempts; see create_schedule. The first three are required. Without queue it is that
of the application, or default.
create_queues: true to make queues, without limits, that do not exist.
application: null, or the application that they belong to; one of none is given to it.
One whose line and zone are as before keeps its next tick, and one that is paused stays so.
Returns a row for each, by name: created, updated or unchanged, and its next tick.
Raises PD001 (bad argument, or a transaction that is not read committed), PD007 (no such queue),
PD021 (a schedule belongs to another application).';
