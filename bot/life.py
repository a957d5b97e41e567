"""This process in the book of lives: what lies between two lives is told as being down."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.deps import Deps
from bot.errors import Busy
from bot.reports.digest import SILENT
from db import clocks, runs

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which no process of Relink lived."""

    since: datetime
    until: datetime


class Life:
    """This process, from its start or from the last time it woke."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._seen: datetime | None = None
        self.row: int | None = None
        """Its number in the book; None before it begins."""
        self.gap: Gap | None = None
        """What lay before it, as long as nobody was told."""

    async def begin(self) -> None:
        """It begins, once; from the first of all lives on digests are owed."""
        if self.row is None:
            await self._begin_anew()

    async def beat(self) -> None:
        """It lives. A machine that was suspended meanwhile begins a new life."""
        if self.row is None or self._seen is None:
            return
        real, now = self._deps.real.now(), self._deps.clock.now()
        echoes = self._deps.metrics.echoes
        try:
            if real - self._seen > SILENT:
                await self._begin_anew()
            else:
                others = await self._deps.db.write(runs.alive, self.row, now, echoes.newest, now - SILENT)
                echoes.told(others)
                self._seen = real
        except Busy:
            log.warning("life.unwritten")

    async def _begin_anew(self) -> None:
        now = self._deps.clock.now()
        await self._deps.db.write(clocks.begun, self._deps.real.now())
        begun = await self._deps.db.write(runs.begin, now)
        self.row, self._seen = begun.life, self._deps.real.now()
        if begun.heard:
            self._deps.metrics.echoes.expected = True
        if begun.seen is not None and now - begun.seen > SILENT:
            self.gap = Gap(begun.seen, now)
            log.warning("life.gap", since=begun.seen.isoformat(), until=now.isoformat())
