"""Delivers what waits in the outbox: cards and thread lines to Slack, commands to the portal.

A post goes out at most once as far as anybody can tell: after an unclear answer the message is looked for by its
metadata before it is sent again. A command goes out once, whatever the answer.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from jinja2 import TemplateError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.errors import Busy
from bot.messages import digests, fates, files, gaps, lookup, outbox, outcomes, pace, queue, sending
from bot.messages.drawing import ChartMaker, Draughtsman, Drawn, quiet
from bot.messages.mishaps import Mishaps
from bot.messages.outbox import CARDS, DIRECT, NOTE, UNDER
from bot.messages.outcomes import Failure, Resting, Verdict
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from bot.messages.weather import Weather
from bot.metrics import Metrics
from bot.portal.contract import Command, Outcome, Portal
from db.writer import Database

CLOSED_VIEW = "not_found"
"""What Slack answers when a form is not open any more."""
CHART_SECONDS = 20
"""How long one try may take, well below the lease: whoever finds the lease over finds nobody at it."""
FOR_FILES = ("files.getUploadURLExternal", "files.completeUploadExternal")
UNDRAWABLE = (TemplateError, AttributeError, LookupError, TypeError, ValueError)
"""What a template or a fact that does not fit raises."""
FATE_UNKNOWN = Command(id=None, outcome=Outcome.UNKNOWN, detail="sent, the answer was lost")
NEVER_SENT = Command(id=None, outcome=Outcome.REJECTED, detail="expired before it could be sent")

Answered = Callable[[Session, int, int, Command, datetime, datetime], None]
"""Takes incident, turn, the portal's answer, when it was sent, and now; runs in the transaction that ends the row."""

log = structlog.get_logger(__name__)


