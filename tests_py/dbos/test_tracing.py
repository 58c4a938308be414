"""Spans: with `enable_otlp`, and the context that `PropagateOtelContext` and `otel_context` carry."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from perdure.dbos import DBOS, DBOSClient, DebouncerClient, PropagateOtelContext
from tests_py.support import wait_until

Launch = Callable[..., Any]


class Spans:
    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = trace.get_tracer_provider()
        if not isinstance(provider, TracerProvider):
            provider = TracerProvider()
            trace.set_tracer_provider(provider)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = provider.get_tracer("test")

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    def of(self, name: str, trace_id: int) -> list[ReadableSpan]:
        return [span for span in self.named(name) if span.context and span.context.trace_id == trace_id]


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    yield made
    made.exporter.shutdown()


def noted(got: list[Any]) -> Any:
    @DBOS.step()
    def step() -> None:
        got.append(DBOS.span.get_span_context().trace_id)

    @DBOS.workflow(name="noted")
    def workflow() -> int:
        step()
        return DBOS.span.get_span_context().trace_id

    return workflow


def test_a_context_that_is_given_goes_with_what_is_started_and_enqueued(launch: Launch, spans: Spans) -> None:
    got: list[Any] = []
    workflow = noted(got)
    launch(enable_otlp=True)
    DBOS.register_queue("traced")
    with spans.tracer.start_as_current_span("outside") as outside:
        block = PropagateOtelContext()
        wanted = outside.get_span_context().trace_id
        given = trace.set_span_in_context(outside)
    with PropagateOtelContext(given):
        found = [
            workflow(),
            DBOS.start_workflow(workflow).get_result(),
            DBOS.enqueue_workflow("traced", workflow).get_result(),
        ]
    assert [*found, *got] == [wanted] * 6
    wait_until(lambda: len(spans.of("noted", wanted)) == 3)
    # Taken where the block begins, not where it is made.
    with block:
        assert workflow() != wanted


def test_a_client_gives_a_context_that_a_worker_takes_up(
    launch: Launch, spans: Spans, empty_database: str
) -> None:
    workflow = noted([])
    assert workflow is not None
    launch(enable_otlp=True)
    client = DBOSClient(system_database_url=empty_database)
    try:
        with spans.tracer.start_as_current_span("asking") as span:
            given = trace.set_span_in_context(span, Context())
        wanted = span.get_span_context().trace_id
        options: Any = {"workflow_name": "noted", "queue_name": "traced"}
        assert client.enqueue({**options, "otel_context": given}).get_result() == wanted
        assert client.enqueue(options).get_result() != wanted
        debouncer = DebouncerClient(client, {**options, "otel_context": given})
        assert debouncer.debounce("k", 0.01).get_result() == wanted
    finally:
        client.destroy()


def test_a_context_goes_with_a_child_of_a_workflow(launch: Launch, spans: Spans) -> None:
    workflow = noted([])

    @DBOS.workflow()
    def parent() -> Any:
        with spans.tracer.start_as_current_span("elsewhere", context=Context()) as span:
            given = trace.set_span_in_context(span)
        with PropagateOtelContext(given):
            handle = DBOS.enqueue_workflow("traced", workflow)
        return [handle.get_result(), span.get_span_context().trace_id]

    launch(enable_otlp=True)
    child, wanted = parent()
    assert child == wanted


def test_without_enable_otlp_there_are_no_spans(launch: Launch, spans: Spans) -> None:
    got: list[Any] = []
    workflow = noted(got)
    launch()
    with spans.tracer.start_as_current_span("around"), PropagateOtelContext():
        workflow()
    assert spans.named("noted") == []
    assert DBOS.tracer is not None
