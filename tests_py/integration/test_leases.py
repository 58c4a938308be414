"""What a worker does when the database says so: renewing its lease, and leaving work to others."""

from perdure._engine import Engine
from tests_py.support import wait_until


def test_a_worker_renews_its_lease_when_the_database_says(new_app, monkeypatch):
    told, renewals = Engine.heartbeat, []

    async def heartbeat(engine, executor_id):
        renewals.append(executor_id)
        lease = await told(engine, executor_id)
        return None if lease is None else lease._replace(renew_in=0.02)

    monkeypatch.setattr(Engine, "heartbeat", heartbeat)
    app = new_app(lease=3600.0)
    app.launch()
    wait_until(lambda: len(renewals) >= 5)


def test_a_lease_is_renewed_within_a_third_of_it(new_app, sql):
    app = new_app(lease=1.0)
    app.launch()
    ((first,),) = sql("select lease_until from perdure.executors")
    wait_until(
        lambda: (
            sql("select lease_until > %s + interval '2 seconds' from perdure.executors", first) == [(True,)]
        )
    )
    assert [e.alive for e in app.list_executors()] == [True]


def test_what_a_worker_does_not_know_is_left_to_others_for_a_while(new_app, client):
    handle = client.enqueue("nobody knows this", queue="default")
    app = new_app()
    app.launch()
    left = wait_until(lambda: (found := handle.get_status()).status == "DELAYED" and found)
    assert (left.wake_at - left.created_at).total_seconds() > 3.5
    assert left.attempts == 0
