"""What makes time pass: nudges, one round at a time, and an end that cuts nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial

import pytest
from apscheduler.schedulers import base
from structlog.testing import capture_logs

from bot import ticker
from bot.errors import Busy
from bot.ticker import Runner, Ticker
from tests.db.units import started

PATIENCE = 10


class Rounds:
    """Work that counts its rounds; each waits until it is let go."""

    def __init__(self, *, held: bool = True) -> None:
        self.begun = 0
        self.ended = 0
        self.together = 0
        self.most_together = 0
        self._may_end = asyncio.Semaphore(0 if held else 1_000)
        self._changed = asyncio.Condition()

    async def __call__(self) -> None:
        self.begun += 1
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await self._tell()
        await self._may_end.acquire()
        self.together -= 1
        self.ended += 1
        await self._tell()

    def has_ended_after(self, rounds: int) -> bool:
        """Has another round ended since there were so many?"""
        return self.ended > rounds

    def let_go(self) -> None:
        """One round may end."""
        self._may_end.release()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until so much has happened."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(reached)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def turn_around() -> None:
    """Let everything that is ready run."""
    for _ in range(5):
        await started()


async def test_nothing_runs_before_a_nudge() -> None:
    rounds = Rounds()
    runner = Runner("work", rounds)
    runner.start()
    await turn_around()
    assert rounds.begun == 0
    await runner.stop()


async def test_nudges_during_the_work_mean_once_more_and_never_twice_at_once() -> None:
    rounds = Rounds()
    runner = Runner("work", rounds)
    runner.start()
    runner.nudge()
    await rounds.until(lambda: rounds.begun == 1)
    for _ in range(10):
        runner.nudge()
    rounds.let_go()
    await rounds.until(lambda: rounds.begun == 2)
    rounds.let_go()
    await rounds.until(lambda: rounds.ended == 2)
    await turn_around()
    assert (rounds.begun, rounds.most_together) == (2, 1)
    await runner.stop()


async def test_a_round_that_fails_is_logged_and_the_next_nudge_runs_again() -> None:
    rounds = Rounds(held=False)
    failures = iter([ValueError("a bad round")])

    async def work() -> None:
        await rounds()
        for failure in failures:
            raise failure

    runner = Runner("work", work)
    runner.start()
    with capture_logs() as logs:
        runner.nudge()
        await rounds.until(lambda: rounds.ended == 1)
        await turn_around()
        runner.nudge()
        await rounds.until(lambda: rounds.ended == 2)
    assert [entry["event"] for entry in logs] == ["round.failed"]
    await runner.stop()


async def test_while_the_database_is_away_every_nudge_tries_and_one_line_tells_of_it() -> None:
    rounds = Rounds(held=False)

    async def work() -> None:
        await rounds()
        if rounds.ended <= 50:
            raise Busy("no connection")

    runner = Runner("work", work)
    runner.start()
    with capture_logs() as logs:
        while rounds.ended <= 51:
            before = rounds.ended
            runner.nudge()
            await rounds.until(partial(rounds.has_ended_after, before))
            await turn_around()
    assert [entry["event"] for entry in logs] == ["round.postponed", "round.resumed"]
    await runner.stop()


async def test_stopping_waits_for_the_round_that_runs_and_begins_no_other() -> None:
    """A message that is being sent must be written down as sent before the database is closed."""
    rounds = Rounds()
    runner = Runner("work", rounds)
    runner.start()
    runner.nudge()
    await rounds.until(lambda: rounds.begun == 1)
    runner.nudge()
    stopping = asyncio.create_task(runner.stop())
    await turn_around()
    assert not stopping.done()
    rounds.let_go()
    async with asyncio.timeout(PATIENCE):
        await stopping
    assert (rounds.begun, rounds.ended) == (1, 1)


async def test_stopping_what_never_started_or_idles_is_over_at_once() -> None:
    runner = Runner("work", Rounds())
    await runner.stop()
    runner.start()
    await turn_around()
    async with asyncio.timeout(PATIENCE):
        await runner.stop()


async def test_the_ticker_begins_with_a_look_and_stops_every_runner() -> None:
    one, other = Rounds(held=False), Rounds(held=False)
    work: list[Callable[[], Awaitable[None]]] = [one, other]
    gauges = Rounds(held=False)
    ticker = Ticker(tuple(Runner(f"work {number}", each) for number, each in enumerate(work)), gauges)
    ticker.start()
    await one.until(lambda: one.ended == 1)
    await other.until(lambda: other.ended == 1)
    ticker.nudge()
    await one.until(lambda: one.ended == 2)
    await ticker.stop()
    ticker.nudge()
    await turn_around()
    assert one.ended == 2


async def test_a_clock_set_back_an_hour_stops_no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler counts by the machine's clock: its next beat would be an hour away."""
    back = timedelta(0)

    class Shown(datetime):
        """What the machine's clock shows."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Shown":
            at = datetime.now(tz) + back
            return cls(*at.timetuple()[:6], at.microsecond, tzinfo=tz)

    monkeypatch.setattr(base, "datetime", Shown)
    monkeypatch.setattr(ticker, "datetime", Shown)
    monkeypatch.setattr(ticker, "BEAT_SECONDS", 0.05)
    work = Rounds(held=False)
    beating = Ticker((Runner("work", work),), turn_around)
    beating.start()
    await work.until(lambda: work.ended >= 2)

    back = -timedelta(hours=1)
    before = work.ended
    await work.until(lambda: work.ended >= before + 3)
    await beating.stop()
