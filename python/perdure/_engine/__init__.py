"""The only package that knows SQL: one method for each function of the engine that Python uses.

Values travel as JSON text in both directions; nothing here looks into them. Every function called here
may be called twice with the same arguments (ids are made by the caller, writes are fenced by tokens), so
a call whose connection is lost is simply made again.
"""

from .connections import translate
from .identity import IdentityFunctions
from .items import (
    Claimed,
    EventItem,
    FinishItem,
    Lease,
    Outcome,
    Refusal,
    SleepItem,
    Started,
    StartItem,
    StepItem,
    StepNumber,
    StepPlace,
    Waited,
    WaitItem,
)
from .keeping import KeepingFunctions
from .looking import LookingFunctions
from .manage import ForkItem, ManageFunctions
from .observing import ObservingFunctions
from .queues import QueueFunctions
from .schedules import ScheduleFunctions
from .versions import VersionFunctions
from .waiting import WaitingFunctions
from .workers import WorkerFunctions

__all__ = [
    "Claimed",
    "Engine",
    "EventItem",
    "FinishItem",
    "ForkItem",
    "Lease",
    "Outcome",
    "Refusal",
    "SleepItem",
    "StartItem",
    "Started",
    "StepItem",
    "StepNumber",
    "StepPlace",
    "WaitItem",
    "Waited",
    "translate",
]


class Engine(
    QueueFunctions,
    WorkerFunctions,
    WaitingFunctions,
    ScheduleFunctions,
    ManageFunctions,
    VersionFunctions,
    LookingFunctions,
    KeepingFunctions,
    IdentityFunctions,
    ObservingFunctions,
):
    """The functions of one schema in one database; see `Connections`."""
