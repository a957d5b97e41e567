"""Delivers what waits in the outbox: cards and thread lines to Slack, commands to the portal.

A post goes out at most once as far as anybody can tell: after an unclear answer the message is looked for by its
metadata before it is sent again. A command goes out once, whatever the answer.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from jinja2 import TemplateError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import digests, files, outcomes, pace, queue
from bot.messages.drawing import ChartMaker, Draughtsman, Drawn, quiet
from bot.messages.outbox import CARDS, DIRECT, UNDER
from bot.messages.outcomes import Failure, Verdict
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from bot.metrics import Metrics
from bot.portal.contract import Command, Outcome, Portal
from db.writer import Database

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 30, 60))
CLOSED_VIEW = "not_found"
"""What Slack answers when a form is not open any more."""
CHART_TRIES = 4
"""How often a chart is tried; the digest's words have gone anyway."""
CHART_SECONDS = 20
"""How long one try may take, well below the lease: whoever finds the lease over finds nobody at it."""
SETTLE = timedelta(seconds=2)
"""Before a doubtful post is looked for: Slack may show it a moment later."""
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
    home: str
    """The channel that takes a digest whose own channel is lost."""
    blank: Callable[[], dict[str, Any]]
    """The view that takes the place of a form whose gate was shut."""
    answered: Answered
    metrics: Metrics
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    """Begins what is carried beside the rounds, because it takes long."""
    clock: Clock
    real: Clock
    paces: Paces

    async def run_due(self) -> int:
        """Deliver everything that may go out now; returns how many deliveries were tried.

        A chart is only begun here: it would hold up everything that comes after it.
        """
        tried = 0
        if not await self.db.read(queue.waiting):
            return tried
        while parcels := await self.db.write(queue.claim, self.paces, self.real.now(), self.clock.now()):
            await asyncio.gather(*(self._deliver(parcel) for parcel in parcels))
            tried += len(parcels)
        return tried

    async def next_wake(self) -> float | None:
        """In how many seconds something that waits may go out; None if nothing waits."""
        now = self.real.now()
        wake = await self.db.read(queue.next_wake, self.paces, now)
        return None if wake is None else max((wake - now).total_seconds(), 0.0)

    async def _deliver(self, parcel: Parcel) -> None:
        if parcel.kind == "command":
            await self._command(parcel)
            return
        if parcel.kind == "view":
            await self._blank(parcel)
            return
        if parcel.kind == "chart":
            # Its lease keeps it from every later round.
            self.spawn(self._chart(parcel))
            return
        try:
            drawn = await self.draw(parcel)
        except UNDRAWABLE:
            # A mistake of ours that a repeat would not mend; the row keeps it in sight.
            log.exception("delivery.undrawable", key=parcel.key)
            await self.db.write(queue.dead, parcel, "it could not be drawn")
            return
        if drawn is None:
            await self.db.write(queue.dead, parcel, "its incident is gone")
            return
        try:
            await self._message(parcel, drawn)
        except TakenOver:
            log.warning("delivery.taken_over", key=parcel.key)
        except outcomes.FAILURES as error:
            self.metrics.slack.beat(ok=False)
            await self._failed(parcel, outcomes.judge(error))

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
        await self.db.write(self._finish, parcel, command, sent_at, self.clock.now())

    def _finish(
        self, session: Session, parcel: Parcel, command: Command, sent_at: datetime, now: datetime
    ) -> None:
        queue.delivered(session, parcel, None, None, 1)
        self.answered(session, parcel.incident, parcel.payload["turn"], command, sent_at, now)

    async def _blank(self, parcel: Parcel) -> None:
        """Blank a form that was opened behind a gate; one that is closed already is out of sight."""
        try:
            await self.slack.views_update(view_id=parcel.payload["view"], view=self.blank())
        except outcomes.FAILURES as error:
            failure = outcomes.judge(error)
            if failure.reason != CLOSED_VIEW:
                await self._failed(parcel, failure)
                return
        await self.db.write(queue.delivered, parcel, None, None, 1)

    async def _message(self, parcel: Parcel, drawn: Drawn) -> None:
        if parcel.kind in DIRECT and parcel.ts is None:
            opened = await self.slack.conversations_open(users=parcel.payload["to"])
            parcel = replace(parcel, channel=str(opened["channel"]["id"]))
        if parcel.doubtful and (parcel.kind in UNDER or parcel.ts is None):
            found = await self._look_for(parcel)
            if found is not None:
                log.info("delivery.found", key=parcel.key)
                # Found as it was sent then; a card is brought up to date by an edit.
                await self._delivered(parcel, found, 0 if parcel.kind in CARDS else drawn.version)
                return
        if parcel.kind == "card" and parcel.ts is None:
            drawn = quiet(drawn)
        if parcel.kind == "digest":
            await self._hold(parcel)
        ts = await self._send(parcel, drawn)
        self.metrics.slack.beat(ok=True)
        self.metrics.outgoing.labels(parcel.kind, "ok").inc()
        await self._delivered(parcel, ts, drawn.version)

    async def _delivered(self, parcel: Parcel, ts: str, version: int) -> None:
        if parcel.kind != "digest":
            await self.db.write(queue.delivered, parcel, parcel.channel, ts, version)
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
            await self._failed(parcel, outcomes.judge(error))
        except Exception:
            # The edge of a task of its own: whatever a drawing library raises, the words are out already.
            log.exception("delivery.undrawable", key=parcel.key)
            await self._failed(parcel, Failure(Verdict.LATER, "it could not be drawn"))
        else:
            self.metrics.outgoing.labels("chart", "ok").inc()
            await self.db.write(queue.delivered, parcel, parcel.channel, parcel.ts, 1)

    async def _draw_and_upload(self, parcel: Parcel) -> None:
        if parcel.doubtful and await self._look_for(parcel):
            return
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
        if not await self.db.write(queue.renewed, parcel, self.real.now()):
            raise TakenOver

    async def _send(self, parcel: Parcel, drawn: Drawn) -> str:
        content: dict[str, Any] = {
            "channel": parcel.channel,
            "text": drawn.message.text,
            "blocks": drawn.message.blocks,
            "metadata": _metadata(parcel, drawn),
        }
        if parcel.kind in CARDS and parcel.ts is not None:
            answer = await self.slack.chat_update(ts=parcel.ts, **content)
        else:
            thread: dict[str, Any] = {"thread_ts": parcel.ts} if parcel.kind == "line" else {}
            if parcel.kind == "line" and parcel.payload.get("broadcast"):
                content["reply_broadcast"] = True
            answer = await self.slack.chat_postMessage(
                unfurl_links=False, unfurl_media=False, **thread, **content
            )
            self.metrics.echoes.posted(str(parcel.channel), str(answer["ts"]))
        return str(answer["ts"])

    async def _look_for(self, parcel: Parcel) -> str | None:
        """The ts of this delivery if Slack has it: our metadata is on the channel's newest 100 messages.

        A thread is told oldest first, so it is read to its end.
        """
        window: dict[str, Any] = {"channel": parcel.channel, "limit": 100, "include_all_metadata": True}
        while True:
            if parcel.kind in UNDER:
                answer = await self.slack.conversations_replies(ts=str(parcel.ts), **window)
            else:
                answer = await self.slack.conversations_history(**window)
            for message in answer["messages"]:
                payload = message.get("metadata", {}).get("event_payload", {})
                if payload.get("outgoing") == parcel.key or digests.has_chart(parcel, message):
                    return str(message["ts"])
            window["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if parcel.kind not in UNDER or not window["cursor"]:
                return None

    async def _failed(self, parcel: Parcel, failure: Failure) -> None:
        self.metrics.outgoing.labels(parcel.kind, failure.verdict.value).inc()
        log.warning("delivery.failed", key=parcel.key, verdict=failure.verdict.value, reason=failure.reason)
        lost = parcel.kind == "digest" and failure.reason in outcomes.LOST
        if lost and parcel.channel != self.home:
            await self.db.write(queue.redirect, parcel, self.home, failure.reason)
            return
        if failure.verdict is Verdict.NEVER or _given_up(parcel, failure):
            await self.db.write(queue.dead, parcel, failure.reason)
            return
        wait = failure.wait or BACK_OFF[min(parcel.attempts, len(BACK_OFF) - 1)]
        # A doubt stays until Slack has said whether the message is there.
        doubtful = failure.verdict is Verdict.DOUBTFUL or parcel.doubtful
        at = self.real.now() + (max(wait, SETTLE) if doubtful else wait)
        if failure.wait is not None and parcel.kind != "chart":
            # The calls for files have a pace of their own.
            await self._pause(parcel, at)
        repost = failure.verdict is Verdict.REPOST
        await self.db.write(
            queue.later, parcel, at, failure.reason, doubtful=doubtful and not repost, repost=repost
        )

    async def _pause(self, parcel: Parcel, until: datetime) -> None:
        if parcel.kind in CARDS and parcel.ts is not None:
            await self.db.write(pace.slow_down, "edit", self.paces.edit, until)
            await self.db.write(pace.slow_down, "withdrawal", self.paces.withdrawal, until)
        else:
            await self.db.write(pace.slow_down, f"post:{parcel.channel}", self.paces.post, until)


def _metadata(parcel: Parcel, drawn: Drawn) -> dict[str, Any]:
    payload = {drawn.subject: drawn.reference, "version": drawn.version, "outgoing": parcel.key}
    return {"event_type": f"relink_{drawn.subject}", "event_payload": payload}


def _given_up(parcel: Parcel, failure: Failure) -> bool:
    """A chart was tried often enough; what a digest was to carry falls with it, if somebody deleted it."""
    if parcel.kind == "chart" and parcel.attempts + 1 >= CHART_TRIES:
        return True
    return not parcel.incident and parcel.kind in UNDER and failure.verdict is Verdict.REPOST
