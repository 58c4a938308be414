"""Spans of workflows and steps, and the context that goes with them through queues and children."""

import asyncio

import psycopg
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from perdure import Client, Perdure, StepRetriesExceeded
from perdure.otel import instrument, uninstrument
from perdure.testing import pass_time
from tests_py.integration.conftest import new_app
from tests_py.support import wait_until

__all__ = ["new_app"]


class Spans:
    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("test")

    def named(self, name):
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    def one(self, name):
        (span,) = self.named(name)
        return span


@pytest.fixture
def spans():
    made = Spans()
    yield made
    made.provider.shutdown()


@pytest.fixture
def app(new_app, spans):
    made = new_app()
    instrument(made, spans.provider)
    return made


def below(span, parent):
    return span.parent is not None and (span.parent.trace_id, span.parent.span_id) == (
        parent.context.trace_id,
        parent.context.span_id,
    )


@pytest.fixture(params=["sync", "async"])
def shop(request, app):
    if request.param == "async":

        @app.step(name="charge", retries=1, interval=0)
        async def charge(order):
            if order == "broken":
                raise ValueError("no money")
            return f"payment-{order}"

        @app.workflow(name="checkout")
        async def checkout(order):
            await asyncio.sleep(0)
            return await charge(order)

        return checkout

    @app.step(name="charge", retries=1, interval=0)
    def charge(order):
        if order == "broken":
            raise ValueError("no money")
        return f"payment-{order}"

    @app.workflow(name="checkout")
    def checkout(order):
        return charge(order)

    return checkout


def test_a_workflow_from_a_queue_belongs_to_the_trace_that_enqueued_it(app, shop, spans):
    with app:
        with spans.tracer.start_as_current_span("request") as request:
            handle = app.enqueue(shop, 7, queue="default")
        assert handle.get_result(timeout=20) == "payment-7"
    producer, run, step = spans.one("enqueue checkout"), spans.one("checkout"), spans.one("charge")
    assert below(producer, request)
    assert below(run, producer)
    assert below(step, run)
    assert (producer.kind, run.kind, step.kind) == (
        SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL,
    )  # fmt: skip
    assert dict(run.attributes) == {
        "perdure.workflow.id": handle.workflow_id,
        "perdure.workflow.name": "checkout",
        "perdure.workflow.attempt": 1,
        "perdure.queue": "default",
    }
    assert dict(step.attributes) == {
        "perdure.workflow.id": handle.workflow_id,
        "perdure.workflow.name": "checkout",
        "perdure.step.name": "charge",
        "perdure.step.number": 1,
        "perdure.step.attempt": 1,
    }
    assert dict(producer.attributes) == {
        "perdure.workflow.name": "checkout",
        "perdure.workflows": 1,
        "perdure.queue": "default",
    }
    assert {s.status.status_code for s in (producer, run, step)} == {StatusCode.UNSET}


def test_an_error_is_an_event_and_the_status_and_each_attempt_is_a_span(app, shop, spans):
    with app, pytest.raises(StepRetriesExceeded):
        app.enqueue(shop, "broken").get_result(timeout=20)
    attempts = spans.named("charge")
    assert [s.attributes["perdure.step.attempt"] for s in attempts] == [1, 2]
    ended = spans.one("checkout")
    for span, description in [
        *((attempt, "ValueError: no money") for attempt in attempts),
        (ended, "StepRetriesExceeded: step 1 (charge) failed 2 times; the last error: no money"),
    ]:
        assert span.status.status_code == StatusCode.ERROR
        assert span.status.description == description
        (event,) = span.events
        assert description.endswith(event.attributes["exception.message"])


