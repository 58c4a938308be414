"""What the config of an app may say, and what the environment says besides."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any, cast

from . import error
from ._app import database_url
from ._types import DBOSConfig

_LONG_LIVED = "PATCHING_ENABLED"
_LONGEST_NAME = 256

# What was there before version 3 of DBOS.
_GONE = ("database_url", "application_database_url")

# The least that a number of seconds may be; None: any that is finite.
_SECONDS: dict[str, float | None] = {
    "notification_listener_polling_interval_sec": 0.001,
    "notification_coalesce_sec": 0.001,
    "kafka_queue_polling_interval_sec": 0.001,
    "observability_query_timeout_sec": None,
    "sys_db_idle_transaction_timeout_sec": None,
    "auto_upgrade_grace_sec": 0.0,
    "auto_upgrade_interval_sec": math.ulp(0.0),
}


def check_config(config: DBOSConfig) -> None:
    """Raises if a config cannot be used.

    Raises:
        DBOSInitializationError: the name is none, a number of seconds is out of range, or a setting was taken
            out of DBOS.
        DBOSException: what describes the executor is no JSON.
    """
    given = cast("Mapping[str, Any]", config)
    for gone in _GONE:
        if given.get(gone):
            raise error.DBOSInitializationError(f"{gone} is no setting any more: give system_database_url")
    name: str = given.get("name", "")
    if not 3 <= len(name) <= _LONGEST_NAME or not all(
        c.isdigit() or c in "-_" or "a" <= c <= "z" for c in name
    ):
        raise error.DBOSInitializationError(
            f"the name of the app has 3 to {_LONGEST_NAME} of a-z, 0-9, - and _; {name!r} has not"
        )
    for key, least in _SECONDS.items():
        value: float | None = given.get(key)
        if value is None:
            continue
        if not math.isfinite(value):
            raise error.DBOSInitializationError(f"{key} is a finite number of seconds, not {value}")
        if least is not None and value < least:
            raise error.DBOSInitializationError(f"{key} is at least {least:g} s, not {value}")
    described = given.get("conductor_executor_metadata")
    if described is not None:
        try:
            json.dumps(described)
        except (TypeError, ValueError) as failure:
            raise error.DBOSException(f"conductor_executor_metadata is no JSON: {failure}") from failure


def database_of(config: DBOSConfig) -> str:
    """The URL of the database: of the config, of its engine, or of the environment.

    Raises:
        DBOSInitializationError: there is none.
    """
    engine = config.get("system_database_engine")
    url = config.get("system_database_url") or os.environ.get("DBOS_SYSTEM_DATABASE_URL")
    if url is None and engine is not None:
        url = engine.url.render_as_string(hide_password=False)
    return database_url(url)


def executor_of(config: DBOSConfig) -> str:
    """The id of the process."""
    return config.get("executor_id") or os.environ.get("DBOS__VMID") or "local"


def version_of(config: DBOSConfig, functions: Mapping[str, Callable[..., Any]]) -> str:
    """The version of the code: as given, or a hash of the sources of the workflows."""
    given = config.get("application_version")
    if given is None and config.get("enable_patching"):
        given = _LONG_LIVED
    given = given or os.environ.get("DBOS__APPVERSION")
    if given:
        return given
    digest = hashlib.sha256()
    for name, fn in sorted(functions.items()):
        digest.update(f"{name}\0{_source(fn)}\0".encode())
    return digest.hexdigest()[:32]


def set_up_tracing(config: DBOSConfig, app: Any) -> None:
    """Makes spans, if the config says so; sends them to its endpoints, if it has some.

    Raises:
        DBOSInitializationError: OpenTelemetry is not installed.
    """
    if not config.get("enable_otlp"):
        return
    try:
        from opentelemetry import trace

        from ..otel import instrument
    except ImportError as failure:
        raise error.DBOSInitializationError(
            "enable_otlp needs OpenTelemetry: pip install 'perdure[otel]'"
        ) from failure
    endpoints = config.get("otlp_traces_endpoints") or []
    if endpoints:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = trace.get_tracer_provider()
        if not isinstance(provider, TracerProvider):
            about = {"service.name": config.get("name", ""), **(config.get("otlp_attributes") or {})}
            provider = TracerProvider(resource=Resource.create(about))
            trace.set_tracer_provider(provider)
        for endpoint in endpoints:
            provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    instrument(app)


def _source(fn: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(fn)
    except (OSError, TypeError):
        code = getattr(fn, "__code__", None)
        return "" if code is None else f"{code.co_code.hex()} {code.co_names}"
