"""Arguments that are checked against type hints, before anything starts."""

import dataclasses
import datetime as dt

import pydantic
import pytest

from perdure import InvalidArgument


class Order(pydantic.BaseModel):
    number: int
    lines: list[str] = []


@dataclasses.dataclass
class Point:
    x: int


def test_an_argument_of_another_type_is_refused_and_nothing_starts(app, sql):
    @app.workflow(name="sell", validate=True)
    def sell(number: int, *rest: int, when: dt.date | None = None, **more: str):
        return number

    app.launch()
    for start in (
        sell,
        lambda *a, **k: app.enqueue(sell, *a, **k),
        lambda *a, **k: app.start_workflow(sell, *a, **k),
    ):
        with pytest.raises(InvalidArgument, match="workflow 'sell': argument 'number' cannot be 'seven'"):
            start("seven")
        with pytest.raises(InvalidArgument, match=r"argument rest\[1\] cannot be 'x'"):
            start(1, 2, "x")
        with pytest.raises(InvalidArgument, match="argument 'when' cannot be 'soon'"):
            start(1, when="soon")
        with pytest.raises(InvalidArgument, match="argument 'color' cannot be 3"):
            start(1, color=3)
        with pytest.raises(TypeError, match="missing a required argument"):
            start()
    assert sql("select count(*) from perdure.workflows") == [(0,)]
    assert sell(7) == 7


def test_arguments_become_what_the_hints_say(app, client):
    @app.workflow(name="sell", validate=True)
    def sell(order: Order, at: Point, number: int):
        return [type(order).__name__, order.number, at.x, number]

    app.launch()
    wanted = ["Order", 7, 1, 3]
    assert sell(Order(number=7), Point(1), "3") == wanted
    assert sell({"number": "7"}, {"x": 1}, 3) == wanted
    assert app.enqueue(sell, Order(number=7), Point(1), 3).get_result(20) == wanted
    assert client.enqueue("sell", {"number": 7}, {"x": 1}, number="3").get_result(20) == wanted


def test_what_others_enqueue_is_checked_by_the_worker(app, client):
    @app.workflow(name="sell", validate=True)
    async def sell(order: Order):
        return order.number

    app.launch()
    with pytest.raises(InvalidArgument, match=r"argument 'order'\['number'\] cannot be 'x'"):
        client.enqueue("sell", {"number": "x"}).get_result(20)


def test_an_app_may_validate_unless_a_workflow_does_not(new_app):
    app = new_app(validate=True)

    @app.workflow(name="strict")
    def strict(number: int):
        return number

    @app.workflow(name="loose", validate=False)
    def loose(number: int):
        return number

    app.launch()
    with pytest.raises(InvalidArgument, match="'strict'"):
        strict("x")
    assert loose("x") == "x"


def test_a_hint_that_cannot_be_read_is_said(app):
    class Strange:
        pass

    @app.workflow(name="strange", validate=True)
    def strange(value: Strange):
        pass

    app.launch()
    with pytest.raises(InvalidArgument, match="workflow 'strange': a type hint cannot be validated"):
        strange(Strange())


def test_methods_are_checked_without_what_they_are_called_on(app):
    @app.workflow_class()
    class Shop:
        @app.workflow(validate=True)
        def sell(self, number: int):
            return number

        @classmethod
        @app.workflow(validate=True)
        def open(cls, number: int):
            return number

    shop = Shop()
    app.register_instance(shop, "berlin")
    app.launch()
    for method in (shop.sell, Shop.open):
        assert method("7") == app.enqueue(method, "7").get_result(20) == 7
        with pytest.raises(InvalidArgument, match="argument 'number' cannot be 'x'"):
            method("x")
