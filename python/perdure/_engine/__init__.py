"""The only package that knows SQL: one method for each function of the engine that Python uses.

Values travel as JSON text in both directions; nothing here looks into them. Every function called here
may be called twice with the same arguments (ids are made by the caller, writes are fenced by tokens), so
a call whose connection is lost is simply made again.
"""

from .connections import translate
from .items import (
    Claimed,
    EventItem,
    FinishItem,
    Outcome,
    Refusal,
    SleepItem,
    Started,
    StartItem,
    StepItem,
    Waited,
    WaitItem,
)
from .looking import LookingFunctions
from .observing import ObservingFunctions
from .queues import QueueFunctions
from .schedules import ScheduleFunctions
from .waiting import WaitingFunctions
from .workers import WorkerFunctions

__all__ = [
    "Claimed",
    "Engine",
    "EventItem",
    "FinishItem",
    "Outcome",
    "Refusal",
    "SleepItem",
    "StartItem",
    "Started",
    "StepItem",
    "WaitItem",
    "Waited",
    "translate",
]


class Engine(
    QueueFunctions,
    WorkerFunctions,
    WaitingFunctions,
    ScheduleFunctions,
    LookingFunctions,
    ObservingFunctions,
):
    """The functions of one schema in one database; see `Connections`."""
