"""What may be asked about stations and incidents: `status`, `next`, `mine`, `history`. Nothing is changed here."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot import cards
from bot.deps import Deps
from bot.errors import PortalDown, PortalRefused, Refused
from bot.portal.contract import Capability, Station, Status
from bot.reports import finding, history, status
from bot.reports.finding import Open
from handlers.asked import Asked
from handlers.typed import is_name

STATUS = "answers/status.j2"


async def tell_status(asked: Asked) -> None:
    """`status SERIAL`: what Relink knows and what the portal says now."""
    asked.later(_tell_status(asked))


async def tell_next(asked: Asked) -> None:
    """`next SERIAL`: what is to be done, in one line, and where."""
    asked.later(_tell_next(asked))


async def tell_mine(asked: Asked) -> None:
    """`mine`: what the one who asks has, oldest first."""
    asked.later(_tell_mine(asked))


async def tell_history(asked: Asked) -> None:
    """`history SERIAL`: the station's incidents, newest first."""
    asked.later(_tell_history(asked))


async def tell_flagged(asked: Asked) -> None:
    """`flagged`: the modems flagged for the next scheduled visit, oldest first."""
    asked.later(_tell_flagged(asked))


async def status_facts(deps: Deps, name: str) -> Mapping[str, Any]:
    """The facts of the status answer. Raises Refused unless `name` means one station of Relink's or the portal's."""
    found = await deps.db.read(finding.meant, name)
    portals = await in_portal(deps, name) if found.station is None and not found.several else None
    if portals is not None:
        known = status.of_portal(portals)
    else:
        known = await deps.db.read(status.of_station, found.one())
    return {
        **known.words,
        "status": await _read(deps, known.portal_name),
        "link": await cards.link_to(deps, known.incident) if known.incident else "",
    }


async def in_portal(deps: Deps, name: str) -> Station | None:
    """The station as the portal knows it; None if it does not, or does not say."""
    if deps.abilities.now.status is not Capability.AUTO or not is_name(name):
        return None
    try:
        return await deps.portal.station(name.upper())
    except (PortalDown, PortalRefused):
        return None


def named(asked: Asked) -> str:
    """The serial that was typed. Raises Refused without one."""
    if not asked.typed.name:
        command = asked.deps.settings.slack_command
        raise Refused(f"Which station? Type {command} {asked.typed.word} SERIAL.")
    return asked.typed.name


async def meant_or_only(asked: Asked, owner: str | None) -> Open:
    """The open incident that was named; without a name the only one of `owner`. Raises Refused."""
    if asked.typed.name:
        return await asked.deps.db.read(finding.open_incident, asked.typed.name)
    return await asked.deps.db.read(finding.only_one, owner)


async def _tell_status(asked: Asked) -> None:
    await asked.person()
    await asked.say(STATUS, await status_facts(asked.deps, named(asked)))


async def _tell_next(asked: Asked) -> None:
    person = await asked.person()
    found = await meant_or_only(asked, person.user_id)
    await asked.point("answers/next.j2", {"label": found.label}, found.incident, person.user_id)


async def _tell_mine(asked: Asked) -> None:
    person, deps = await asked.person(), asked.deps
    owned = await deps.db.read(history.owned_by, person.user_id)
    shown = owned[: history.MOST]
    briefs = await asyncio.gather(*(cards.brief_of(deps, each) for each in shown))
    links = await asyncio.gather(*(cards.link_to(deps, each) for each in shown))
    mine = [{"brief": brief, "link": link} for brief, link in zip(briefs, links, strict=True)]
    await asked.say("answers/mine.j2", {"mine": mine, "more": len(owned) > len(shown)})


async def _tell_history(asked: Asked) -> None:
    await asked.person()
    deps = asked.deps
    found = await deps.db.read(finding.meant, named(asked))
    facts = await deps.db.read(history.of_station, found.one(), deps.clock.now())
    await asked.say("answers/history.j2", facts)


async def _tell_flagged(asked: Asked) -> None:
    await asked.person()
    await asked.say("answers/flagged.j2", await asked.deps.db.read(history.flagged))


async def _read(deps: Deps, station: str) -> Status | None:
    if deps.abilities.now.status is not Capability.AUTO:
        return None
    try:
        return await deps.portal.status(station)
    except (PortalDown, PortalRefused):
        return None
