"""Where the step of a transaction is recorded with it: in the engine, or in a table of a datasource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._engine import StepNumber, StepPlace
from ._engine.transactions import keep_statement, kept_statement, record_statement, recorded_statement
from ._errors import LeaseLost
from ._run import Run
from ._scope import Held, Replay
from ._steps import replay_texts

if TYPE_CHECKING:
    from ._engine import Engine


class EngineRecorder:
    """Records a step in the engine's tables, which are in the same database."""

    is_engine = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def serves(self, run: Run) -> bool:
        return not self._engine.is_elsewhere(run.core.engine)

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        if not again:
            return None  # what earlier runs have recorded came with the claim
        rows = await held.execute(recorded_statement(self._engine.schema, run.workflow_id, step))
        for recorded, output, error in rows:
            run.check_recorded(step, recorded, name)
            return lambda: replay_texts(run.core.codec, output, error)
        return None

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        statement = record_statement(self._engine.schema, run.key, run.token, step, name, output, seconds)
        for outcome, recorded, stands, error in await held.execute(statement):
            if outcome == "lease lost":
                raise run.lose()
            run.check_recorded(step, recorded, name)
            return lambda: replay_texts(run.core.codec, stands, error)
        return None


class DatasourceRecorder:
    """Keeps in another database that a transaction has committed there; the step is recorded after it."""

    is_engine = False

    def __init__(self, schema: str) -> None:
        self._schema = schema

    def serves(self, run: Run) -> bool:
        return True

    async def find(self, held: Held, run: Run, step: int, name: str, again: bool) -> Replay | None:
        if isinstance(step, StepNumber):
            # The row has the number, and is there before the step is recorded.
            await _keep_number(run, step)
        created_at = await _created_at(run)
        for kept, output in await held.execute(
            kept_statement(self._schema, run.workflow_id, created_at, step)
        ):
            run.check_recorded(step, kept, name)
            return lambda: run.core.codec.loads(output)
        return None

    async def record(
        self, held: Held, run: Run, step: int, name: str, output: str, seconds: float
    ) -> Replay | None:
        created_at = await _created_at(run)
        statement = keep_statement(self._schema, run.workflow_id, created_at, step, name, output)
        if await held.execute(statement):
            return None
        # Another run of this workflow was faster. Its row is read in the next attempt, whose snapshot has it.
        raise _Faster()


class _Faster(Exception):
    """The step was committed by another run meanwhile."""

    sqlstate = "40001"


async def _keep_number(run: Run, step: int) -> None:
    place = StepPlace(run.key, run.token, step)
    try:
        await run.core.loop.on_engine(lambda: run.core.engine.place_step(place))
    except LeaseLost as error:
        raise run.lose() from error


async def _created_at(run: Run) -> str:
    if run.created_at is None:
        (row,) = await run.core.loop.on_engine(lambda: run.core.engine.get_workflow(run.workflow_id))
        run.created_at = str(row.created_at)
    return run.created_at
