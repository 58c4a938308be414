"""Serializers of the program's own, and those of others in the same database."""

import json

import pytest

from perdure import Client, PickleSerializer, SerializationError
from perdure._serialize import Codec
from tests_py.integration.replay import Twice
from tests_py.serialization import shop
from tests_py.serialization.shop import CUSTOMER, ITEM, ORDER, Stranger


class Text:
    """Writes numbers only, in a way that is not JSON."""

    name = "text"

    def dumps(self, value):
        return f'<{value!r}> "\0 \ud800'

    def loads(self, text):
        return eval(text[1 : text.index(">")])


def test_each_value_says_how_it_was_written():
    text = Codec(PickleSerializer()).dumps({"a": 1})
    assert json.loads(text).keys() == {"$type", "value"}
    assert json.loads(text)["$type"] == "serializer:pickle"
    assert Codec(Text()).dumps(7) == '{"$type":"serializer:text","value":"<7> \\"\\u0000 \\ud800"}'


def test_a_serializer_reads_what_it_has_written_and_portable_json():
    for codec in (Codec(PickleSerializer()), Codec(Text())):
        assert codec.loads(codec.dumps([1, {"a": 2}])) == [1, {"a": 2}]
        assert codec.loads(Codec().dumps((1, {2}))) == (1, {2})


def test_what_another_serializer_has_written_is_refused_by_name():
    text = Codec(PickleSerializer()).dumps(1)
    for codec in (Codec(), Codec(Text())):
        with pytest.raises(
            SerializationError, match="written by the serializer 'pickle', which this program"
        ):
            codec.loads(text)


@pytest.mark.parametrize(
    "arguments", [((), {}), ((1, "a"), {}), ((), {"a": 1}), (([],), {"positionalArgs": 1})]
)
def test_arguments_come_back(arguments):
    codec = Codec(PickleSerializer())
    args, kwargs = arguments
    assert codec.load_arguments(codec.dump_arguments(args, kwargs)) == (list(args), kwargs)
    assert codec.load_arguments(Codec().dump_arguments(args, kwargs)) == (list(args), kwargs)


def test_a_tuple_in_portable_arguments_is_not_taken_for_them():
    codec = Codec(PickleSerializer())
    text = Codec().dumps(([1], {"a": 2}))
    assert codec.load_arguments(text) == ([([1], {"a": 2})], {})


def test_a_serializer_that_fails_is_named():
    with pytest.raises(SerializationError, match="the thing cannot be serialized: pickle: "):
        Codec(PickleSerializer()).dumps(lambda: 1, "thing")
    with pytest.raises(SerializationError, match="a value of serializer 'pickle' cannot be read"):
        Codec(PickleSerializer()).loads('{"$type":"serializer:pickle","value":"AAAA"}')

    class Bad(Text):
        def dumps(self, value):
            return b"bytes"

    with pytest.raises(SerializationError, match="no text but bytes"):
        Codec(Bad()).dumps(1)


def test_errors_are_portable_whatever_the_serializer():
    codec = Codec(PickleSerializer())
    assert json.loads(codec.dump_error(ValueError("bad")))["name"] == "ValueError"
    assert type(Codec().load_error(codec.dump_error(ValueError("bad")))) is ValueError


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_program_with_pickle_passes_anything(new_app, database, sql, kind):
    app = new_app(serializer=PickleSerializer())
    if kind == "sync":

        @app.step()
        def step(value):
            return Stranger(value.name + "!")

        def body():
            app.set_event("event", Stranger("event"))
            app.write_stream("stream", Stranger("stream"))
            app.send(twice.workflow_id_, Stranger("message"))
            return [step(Stranger("step")).name, app.recv().name]
    else:

        @app.step()
        async def step(value):
            return Stranger(value.name + "!")

        async def body():
            await app.set_event_async("event", Stranger("event"))
            await app.write_stream_async("stream", Stranger("stream"))
            await app.send_async(twice.workflow_id_, Stranger("message"))
            return [(await step(Stranger("step"))).name, (await app.recv_async()).name]

    @app.workflow(name="echo")
    def echo(value):
        return value

    twice = Twice(app, body)
    app.launch()
    twice.workflow_id_ = "self"
    original = app.enqueue
    app.enqueue = lambda workflow: original(workflow, workflow_id="self")
    assert twice.run() == [["step!", "message"]] * 2
    assert app.get_event("self", "event").name == "event"
    assert original(echo, Stranger("echo")).get_result(20).name == "echo"
    assert next(app.read_stream("self", "stream")).name == "stream"

    # What was enqueued portably is understood, and a client without pickle says what it lacks.
    with Client(database) as client:
        assert original("echo", 1).get_result(20) == 1
        handle = client.enqueue("echo", {"a": 2})
        with pytest.raises(SerializationError, match="serializer 'pickle'"):
            handle.get_result(20)
    assert app.get_workflow(handle.workflow_id).output == {"a": 2}
    assert {t for (t,) in sql("select output ->> '$type' from outcomes")} == {"serializer:pickle"}


# ------------------------------------------------------------------------------- classes, end to end


def test_classes_of_hints_pass_from_program_to_program(new_app):
    app, other = new_app(), new_app()

    @app.step()
    def price(order: shop.Order) -> shop.Item:
        assert order == ORDER
        return ITEM

    @app.workflow(name="checkout")
    def checkout(order: shop.Order, customer: "shop.Customer") -> dict[str, shop.Pair]:
        assert customer == CUSTOMER
        assert price(order) == ITEM
        return {"pair": shop.Pair(shop.Size.SMALL, price(order))}

    @other.workflow(name="checkout")
    def same(order: shop.Order, customer: "shop.Customer") -> dict[str, shop.Pair]:
        raise AssertionError("not run here")

    app.launch()
    handle = other.enqueue(same, ORDER, customer=CUSTOMER)
    assert handle.get_result(20) == {"pair": shop.Pair(shop.Size.SMALL, ITEM)}
    assert app.list_steps(handle.workflow_id)[0].output == ITEM


def test_a_client_reads_what_it_has_registered(new_app, client):
    app = new_app()

    @app.workflow(name="make")
    def make() -> shop.Item:
        return ITEM

    app.launch()
    handle = client.enqueue("make")
    with pytest.raises(SerializationError, match="unknown type 'Color': register its class"):
        handle.get_result(20)
    assert client.register_type(shop.Item) is shop.Item
    assert handle.get_result(20) == ITEM


def test_what_is_not_registered_is_refused_before_anything_is_recorded(app, sql):
    @app.workflow()
    def workflow(value):
        return value

    app.launch()
    with pytest.raises(
        SerializationError, match=r"shop\.Item has no JSON form; register it.*\(at \[0\]\.k\)"
    ):
        app.start_workflow(workflow, {"k": ITEM})
    assert sql("select * from workflows") == []
    app.register_type(shop.Item)
    assert app.start_workflow(workflow, {"k": ITEM}).get_result(20) == {"k": ITEM}


def test_a_function_that_is_run_as_a_step_has_hints_too(app):
    def make() -> shop.Item:
        return ITEM

    twice = Twice(app, lambda: app.run_step(make))
    app.launch()
    assert twice.run() == [ITEM, ITEM]


def test_a_transaction_has_hints_too(app):
    @app.transaction()
    def make(connection) -> shop.Item:
        return ITEM

    twice = Twice(app, lambda: make())
    app.launch()
    assert twice.run() == [ITEM, ITEM]
