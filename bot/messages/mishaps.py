"""What becomes of a delivery that failed."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.clock import Clock
from bot.messages import fates, pace
from bot.messages.outbox import GAP, LIST, UNDER
from bot.messages.outcomes import Failure, Trouble, Verdict
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from bot.messages.weather import BACK_OFF, SETTLE, Weather
from bot.metrics import Metrics
from db.writer import Database

CHART_TRIES = 4
"""How often a chart is tried; the digest's words have gone anyway."""
MOVES = ("card", LIST, "line")
"""The kinds that are posted in the alert channel when their own channel is lost."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mishaps:
    """Decides how a failed delivery goes on, and writes it down."""

    db: Database
    weather: Weather
    metrics: Metrics
    real: Clock
    paces: Paces

    async def take(self, parcel: Parcel, failure: Failure) -> None:
        """This delivery failed like that."""
        waits = _waits(parcel, failure)
        await self.weather.answered(failure)
        self.metrics.outgoing.labels(parcel.kind, "held" if waits else failure.verdict.value).inc()
        if waits and failure.trouble is Trouble.CHANNEL and parcel.channel != self.weather.home:
            await self._elsewhere(parcel, failure)
        elif waits:
            at = await self.weather.failed(parcel, failure)
            # A doubt stays until Slack has said whether the message is there.
            doubtful = failure.verdict is Verdict.DOUBTFUL or parcel.doubtful
            await self.db.write(fates.later, parcel, at, failure.reason, doubtful=doubtful)
        else:
            log.warning(
                "delivery.failed", key=parcel.key, verdict=failure.verdict.value, reason=failure.reason
            )
            await self._goes_on(parcel, failure)

    async def _elsewhere(self, parcel: Parcel, failure: Failure) -> None:
        """Its channel is lost and is not the alert channel: that one takes it."""
        # A digest tells the leads by a line of its own, under itself.
        at = await self.weather.failed(parcel, failure, tell=parcel.kind != "digest")
        if parcel.kind in ("digest", GAP):
            await self.db.write(fates.redirect, parcel, self.weather.home, failure.reason)
        elif parcel.kind in MOVES and (parcel.incident or parcel.kind == LIST):
            now = self.real.now()
            await self.db.write(fates.anew, parcel, now, failure.reason, now, self.weather.home)
        else:
            await self.db.write(fates.dead, parcel, failure.reason)
        log.info("delivery.redirected", key=parcel.key, to=self.weather.home, tried_again_at=at.isoformat())

    async def _goes_on(self, parcel: Parcel, failure: Failure) -> None:
        if failure.verdict in (Verdict.NEVER, Verdict.PLAIN) or _given_up(parcel, failure):
            await self.db.write(fates.dead, parcel, failure.reason)
            return
        real = self.real.now()
        wait = failure.wait or BACK_OFF[min(parcel.attempts, len(BACK_OFF) - 1)]
        at = real + (max(wait, SETTLE) if parcel.doubtful else wait)
        if failure.wait is not None:
            await self._pause(parcel, failure, at)
        if failure.verdict is Verdict.REPOST:
            await self.db.write(fates.anew, parcel, at, failure.reason, real)
        else:
            await self.db.write(fates.later, parcel, at, failure.reason, doubtful=parcel.doubtful)

    async def _pause(self, parcel: Parcel, failure: Failure, until: datetime) -> None:
        """Slack asked for a pause: of this method, and where it counts by channel, in this channel alone."""
        if failure.method == "chat.update":
            await self.db.write(pace.slow_down, "edit", self.paces.edit, until)
            await self.db.write(pace.slow_down, "withdrawal", self.paces.withdrawal, until)
        elif failure.method == "chat.postMessage":
            await self.db.write(pace.slow_down, f"post:{parcel.channel}", self.paces.post, until)
        elif failure.method:
            await self.db.write(pace.rest, failure.method, until)


def _waits(parcel: Parcel, failure: Failure) -> bool:
    """Does it wait for something to be well again, however long that takes?"""
    if parcel.kind == "chart" and (failure.trouble is Trouble.SCOPE or _given_up(parcel, failure)):
        # The words of the digest are out, and a right to send files is nothing everybody grants.
        return False
    if failure.trouble is Trouble.CHANNEL:
        # A direct message that cannot be is of somebody who left.
        return str(parcel.channel)[:1] in ("C", "G")
    return failure.trouble is not None


def _given_up(parcel: Parcel, failure: Failure) -> bool:
    """A chart was tried often enough; what a digest was to carry falls with it, if somebody deleted it."""
    if parcel.kind == "chart" and parcel.attempts + 1 >= CHART_TRIES:
        return True
    return not parcel.incident and parcel.kind in UNDER and failure.verdict is Verdict.REPOST
