"""The morning digest on its way: written when it is due, drawn when it is sent. The asynchronous half of it.

Nothing is decided here: `bot.schedule` says when, `bot.incidents.mornings` writes the row, `bot.reports` knows what.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog

from bot import cards
from bot.deps import Deps
from bot.errors import PortalDown, PortalRefused, RelinkError
from bot.incidents import mornings
from bot.messages.courier import CHART_SECONDS, Courier
from bot.messages.digests import buttons_of, chart_file
from bot.messages.drawing import Draughtsman, Drawn, Picture
from bot.messages.outbox import GAP, LIST, NOTE, SELF, digest_key
from bot.messages.queue import Parcel
from bot.messages.reading import as_text
from bot.messages.render import Message, View
from bot.messages.text import Outside, person
from bot.portal.contract import Capability
from bot.reports import charts, digest
from bot.reports.digest import Morning, clipped
from bot.schedule import DAY, DigestPlace, digest_of, due_now, local_date
from db import mornings as questions

TEMPLATE = "digest/digest.j2"
POST_SECONDS = 60
"""How long a post from the command line waits for Slack."""
PATIENCE_SECONDS = 15.0
"""How long a digest waits for portal and people, all asked at once; it stays within the courier's lease."""

_UNHEARD: Mapping[str, Any] = {"heard": None}

T = TypeVar("T")

log = structlog.get_logger(__name__)


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


async def told(deps: Deps, courier: Courier, *, post: bool) -> str:
    """What the command line prints: the digests as they would be now, or which of today's are out (`post`)."""
    return await (posted_now(deps, courier) if post else printed(deps))


async def posted_now(deps: Deps, courier: Courier) -> str:
    """Post today's digest of every channel, due or not, unless it was posted; which they are.

    Raises RelinkError if one is not out after `POST_SECONDS`. A chart that is not is only told.
    """
    now = deps.clock.now()
    today = [digest_of(place, local_date(place.zone, now)) for place in deps.settings.digest_places()]
    await deps.db.write(partial(mornings.write, by_hand=True), today, now)
    keys = [digest_key(one.place.channel, one.day) for one in today]
    started = time.monotonic()
    while unsent := await _unsent(deps, courier, keys):
        if set(unsent.values()) == {"dead"} or time.monotonic() - started > POST_SECONDS:
            break
        await asyncio.sleep(min(await courier.next_wake() or 0, 1))
    states = ", ".join(f"{key} is {state}" for key, state in sorted(unsent.items()))
    left = f"Not out: {states}. What is not dead goes out while `serve` runs." if unsent else ""
    if set(keys) & unsent.keys():
        raise RelinkError(left)
    return f"posted, now or before: {', '.join(keys)}\n{left}".strip()


async def _unsent(deps: Deps, courier: Courier, keys: Sequence[str]) -> Mapping[str, str]:
    """What of these digests is not out after one more round, its charts included."""
    await courier.run_due()
    await deps.tasks.drain(within=CHART_SECONDS)
    return await deps.db.read(mornings.unsent, keys)


async def printed(deps: Deps) -> str:
    """The digest of every channel as it would be now, for a terminal."""
    told = []
    for place in deps.settings.digest_places():
        message = deps.render.message(TEMPLATE, await facts_now(deps, place, beside=True))
        told.append(as_text(message, place.zone) + "\n")
    return "\n".join(told)


async def facts_now(deps: Deps, place: DigestPlace, *, beside: bool = False) -> Mapping[str, Any]:
    """What a channel's digest would say now, since yesterday's. `beside`: asked by a process that does not serve."""
    now = deps.clock.now()
    yesterday = digest_of(place, local_date(place.zone, now) - DAY)
    return await _facts(deps, Morning.asked_for(yesterday, now), beside)


async def open_list(deps: Deps, channel: str) -> View:
    """What the window behind a digest's "Open list" shows: all that is open now, or as much as a window holds."""
    waiting, most = digest.waiting_of(deps.rules.runbook), digest.IN_A_WINDOW
    zone, now = place_of(deps, channel).zone, deps.clock.now()
    facts = await deps.db.read(digest.still_open, zone, waiting, now, most, most)
    # By mention: a window rings nobody, and nothing is asked of Slack while somebody waits for it.
    users = {each["owner"] for name in ("decide", "wait") for group in facts[name] for each in group}
    known = {user: {"owner": person(user) if user else "", "gone": False} for user in users}
    named = {name: _with_names(facts[name], known) for name in ("decide", "wait")}
    return deps.render.view("digest/open.j2", {**facts, **named, "now": now})


