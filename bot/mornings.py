"""The morning digest on its way: written when it is due, drawn when it is sent. The asynchronous half of it.

Nothing is decided here: `bot.schedule` says when, `bot.incidents.mornings` writes the row, `bot.reports` knows what.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import cards
from bot.deps import Deps
from bot.errors import Busy, PortalDown, PortalRefused
from bot.incidents import mornings
from bot.messages.drawing import Draughtsman, Drawn, Picture
from bot.messages.outbox import digest_key
from bot.messages.queue import Parcel
from bot.messages.render import Message
from bot.messages.text import Outside
from bot.portal.contract import Capability
from bot.reports import charts, digest
from bot.reports.digest import Morning, clipped
from bot.schedule import DAY, DigestPlace, digest_of, due_now, local_date
from db import mornings as questions

TEMPLATE = "digest/digest.j2"
ASLEEP = timedelta(minutes=2)
"""So long without a beat the process was asleep, whatever it believes itself."""

log = structlog.get_logger(__name__)


class Life:
    """This process in the book of lives: what lies between two lives is told in the digest as being down."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._row: int | None = None
        self._seen: datetime | None = None

    async def begin(self) -> None:
        """From now on the digests are owed."""
        self._row = await self._deps.db.write(mornings.begin, self._deps.clock.now())
        self._seen = self._deps.real.now()

    async def beat(self) -> None:
        """It lives. A machine that was suspended meanwhile begins a new life."""
        if self._row is None or self._seen is None:
            return
        real = self._deps.real.now()
        try:
            if real - self._seen > ASLEEP:
                await self.begin()
            else:
                await self._deps.db.write(mornings.alive, self._row, self._deps.clock.now())
                self._seen = real
        except Busy:
            log.warning("life.unwritten")


async def run_due(deps: Deps) -> int:
    """Write every digest that is due and not written; returns how many."""
    now = deps.clock.now()
    due = due_now(deps.settings.digest_places(), now)
    owed = await deps.db.read(mornings.owed, due) if due else []
    if owed:
        await deps.db.write(mornings.write, owed, now)
        log.info("digest.written", digests=[digest_key(one.place.channel, one.day) for one in owed])
        deps.nudge()
    return len(owed)


async def post_today(deps: Deps) -> Sequence[str]:
    """Write today's digest of every channel, due or not, unless it is written; the keys of their rows."""
    now = deps.clock.now()
    today = [digest_of(place, local_date(place.zone, now)) for place in deps.settings.digest_places()]
    await deps.db.write(mornings.write, today, now)
    return [digest_key(one.place.channel, one.day) for one in today]


async def asked_for(deps: Deps, place: DigestPlace) -> Message:
    """The digest of a channel as it would be now, for one person."""
    now = deps.clock.now()
    morning = Morning.asked_for(digest_of(place, local_date(place.zone, now) - DAY), now)
    return await _message(deps, morning)


def drawing_of(deps: Deps) -> Draughtsman:
    """What draws everything the courier delivers: digests here, what belongs to an incident where cards are drawn."""
    of_incidents = cards.drawing_of(deps)

    async def draw(parcel: Parcel) -> Drawn | None:
        if parcel.incident:
            return await of_incidents(parcel)
        if parcel.kind == "digest":
            morning = Morning.of_row(parcel.payload)
            return _drawn(await _message(deps, morning), morning.day.isoformat())
        leads = deps.settings.lead_group or deps.settings.support_group
        words = {"lost": parcel.payload, "leads": list(leads)}
        return _drawn(deps.render.message(str(parcel.template), words), parcel.key)

    return draw


def chart_of(deps: Deps) -> Callable[[Parcel], Awaitable[Picture]]:
    """What draws the chart of a digest, away from the event loop."""

    async def draw(parcel: Parcel) -> Picture:
        morning = Morning.of_row(parcel.payload)
        shown = await deps.db.read(charts.fortnight, morning)
        content = await asyncio.to_thread(charts.draw, shown)
        name = f"relink-{morning.day.isoformat()}.png"
        return Picture(name, "14 days: incidents and minutes lost", content, charts.alt_text(shown))

    return draw


def _drawn(message: Message, reference: str) -> Drawn:
    return Drawn(message, 1, reference, "digest")


async def _message(deps: Deps, morning: Morning) -> Message:
    waiting = digest.waiting_of(deps.rules.runbook)
    facts = await deps.db.read(digest.of_morning, morning, waiting, deps.clock.now())
    quiet: Mapping[str, Any] = {} if facts["down"] else await _heard(deps)
    named = {name: await _with_names(deps, facts[name]) for name in ("decide", "wait")}
    return deps.render.message(TEMPLATE, {**facts, **quiet, **named})


async def _with_names(
    deps: Deps, groups: Sequence[Sequence[Mapping[str, Any]]]
) -> list[list[Mapping[str, Any]]]:
    """Owners by their names, because a mention in a new message would ring; `gone`: they have left Slack."""
    return [[{**each, **await _owner(deps, each["owner"])} for each in group] for group in groups]


async def _owner(deps: Deps, user_id: str) -> Mapping[str, Any]:
    if not user_id:
        return {"owner": "", "gone": False}
    member = await deps.directory.member(user_id)
    if member is None:
        return {"owner": "an owner Slack does not name", "gone": False}
    return {"owner": clipped(member.name) or Outside(user_id), "gone": member.deleted}


async def _heard(deps: Deps) -> Mapping[str, Any]:
    """How many of the stations Relink knows the portal hears from; `heard` is None where it does not say."""
    stations = await deps.db.read(questions.known_stations)
    ids = [one for one in stations if one and "," not in one]
    unknown = {"known": len(stations), "heard": None}
    if not ids or deps.abilities.now.status is not Capability.AUTO:
        return unknown
    try:
        statuses = await deps.portal.statuses(ids)
    except (PortalDown, PortalRefused) as trouble:
        log.warning("digest.unread", trouble=str(trouble))
        return unknown
    told = {"portal_at": min((one.as_of for one in statuses), default=None)}
    return {"known": len(stations), "heard": sum(one.online is True for one in statuses), **told}
