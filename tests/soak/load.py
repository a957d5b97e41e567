"""The load under which Relink is killed: stations that break and heal, their alerts, clicks, and time that passes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.demo.faults import MODEM_HANG, NOT_DELIVERABLE, SIM_CAP
from tests.soak.ledger import Ledger
from tests.soak.people import People
from tests.soak.sender import Sender
from tests.stories.killable import Killable

FAULTS: Final = (MODEM_HANG, MODEM_HANG, NOT_DELIVERABLE, SIM_CAP)
BREAKS = 0.08
"""How likely a sound station breaks whenever time passes."""
BROKE_BEFORE = (8.0, 29.0)
"""Minutes ago that was: its alert is due, or soon will be."""
HEALS_AFTER = (20.0, 150.0)
"""Minutes until somebody mends a station, whatever Relink does."""
STEP = (20.0, 150.0)
"""Seconds that pass at once for stations and timers."""
NIGHT_HOURS = 7.0
LONG_NIGHT = 0.003
"""How often so many hours pass at once: every timer is late, and digests come due."""
PAUSE = (0.0, 0.06)
"""Seconds of the machine's time between two things that one of them does."""


@dataclass
class Load:
    """Everything that happens to Relink. `chance` fixes what is done, not how quickly the machine does it."""

    world: Killable
    ledger: Ledger
    chance: random.Random
    _mended_at: dict[str, datetime] = field(default_factory=dict)
    _over: bool = False

    def __post_init__(self) -> None:
        self.sender = Sender(self.world, self.ledger, self.chance)
        self.people = People(self.world, self.ledger, self.chance)

    async def goes_on(self) -> None:
        """Until `ceases`: alerts, clicks and time, side by side."""
        self._over = False
        await asyncio.gather(
            self._again_and_again(self._alerts), self._again_and_again(self.people.act), self._time()
        )

    def ceases(self) -> None:
        """What is under way ends, nothing new begins."""
        self._over = True

    async def _again_and_again(self, act: Callable[[], Awaitable[None]]) -> None:
        while not self._over:
            await act()
            await asyncio.sleep(self.chance.uniform(*PAUSE))

    async def _alerts(self) -> None:
        self.sender.look()
        await self.sender.send()

    async def _time(self) -> None:
        while not self._over:
            self.time_passes(self.chance.random() < LONG_NIGHT)
            await asyncio.sleep(self.chance.uniform(*PAUSE) * 2)

    def time_passes(self, night: bool = False) -> None:
        """A minute or two for everybody, or a whole night; meanwhile stations break and are mended."""
        self._fates()
        seconds = NIGHT_HOURS * 3600 if night else self.chance.uniform(*STEP)
        self.world.passes(seconds=seconds)

    def _fates(self) -> None:
        fleet, now = self.world.town.fleet, self.world.clock.now()
        for simulated in fleet.all():
            serial = simulated.station.serial
            mended_at = self._mended_at.get(serial)
            if mended_at is None and self.chance.random() < BREAKS:
                ago = timedelta(minutes=self.chance.uniform(*BROKE_BEFORE))
                simulated.fail(self.chance.choice(FAULTS), now - ago)
                self._mended_at[serial] = now + timedelta(minutes=self.chance.uniform(*HEALS_AFTER))
            elif mended_at is not None and mended_at <= now:
                fleet.set_fault(serial, None)
                del self._mended_at[serial]

    def mends_everything(self) -> None:
        """No station has a fault any more."""
        for serial in self._mended_at:
            self.world.town.fleet.set_fault(serial, None)
        self._mended_at.clear()
