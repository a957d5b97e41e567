"""What makes time pass: a beat every second for what is due, and a nudge for what was just committed.

No logic, no memory: the rows know what is due. A beat that was missed is made up by the next.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import Busy

BEAT_SECONDS = 1
GAUGES_SECONDS = 15
STOP_SECONDS = 3.0
"""How long a round, and then what it began, may go on when the process is asked to stop; a portal may take longer."""

log = structlog.get_logger(__name__)


class Runner:
    """Runs one kind of work whenever it is nudged, never twice at once; a nudge during the work means once more.

    `again` says after a round in how many seconds the next one is wanted, sooner than the beat if need be.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        again: Callable[[], Awaitable[float | None]] | None = None,
    ) -> None:
        self.name = name
        self._work = work
        self._again = again
        self._wanted: asyncio.TimerHandle | None = None
        self._nudged = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._round: asyncio.Task[None] | None = None
        self._postponed = False

    def nudge(self) -> None:
        """There may be something to do."""
        self._nudged.set()

    def start(self) -> None:
        """Begin to listen for nudges."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """End after what is being done now, or cut it after STOP_SECONDS; what is left keeps for the next start."""
        if self._wanted is not None:
            self._wanted.cancel()
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._round is not None and not self._round.done():
            await asyncio.wait([self._round], timeout=STOP_SECONDS)
            self._round.cancel()
            await asyncio.wait([self._round])

    async def _run(self) -> None:
        while True:
            await self._nudged.wait()
            self._nudged.clear()
            self._round = asyncio.create_task(self._once(), name=f"{self.name} round")
            await asyncio.shield(self._round)

    async def _once(self) -> None:
        try:
            await self._work()
            await self._want_again()
        except Busy as trouble:
            # Every beat tries again until the database is there; one line tells of all of them.
            if not self._postponed:
                log.warning("round.postponed", work=self.name, trouble=str(trouble))
            self._postponed = True
        except Exception:
            # The outermost edge: one bad round must not end all later ones.
            log.exception("round.failed", work=self.name, reference=secrets.token_hex(4))
        else:
            if self._postponed:
                log.info("round.resumed", work=self.name)
            self._postponed = False

    async def _want_again(self) -> None:
        seconds = await self._again() if self._again is not None else None
        if self._wanted is not None:
            self._wanted.cancel()
        if seconds is not None:
            self._wanted = asyncio.get_running_loop().call_later(seconds, self.nudge)


class Ticker:
    """The beat: APScheduler without a job store, so nothing can be lost or doubled by it."""

    def __init__(self, runners: tuple[Runner, ...], gauges: Callable[[], Awaitable[None]]) -> None:
        self._runners = runners
        self._winding: asyncio.TimerHandle | None = None
        self._scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None})
        self._scheduler.add_job(self._beat, "interval", seconds=BEAT_SECONDS)
        self._scheduler.add_job(gauges, "interval", seconds=GAUGES_SECONDS)

    def start(self) -> None:
        """Start the beat and the runners."""
        for runner in self._runners:
            runner.start()
        self._scheduler.start()
        self._wind()
        self.nudge()

    def nudge(self) -> None:
        """Something may be due."""
        for runner in self._runners:
            runner.nudge()

    def _wind(self) -> None:
        """Bring back what a clock that was set back has left in the future: APScheduler knows no other clock."""
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            if job.next_run_time > now + 2 * job.trigger.interval:
                log.warning("ticker.wound", seconds=round((job.next_run_time - now).total_seconds()))
                job.modify(next_run_time=now)
        self._winding = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._wind)

    async def _beat(self) -> None:
        # A coroutine, because APScheduler runs plain functions in a thread, and a nudge belongs to the loop.
        self.nudge()

    async def stop(self) -> None:
        """Stop the beat; a round that runs is not cut in the middle of a delivery."""
        if self._winding is not None:
            self._winding.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.gather(*(runner.stop() for runner in self._runners))


class Nudge:
    """Reaches the ticker, which is built after those who nudge it."""

    ticker: Ticker | None = None

    def __call__(self) -> None:
        """Wake the ticker, once it is there."""
        if self.ticker is not None:
            self.ticker.nudge()
