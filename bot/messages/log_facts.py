"""The facts of a repair log: when, how long in which phase, who did what, with what proof (manual 5 (9))."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages.facts import as_told, outside, told_lock, volts_found
from bot.messages.text import Outside
from bot.people import RELINK
from bot.runbook.model import Runbook
from bot.runbook.record import checks, spent, zeros_read
from db import locks, queries
from db.models import Outgoing
from db.queries import IncidentNow, Moved, Said

LOG = "log/repair-log.j2"
"""The template of the repair log."""
MOST_DEEDS, MOST_NOTES = 14, 7
"""So many, each as long as it may be, fit into one message; what is older stands in the thread only."""

POWER_ON = frozenset({"power-on", "power-on-needs-sim", "power-on-needs-part"})
"""The choices by which the locks came off after the panel was closed."""
_TIMES = ("raised_at", "last_communication", "back_at")
_OF_THE_CLOSING = ("fix", "finding", *_TIMES)


@dataclass(frozen=True, slots=True)
class Spent:
    """How long the incident stood in one phase."""

    phase: str
    time: timedelta


def last(session: Session, incident_id: int) -> Mapping[str, Any] | None:
    """What the log of the incident's last closing was written with; None before the first."""
    logs = select(Outgoing.payload).where(Outgoing.incident_id == incident_id, Outgoing.template == LOG)
    payload: Mapping[str, Any] | None = session.scalars(logs.order_by(Outgoing.id.desc()).limit(1)).first()
    return payload


def of_incident(
    session: Session, now_at: IncidentNow, runbook: Runbook, payload: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the log's template gets besides the facts of the card; it tells of the closing that `payload` is of."""
    moves = [move for move in queries.moves(session, now_at.id) if move.turn <= payload["turn"]]
    rows = [row for row in queries.answers(session, now_at.id) if row.turn <= payload["turn"]]
    incident = as_closed(now_at, moves, payload)
    told: dict[str, Any] = {}
    for row in rows:
        if row.source == "person" and isinstance(row.value, dict):
            told[row.name] = {key: outside(value) for key, value in row.value.items()}
    notes = [Outside(str(row.value)) for row in rows if row.name == "note"]
    times = spent(runbook, moves, incident.opened_at)
    deeds = [as_told(move, rows) for move in moves if move.actor != RELINK.user_id]
    return {
        **{name: getattr(incident, name) for name in (*_OF_THE_CLOSING, "closed_at", "without_contact")},
        "checks": checks(runbook, moves, back=incident.back_at is not None),
        "spent": [Spent(phase.value, time) for phase, time in times.items()],
        "deeds": deeds[-MOST_DEEDS:],
        "locked": [told_lock(lock) for lock in locks.all_of(session, now_at.id)],
        "measured": _measured(rows, moves),
        "closed_first": any(move.choice in POWER_ON for move in moves),
        "repair": {"note": "", "follow-up": ""} | told.get("repair-log", {}),
        "session_test": told.get("test-session", {}),
        "notes": notes[-MOST_NOTES:],
        "left_out": len(deeds[:-MOST_DEEDS]) + len(notes[:-MOST_NOTES]),
    }


def _measured(rows: Sequence[Said], moves: Sequence[Moved]) -> Mapping[str, Any]:
    """How often 0 V was proved at the contactor input, what else was read there, and with which meters.

    0 V by a meter that did not show a known source proves nothing and is not counted.
    """
    readings = [row for row in rows if row.name == "readings"]
    others = [volts_found(row.value) for row in readings]
    return {
        "zero": zeros_read(moves),
        "other": "; ".join(words for words in others if words),
        "meters": [outside(meter) for meter in dict.fromkeys(str(row.value["meter"]) for row in readings)],
    }


def as_closed(incident: IncidentNow, moves: Sequence[Moved], payload: Mapping[str, Any]) -> IncidentNow:
    """The incident as it was when it was closed: by the time the log goes out it may be open again."""
    kept = {name: payload[name] for name in _OF_THE_CLOSING}
    times = {name: datetime.fromisoformat(kept[name]) for name in _TIMES if kept[name]}
    return incident._replace(**(kept | times), closed_at=moves[-1].at)
