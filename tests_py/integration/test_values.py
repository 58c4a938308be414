"""Values on their way through the database: arguments, results of steps, results of workflows."""

import dataclasses
import json

import pytest

from perdure import Client, SerializationError
from tests_py.integration.replay import Twice
from tests_py.support import wait_until
from tests_py.unit.values import VALUES, same


def test_arguments_arrive_as_they_were_given(app):
    """Read by a worker, and by the process that starts them."""
    seen = {}

    @app.workflow()
    async def workflow(n, value, named=None):
        seen[n] = (value, named)

    enqueued = [app.enqueue(workflow, n, value, named=value) for n, value in enumerate(VALUES)]
    app.launch()
    for handle in enqueued:
        handle.get_result(10)
    assert [n for n, value in enumerate(VALUES) if not same(seen[n], (value, value))] == []


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_replay_gets_the_values_of_the_first_run(app, kind):
    if kind == "sync":

        @app.step()
        def echo(n):
            return VALUES[n]

        def body():
            return [echo(n) for n in range(len(VALUES))]
    else:

        @app.step()
        async def echo(n):
            return VALUES[n]

        async def body():
            return [await echo(n) for n in range(len(VALUES))]

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert same(first, VALUES)
    assert [n for n in range(len(VALUES)) if not same(second[n], VALUES[n])] == []
    listed = app.list_steps(twice.workflow_id)
    assert [n for n, step in enumerate(listed) if not same(step.output, VALUES[n])] == []


def test_results_come_back_as_they_were_returned(app, client):
    @app.workflow()
    async def workflow(n):
        return VALUES[n]

    app.launch()
    handles = app.enqueue_many(workflow, [(n,) for n in range(len(VALUES))])
    for n, handle in enumerate(handles):
        assert same(handle.get_result(10), VALUES[n])
        assert same(client.retrieve_workflow(handle.workflow_id).get_result(10), VALUES[n])
        assert same(client.get_workflow(handle.workflow_id).output, VALUES[n])


def test_values_are_stored_as_they_were_written(app, sql):
    """json, not jsonb: the order of keys and the form of numbers are part of a value."""

    @app.step()
    def step():
        return {"z": 1e22, "a": 1.0, "m": [1, -0.0]}

    @app.workflow()
    def workflow(value):
        return step()

    app.launch()
    app.start_workflow(workflow, {"b": 1e22, "a": 1}).get_result(10)
    text = '{"z":1e+22,"a":1.0,"m":[1,-0.0]}'
    assert sql("select input::text from workflows") == [('[{"b":1e+22,"a":1}]',)]
    assert sql("select output::text from steps") == [(text,)]
    assert sql("select output::text from outcomes") == [(text,)]


def test_large_values_pass(app):
    large = {"text": "x" * 5_000_000, "list": list(range(100_000))}

    @app.step()
    async def step(value):
        return value

    async def body():
        return await step(large)

    @app.workflow()
    async def echo(value):
        return value

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [large, large]
    assert app.enqueue(echo, large).get_result(20) == large


def test_values_written_by_other_languages_are_read(app, sql):
    @app.workflow(name="echo")
    async def echo(*args, **kwargs):
        return [list(args), kwargs]

    for workflow_id, text in {
        "array": '[1, {"a": null}]',
        "object": '{"a": 1, "b": {"$type": "decimal", "value": "1.5"}}',
        "null": None,
        "scalar": '"text"',
        "both": '{"positionalArgs": [1], "namedArgs": {"b": 2}}',
    }.items():
        sql("select enqueue('echo', %s::json, workflow_id => %s)", text, workflow_id)
    app.launch()

    import decimal

    def result(workflow_id):
        return app.retrieve_workflow(workflow_id).get_result(10)

    assert result("array") == [[1, {"a": None}], {}]
    assert result("object") == [[], {"a": 1, "b": decimal.Decimal("1.5")}]
    assert result("null") == [[], {}]
    assert result("scalar") == [["text"], {}]
    assert result("both") == [[1], {"b": 2}]


class Ball:
    def __init__(self, size):
        self.size = size


