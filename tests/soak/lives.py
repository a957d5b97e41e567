"""The lives of a Relink that is killed again and again, until in the last one everything settles."""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import WAITING, Outgoing, Timer
from db.writer import Database, open_database
from tests.soak.ledger import Ledger, Recovery
from tests.soak.load import Load
from tests.soak.stations import lonely_stations
from tests.stories.cradle import Cradle, EndedError
from tests.stories.killable import Killable, a_killable_world
from tests.stories.pairs import Pair

YOUNG = 0.3
"""How many are killed while they start, before they serve anybody."""
YOUNG_SECONDS = 0.5
GROWN_SECONDS = (0.02, 1.2)
"""How long the others serve."""
RELIEVED = 0.25
"""How many are joined by a second process before they die, where the database allows that."""
LEASES_STAY = 0.3
"""How often the next life finds the leases of the dead still running."""
HEARS_SECONDS = 0.2
LOOK_SECONDS = 0.02
BOUND_SECONDS = 120
"""Within which everything that waits must have gone out, on a machine that has much else to do."""
SETTLING_MINUTES = 4
"""How much time passes at once while everything comes to its end."""

Question = Callable[[Session], bool]


@dataclass
class Lives:
    """One world, its Relink's lives, and the load."""

    world: Killable
    load: Load
    ledger: Ledger
    db: Database
    """Looked into from outside, beside the process."""
    replicas: bool = False
    """Whether two processes may serve side by side."""
    deaths: int = 0

    async def one_dies(self) -> None:
        """One life under load, ended by kill -9 at a random moment; or two of them, side by side for a while."""
        chance = self.load.chance
        if chance.random() >= LEASES_STAY:
            self.world.leases_run_out()
        if self.replicas and chance.random() < RELIEVED:
            await self._one_is_relieved()
        else:
            await self._one_alone()
        self.deaths += 1

    async def _one_is_relieved(self) -> None:
        """Two side by side, as while a new version is rolled out: the older one is killed, then the younger."""
        chance = self.load.chance
        older = await self.world.is_born()
        await self.world.serves()
        loading = asyncio.create_task(self.load.goes_on())
        self.world.company.append(older)
        await self.world.begins()
        await asyncio.sleep(chance.uniform(*GROWN_SECONDS))
        older.signalled(signal.SIGKILL)
        self.world.company.remove(older)
        await older.ended()
        await asyncio.sleep(chance.uniform(*GROWN_SECONDS))
        self.load.ceases()
        await self.world.ends(signal.SIGKILL)
        await loading

    async def _one_alone(self) -> None:
        chance = self.load.chance
        born = await self.world.is_born()
        if chance.random() < YOUNG:
            await asyncio.sleep(chance.uniform(0, YOUNG_SECONDS))
            born.signalled(signal.SIGKILL)
        with suppress(EndedError):
            await self.world.serves()
            loading = asyncio.create_task(self.load.goes_on())
            await asyncio.sleep(chance.uniform(*GROWN_SECONDS))
            born.signalled(signal.SIGKILL)
            self.load.ceases()
            await loading
        await self.world.dies()

    async def one_dies_at(self, point: str, leads_there: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """One life that ends at a named point, on the way to which something leads it."""
        self.world.leases_run_out()
        await self.world.is_born(point)
        try:
            await self.world.serves()
        except EndedError:
            leading: asyncio.Task[None] | None = None  # what was left behind led there already
        else:
            leading = asyncio.create_task(leads_there())
        code = await self.world.dies()
        if leading is not None:
            # It hears at once that nobody answers; only what waits for Slack to show something hears nothing.
            await asyncio.wait([leading], timeout=HEARS_SECONDS)
            leading.cancel()
            await asyncio.wait([leading])
        assert code == -signal.SIGKILL, f"it did not come to: {point}"
        self.deaths += 1

    async def one_starts_cold(self) -> None:
        """A new interpreter starts, is left alone until nothing of the backlog waits, and is killed."""
        shared, began = self.world.cradle, time.monotonic()
        self.world.cradle = Cradle()
        try:
            await self.recovers(began)
            await self.world.ends(signal.SIGKILL)
        finally:
            self.world.cradle.close()
            self.world.cradle = shared
        self.deaths += 1

    async def recovers(self, began: float | None = None) -> None:
        """A life begins (`began` at this moment of the monotonic clock) and delivers what waits; written down."""
        self.world.leases_run_out()
        backlog = await self.db.read(_backlog)
        began = time.monotonic() if began is None else began
        await self.world.begins()
        serves = time.monotonic() - began
        await self._until(lambda session: _backlog(session) == 0)
        self.ledger.recoveries.append(Recovery(backlog, serves, time.monotonic() - began))

    async def settle(self, steps: int) -> None:
        """In the life that goes on: all is mended, every alert taken, time passes in so many steps; then it stops."""
        self.load.mends_everything()
        for _ in range(steps):
            self.world.passes(minutes=SETTLING_MINUTES)
            self.world.leases_run_out()
            self.load.sender.look()
            await self.load.sender.send()
            await self.load.people.act()
            await self._until(self._is_quiet)
        assert not self.load.sender.waiting, "the last life takes no alerts"
        assert await self.world.ends(signal.SIGTERM) == 0

    def _is_quiet(self, session: Session) -> bool:
        due = select(func.count()).select_from(Timer).where(Timer.due_at <= self.world.clock.now())
        return _backlog(session) == 0 and session.scalar(due) == 0

    async def _until(self, holds: Question) -> None:
        async with asyncio.timeout(BOUND_SECONDS):
            while not await self.db.read(holds):  # noqa: ASYNC110 (a database tells nobody)
                # Time moved while the process was looking: what is doubtful waits for the machine's clock.
                await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def lives_of(folder: Path, pair: Pair, *, stations: int, seed: int) -> AsyncIterator[Lives]:
    """A world with so many stations, before the first life."""
    async with a_killable_world(folder, pair, lonely_stations(stations)) as world:
        world.environment = {**world.environment, "LOG_FORMAT": "json"}
        db = open_database(pair.database_url)
        ledger = Ledger()
        try:
            load = Load(world, ledger, random.Random(seed))  # noqa: S311 (no secret)
            yield Lives(world, load, ledger, db, replicas=not pair.database_url.startswith("sqlite"))
        finally:
            await db.close()


def _backlog(session: Session) -> int:
    rows = select(func.count()).select_from(Outgoing).where(Outgoing.state.in_(WAITING))
    return session.execute(rows).scalar_one()
