"""Versions of an app, and patches of its workflows."""

import asyncio
import inspect

import pytest

from perdure import InvalidArgument, WrongContext
from perdure._versions import version_of
from tests_py.integration.replay import Twice, interrupt
from tests_py.support import wait_until


def _echo(app):
    app.workflow(name="echo")(lambda: app._core.app_version)


def test_work_goes_to_the_version_that_it_belongs_to(new_app, client, sql):
    old, new = new_app(app_version="1"), new_app(app_version="2")
    _echo(old)
    _echo(new)
    old.launch()
    new.launch()
    assert client.enqueue("echo").get_result(10) == "2"
    pinned = client.enqueue("echo", app_version="1")
    assert pinned.get_result(10) == "1"
    assert pinned.get_status().app_version == "1"
    assert [h.get_result(10) for h in client.enqueue_many("echo", [[], []], app_version="1")] == ["1", "1"]
    handle = old.start_workflow(old._workflows["echo"])
    assert handle.get_result(10) == "1"
    assert handle.get_status().app_version == "1"

    assert [(v.app_version, v.latest, v.executors, v.waiting) for v in client.list_versions()] == [
        ("2", True, 1, 0),
        ("1", False, 1, 0),
    ]
    assert [(e.app_version, e.latest, e.alive) for e in client.list_executors()] == [
        ("1", False, True),
        ("2", True, True),
    ]
    client.set_latest_version("1")
    assert client.enqueue("echo").get_result(10) == "1"
    with pytest.raises(InvalidArgument, match="there is no version '3'"):
        client.set_latest_version("3")
    assert client.register_version("3") is True
    assert client.enqueue("echo", app_version="3", workflow_id="w").get_status().status == "ENQUEUED"
    assert client.explain_wait("w")[0] == (
        "version",
        "it belongs to version 3, which no living executor runs",
    )
    assert client.set_version("2", ["w"]) == 1
    assert client.retrieve_workflow("w").get_result(10) == "2"
    assert client.set_version(None, from_version="3") == 0
    with pytest.raises(InvalidArgument, match="a list of ids"):
        client.set_version("2", "w")


def test_work_that_is_moved_to_a_version_that_nobody_had_is_told_of(client, caplog):
    for n in range(2):
        client.enqueue("w", workflow_id=f"w{n}")
    client.register_version("1")
    assert client.set_version("1", ["w0"]) == 1
    assert client.set_version("2", ["nothing"]) == 0
    assert client.set_version(None, ["w0"]) == 1
    assert caplog.messages == []
    assert client.set_version("2", ["w0"]) == 1
    assert asyncio.run(client.set_version_async("3", ["w0", "w1"])) == 2
    assert [message.partition(". ")[0] for message in caplog.messages] == [
        "version '2' was never registered",
        "version '3' was never registered",
    ]


def test_children_of_an_old_version_go_to_the_latest_unless_they_are_pinned(new_app, client):
    old, new = new_app(app_version="1"), new_app(app_version="2")
    _echo(old)
    _echo(new)

    @old.workflow(name="parent")
    def parent():
        return [
            old.enqueue("echo").get_result(),
            old.enqueue("echo", app_version="1").get_result(),
            old.start_workflow(old._workflows["echo"]).get_result(),
        ]

    old.launch()
    new.launch()
    assert client.enqueue("parent", app_version="1").get_result(20) == ["2", "1", "1"]


def test_the_version_of_an_app_is_given_or_in_the_environment(monkeypatch):
    monkeypatch.delenv("PERDURE_APP_VERSION", raising=False)
    assert version_of(None, {}) is None
    assert version_of("7", {}) == "7"
    monkeypatch.setenv("PERDURE_APP_VERSION", "8")
    assert version_of(None, {}) == "8"
    assert version_of("7", {}) == "7"
    monkeypatch.setenv("PERDURE_APP_VERSION", "auto")
    assert version_of(None, {}) == version_of("auto", {})


