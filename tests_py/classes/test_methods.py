"""Methods as workflows and steps: of instances, of classes, and static ones."""

import functools

import pytest

from perdure import ConfiguredInstance, InvalidArgument, NotAuthorized, WorkflowHandle
from tests_py.integration.replay import Twice


def stored(sql, handle):
    return sql(
        "select name, class_name, config_name from perdure.workflows where workflow_id = %s",
        handle.workflow_id,
    )[0]


def define(app, name="Shop"):
    @app.workflow_class(name=name)
    class Shop(ConfiguredInstance):
        def __init__(self, city):
            super().__init__(city)
            self.city = city

        @app.step(name="step")
        def step(self, n):
            return f"{self.city} {n}"

        @app.workflow(name="sell")
        def sell(self, n):
            return self.step(n)

        @app.workflow(name="sell_async")
        async def sell_async(self, n):
            return await app.run_step_async(self.step, n)

        @classmethod
        @app.workflow(name="open")
        def open(cls, n):
            return f"{cls.__name__} {n}"

        @staticmethod
        @app.workflow(name="close")
        def close(n):
            return f"closed {n}"

        @classmethod
        @app.step(name="class_step")
        def class_step(cls, n):
            return f"{cls.__name__} step {n}"

        @staticmethod
        @app.step(name="static_step")
        def static_step(n):
            return f"static step {n}"

        @app.workflow(name="all")
        def all(self, n):
            return [
                self.step(n),
                self.class_step(n),
                Shop.static_step(n),
                self.sell(n),
                self.open(n),
                Shop.close(n),
            ]

    return Shop


ALL = ["berlin 1", "Shop step 1", "static step 1", "berlin 1", "Shop 1", "closed 1"]


@pytest.mark.parametrize("how", ["enqueue", "start_workflow"])
def test_methods_are_workflows(app, sql, how):
    shop_class = define(app)
    berlin, rome = shop_class("berlin"), shop_class("rome")
    app.launch()
    start = getattr(app, how)

    for method, name, config, result in (
        (berlin.sell, "sell", "berlin", "berlin 1"),
        (rome.sell, "sell", "rome", "rome 1"),
        (berlin.sell_async, "sell_async", "berlin", "berlin 1"),
        (shop_class.open, "open", None, "Shop 1"),
        (berlin.open, "open", None, "Shop 1"),
        (shop_class.close, "close", None, "closed 1"),
    ):
        handle: WorkflowHandle[str] = start(method, 1)
        assert handle.get_result(20) == result
        assert stored(sql, handle) == (name, "Shop", config)


def test_they_are_called_and_call_each_other(app):
    shop_class = define(app)
    berlin = shop_class("berlin")
    app.launch()
    assert berlin.sell(1) == "berlin 1"
    assert shop_class.sell(berlin, 1) == "berlin 1"
    assert shop_class.open(1) == berlin.open(1) == "Shop 1"
    assert shop_class.close(1) == berlin.close(1) == "closed 1"
    assert berlin.all(1) == ALL
    assert app.enqueue(berlin.all, 1).get_result(20) == ALL
    (handle,) = app.enqueue_many(berlin.all, [[1]])
    assert handle.get_result(20) == ALL
    assert app.debounce(berlin.sell, "key", 2, delay=0.01).get_result(20) == "berlin 2"


async def test_in_async_code(new_app, database):
    app = new_app()
    shop_class = define(app)
    berlin = shop_class("berlin")
    async with app:
        assert await berlin.sell_async(1) == "berlin 1"
        assert await (await app.enqueue_async(berlin.sell_async, 2)).get_result_async(20) == "berlin 2"


def test_another_process_finds_the_same_instance(new_app, client):
    first = new_app()
    enqueued = first.enqueue(define(first)("berlin").sell, 1)
    by_name = client.enqueue("sell", 2, class_name="Shop", config_name="rome")

    second = new_app()
    shop_class = define(second)
    shop_class("rome")
    berlin = shop_class("berlin")
    berlin.city = "Berlin, second process"
    second.launch()
    assert second.retrieve_workflow(enqueued.workflow_id).get_result(20) == "Berlin, second process 1"
    assert by_name.get_result(20) == "rome 2"


def test_what_is_claimed_for_an_unknown_instance_goes_back(new_app, caplog):
    first = new_app()
    handle = first.enqueue(define(first)("berlin").sell, 1)
    second = new_app()
    shop_class = define(second)
    other = shop_class("rome")
    second.launch()
    # What comes later is claimed later.
    assert second.enqueue(other.sell, 1).get_result(20) == "rome 1"
    assert "this process knows no instance 'berlin' of class 'Shop'" in caplog.text
    assert second.get_workflow(handle.workflow_id).status != "ERROR"
    shop_class("berlin")
    assert second.retrieve_workflow(handle.workflow_id).get_result(20) == "berlin 1"


def test_a_replay_calls_the_same_instance(app):
    shop_class = define(app)
    berlin, rome = shop_class("berlin"), shop_class("rome")
    twice = Twice(app, lambda: [berlin.sell(1), app.enqueue(rome.sell, 2).get_result(20), shop_class.open(3)])
    app.launch()
    assert twice.run() == [["berlin 1", "rome 2", "Shop 3"]] * 2