def test_an_error_whose_text_fails_stays_what_it_is(app, spans):
    class Broken(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    @app.step(name="broken")
    def broken():
        raise Broken

    @app.workflow()
    def workflow():
        try:
            broken()
        except Broken:
            return "itself"

    with app:
        assert app.enqueue(workflow).get_result(timeout=20) == "itself"
    assert spans.one("broken").status.description == "Broken: "


def test_a_direct_start_is_part_of_the_callers_trace(app, shop, spans):
    with app:
        with spans.tracer.start_as_current_span("request") as request:
            app.start_workflow(shop, 1).get_result(timeout=20)
        with spans.tracer.start_as_current_span("call") as call:
            if shop.is_async:

                async def on_a_loop():
                    return await shop(2)

                assert asyncio.run(on_a_loop()) == "payment-2"
            else:
                assert shop(2) == "payment-2"
    started, called = sorted(spans.named("checkout"), key=lambda s: s.start_time)
    assert below(started, request)
    assert below(called, call)
    assert started.kind == called.kind == SpanKind.INTERNAL
    assert "perdure.queue" not in started.attributes


def test_children_belong_to_the_span_of_their_parent(app, spans):
    @app.workflow(name="child")
    def child(number):
        return number

    @app.workflow(name="parent")
    def parent():
        handles = [
            app.start_workflow(child, 1),
            app.enqueue(child, 2),
            *app.enqueue_many(child, [[3], [4]]),
        ]
        return [h.get_result() for h in handles]

    with app:
        assert app.enqueue(parent).get_result(timeout=20) == [1, 2, 3, 4]
    over = spans.one("parent")
    producers = spans.named("enqueue child")
    assert [below(p, over) for p in producers] == [True, True]
    assert sorted(p.attributes["perdure.workflows"] for p in producers) == [1, 2]
    runs = spans.named("child")
    assert len(runs) == 4
    assert sum(below(r, over) for r in runs) == 1
    assert sum(below(r, p) for r in runs for p in producers) == 3
    assert {s.context.trace_id for s in spans.exporter.get_finished_spans()} == {over.context.trace_id}


@pytest.mark.parametrize("by", ["a program", "SQL", "a direct start"])
def test_a_suspended_workflow_goes_on_in_its_trace_and_replays_without_spans(app, spans, database, by):
    @app.step(name="first")
    def first():
        return 1

    @app.step(name="second")
    def second():
        return 2

    @app.workflow(name="sleeper")
    def sleeper():
        began = first()
        app.sleep(3600)
        return began + second()

    with app, Client(database) as plain:
        if by == "a direct start":
            handle = app.start_workflow(sleeper, workflow_id="w")
        else:
            handle = (app if by == "a program" else plain).enqueue("sleeper", workflow_id="w")
        wait_until(lambda: handle.get_status().wake_at is not None)
        pass_time(database, 3600)
        assert handle.get_result(timeout=20) == 3
    runs = sorted(spans.named("sleeper"), key=lambda s: s.start_time)
    assert len(runs) == 2
    assert [bool(r.attributes.get("perdure.suspended")) for r in runs] == [True, False]
    assert {r.status.status_code for r in runs} == {StatusCode.UNSET}
    assert len({r.context.trace_id for r in runs}) == 1
    is_direct = by == "a direct start"
    assert [r.kind for r in runs] == [
        SpanKind.INTERNAL if is_direct else SpanKind.CONSUMER,
        SpanKind.CONSUMER,
    ]
    assert [r.attributes.get("perdure.queue") for r in runs] == [None if is_direct else "default"] * 2
    assert below(spans.one("first"), runs[0])
    assert below(spans.one("second"), runs[1])
    if by == "a program":
        assert all(below(r, spans.one("enqueue sleeper")) for r in runs)
    else:
        assert runs[0].parent is None
        assert below(runs[1], runs[0])


def test_a_debounced_call_and_many_at_once_carry_the_context(app, shop, spans, database):
    with app:
        with spans.tracer.start_as_current_span("request") as request:
            late = app.debounce(shop, "key", 1, delay=0.01)
            many = app.enqueue_many(shop, [[2], [3]])
        for handle in (late, *many):
            handle.get_result(timeout=20)
    assert len(spans.named("checkout")) == 3
    assert {s.context.trace_id for s in spans.named("checkout")} == {request.context.trace_id}


def test_enqueueing_again_keeps_the_first_trace(app, shop, spans, database):
    first = app.enqueue(shop, 1, workflow_id="once")
    again = app.enqueue(shop, 1, workflow_id="once")
    assert first.workflow_id == again.workflow_id
    earlier, later = sorted(spans.named("enqueue checkout"), key=lambda s: s.start_time)
    with psycopg.connect(database) as connection:
        ((kept,),) = connection.execute("select traceparent from perdure.traces").fetchall()
    assert kept.split("-")[2] == f"{earlier.context.span_id:016x}"
    assert earlier.context.trace_id != later.context.trace_id
    assert app.get_workflow("once").attributes is None


def test_without_it_nothing_is_kept_and_no_span_is_made(app, shop, spans, database):
    uninstrument(app)
    with app:
        assert app.enqueue(shop, 7).get_result(timeout=20) == "payment-7"
        instrument(app, spans.provider)
        uninstrument(app)
        assert app.enqueue(shop, 8).get_result(timeout=20) == "payment-8"
    assert spans.exporter.get_finished_spans() == ()
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from perdure.traces").fetchall() == [(0,)]


async def test_an_app_that_is_launched_in_a_span_does_not_give_it_to_others(database, spans):
    app = Perdure(database, poll_interval=0.25)
    instrument(app, spans.provider)

    @app.workflow(name="w")
    async def w():
        return 1

    with spans.tracer.start_as_current_span("startup"):
        async with app, Client(database) as plain:
            await plain.enqueue_async("w", workflow_id="other")
            assert await app.retrieve_workflow("other").get_result_async(20) == 1
    assert spans.one("w").parent is None


def test_what_ends_in_another_thread_than_it_ran_in_has_its_span(app, shop, spans, caplog):
    with app, spans.tracer.start_as_current_span("request") as request:
        for handle in app.enqueue_many(shop, [[n] for n in range(30)]):
            handle.get_result(timeout=20)
    producer = spans.one("enqueue checkout")
    assert below(producer, request)
    assert producer.attributes["perdure.workflows"] == 30
    runs = spans.named("checkout")
    assert [below(run, producer) for run in runs] == [True] * 30
    over = {run.context.span_id: run for run in runs}
    steps = spans.named("charge")
    assert {step.parent.span_id for step in steps} == set(over)
    for step in steps:
        run = over[step.parent.span_id]
        assert step.attributes["perdure.workflow.id"] == run.attributes["perdure.workflow.id"]
    assert "detach" not in caplog.text


def test_what_is_started_here_is_not_taken_for_what_nobody_waits_for(app, shop, spans, monkeypatch):
    with app:
        left = []
        monkeypatch.setattr(app._core, "_leave", left.append)
        assert app.start_workflow(shop, 1).get_result(timeout=20) == "payment-1"
    assert left == []