def test_an_automatic_version_changes_with_the_workflows():
    def w(): ...

    def other():
        return 1

    found = version_of("auto", {"w": w, "v": other})
    assert found == version_of("auto", {"v": other, "w": w})
    assert found is not None
    assert len(found) == 16
    assert found != version_of("auto", {"w": w})
    assert found != version_of("auto", {"w": other, "v": w})
    # Without sources, by its code.
    typed = {}
    exec("def a(): return len\ndef b(): return min\ndef same(): return len", typed)
    with pytest.raises(OSError, match="could not get source code"):
        inspect.getsource(typed["a"])
    assert version_of("auto", {"w": typed["a"]}) == version_of("auto", {"w": typed["same"]})
    assert version_of("auto", {"w": typed["a"]}) != version_of("auto", {"w": typed["b"]})


def _steps(client, handle):
    return [step.name for step in client.list_steps(handle.workflow_id)]


async def _step(app, name):
    @app.step(name=name)
    async def step():
        return name

    return await step()


def _interrupted(new_app, client, steps):
    """A workflow of the old code, which took these steps and was interrupted."""
    app = new_app()
    stopped = asyncio.Event()

    @app.workflow(name="w")
    async def old():
        for step in steps:
            await _step(app, step)
        stopped.set()
        await interrupt()

    app.launch()
    handle = client.enqueue("w")
    wait_until(stopped.is_set)
    app.shutdown()
    assert handle.get_status().status == "ENQUEUED"
    return handle


def _patched(app, deprecated=False):
    async def body():
        seen = [await _step(app, "a")]
        if deprecated:
            await app.deprecate_patch_async("p")
        if deprecated or await app.patch_async("p"):
            return [*seen, await _step(app, "new"), await _step(app, "c")]
        return [*seen, await _step(app, "b"), await _step(app, "c")]

    return body


@pytest.mark.parametrize(
    ("steps", "way"),
    [(["a", "b"], ["a", "b", "c"]), (["a"], ["a", "new", "c"]), ([], ["a", "new", "c"])],
)
def test_a_run_takes_the_way_that_it_was_on(new_app, client, steps, way):
    handle = _interrupted(new_app, client, steps)
    app = new_app()
    app.workflow(name="w")(_patched(app))
    app.launch()
    assert handle.get_result(10) == way
    assert _steps(client, handle) == [way[0], *(["perdure.patch-p"] if "new" in way else []), *way[1:]]


def test_a_patch_is_the_same_on_every_replay(new_app, client):
    app = new_app()
    twice = Twice(app, _patched(app))
    app.launch()
    assert twice.run() == [["a", "new", "c"]] * 2


def test_a_patch_that_is_deprecated_keeps_those_that_have_it_going(new_app, client):
    app = new_app()

    @app.workflow(name="w")
    async def w():
        await _step(app, "a")
        assert await app.patch_async("p")
        await _step(app, "new")
        await interrupt()

    app.launch()
    handle = client.enqueue("w")
    wait_until(lambda: len(client.list_steps(handle.workflow_id)) == 3)
    app.shutdown()
    after = new_app()
    after.workflow(name="w")(_patched(after, deprecated=True))
    after.launch()
    assert handle.get_result(10) == ["a", "new", "c"]
    assert _steps(client, handle) == ["a", "perdure.patch-p", "new", "c"]
    fresh = client.enqueue("w")
    assert fresh.get_result(10) == ["a", "new", "c"]
    assert _steps(client, fresh) == ["a", "new", "c"]


def test_a_patch_belongs_into_a_workflow(app):
    app.workflow(name="w")(lambda: app.run_step(lambda: app.patch("p")))
    app.workflow(name="plain")(lambda: [app.patch("p"), app.patch("q"), app.deprecate_patch("r")])
    app.workflow(name="bad")(lambda: app.patch(""))
    app.launch()
    assert app.enqueue("plain").get_result(10) == [True, True, None]
    with pytest.raises(WrongContext, match="not into a step"):
        app.enqueue("w").get_result(10)
    with pytest.raises(InvalidArgument, match="a patch has a name"):
        app.enqueue("bad").get_result(10)
    with pytest.raises(WrongContext):
        app.patch("p")
