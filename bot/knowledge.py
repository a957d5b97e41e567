"""What is known about an incident at this moment, read from the rows. Use cases decide with it, cards show it.

A person's answer gives way only to a portal value that is newer than it. Three values everywhere: what nobody could
tell is None, never no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.portal.contract import EVERYTHING, Capabilities
from bot.runbook import waiting
from bot.runbook.model import Gate, Runbook
from db import locks, queries
from db.queries import IncidentNow, Moved, Said

FLAPPING = 3
"""So many returns of one station within `reopen` are flapping."""
STOPPED = frozenset({"not-zero", "in-doubt"})
"""The choices after which nothing is touched: volts were found, or there is a doubt."""
MEASURES = "verify-zero-volts"
"""The step at which they are made."""


@dataclass(frozen=True, slots=True)
class Known:
    """One fact as it holds now: value, who says so (`portal`, `person`, `alert`, `relink`), true since when."""

    value: Any
    source: str
    actor: str | None
    as_of: datetime
    at: datetime


def holding(rows: Iterable[Said]) -> Mapping[str, Known]:
    """The fact that holds for each name, from the rows of `queries.answers` (oldest first)."""
    held: dict[str, Known] = {}
    for row in rows:
        known = held.get(row.name)
        if known is not None and row.source != "person" and _is_older(row, known):
            continue
        held[row.name] = Known(row.value, row.source, row.actor, row.as_of, row.at)
    return held


def _is_older(row: Said, known: Known) -> bool:
    """Is this word of the portal older than what is known? As old as a person's answer is older, too."""
    return row.as_of < known.as_of or (known.source == "person" and row.as_of == known.as_of)


def for_choices(
    session: Session,
    incident: IncidentNow,
    capabilities: Capabilities,
    runbook: Runbook,
    timings: Mapping[str, timedelta],
    now: datetime,
) -> Mapping[str, str]:
    """What a choice's `when` may ask: who can restart, is that used up, is a car charging, who is asked now."""
    capabilities = abilities(incident, capabilities)
    held = holding(queries.circumstances(session, incident.id))
    restarted_at = incident.restarted_at
    cooling = restarted_at is not None and now - restarted_at < timings["restart-cool-down"]
    cooling = cooling and not incident.drill
    return {
        "restart": capabilities.restart.value,
        "budget": "used" if incident.restarts > 0 or cooling else "free",
        "session": charging(incident, held, timings["look"], now),
        "asked": asked(incident, capabilities, runbook, now),
        "nearby": neighbours(held),
        "tried": "yes" if incident.tried else "no",
        "promised": "yes" if incident.promised_at is not None else "no",
        "visit": incident.visit or "none",
        "entered": "again" if incident.origin_step == incident.step else "anew",
        "circuits": _circuits(session, incident),
        "needs": incident.needs or "none",
        "generation": str(incident.generation) if incident.generation else "not known",
        "hazard": "yes" if incident.hazard else "no",
        "stopped": "yes" if stopped_by(session, incident) else "no",
    }


def abilities(incident: IncidentNow, capabilities: Capabilities) -> Capabilities:
    """What can be asked about this incident: of a drill everything, whatever portal is connected."""
    return EVERYTHING if incident.drill else capabilities


def came_by(session: Session, incident: IncidentNow) -> str:
    """The choice that led to where the incident stands; empty before the first move."""
    last = queries.move_at(session, incident.id, incident.turn - 1)
    return last.choice if last is not None else ""


def stopped_by(session: Session, incident: IncidentNow) -> Moved | None:
    """The move after which nothing is touched behind the locks; None if there is none, or it is over.

    One circuit that is proved, or a meter that proves nothing, says nothing of the circuit that was live: only all
    of them proved or a new lock-out ends the stop. Asked at every drawing, so it reads only where it can stand.
    """
    if not incident.locks or incident.step != MEASURES:
        return None
    last = queries.last_but_measured(session, incident.id)
    return last if last is not None and last.choice in STOPPED else None


def gates_of(incident: IncidentNow, timings: Mapping[str, timedelta], now: datetime) -> frozenset[Gate]:
    """The gates that are open: a lock stands; 0 V was proved on every circuit, less than 12 hours ago."""
    gates = {Gate.LOCK_ON} if incident.locks else set()
    if incident.locks and incident.zero_at is not None and now - incident.zero_at < timings["gate"]:
        gates.add(Gate.ZERO_VOLTS)
    return frozenset(gates)


def _circuits(session: Session, incident: IncidentNow) -> str:
    """How many circuits the technician has locked and not proved dead: `none`, `one`, `more`."""
    if not incident.locks:
        return "none"
    standing = locks.standing(session, incident.id)
    left = [lock for lock in standing if lock.technician == incident.technician and not lock.measured_at]
    return "none" if not left else "one" if len(left) == 1 else "more"


def neighbours(held: Mapping[str, Known]) -> str:
    """Are others of the area silent too: `down`, `none`, or `not known` while some cannot be read."""
    known = held.get("nearby")
    if known is None:
        return "not known"
    if known.value["down"] > 0:
        return "down"
    return "none" if known.value["complete"] and not known.value["not_known"] else "not known"


def asked(incident: IncidentNow, capabilities: Capabilities, runbook: Runbook, now: datetime) -> str:
    """Who is asked at this step: the `portal` while it can be and has time, else a `person`."""
    automatic = runbook.steps[incident.step].automatic
    can = abilities(incident, capabilities)
    if automatic is None or automatic.beside or not can.can_all(automatic.does):
        return "person"
    overdue = incident.deadline_at is None or now >= incident.deadline_at
    return "person" if incident.attempts > 0 and overdue else "portal"


def waits_for_support(incident: IncidentNow, runbook: Runbook) -> bool:
    """Is somebody of the support desk needed now? See `bot.runbook.waiting`."""
    return waiting.waits_for_support(
        runbook.steps[incident.step],
        promised=incident.promised_at is not None,
        visit=incident.visit is not None,
        rung=incident.rung_step,
    )


def charging(incident: IncidentNow, held: Mapping[str, Known], look: timedelta, now: datetime) -> str:
    """Is a car charging: `running` or `none` only while the portal's word is at most two looks old."""
    known = held.get("active_sessions")
    if known is None or known.value is None or now - (incident.looked_at or known.as_of) > 2 * look:
        return "not known"
    return "running" if known.value > 0 else "none"


def hold(
    session: Session, incident: IncidentNow, timings: Mapping[str, timedelta], now: datetime
) -> timedelta:
    """How long a station that came back by itself must stay up: longer from its third return within `reopen` on."""
    returns = queries.returns_since(session, incident.id, now - timings["reopen"])
    return timings["watch-flapping" if returns >= FLAPPING else "watch"]
