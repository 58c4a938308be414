"""OpenTelemetry: spans for workflows and steps; needs the package `opentelemetry-api` (extra `otel`).

    from perdure.otel import instrument

    instrument(app)

The trace goes on through queues and children: what is enqueued by a program that is instrumented keeps its
context in the database, in a table of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

from ._errors import Abandoned, PerdureError, Suspended
from ._loop import maybe_await

try:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as error:
    raise ImportError("perdure.otel needs OpenTelemetry: pip install 'perdure[otel]'") from error

if TYPE_CHECKING:
    from ._client import Client
    from ._run import Run

__all__ = ["instrument", "uninstrument"]

_PROPAGATOR = TraceContextTextMapPropagator()


def instrument(app: Client, tracer_provider: TracerProvider | None = None) -> None:
    """Makes spans of what an app, or a client, enqueues and runs from now on.

    - `enqueue NAME`, a producer, for a call that enqueues; `perdure.workflows` is how many.
    - NAME for each run of a workflow: a consumer, child of the span that enqueued it; or internal, child of
      the span in which it was started. A workflow that was suspended, recovered or retried goes on in the
      same trace, with a span for each run; `perdure.workflow.attempt` counts them since its last failure,
      and `perdure.suspended` or `perdure.abandoned` tells that a run has left the worker before the end.
    - the name of the step for each attempt of a step. What is replayed has no span.

    An error is an exception event, and the status of the span.

    Args:
        app: a `Perdure` or a `Client`; before or after its launch.
        tracer_provider: None: the global one.
    """
    app.use_tracing(_OpenTelemetry(trace.get_tracer("perdure", tracer_provider=tracer_provider)))


def uninstrument(app: Client) -> None:
    """Makes no more spans."""
    app.use_tracing(None)


class _OpenTelemetry:
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def current(self) -> str | None:
        return _header(None)

    @contextlib.contextmanager
    def enqueueing(self, name: str, queue: str | None, many: int = 1) -> Generator[str | None]:
        attributes: dict[str, Any] = {"perdure.workflow.name": name, "perdure.workflows": many}
        if queue is not None:
            attributes["perdure.queue"] = queue
        with self._tracer.start_as_current_span(
            f"enqueue {name}", kind=SpanKind.PRODUCER, attributes=attributes
        ):
            yield _header(None)

    async def run(
        self,
        run: Run,
        fn: Callable[..., Any],
        execute: Callable[[Callable[..., Any]], Coroutine[Any, Any, Any]],
    ) -> Any:
        is_claimed = run.is_claimed
        kept = await _keep(run, None) if is_claimed else run.trace
        # Not what is current here: a worker runs on behalf of others.
        parent = Context() if kept is None else _PROPAGATOR.extract({"traceparent": kept}, Context())
        attributes: dict[str, Any] = {
            "perdure.workflow.id": run.workflow_id,
            "perdure.workflow.name": run.name,
            "perdure.workflow.attempt": run.attempt,
        }
        if run.queue is not None:
            attributes["perdure.queue"] = run.queue
        span = self._tracer.start_span(
            run.name,
            context=parent,
            kind=SpanKind.CONSUMER if is_claimed else SpanKind.INTERNAL,
            attributes=attributes,
        )

        async def code(*args: Any, **kwargs: Any) -> Any:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                return await maybe_await(fn(*args, **kwargs))

        try:
            if not is_claimed or kept is None:
                await _keep(run, kept or _header(span))
            return await execute(code)
        except Suspended:
            span.set_attribute("perdure.suspended", True)
            raise
        except Abandoned:
            span.set_attribute("perdure.abandoned", run.abandoned or "")
            raise
        except BaseException as error:
            _fail(span, error)
            raise
        finally:
            span.end()

    @contextlib.contextmanager
    def step(self, run: Run, name: str, number: int, attempt: int) -> Generator[None]:
        attributes = {
            "perdure.workflow.id": run.workflow_id,
            "perdure.workflow.name": run.name,
            "perdure.step.name": name,
            "perdure.step.number": number,
            "perdure.step.attempt": attempt,
        }
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                if not isinstance(error, Abandoned):
                    _fail(span, error)
                raise


async def _keep(run: Run, traceparent: str | None) -> str | None:
    try:
        return await run.core.traces.put((run.workflow_id, traceparent))
    except PerdureError:
        # The workflow goes on without.
        return None


def _header(span: Span | None) -> str | None:
    """The context of a span; None: of the current one."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, None if span is None else trace.set_span_in_context(span))
    return carrier.get("traceparent")


def _fail(span: Span, error: BaseException) -> None:
    try:
        text = str(error)
        span.record_exception(error)
    except Exception:  # of the error's own code, which is not to take its place
        text = ""
    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {text}"))