class TakenOver(Exception):
    """The lease ran out and another sender has the parcel."""


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries what the use cases wrote into the outbox."""

    db: Database
    slack: AsyncWebClient
    portal: Portal
    draw: Draughtsman
    chart: ChartMaker
    weather: Weather
    blank: Callable[[], dict[str, Any]]
    """The view that takes the place of a form whose gate was shut."""
    plain: Callable[[str], str]
    """What is said, with a reference, below the text of a message whose blocks Slack does not show."""
    answered: Answered
    metrics: Metrics
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    """Begins what is carried beside the rounds, because it takes long."""
    clock: Clock
    real: Clock
    paces: Paces

    async def run_due(self) -> int:
        """Deliver everything that may go out now; returns how many deliveries were tried.

        Commands and charts are only begun here: they would hold up everything that comes after them.
        """
        tried = 0
        if not await self.weather.look():
            return tried
        while parcels := await self._claim():
            await asyncio.gather(*(self._deliver(parcel) for parcel in parcels))
            tried += len(parcels)
            if self.weather.foul:
                await self.weather.look()
        return tried

    @property
    def _mishaps(self) -> Mishaps:
        return Mishaps(self.db, self.weather, self.metrics, self.real, self.paces)

    async def _claim(self) -> tuple[Parcel, ...]:
        air = await self.weather.air()
        return await self.db.write(queue.claim, self.paces, self.real.now(), self.clock.now(), air)

    async def next_wake(self) -> float | None:
        """In how many seconds something that waits may go out; None if nothing waits."""
        now = self.real.now()
        # A command that comes meanwhile brings a nudge of its own.
        wake = self.weather.shut_until or await self.db.read(queue.next_wake, self.paces, now)
        return None if wake is None else max((wake - now).total_seconds(), 0.0)

    async def _deliver(self, parcel: Parcel) -> None:
        if parcel.kind == "view":
            await self._blank(parcel)
            return
        if parcel.kind in {"command", "chart"}:
            # Its lease keeps it from every later round.
            self.spawn(self._command(parcel) if parcel.kind == "command" else self._chart(parcel))
            return
        try:
            drawn = await self.draw(parcel)
        except UNDRAWABLE:
            # A mistake of ours that a repeat would not mend; the row keeps it in sight.
            log.exception("delivery.undrawable", key=parcel.key)
            await self.db.write(fates.dead, parcel, "it could not be drawn")
            return
        if drawn is None:
            await self.db.write(fates.dead, parcel, "its incident is gone")
            return
        try:
            await self._message(parcel, drawn)
        except TakenOver:
            log.warning("delivery.taken_over", key=parcel.key)
        except outcomes.FAILURES as error:
            await self._mishaps.take(parcel, outcomes.judge(error))

    async def _command(self, parcel: Parcel) -> None:
        """Send a command, unless an earlier try may have sent it or it is too late."""
        sent_at = parcel.sending_at or self.clock.now()
        if parcel.doubtful:
            command = FATE_UNKNOWN
        elif parcel.expires_at is not None and self.clock.now() > parcel.expires_at:
            command = NEVER_SENT
        else:
            call = getattr(self.portal, parcel.payload["does"])
            command = await call(parcel.payload["station"], key=parcel.key, expires_at=parcel.expires_at)
        self.metrics.outgoing.labels("command", command.outcome.value).inc()
        try:
            await self.db.write(self._finish, parcel, command, sent_at, self.clock.now())
        except Busy:
            # When its lease is over its fate is not known, which is true.
            log.warning("command.unwritten", key=parcel.key, outcome=command.outcome.value)

    def _finish(
        self, session: Session, parcel: Parcel, command: Command, sent_at: datetime, now: datetime
    ) -> None:
        if fates.delivered(session, parcel, None, None, 1):
            self.answered(session, parcel.incident, parcel.payload["turn"], command, sent_at, now)
        else:
            # Whoever took it over has said "not known", and the steps went on from there.
            log.warning("delivery.taken_over", key=parcel.key)

    async def _blank(self, parcel: Parcel) -> None:
        """Blank a form that was opened behind a gate; one that is closed already is out of sight."""
        try:
            await self.slack.views_update(external_id=parcel.payload["view"], view=self.blank())
        except outcomes.FAILURES as error:
            failure = outcomes.judge(error)
            if failure.reason != CLOSED_VIEW:
                await self._mishaps.take(parcel, failure)
                return
        await self.weather.worked(parcel)
        await self.db.write(fates.delivered, parcel, None, None, 1)

    async def _message(self, parcel: Parcel, drawn: Drawn) -> None:
        if parcel.kind == NOTE and parcel.payload["to"].startswith("S"):
            await self._to_each(parcel)
            return
        if parcel.kind in DIRECT and parcel.ts is None:
            await self._may_call("conversations.open")
            opened = await self.slack.conversations_open(users=parcel.payload["to"])
            parcel = replace(parcel, channel=str(opened["channel"]["id"]))
        if parcel.doubtful and (parcel.kind in UNDER or parcel.ts is None):
            found = await lookup.find(self.slack, parcel, self._may_call)
            if found is not None:
                log.info("delivery.found", key=parcel.key)
                # Found as it was sent then; a card is brought up to date by an edit.
                await self._delivered(parcel, found, 0 if parcel.kind in CARDS else drawn.version)
                return
            if parcel.kind == "card" and await self.db.write(gaps.unseen, parcel):
                await self.weather.worked(parcel)
                return
        if parcel.kind == "card" and parcel.ts is None:
            drawn = quiet(drawn)
        if parcel.kind == "digest":
            await self._hold(parcel)
        ts = await sending.send(self.slack, parcel, drawn, self.plain)
        if ts != parcel.ts:
            self.metrics.echoes.posted(str(parcel.channel), ts)
        self.metrics.outgoing.labels(parcel.kind, "ok").inc()
        await self._delivered(parcel, ts, drawn.version)

    async def _to_each(self, parcel: Parcel) -> None:
        """A note for a group is one for each of its people."""
        group = parcel.payload["to"]
        await self._may_call("usergroups.users.list")
        answer = await self.slack.usergroups_users_list(usergroup=group)
        await self.weather.worked(parcel)
        await self.db.write(_spread, parcel, [str(user) for user in answer["users"]], self.clock.now())

    async def _delivered(self, parcel: Parcel, ts: str, version: int) -> None:
        await self.weather.worked(parcel)
        if parcel.kind != "digest":
            await self.db.write(fates.delivered, parcel, parcel.channel, ts, version)
            return
        now = self.clock.now()
        await self.db.write(digests.posted, parcel, ts, now)
        self.metrics.digest_last.set(now.timestamp())

    async def _chart(self, parcel: Parcel) -> None:
        """Draw a chart and put it into its digest's thread."""
        try:
            async with asyncio.timeout(CHART_SECONDS):
                await self._draw_and_upload(parcel)
        except TakenOver:
            log.warning("delivery.taken_over", key=parcel.key)
        except outcomes.FAILURES as error:
            await self._mishaps.take(parcel, outcomes.judge(error))
        except Exception:
            # The edge of a task of its own: whatever a drawing library raises, the words are out already.
            log.exception("delivery.undrawable", key=parcel.key)
            await self._mishaps.take(parcel, Failure(Verdict.LATER, "it could not be drawn"))
        else:
            await self.weather.worked(parcel)
            self.metrics.outgoing.labels("chart", "ok").inc()
            await self.db.write(fates.delivered, parcel, parcel.channel, parcel.ts, 1)

    async def _draw_and_upload(self, parcel: Parcel) -> None:
        if parcel.doubtful and await lookup.find(self.slack, parcel, self._may_call):
            return
        for method in FOR_FILES:
            await self._may_call(method)
        picture = await self.chart(parcel)
        await files.upload(
            self.slack,
            channel=str(parcel.channel),
            filename=picture.filename,
            title=picture.title,
            content=picture.content,
            alt=picture.alt,
            thread_ts=parcel.ts,
            before_sharing=lambda: self._hold(parcel),
        )

    async def _hold(self, parcel: Parcel) -> None:
        """Renew the lease of what took long to draw; raises TakenOver if a slow or suspended process lost it."""
        if not await self.db.write(fates.renewed, parcel, self.real.now()):
            raise TakenOver

    async def _may_call(self, method: str) -> None:
        """Raise Resting while Slack wants a pause of this method."""
        now = self.real.now()
        until = await self.db.read(pace.rests_until, method, now)
        if until is not None:
            raise Resting(method, until - now)


def _spread(session: Session, note: Parcel, people: Sequence[str], now: datetime) -> None:
    key = note.key.removeprefix("note:").removesuffix(f":{note.payload['to']}")
    rows = [outbox.note(who, key, str(note.template), note.payload, now) for who in people]
    outbox.put(session, rows)
    fates.delivered(session, note, note.channel, None, 1)