def place_of(deps: Deps, channel: str) -> DigestPlace:
    """The place whose digest comes to this channel, else the first of all."""
    places = deps.settings.digest_places()
    return next((place for place in places if place.channel == channel), places[0])


def drawing_of(deps: Deps, *, beside: bool) -> Draughtsman:
    """What draws everything the courier delivers: digests here, what belongs to an incident where cards are drawn.

    `beside`: in a process that does not serve.
    """
    of_incidents = cards.drawing_of(deps)

    async def draw(parcel: Parcel) -> Drawn | None:
        if parcel.incident or parcel.kind in (LIST, GAP, NOTE, SELF):
            return await of_incidents(parcel)
        if parcel.kind == "digest":
            morning = Morning.of_row(parcel.payload)
            facts = await _facts(deps, morning, beside)
            message = deps.render.message(TEMPLATE, facts, buttons=buttons_of(facts))
            return _drawn(message, morning.day.isoformat())
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
        name = chart_file(morning.day.isoformat())
        return Picture(name, "14 days: incidents and minutes lost", content, charts.alt_text(shown))

    return draw


def _drawn(message: Message, reference: str) -> Drawn:
    return Drawn(message, 1, reference, "digest")


async def _facts(deps: Deps, morning: Morning, beside: bool) -> Mapping[str, Any]:
    waiting = digest.waiting_of(deps.rules.runbook)
    facts = await deps.db.read(partial(digest.of_morning, beside=beside), morning, waiting, deps.clock.now())
    told = [each for name in ("decide", "wait") for group in facts[name] for each in group]
    owners = sorted({each["owner"] for each in told if each["owner"]})
    quiet, *named = await asyncio.gather(
        _quiet(deps, facts["down"]), *(_owner(deps, user_id) for user_id in owners)
    )
    known = dict(zip(owners, named, strict=True)) | {"": {"owner": "", "gone": False}}
    return {**facts, **quiet, **{name: _with_names(facts[name], known) for name in ("decide", "wait")}}


def _with_names(
    groups: Sequence[Sequence[Mapping[str, Any]]], known: Mapping[str, Mapping[str, Any]]
) -> list[list[Mapping[str, Any]]]:
    """Owners by their names, because a mention in a new message would ring; `gone`: they have left Slack."""
    return [[{**each, **known[each["owner"]]} for each in group] for group in groups]


async def _owner(deps: Deps, user_id: str) -> Mapping[str, Any]:
    member = await _in_time(deps.directory.member(user_id), None)
    if member is None:
        return {"owner": "an owner Slack does not name", "gone": False}
    return {"owner": clipped(member.name) or Outside(user_id), "gone": member.deleted}


async def _quiet(deps: Deps, down: int) -> Mapping[str, Any]:
    """What is told where nothing is down."""
    if down:
        return {}
    stations = await deps.db.read(questions.known_stations)
    ids = [one for one in stations if one and "," not in one]
    asked = ids and deps.abilities.now.status is Capability.AUTO
    return {"known": len(stations), **(await _in_time(_heard(deps, ids), _UNHEARD) if asked else _UNHEARD)}


async def _heard(deps: Deps, ids: Sequence[str]) -> Mapping[str, Any]:
    """How many of these stations the portal hears from; `heard` is None where it does not say."""
    try:
        statuses = await deps.portal.statuses(ids)
    except (PortalDown, PortalRefused) as trouble:
        log.warning("digest.unread", trouble=str(trouble))
        return _UNHEARD
    told = {"portal_at": min((one.as_of for one in statuses), default=None)}
    return {"heard": sum(one.online is True for one in statuses), **told}


async def _in_time(asked: Awaitable[T], otherwise: T) -> T:
    """The answer, or `otherwise` if it takes so long that the digest would be late."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asked
    except TimeoutError:
        log.warning("digest.slow")
        return otherwise
