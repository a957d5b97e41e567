"""What makes time pass: a beat every second for what is due, and a nudge for what was just committed.

No logic, no memory: the rows know what is due. A beat that was missed is made up by the next.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

BEAT_SECONDS = 1
GAUGES_SECONDS = 15

log = structlog.get_logger(__name__)


class Runner:
    """Runs one kind of work whenever it is nudged, never twice at once; a nudge during the work means once more."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._work = work
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """There may be something to do."""
        self._nudged.set()

    def start(self) -> None:
        """Begin to listen for nudges."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """End after what is being done now; what is left keeps for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            await self._nudged.wait()
            self._nudged.clear()
            try:
                await asyncio.shield(asyncio.ensure_future(self._work()))
            except Exception:
                # The outermost edge: one bad round must not end all later ones.
                log.exception("round.failed", work=self.name, reference=secrets.token_hex(4))


class Ticker:
    """The beat: APScheduler without a job store, so nothing can be lost or doubled by it."""

    def __init__(self, runners: tuple[Runner, ...], gauges: Callable[[], Awaitable[None]]) -> None:
        self._runners = runners
        self._scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None})
        self._scheduler.add_job(self._beat, "interval", seconds=BEAT_SECONDS)
        self._scheduler.add_job(gauges, "interval", seconds=GAUGES_SECONDS)

    def start(self) -> None:
        """Start the beat and the runners."""
        for runner in self._runners:
            runner.start()
        self._scheduler.start()
        self.nudge()

    def nudge(self) -> None:
        """Something may be due."""
        for runner in self._runners:
            runner.nudge()

    async def _beat(self) -> None:
        # A coroutine, because APScheduler runs plain functions in a thread, and a nudge belongs to the loop.
        self.nudge()

    async def stop(self) -> None:
        """Stop the beat; a round that runs is not cut in the middle of a delivery."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for runner in self._runners:
            await runner.stop()
