"""A crowd that cancels, resumes and forks what the others run and wait for: no deadlock, nothing is left."""

import os
from collections import Counter
from typing import Any, ClassVar

import pytest

from tests_py.queues.crowd import run_crowd
from tests_py.waiting.test_crowd import ACTIVE, TOLERATED, Anybody, Shared, has_seen_all

SESSIONS = 10
ROUNDS = 4
SECONDS = float(os.environ.get("PERDURE_STRESS_SECONDS", "6"))


class Manager(Anybody):
    ACTS: ClassVar = {
        **Anybody.ACTS,
        "children": 5,
        "cancel_many": 5,
        "cancel_trees": 5,
        "cancel_in_step": 4,
        "resume_many": 6,
        "resume_in_step": 3,
        "fork_many": 3,
        "fork_in_step": 2,
    }

    def any_ids(self, most: int = 12) -> list[str]:
        """In any order, and some twice; also of those that ended long ago."""
        with self.shared.lock:
            ids = list(self.shared.ids[-3 * ACTIVE :])
        return self.chance.choices(ids, k=self.chance.randint(1, most)) if ids else []

    def note(self, ids: list[str]) -> None:
        with self.shared.lock:
            self.shared.ids += ids

    def told_of(self, act: str, outcomes: list[str]) -> None:
        self.told.update(f"{act}: {outcome}" for outcome in outcomes)

    def children(self) -> None:
        keys, tokens = self.owned(4)
        if keys:
            rows = self.rows(
                """select workflow_id from enqueue_many('w', array_fill(null::json, array[%s]),
                   parent_keys => %s, parent_tokens => %s, parent_steps => %s)""",
                [len(keys), keys, tokens, self.steps_of(keys)],
            )
            self.note([workflow_id for (workflow_id,) in rows])

    def cancel_many(self) -> None:
        rows = self.rows("select outcome from cancel_many(%s)", [self.any_ids()])
        self.told_of("cancel", [outcome for (outcome,) in rows])

    def cancel_trees(self) -> None:
        rows = self.rows("select outcome from cancel_many(%s, true) where item is null", [self.any_ids(4)])
        self.told_of("child", [outcome for (outcome,) in rows])

    def cancel_in_step(self) -> None:
        if one := self.one():
            self.rows(
                "select cancel_in_step(%s, %s, %s, %s, %s)",
                [*one, next(self.shared.steps), self.any_ids(4), self.chance.random() < 0.5],
            )

    def queue(self) -> str | None:
        return self.chance.choice((None, None, "default", "_internal"))

    def resume_many(self) -> None:
        rows = self.rows(
            "select outcome from resume_many(%s, %s, %s)",
            [self.any_ids(), self.queue(), self.chance.random() < 0.3],
        )
        self.told_of("resume", [outcome for (outcome,) in rows])

    def resume_in_step(self) -> None:
        if one := self.one():
            self.rows(
                "select resume_in_step(%s, %s, %s, %s, %s)",
                [*one, next(self.shared.steps), self.any_ids(4), self.queue()],
            )

    def fork_many(self) -> None:
        [[active]] = self.rows("select count(*) from tasks where wake_at is null")
        ids = self.any_ids(4)
        if active < ACTIVE and ids:
            rows = self.rows("select workflow_id from fork_many(%s, from_last => 'step')", [ids])
            self.note([workflow_id for (workflow_id,) in rows])

    def fork_in_step(self) -> None:
        one, ids = self.one(), self.any_ids(2)
        if one and ids:
            self.rows("select fork_in_step(%s, %s, %s, %s)", [*one, next(self.shared.steps), ids])


TOLD = ("cancel: cancelled", "child: cancelled", "resume: resumed", "lease lost")


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_a_crowd_of_those_who_manage(engine, database):
    shared = Shared()
    crowd = [Manager(database, number, shared) for number in range(SESSIONS)]
    broken: list[Any] = []

    def check() -> None:
        engine.pass_time("2 seconds")
        engine.rows("select * from run_maintenance(10000)")
        while engine.value("select count(*) from wakes"):
            engine.rows("select * from run_maintenance(10000)")
        broken.append(engine.violations())

    run_crowd(
        crowd,
        SECONDS,
        rounds=ROUNDS,
        when_quiet=check,
        enough=lambda: has_seen_all(crowd, Manager.ACTS, TOLD),
    )
    assert not any(broken), broken
    deadlocks = [text for member in crowd for text in member.deadlocks]
    assert len(deadlocks) <= TOLERATED, "\n\n".join(deadlocks)
    counts: Counter[str] = sum((Counter(member.counts) for member in crowd), Counter())
    assert all(counts[act] for act in Manager.ACTS), counts
    told: Counter[str] = sum((member.told for member in crowd), Counter())
    assert set(TOLD) <= set(told), told
