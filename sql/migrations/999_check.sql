-- An older release must not replace the functions of a newer schema.
do $$
declare
  v_known int := current_setting('perdure.newest_known_migration')::int;
  v_newest int := (select max(number) from schema_migrations);
begin
  if v_newest > v_known then
    perform _raise(
      'PD008',
      format('schema "%s" is at version %s, this release of Perdure knows version %s', current_schema(), v_newest, v_known),
      detail => 'A newer release of Perdure has been installed into this schema. Nothing was changed.',
      hint => 'Install with that release or a later one, or choose another schema.'
    );
  end if;
end
$$;
