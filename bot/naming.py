"""Gives alerts both names of their station: some senders know serials, others the portal's ids, and both must meet.

Only a portal knows that they are the same station. It is asked before the alert is taken, briefly; what it does not
say in time the alert goes without.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.deps import Deps
from bot.errors import PortalDown, PortalRefused
from bot.incidents.intake import AlertIn
from bot.incidents.stations import StationSeen, unnamed
from bot.portal.contract import Station

PATIENCE_SECONDS = 2.0
"""How long an alert waits for its station's other name."""
AT_MOST = 20
"""So many stations of one batch are asked for; a storm of new stations must not wait for the portal."""

log = structlog.get_logger(__name__)


async def with_both_names(deps: Deps, alerts: Sequence[AlertIn]) -> Sequence[AlertIn]:
    """The same alerts, their stations completed with what the portal says of those Relink does not know wholly."""
    halves = [alert.station for alert in alerts if not (alert.station.serial and alert.station.id)]
    if deps.settings.portal == "manual" or not halves:
        return alerts
    asked = await deps.db.read(unnamed, halves)
    names = list(dict.fromkeys(asked))[:AT_MOST]
    if not names:
        return alerts
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await asyncio.gather(*(_ask(deps, name) for name in names))
    except TimeoutError:
        log.warning("portal.slow", call="station")
        return alerts
    known = {name: station for name, station in zip(names, found, strict=True) if station is not None}
    return [replace(alert, station=_completed(alert.station, known)) for alert in alerts]


async def _ask(deps: Deps, name: str) -> Station | None:
    try:
        return await deps.portal.station(name)
    except (PortalDown, PortalRefused) as trouble:
        log.warning("portal.unread", call="station", trouble=str(trouble))
        return None


def _completed(seen: StationSeen, known: dict[str, Station]) -> StationSeen:
    """What the alert says, and from the portal what it does not say."""
    station = known.get(seen.serial or seen.id or "")
    if station is None:
        return seen
    return StationSeen(
        serial=seen.serial or station.serial,
        id=seen.id or station.id,
        name=seen.name or station.name,
        site=seen.site or station.site,
        area=seen.area or station.area,
        carrier=seen.carrier or station.carrier,
        generation=seen.generation or station.generation,
        latitude=seen.latitude if seen.latitude is not None else station.latitude,
        longitude=seen.longitude if seen.longitude is not None else station.longitude,
    )
