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
      format('a delay of %s is out of range', delay),
      hint => 'Give a delay of 0 to 100 years.'
    );
  end if;
  if expires_in <= interval '0' or expires_in > interval '100 years' then
    perform _raise(
      'PD001',
      format('an expiry after %s is out of range', expires_in),
      hint => 'Give a span of more than 0 and at most 100 years.'
    );
  end if;
  if retries < 0 or retries > 0 and (
    retry_interval >= interval '0' and retry_max_interval >= interval '0'
    and retry_max_interval <= interval '100 years' and retry_backoff between 1 and 1e6
  ) is not true then
    perform _raise(
      'PD001',
      'a retry policy is out of range',
      detail => format('retries %s, retry_interval %s, retry_backoff %s, retry_max_interval %s',
        retries, retry_interval, retry_backoff, retry_max_interval),
      hint => 'Retries and intervals are not negative, backoff is at least 1.'
    );
  end if;
end
$$;

comment on function _check_options(text, interval, interval, int, interval, double precision, interval) is
  'Raises PD001 if an option of enqueueing is out of range.';
