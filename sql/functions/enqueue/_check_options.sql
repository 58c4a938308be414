create or replace function _check_options(
  on_duplicate text,
  delay interval,
  expires_in interval,
  retries int,
  retry_interval interval,
  retry_backoff double precision,
  retry_max_interval interval
)
returns void
language plpgsql
immutable
set search_path from current
as $$
begin
  if on_duplicate in ('reject', 'return_existing') is not true then
    perform _raise(
      'PD001',
      format('on_duplicate cannot be %L', on_duplicate),
      hint => 'Give ''reject'' or ''return_existing''.'
    );
  end if;
  if delay < interval '0' or delay > interval '100 years' then
    perform _raise(
      'PD001',
      format('a delay of %s is out of range', _span(delay)),
      hint => 'Give a delay of 0 to 100 years.'
    );
  end if;
  if expires_in <= interval '0' or expires_in > interval '100 years' then
    perform _raise(
      'PD001',
      format('an expiry after %s is out of range', _span(expires_in)),
      hint => 'Give a span of more than 0 and at most 100 years.'
    );
  end if;
  if retries < 0 then
    perform _raise(
      'PD001',
      format('retries cannot be %s', retries),
      hint => 'Give 0 or more: how often a workflow that fails is run again.'
    );
  end if;
  if retries > 0 then
    perform _raise(
      'PD001',
      format('%s cannot be %s', p.name, p.value),
      hint => p.hint
    )
    from (values
      (
        'retry_interval', _span(retry_interval), retry_interval >= interval '0',
        'Give 0 or more.'
      ),
      (
        'retry_backoff', coalesce(retry_backoff::text, 'null'), retry_backoff between 1 and 1e6,
        'Give 1 to 1000000: retry n waits retry_interval * retry_backoff ^ (n - 1).'
      ),
      (
        'retry_max_interval', _span(retry_max_interval),
        retry_max_interval between interval '0' and interval '100 years', 'Give 0 to 100 years.'
      )
    ) as p (name, value, fits, hint)
    where p.fits is not true;
  end if;
end
$$;

comment on function _check_options(text, interval, interval, int, interval, double precision, interval) is
  'Raises PD001 if an option of enqueueing is out of range.';
