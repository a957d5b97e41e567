"""Looks at the portal for the timers that came due, and hands in what it says.

The asynchronous half of `bot.incidents.timers`: claims, asks many stations at once, and lets each answer decide in a
transaction of its own. Nothing is decided here.
"""

import asyncio
from typing import Any

import structlog

from bot.deps import Deps
from bot.errors import Busy, PortalDown, PortalRefused
from bot.incidents import looking, timers
from bot.portal.contract import EVERYTHING, Capabilities, Capability, Command, is_drill

AT_ONCE = 20
"""How many stations are asked at the same time."""

NEARBY_METRES = 2_000
"""How far a neighbour may be away; ours, the manual says "in the same area"."""

KEYS = ("HeartbeatInterval", "WebSocketPingInterval", "NumberOfConnectors")
"""What Get Configuration asks for: a few keys every station has, and none that is a secret."""

DEADLINE_MS = 5_000
"""Manual 5 (6): the station answers within 5 seconds."""

log = structlog.get_logger(__name__)


async def run_due(deps: Deps) -> int:
    """Run every timer that is due now; returns how many ran. A station that cannot be read stops no other."""
    ran = 0
    next_due = await deps.db.read(timers.next_due)
    if next_due is None or next_due > deps.clock.now():
        return ran
    slots = asyncio.Semaphore(AT_ONCE)
    while due := await deps.db.write(timers.claim, deps.rules, deps.clock.now(), deps.real.now()):
        await refresh_abilities(deps)
        await asyncio.gather(*(_run(deps, one, deps.abilities.now, slots) for one in due))
        ran += len(due)
        deps.nudge()
        if len(due) < timers.AT_MOST:
            break  # those were all; what became due meanwhile is what the nudge is for
    return ran


async def refresh_abilities(deps: Deps) -> None:
    """Ask the portal what it can do. What it said last holds while it is down; refused, all is a person's work."""
    try:
        deps.abilities.now = await deps.portal.capabilities()
    except PortalDown as trouble:
        log.warning("portal.down", trouble=str(trouble))
    except PortalRefused as trouble:
        log.warning("portal.refused", trouble=str(trouble))
        deps.abilities.now = Capabilities()


async def _run(deps: Deps, due: timers.Due, capabilities: Capabilities, slots: asyncio.Semaphore) -> None:
    async with slots:
        found = await asyncio.gather(*(_ask(deps, verb, due, capabilities) for verb in due.does))
    readings = looking.as_readings(
        [(verb, value) for verb, value in zip(due.does, found, strict=True) if value is not None]
    )
    now = deps.clock.now()
    deps.metrics.checked(due.due_at, now)
    try:
        await deps.db.write(timers.looked, due, readings, capabilities, deps.rules, now)
    except Busy:
        # The claim runs out and the look is made again; nothing is lost.
        log.warning("look.postponed", incident=due.incident)


async def _ask(deps: Deps, verb: str, due: timers.Due, capabilities: Capabilities) -> Any:
    """One reading, or None where the portal cannot or does not say. A drill's station is asked of Relink itself."""
    can = EVERYTHING if is_drill(due.station) else capabilities
    if can.of(verb) is not Capability.AUTO:
        return None
    started = deps.real.now()
    try:
        answer = await _call(deps, verb, due)
        if not is_drill(due.station):
            deps.metrics.portal.beat(ok=True)
    except (PortalDown, PortalRefused) as trouble:
        if not is_drill(due.station):
            deps.metrics.portal.beat(ok=False)
        log.warning("portal.unread", call=verb, incident=due.incident, trouble=str(trouble))
        answer = None
    outcome = "none" if answer is None else "answered"
    deps.metrics.portal_seconds.labels(verb, outcome).observe((deps.real.now() - started).total_seconds())
    return answer


async def _call(deps: Deps, verb: str, due: timers.Due) -> Any:
    if verb == "nearby":
        return await deps.portal.nearby(due.station, NEARBY_METRES)
    if verb == "get_configuration":
        # Each asking is a question of its own; the lease is new at every claim.
        key = f"configuration-{due.incident}-{due.turn}-{due.lease}"
        command: Command = await deps.portal.get_configuration(
            due.station, keys=KEYS, key=key, deadline_ms=DEADLINE_MS
        )
        return command
    return await getattr(deps.portal, verb)(due.station)
