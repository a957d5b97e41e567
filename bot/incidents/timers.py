"""Timers come due: which incidents to look at, and what the portal's answers mean for them.

A timer is claimed with a lease, so that a second process leaves it alone, and is gone only in the transaction
that acts on it: after a crash it runs again, once, late and never early.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.incidents import arming, drills, looking, pausing
from bot.incidents.answers import Readings
from bot.incidents.rules import Rules
from bot.knowledge import gates_of
from bot.messages import outbox
from bot.portal.contract import Capabilities
from bot.runbook.moves import automatic_of
from db import queries
from db.models import Timer
from db.queries import IncidentNow
from db.statements import ready, rows_changed, table_of

LEASE = timedelta(seconds=60)
"""Real time in which a claimed look must be done before another process may take it."""

AT_MOST = 100
"""How many timers one claim takes."""

_TIMERS = table_of(Timer)
_T = _TIMERS.c
_REAL_NOW: Any = bindparam("real_now", type_=_T.lease_until.type)
_DUE = ready(
    select(_TIMERS)
    .where(_T.due_at <= bindparam("now"), or_(_T.lease_until.is_(None), _T.lease_until < _REAL_NOW))
    .order_by(_T.due_at)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_NEXT = ready(select(_T.due_at).order_by(_T.due_at).limit(1))
_MINE = and_(_T.incident_id == bindparam("incident"), _T.kind == bindparam("which"))
_FORGET = ready(delete(_TIMERS).where(_MINE))
_USE_UP = ready(delete(_TIMERS).where(_MINE, _T.lease == bindparam("claim")))
_LEASE = ready(update(_TIMERS).where(_MINE).values(lease=bindparam("as"), lease_until=bindparam("until")))


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed timer and what must be read from the portal for it."""

    incident: int
    kind: str
    turn: int
    lease: str
    due_at: datetime
    station: str
    does: tuple[str, ...]


def claim(
    session: Session, rules: Rules, now: datetime, real_now: datetime, most: int = AT_MOST
) -> tuple[Due, ...]:
    """Claim up to `most` timers due at `now`, oldest first. `real_now` counts the lease."""
    due = {"now": now, "real_now": real_now, "most": most}
    lease = secrets.token_hex(8)
    claimed = []
    for row in session.execute(_DUE, due).all():
        incident = queries.incident(session, row.incident_id)
        mine = {"incident": row.incident_id, "which": row.kind}
        if incident is None or incident.closed_at is not None or _outdated(row, incident):
            session.execute(_FORGET, mine)
            continue
        session.execute(_LEASE, mine | {"as": lease, "until": real_now + LEASE})
        automatic = automatic_of(rules.runbook, incident.step, gates_of(incident, rules.timings, now))
        does = automatic.does if automatic and row.kind == arming.LOOK else ()
        station = incident.portal_id or incident.label
        claimed.append(Due(row.incident_id, row.kind, row.turn, lease, row.due_at, station, does))
    return tuple(claimed)


def next_due(session: Session) -> datetime | None:
    """When the next timer is due."""
    moment: datetime | None = session.execute(_NEXT).scalar_one_or_none()
    return moment


def looked(
    session: Session, due: Due, readings: Readings, capabilities: Capabilities, rules: Rules, now: datetime
) -> bool:
    """Act on what a look found: go on, look again later, or call a person. False if it came too late to matter."""
    incident = _claimed(session, due)
    if incident is None:
        return False
    if due.kind == arming.TAKE:
        _call_the_leads(session, incident, now)
        return True
    if due.kind == arming.WAKE:
        pausing.wake(session, incident, rules, now)
        return True
    if due.kind == arming.SILENT:
        _tell_of_silence(session, incident, rules, now)
        return True
    if due.kind == arming.DRILL:
        drills.forget(session, incident, rules, now)
        return True
    if due.kind == arming.GATE:
        looking.go_on(session, incident, "lapse", capabilities, rules, now)
        return True
    return looking.act(session, incident, readings, capabilities, rules, now)


def _outdated(timer: Any, incident: IncidentNow) -> bool:
    if timer.kind == arming.TAKE:
        return incident.owner is not None
    return bool(incident.turn != timer.turn)


def _claimed(session: Session, due: Due) -> IncidentNow | None:
    """The incident, if this claim still holds; its timer is taken away: from here on the claim is used up."""
    # The incident first and its timer then, as everybody does who moves one: the other order would deadlock.
    queries.lock_incident(session, due.incident)
    gone = session.execute(_USE_UP, {"incident": due.incident, "which": due.kind, "claim": due.lease})
    if rows_changed(gone) == 0:
        return None
    incident = queries.incident(session, due.incident)
    if incident is None or incident.closed_at is not None:
        return None
    if due.kind == arming.TAKE:
        return incident if incident.owner is None else None
    return incident if incident.turn == due.turn else None


def _call_the_leads(session: Session, incident: IncidentNow, now: datetime) -> None:
    payload = {"turn": incident.turn, "broadcast": True}
    # Given back after they were called, it may have to be called for once more on the same turn.
    key = f"{incident.id}:{incident.turn}:leads:{incident.version}"
    outbox.add_line(session, incident.id, key, "rings/not-taken.j2", payload, now)


def _tell_of_silence(session: Session, incident: IncidentNow, rules: Rules, now: datetime) -> None:
    """A lock is on and its technician says nothing: a lead shall phone. Again and again, and no lock comes off."""
    key = f"{incident.id}:{incident.turn}:silent:{now.isoformat()}"
    payload = {"turn": incident.turn, "broadcast": True}
    outbox.add_line(session, incident.id, key, "rings/silent.j2", payload, now)
    arming.arm(session, incident.id, arming.SILENT, incident.turn, now + rules.timings["silence"])