def test_subclasses(app, sql):
    @app.workflow_class(name="Base")
    class Base(ConfiguredInstance):
        @app.workflow(name="Base.run")
        def run(self, n):
            return f"{self.name()} {n}"

        @classmethod
        @app.workflow(name="Base.make")
        def make(cls, n):
            return f"{cls.__name__} {n}"

        def name(self):
            return "base"

    @app.workflow_class(name="Sub")
    class Sub(Base):
        def name(self):
            return "sub"

    @app.workflow_class(name="Over")
    class Over(Base):
        @app.workflow(name="Over.run")
        def run(self, n):
            return f"over {super().run(n)}"

    base, sub, over = Base("same"), Sub("same"), Over("same")
    app.launch()
    for start in (app.enqueue, app.start_workflow):
        assert [start(i.run, 1).get_result(20) for i in (base, sub, over)] == [
            "base 1",
            "sub 1",
            "over base 1",
        ]
        assert [start(c.make, 1).get_result(20) for c in (Base, Sub)] == ["Base 1", "Sub 1"]
    assert stored(sql, app.enqueue(sub.run, 1)) == ("Base.run", "Sub", "same")


def test_either_order_of_decorators_and_decorators_of_the_user(app):
    def shouting(fn):
        @functools.wraps(fn)
        def inner(*args, **kwargs):
            return fn(*args, **kwargs).upper()

        return inner

    @app.workflow_class()
    class Shop:
        @app.workflow(name="open")
        @classmethod
        def open(cls, n):
            return f"{cls.__name__} {n}"

        @app.workflow(name="close")
        @staticmethod
        def close(n):
            return f"closed {n}"

        @app.step(name="static")
        @staticmethod
        def step(n):
            return f"step {n}"

        @shouting
        @app.workflow(name="shout")
        def shout(self, n):
            return f"shout {n}"

    shop = Shop()
    app.register_instance(shop, "one")
    app.launch()
    assert app.enqueue(Shop.open, 1).get_result(20) == "Shop 1"
    assert app.enqueue(Shop.close, 1).get_result(20) == "closed 1"
    assert Shop.step(1) == "step 1"
    assert shop.shout(1) == "SHOUT 1"


def test_a_function_that_a_class_refers_to_is_no_method(app):
    @app.workflow(name="outside")
    def outside(n):
        return n

    @app.workflow_class()
    class Shop:
        inside = outside

    app.launch()
    assert outside(1) == Shop.inside(2) - 1 == 1
    assert app.enqueue(outside, 3).get_result(20) == 3


def test_roles_of_a_class(app):
    @app.workflow_class(required_roles=["admin"])
    class Safe:
        @staticmethod
        @app.workflow(name="open")
        def open():
            return "open"

        @staticmethod
        @app.workflow(name="look", required_roles=[])
        def look():
            return "look"

        @app.workflow(name="shut")
        def shut(self):
            return "shut"

    @app.workflow_class()
    class Sub(Safe):
        pass

    safe = Sub()
    app.register_instance(safe, "one")
    app.launch()
    for refused in (Safe.open, safe.shut):
        with pytest.raises(NotAuthorized, match="requires one of the roles"):
            refused()
    assert Safe.look() == "look"
    with app.authenticated("ann", ["admin"]):
        assert (Safe.open(), safe.shut()) == ("open", "shut")


def test_mistakes_are_said(app):
    shop_class = define(app)
    berlin = shop_class("berlin")
    app.register_instance(berlin, "berlin")

    with pytest.raises(InvalidArgument, match="two instances of class 'Shop' are named 'berlin'"):
        shop_class("berlin")
    with pytest.raises(InvalidArgument, match="this instance is registered as 'berlin'"):
        app.register_instance(berlin, "rome")
    with pytest.raises(InvalidArgument, match="two classes are named 'Shop'"):
        app.workflow_class(name="Shop")(type("Other", (), {}))
    with pytest.raises(InvalidArgument, match="a config_name has 1 to 512 bytes"):
        shop_class("")
    with pytest.raises(InvalidArgument, match="a config_name is a string"):
        shop_class(7)
    with pytest.raises(InvalidArgument, match="goes above a class"):
        app.workflow_class()(lambda: None)

    class Plain:
        @app.workflow(name="plain")
        def plain(self):
            pass

        @classmethod
        @app.workflow(name="plain_class")
        def plain_class(cls):
            pass

    class Undecorated(ConfiguredInstance):
        pass

    with pytest.raises(InvalidArgument, match=r"'.*Undecorated' is not known to an app"):
        Undecorated("x")

    app.launch()
    for wrong in (Plain().plain, Plain.plain_class):
        for call in (wrong, lambda: app.enqueue(wrong), lambda: app.start_workflow(wrong)):  # noqa: B023
            with pytest.raises(InvalidArgument, match=r"'.*Plain' is not known to the app: put"):
                call()
    unregistered = object.__new__(shop_class)
    with pytest.raises(InvalidArgument, match="this instance of class 'Shop' is not registered"):
        unregistered.sell(1)
    with pytest.raises(InvalidArgument, match="workflow 'sell' is a method: call it on an instance"):
        app.enqueue(shop_class.sell)
    with pytest.raises(TypeError, match="workflow 'sell': missing a required argument"):
        berlin.sell()
