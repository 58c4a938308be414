"""Who leaves a limited queue gives back the place at once; who is only put down keeps it."""

import pytest

LIMITS = {
    "queue": {"concurrency": 1},
    "partition": {"partitioned": True, "partition_concurrency": 1},
    "both and a rate": {
        "concurrency": 1,
        "partitioned": True,
        "partition_concurrency": 1,
        "rate_limit": 100,
        "rate_period": "1 hour",
    },
}

GIVES_BACK = {
    "finish": "select finish(%(key)s, %(token)s)",
    "fail": "select finish(%(key)s, %(token)s, error => '{}')",
    "retry": "select finish(%(key)s, %(token)s, error => '{}')",
    "release": "select release(%(key)s, %(token)s)",
    "release for a while": "select release(%(key)s, %(token)s, interval '1 hour')",
    "shut down": "select deregister_executor(%(executor)s)",
    "reconcile": "select reconcile(%(executor)s, '{}')",
    "die": "select executor_id from executors",
    "die too often": "update tasks set max_recovery_attempts = 0 returning 1",
}


@pytest.fixture(params=LIMITS.values(), ids=LIMITS)
def queue(engine, request):
    """A limited queue with one place; returns a function that enqueues one with a priority."""
    engine.register("q", **request.param)
    keys = ["p"] if "partitioned" in request.param else None

    def enqueue(priority, **options):
        return engine.enqueue(1, queue="q", priorities=[priority], partition_keys=keys, **options)

    return enqueue


def leave(engine, way, executor, key, token):
    engine.rows(GIVES_BACK[way], {"executor": executor, "key": key, "token": token})
    if way.startswith("die"):
        engine.lapse(executor)
        engine.maintain()


@pytest.mark.parametrize("way", GIVES_BACK)
def test_the_place_of_one_that_leaves_goes_to_the_first_in_order(engine, queue, way):
    queue(5, retries=1 if way == "retry" else None, retry_interval="0")
    executor, other = engine.executor(), engine.executor()
    [(key, token)] = engine.claim(executor, 10)
    [second] = queue(0)
    assert engine.claim(other, 10) == []
    leave(engine, way, executor, key, token)

    # Not to the one that has left, if it comes back: it waits behind.
    assert engine.ids(other, 10) == [second]
    assert engine.violations() == {}


@pytest.mark.parametrize("way", ["retry", "release", "shut down", "reconcile", "die"])
def test_one_that_comes_back_starts_again(engine, queue, way):
    queue(0, retries=1 if way == "retry" else None, retry_interval="0")
    executor, other = engine.executor(), engine.executor()
    [(key, token)] = engine.claim(executor, 10)
    started = engine.value("select started_at from tasks")
    leave(engine, way, executor, key, token)
    assert [claimed for claimed, _ in engine.claim(other, 10)] == [key]
    # It counts for the rate a second time.
    assert engine.value("select started_at from tasks") > started
    limited = engine.value("select rate_limit is not null from queues where name = 'q'")
    assert engine.value("select max(total) from starts where lane_id = 0") == (2 if limited else None)


@pytest.mark.parametrize("delay", [None, "1 hour"])
def test_one_that_is_put_down_keeps_its_place_and_gets_it_back(engine, queue, delay):
    [first] = queue(5)
    executor, other = engine.executor(), engine.executor()
    [(key, token)] = engine.claim(executor, 10)
    started = engine.value("select started_at from tasks")
    queue(0)
    engine.rows("select suspend(%s, %s, %s)", [key, token, delay])
    if delay:
        assert engine.claim(other, 10) == []
        engine.rows("update tasks set wake_at = clock_timestamp() where wake_at is not null returning 1")
    assert engine.ids(other, 10) == [first]
    assert engine.value("select started_at from tasks where key = %s", [key]) == started
    assert engine.claim(executor, 10) == []
    assert engine.violations() == {}


def test_the_worker_of_one_that_is_put_down_has_room_for_another(engine):
    engine.register("q", worker_concurrency=1)
    first, second = engine.enqueue(2, queue="q")
    executor = engine.executor()
    [(key, token)] = engine.claim(executor, 10)
    engine.rows("select suspend(%s, %s, '1 hour')", [key, token])
    assert engine.ids(executor, 10) == [second]
    # Back it goes where there is room.
    engine.rows("update tasks set wake_at = clock_timestamp() where wake_at is not null returning 1")
    assert engine.claim(executor, 10) == []
    assert engine.ids(engine.executor(), 10) == [first]
