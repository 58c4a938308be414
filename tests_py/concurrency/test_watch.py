"""Watching locks a workflow for a moment: a claim that meets it then passes it over."""

from tests_py.concurrency.test_notify import Listener


def test_who_watches_what_waits_tells_idle_workers_once_more(engine, session, connect):
    """The worker that enqueueing has told may have looked while the watcher held the workflow."""
    executor = engine.executor()
    worker, watcher = session(), session()
    claim = ("select workflow_id from claim(%s)", [executor])
    assert worker.call(*claim) == []  # from now on it counts as idle
    work = Listener(connect(), "perdure.work")
    [(workflow_id,)] = engine.rows("select enqueue('w')")
    assert work.heard() == ["default"]

    watcher.call("begin")
    watcher.call("select * from get_results(array[%s], watch => true)", [workflow_id])
    assert worker.call(*claim) == [], "it is passed over"
    watcher.call("commit")
    assert work.heard() == ["default"]
    assert worker.call(*claim) == [(workflow_id,)]
