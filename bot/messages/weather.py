"""Whether Slack takes what we send: what stands in the way, when it is tried again, who is told.

Slack as a whole is asked by one small call and then by one message; a lost channel by one message. Everything else
waits for that and is not tried row by row. What stands is in the database, so that all replicas wait.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import gaps, outbox, outcomes, queue
from bot.messages.outcomes import Failure, Trouble, Verdict
from bot.messages.queue import OPEN, Air, Parcel
from bot.metrics import Metrics
from db import troubles
from db.troubles import SLACK, Standing
from db.writer import Database

BACK_OFF: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 30, 60))
URGENT: Final = 2
"""Up to which place of `BACK_OFF` that goes which takes words of the cabinet back."""
SELDOM: Final = timedelta(minutes=5)
"""How often something is tried that only a person can put right."""
SETTLE: Final = timedelta(seconds=2)
"""Before a doubtful post is looked for: Slack may show it a moment later."""
QUIET: Final = timedelta(hours=1)
"""The leads are not told of the same trouble twice within this."""
FORGOTTEN: Final = timedelta(hours=26)
"""After so long nothing goes to another channel any more: a digest would have tried it meanwhile."""
NOTES: Final = {Trouble.CHANNEL: "notes/channel-lost.j2", Trouble.SCOPE: "notes/scope-missing.j2"}

log = structlog.get_logger(__name__)


class Weather:
    """What a courier knows of the troubles with Slack.

    `home` is the alert channel, which takes what cannot go to its own; `leads`, people and user groups, are told.
    """

    def __init__(
        self,
        db: Database,
        slack: AsyncWebClient,
        metrics: Metrics,
        home: str,
        leads: Sequence[str],
        clock: Clock,
        real: Clock,
    ) -> None:
        self._db, self._slack, self._metrics = db, slack, metrics
        self.home, self._leads = home, leads
        self._clock, self._real = clock, real
        self._standing: dict[str, Standing] = {}
        self._waiting = 0

    async def look(self) -> bool:
        """Read how things stand; is there anything to do?"""
        self._waiting, self._standing = await self._db.read(queue.outlook)
        return bool(self._waiting or SLACK in self._standing)

    @property
    def foul(self) -> bool:
        """Does anything stand in the way?"""
        return bool(self._standing)

    @property
    def shut_until(self) -> datetime | None:
        """Until when nothing is sent to Slack at all, real time; None if something may be."""
        whole = self._standing.get(SLACK)
        return whole.next_at if whole is not None and whole.next_at > self._real.now() else None

    async def air(self) -> Air:
        """What may go out now. Where a try is due this makes ready for it."""
        if not self._standing:
            return OPEN
        whole = self._standing.get(SLACK)
        if whole is not None and not await self._gets_through(whole):
            return Air("shut")
        shut = await self._lost_channels()
        if whole is not None and self._waiting == 0 and not gaps.is_long(whole, self._clock.now()):
            await self._over(SLACK)
            whole = None
        return Air("open" if whole is None else "one", shut)

    async def _lost_channels(self) -> tuple[str, ...]:
        """What is shut now, which only the alert channel can be: it takes what is meant for others."""
        real, home = self._real.now(), troubles.channel_key(self.home)
        for lost in [each for each in self._standing.values() if each.channel and each.next_at <= real]:
            await self._db.write(gaps.prepare, lost, self.home, self._clock.now())
            if lost.key != home and real - lost.next_at > FORGOTTEN:
                await self._over(lost.key)
        lost_home = self._standing.get(home)
        return (self.home,) if lost_home is not None and lost_home.next_at > real else ()

    async def failed(self, parcel: Parcel, failure: Failure, *, tell: bool = True) -> datetime:
        """This delivery has to wait for something to be well again: until when at least, real time."""
        real = self._real.now()
        key = _key(parcel, failure)
        at = real + _wait(failure, 0)
        notes = self._notes(parcel, failure) if tell and failure.trouble in NOTES else []
        trouble, new = await self._db.write(_begin, key, failure.reason, at, notes, self._clock.now(), real)
        self._standing[key] = trouble
        if failure.trouble is Trouble.SLACK:
            self._metrics.slack.beat(ok=False)
        if new:
            log.warning("slack.trouble", trouble=key, reason=failure.reason, key=parcel.key)
        if parcel.urgent and not outcomes.is_locked_out(failure.reason):
            return real + BACK_OFF[min(parcel.attempts, URGENT)]
        # Its own pause as well: if it is this one message that Slack fails on, the others shall not wait for it.
        own = max(BACK_OFF[min(parcel.attempts, len(BACK_OFF) - 1)], _wait(failure, 0))
        return max(trouble.next_at, real + own)

    async def answered(self, failure: Failure) -> None:
        """Slack said no to something of this one delivery: it is there, and what waits for it need not wait."""
        if failure.answered:
            self._metrics.slack.beat(ok=True)
            if SLACK in self._standing:
                await self._over(SLACK)

    async def worked(self, parcel: Parcel) -> None:
        """This delivery is out: what stood in its way stands there no more."""
        self._metrics.slack.beat(ok=True)
        if not self._standing:
            return
        ended = {SLACK, troubles.channel_key(str(parcel.channel))}
        for key in [*self._standing]:
            # Which right was missing for what is not kept; if it is missing still, that is said again.
            if key in ended or (parcel.attempts and key.startswith(troubles.scope_key(""))):
                await self._over(key)

    async def _over(self, key: str) -> None:
        self._standing.pop(key, None)
        if await self._db.write(troubles.over, key, self._clock.now()):
            log.info("slack.works_again", trouble=key)

    async def _gets_through(self, whole: Standing) -> bool:
        """Is a try due, and does Slack answer a call that changes nothing?"""
        real = self._real.now()
        if real < whole.next_at:
            return False
        wait = _wait_of(whole.reason, whole.tries)
        if not await self._db.write(troubles.try_again, SLACK, real + wait, real):
            return False
        try:
            await self._slack.auth_test()
        except outcomes.FAILURES as error:
            await self._still(whole, outcomes.judge(error))
            return False
        await self._db.write(gaps.prepare, whole, self.home, self._clock.now())
        return True

    async def _still(self, whole: Standing, failure: Failure) -> None:
        self._metrics.slack.beat(ok=False)
        real, now = self._real.now(), self._clock.now()
        found, _ = await self._db.write(_begin, SLACK, failure.reason, real, (), now, real)
        self._standing[SLACK] = found
        if outcomes.is_locked_out(found.reason) != outcomes.is_locked_out(whole.reason):
            log.warning("slack.trouble", trouble=SLACK, reason=found.reason)

    def _notes(self, parcel: Parcel, failure: Failure) -> list[outbox.Row]:
        """A direct message to each lead."""
        now, key = self._clock.now(), _key(parcel, failure)
        told: dict[str, Any] = {"reason": failure.reason, "scope": failure.scope}
        told |= {"lost": parcel.channel, "home": parcel.channel == self.home}
        template = NOTES[failure.trouble] if failure.trouble else ""
        return [outbox.note(who, f"{key}:{now.isoformat()}", template, told, now) for who in self._leads]


def _begin(
    session: Session,
    key: str,
    reason: str,
    at: datetime,
    notes: Sequence[outbox.Row],
    now: datetime,
    real_now: datetime,
) -> tuple[Standing, bool]:
    trouble, new = troubles.begin(session, key, reason, at, now, real_now)
    if new and notes and troubles.may_tell(session, key, QUIET, real_now):
        outbox.put(session, notes)
    return trouble, new


def _key(parcel: Parcel, failure: Failure) -> str:
    if failure.trouble is Trouble.CHANNEL:
        return troubles.channel_key(str(parcel.channel))
    return troubles.scope_key(failure.scope) if failure.trouble is Trouble.SCOPE else SLACK


def _wait(failure: Failure, tries: int) -> timedelta:
    if failure.trouble is not Trouble.SLACK:
        return SELDOM
    wait = _wait_of(failure.reason, tries)
    return max(wait, SETTLE) if failure.verdict is Verdict.DOUBTFUL else wait


def _wait_of(reason: str, tries: int) -> timedelta:
    """How long Slack as a whole is left alone after so many tries in vain."""
    if outcomes.is_locked_out(reason):
        return min(BACK_OFF[-1] * (tries + 1), SELDOM)
    return BACK_OFF[min(tries, len(BACK_OFF) - 1)]
