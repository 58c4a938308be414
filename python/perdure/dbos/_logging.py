"""`DBOS.logger`: what it writes where, and what it knows of the workflow that writes."""

from __future__ import annotations

import logging
import os

from .._run import current_run
from ._registry import registry
from ._types import DBOSConfig

logger = logging.getLogger("perdure.dbos")

_NAME = "perdure_dbos_console"
_FORMAT = "%(asctime)s [%(levelname)8s] (%(name)s:%(filename)s:%(lineno)s) %(message)s"


def set_up_logging(config: DBOSConfig, executor_id: str) -> None:
    """Has the logger write to the console from the level of the config on (INFO, if it says none), unless the
    program has given it a handler, and says what of the config has no effect."""
    level = config.get("log_level") or "INFO"
    logger.setLevel(level.upper())
    if config.get("console_log_level") or config.get("log_level"):
        logging.getLogger("perdure").setLevel((config.get("console_log_level") or level).upper())
    if not logger.handlers:
        made = logging.StreamHandler()
        made.name = _NAME
        made.setFormatter(logging.Formatter(_FORMAT, datefmt="%H:%M:%S"))
        logger.addHandler(made)
        logger.propagate = False
    for handler in logger.handlers:
        if handler.name == _NAME:
            handler.setLevel((config.get("console_log_level") or level).upper())
    for found in list(logger.filters):
        if isinstance(found, _Knowing):
            logger.removeFilter(found)
    logger.addFilter(_Knowing(executor_id))
    if config.get("conductor_key"):
        logger.warning("there is no conductor here: its key is passed over")
    if config.get("sharding"):
        logger.warning("there are no shards here: everything is in one database")


class _Knowing(logging.Filter):
    """Adds to each record who writes it, and in which workflow."""

    def __init__(self, executor_id: str) -> None:
        super().__init__()
        self._executor_id = executor_id

    def filter(self, record: logging.LogRecord) -> bool:
        """True: all are written."""
        run, app = current_run.get(), registry.app
        record.applicationID = os.environ.get("DBOS__APPID", "")
        record.applicationVersion = "" if app is None else app.app_version
        record.executorID = self._executor_id
        if run is not None:
            record.operationUUID = run.workflow_id
        return True
