"""The fixtures that users get with the package."""

import os
import subprocess
import sys

import pytest

TESTS = """
import datetime as dt
import pytest
from perdure import Perdure

def test_time_passes_when_told_to(perdure_app, perdure_time):
    @perdure_app.workflow()
    def order():
        began = perdure_app.run_step(lambda: 1)
        perdure_app.sleep(3600)
        return began + 1

    with perdure_app:
        handle = perdure_app.start_workflow(order)
        perdure_time.advance(dt.timedelta(hours=1), until=handle)
        assert handle.get_result(timeout=20) == 2

def test_a_deadline_comes_nearer(perdure_app, perdure_time):
    @perdure_app.workflow()
    def order():
        perdure_app.recv("never", timeout=None)

    with perdure_app:
        handle = perdure_app.start_workflow(order, timeout=1000)
        with pytest.raises(TimeoutError):
            handle.get_result(timeout=0.1)
        perdure_time.advance(999.9)
        with pytest.raises(Exception, match="deadline|time"):
            handle.get_result(timeout=20)

def test_time_does_not_pass_backwards(perdure_time):
    with pytest.raises(ValueError, match="backwards|negative"):
        perdure_time.advance(-1)

def test_each_test_has_a_database_of_its_own(perdure_url):
    app = Perdure("postgresql://elsewhere/none")
    app.use_database(perdure_url)
    assert app.queue_stats("default")[0].waiting == 0
    app.enqueue("w", workflow_id="one")
    app.close()

def test_and_another_finds_it_empty(perdure_url):
    with Perdure(perdure_url) as app:
        assert app.queue_stats("default")[0].waiting == 0
"""


@pytest.mark.parametrize("kind", ["given", "embedded"])
def test_the_fixtures_work_in_a_users_tests(kind, tmp_path, server):
    (tmp_path / "test_orders.py").write_text(TESTS, "utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PERDURE"))}
    if kind == "given":
        environment["PERDURE_TEST_DATABASE_URL"] = server
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