class Own:
    """A serializer of one's own."""

    name = "own"
    dumps = staticmethod(json.dumps)
    loads = staticmethod(json.loads)


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
@pytest.mark.parametrize(
    "stored",
    [
        '{"$type": "Ball", "value": 7}',
        '{"$type": "serializer:own", "value": "7"}',
        # The older version wants a field more.
        '{"$type": "Point", "value": {"x": 7}}',
    ],
    ids=["class", "serializer", "form"],
)
def test_an_input_that_a_worker_cannot_read_is_left_to_one_that_can(
    new_app, sql, client, caplog, is_async, stored
):
    def version(*fields, **options):
        app = new_app(**options)
        app.register_type(dataclasses.make_dataclass("Point", [(name, int) for name in fields]))

        def plain(value):
            return repr(value)

        async def coroutine(value):
            return repr(value)

        app.workflow(name="show")(coroutine if is_async else plain)
        return app

    def comes_again():
        sql("update tasks set wake_at = clock_timestamp() where wake_at is not null")

    def was_claimed(times):
        comes_again()
        return sql("select last_value >= %s from claim_tokens", times) == [(True,)]

    def has_ended():
        comes_again()
        return found()[0] not in ("DELAYED", "ENQUEUED", "PENDING")

    def found():
        # The client cannot read the input, either.
        return sql("select status, attempts from get_workflow('w')")[0]

    version("x", "y", name="old").launch()
    ((claims,),) = sql("select last_value from claim_tokens")
    sql("select enqueue('show', %s::json, workflow_id => 'w', max_recovery_attempts => 0)", f"[{stored}]")
    wait_until(lambda: was_claimed(claims + 4), 30)
    (said,) = (r.getMessage() for r in caplog.records if "for others" in r.getMessage())
    assert (
        said.startswith("workflow w (show): a stored value ") or "workflow w (show): a stored Point" in said
    )
    # What it can read it runs.
    assert client.enqueue("show", 1).get_result(10) == "1"

    new = version("x", name="new", serializer=Own())
    new.register_type(Ball, dump=lambda ball: ball.size, load=Ball)
    new.launch()
    wait_until(has_ended, 30)
    assert found() == ("SUCCESS", 1)


def test_an_input_that_nobody_can_read_ends_the_workflow_with_a_clear_error(app, sql):
    @app.workflow(name="echo")
    async def echo(value):
        return value

    sql("""select enqueue('echo', '[{"$type": "date", "value": "soon"}]', workflow_id => 'w')""")
    app.launch()
    with pytest.raises(SerializationError, match="a stored date cannot be read"):
        app.retrieve_workflow("w").get_result(10)
    assert app.enqueue(echo, 1).get_result(10) == 1


def test_a_recorded_step_of_an_unknown_type_leaves_the_worker_working(app, sql):
    @app.workflow(name="echo")
    async def echo(value):
        return value

    sql("select enqueue('echo', '[1]', workflow_id => 'w')")
    ((executor,),) = sql("select register_executor('other')")
    ((key, token),) = sql("select workflow_key, token from claim(%s)", executor)
    sql("""select record_step(%s, %s, 1, 'step', '{"$type": "quaternion", "value": 1}')""", key, token)
    sql("select deregister_executor(%s)", executor)
    app.launch()
    assert app.enqueue(echo, 2).get_result(10) == 2
    assert app.get_workflow("w").status in ("ENQUEUED", "DELAYED", "PENDING")


# ------------------------------------------------------------------------------ what cannot be stored


