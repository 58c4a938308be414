"""What cannot be is refused at once, with what to do; nothing is half done."""

import functools
import math
import re

import pytest

from perdure import InvalidArgument, Perdure


def named(given):
    """As the name of a test, the same in each process: functions are shown with their address."""
    return re.sub(r" at 0x\w+", "", str(given))


NAMES = ["", "x" * 513, "\u00fc" * 257, "a\0b", "a\ud800", 5, b"x"]


@pytest.mark.parametrize(
    "name", NAMES, ids=["empty", "long", "long in bytes", "nul", "surrogate", "number", "bytes"]
)
@pytest.mark.parametrize("what", ["workflow", "step", "transaction"])
def test_a_name_that_cannot_be_stored_is_refused_where_it_is_given(app, what, name):
    """Not when a step that has run is recorded."""
    with pytest.raises(InvalidArgument, match=f"the name of a {what}"):
        getattr(app, what)(name=name)(lambda *_: 1)
    getattr(app, what)(name="x" * 512)(lambda *_: 1)


STEP = [
    {"retries": "3"},
    {"retries": 2.5},
    {"retries": True},
    {"retries": 2**31},
    {"interval": math.nan},
    {"interval": "x"},
    {"interval": 1e300},
    {"backoff": math.inf},
    {"max_interval": math.inf},
    {"should_retry": 5},
]


@pytest.mark.parametrize("options", STEP, ids=named)
@pytest.mark.parametrize("what", ["step", "transaction"])
def test_what_a_step_cannot_be_given_is_refused(app, what, options):
    with pytest.raises(InvalidArgument, match=next(iter(options))):
        getattr(app, what)(**options)(lambda *_: 1)


async def asks(_error):
    return True


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("step", {"should_retry": asks}),
        ("step", {"preemptible": "yes"}),
        ("workflow", {"max_recovery_attempts": "3"}),
        ("workflow", {"max_recovery_attempts": 2.5}),
        ("workflow", {"max_recovery_attempts": 2**31}),
        ("workflow", {"suspendable": "x"}),
        ("workflow", {"validate": "x"}),
    ],
    ids=named,
)
def test_what_a_function_cannot_be_given_is_refused(app, what, options):
    with pytest.raises(InvalidArgument, match=next(iter(options))):
        getattr(app, what)(**options)(lambda *_: 1)


@pytest.mark.parametrize("what", ["workflow", "step", "transaction"])
def test_what_has_no_name_is_given_one(app, what):
    with pytest.raises(InvalidArgument, match="has no name of its own"):
        getattr(app, what)()(functools.partial(max, 1))
    getattr(app, what)(name="largest")(functools.partial(max, 1))
    with pytest.raises(InvalidArgument, match="takes a function"):
        getattr(app, what)(name="none")(5)


def test_a_function_without_a_name_runs(app):
    def larger(a, b):
        return max(a, b)

    largest = app.workflow(name="largest")(functools.partial(app.step(name="larger")(larger), 3))
    app.launch()
    assert largest(2) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"name": ""},
        {"name": 5},
        {"name": "a\0"},
        {"schema": ""},
        {"schema": 5},
        {"application": ""},
        {"app_version": 5},
        {"app_version": ""},
        {"serializer": 5},
        {"serializer": dict},
        {"validate": 5},
        {"listen": "x"},
        {"prepare": 3},
        {"poll_interval": math.inf},
    ],
    ids=named,
)
def test_what_an_app_cannot_be_given_is_refused(database, options):
    with pytest.raises(InvalidArgument, match=next(iter(options)).partition("_")[0]):
        Perdure(database, **options)


def test_a_failing_should_retry_is_what_the_step_has_come_to(app, sql):
    ran = []

    def ask(_error):
        raise LookupError("do not ask")

    @app.step(retries=3, should_retry=ask)
    def step():
        ran.append(1)
        raise ValueError

    @app.workflow()
    def workflow():
        try:
            step()
        except LookupError:
            return "told"

    app.launch()
    assert workflow() == "told"
    assert ran == [1]
    assert sql("select step, error ->> 'message' from steps") == [(1, "do not ask")]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"], ids=["nul", "surrogate"])
@pytest.mark.parametrize(
    "call",
    [
        lambda app, name: app.set_event(name, 1),
        lambda app, name: app.write_stream(name, 1),
        lambda app, name: app.recv(name, 0),
        lambda app, name: app.get_event("someone", name, 0),
        lambda app, name: app.send("someone", 1, name),
        lambda app, name: app.patch(name),
        lambda app, name: app.enqueue("someone", queue=name),
        lambda app, name: app.enqueue("someone", deduplication_id=name),
        lambda app, name: app.enqueue(name),
        lambda app, name: app.set_attributes("someone", {name: 1}) or 1 / 0,
    ],
    ids=[
        "event",
        "stream",
        "recv",
        "get_event",
        "send",
        "patch",
        "queue",
        "deduplication",
        "workflow",
        "attributes",
    ],
)
def test_a_text_that_the_database_cannot_hold_is_told(app, call, name):
    @app.workflow()
    def other():
        app.sleep(60)

    @app.workflow()
    def workflow():
        try:
            call(app, name)
        except InvalidArgument as error:
            return str(error)

    app.launch()
    app.start_workflow(other, workflow_id="someone")
    assert "NUL" in (told := workflow()) or "surrogate" in told
