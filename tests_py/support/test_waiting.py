import pytest

from tests_py.support import NeverHappened, wait_until, wait_until_async


def test_wait_until_returns_what_the_condition_answers():
    answers = iter([None, 0, "yes"])
    assert wait_until(lambda: next(answers)) == "yes"


def test_wait_until_names_the_condition_that_never_came_about():
    with pytest.raises(NeverHappened, match=r"not within 0 s: the moon is full \(last answer: False\)"):
        wait_until(lambda: False, timeout=0, what="the moon is full")


async def test_the_async_form_takes_functions_and_coroutine_functions():
    answers = iter([False, True, False, 7])

    async def condition() -> int:
        return next(answers)

    assert await wait_until_async(lambda: next(answers)) is True
    assert await wait_until_async(condition) == 7


async def test_the_async_form_gives_up_too():
    with pytest.raises(NeverHappened):
        await wait_until_async(lambda: None, timeout=0)