@pytest.mark.parametrize("how", ["call", "start_workflow", "enqueue", "enqueue_many"])
def test_an_argument_that_cannot_be_stored_starts_nothing(app, sql, how):
    ran = []

    @app.workflow()
    def workflow(value):
        ran.append(value)

    app.launch()
    call = {
        "call": lambda v: workflow(v),
        "start_workflow": lambda v: app.start_workflow(workflow, v),
        "enqueue": lambda v: app.enqueue(workflow, v),
        "enqueue_many": lambda v: app.enqueue_many(workflow, [(1,), (v,), (2,)]),
    }[how]
    with pytest.raises(
        SerializationError, match="the arguments cannot be serialized: object has no JSON form"
    ):
        call({"deep": [object()]})
    assert sql("select * from workflows") == []
    assert ran == []


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_step_whose_result_cannot_be_stored_has_failed(app, kind):
    runs = []

    if kind == "sync":

        @app.step(name="make", retries=3)
        def make():
            runs.append(1)
            return object()

        def body():
            return make()
    else:

        @app.step(name="make", retries=3)
        async def make():
            runs.append(1)
            return object()

        async def body():
            return await make()

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    for error in (first, second):
        assert type(error) is SerializationError
        assert "the result of step 'make' cannot be serialized: object has no JSON form" in str(error)
    assert runs == [1]  # another try would not mend it
    (step,) = app.list_steps(twice.workflow_id)
    assert step.output is None
    assert type(step.error) is SerializationError
    assert step.completed_at is not None


@pytest.mark.parametrize("how", ["start_workflow", "enqueue"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_workflow_whose_result_cannot_be_stored_has_failed(app, kind, how):
    if kind == "sync":

        @app.workflow(name="make")
        def make():
            return object()
    else:

        @app.workflow(name="make")
        async def make():
            return object()

    app.launch()
    handle = getattr(app, how)(make)
    with pytest.raises(SerializationError, match="the result of workflow 'make' cannot be serialized"):
        handle.get_result(10)
    assert handle.get_status().status == "ERROR"
    assert handle.get_status().output is None


def test_a_direct_call_whose_result_cannot_be_stored_raises(app, sql):
    @app.workflow()
    def make():
        return object()

    app.launch()
    with pytest.raises(SerializationError):
        make()
    assert sql("select status::text from outcomes") == [("ERROR",)]


def test_a_neighbour_that_cannot_be_stored_does_not_harm_the_others(app):
    """They may share a batch."""

    @app.step()
    async def step(n):
        return object() if n == 7 else n

    @app.workflow()
    async def workflow(n):
        return await step(n)

    handles = app.enqueue_many(workflow, [(n,) for n in range(20)])
    app.launch()
    for n, handle in enumerate(handles):
        if n == 7:
            with pytest.raises(SerializationError):
                handle.get_result(10)
        else:
            assert handle.get_result(10) == n


@pytest.mark.parametrize("name", ["NUL \0", "surrogate \ud800"])
def test_a_step_whose_name_cannot_be_stored_ends_its_workflow_only(app, name):
    @app.workflow()
    async def workflow(bad):
        async def work():
            return 1

        work.__qualname__ = name if bad else "work"
        return await app.run_step_async(work)

    handles = app.enqueue_many(workflow, [(n == 3,) for n in range(10)])
    app.launch()
    for n, handle in enumerate(handles):
        if n == 3:
            with pytest.raises(Exception):  # noqa: B017, PT011 - which one is not promised
                handle.get_result(10)
        else:
            assert handle.get_result(10) == 1


def test_text_is_stored_readable(app, sql):
    @app.workflow()
    def workflow(text):
        return text

    app.launch()
    app.start_workflow(workflow, "\N{SNOWMAN} é").get_result(10)
    assert json.loads(sql("select output::text from outcomes")[0][0]) == "\N{SNOWMAN} é"
    assert "\N{SNOWMAN}" in sql("select output::text from outcomes")[0][0]


@pytest.mark.parametrize("encoding", ["latin1", "sql_ascii"])
def test_values_hold_any_character_whatever_the_encoding_of_the_url(new_app, database, client, encoding):
    dsn = f"{database}?client_encoding={encoding}"
    app = new_app(dsn)

    @app.step()
    def echo(value):
        return value

    @app.workflow(name="echo")
    def workflow(value):
        return echo(value)

    @app.transaction()
    def kept(connection, value):
        return value

    @app.workflow(name="transaction")
    def transaction(value):
        return kept(value)

    app.launch()
    # What another has enqueued would be claimed, and could not be read.
    assert client.enqueue("echo", "日é", workflow_id="日").get_result(10) == "日é"
    with Client(dsn) as other:
        assert other.enqueue("echo", "日é", workflow_id="é日").get_result(10) == "日é"
    assert transaction("日é") == "日é"
