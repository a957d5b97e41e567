"""Work that outlives its request: kept, told of when it fails, waited for at the end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.tasks import Tasks
from tests.db.units import started


async def test_draining_waits_for_what_runs_and_for_what_that_begins() -> None:
    tasks, done = Tasks(), []

    async def second() -> None:
        done.append("second")

    async def first() -> None:
        await started()
        tasks.spawn(second())
        done.append("first")

    tasks.spawn(first())
    await tasks.drain()
    assert done == ["first", "second"]


async def test_what_takes_too_long_is_cancelled_at_the_end() -> None:
    tasks, ended = Tasks(), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks.spawn(endless())
    await tasks.drain(within=0.01)
    assert ended.is_set()


async def test_a_failure_is_logged_and_harms_no_other() -> None:
    tasks, done = Tasks(), []

    async def fails() -> None:
        raise ValueError("nobody waits for me")

    async def goes_on() -> None:
        done.append("done")

    with capture_logs() as logs:
        tasks.spawn(fails())
        tasks.spawn(goes_on())
        await tasks.drain()
    assert done == ["done"]
    assert [entry["event"] for entry in logs] == ["task.failed"]


@pytest.mark.parametrize("error", [None, ValueError("nobody waits for me")])
async def test_whoever_wants_to_know_is_told_of_the_end_however_it_ends(error: Exception | None) -> None:
    tasks, told = Tasks(), []

    async def work() -> None:
        if error is not None:
            raise error

    tasks.spawn(work(), then=lambda: told.append("ended"))
    await tasks.drain()
    assert told == ["ended"]


async def test_draining_nothing_is_over_at_once() -> None:
    await Tasks().drain()
