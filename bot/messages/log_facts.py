"""The facts of a repair log: when, how long in which phase, who did what, with what proof (manual 5 (9))."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.messages.facts import as_told, outside
from bot.messages.text import Outside
from bot.people import RELINK
from bot.runbook.model import Phase, Runbook
from db import queries
from db.queries import IncidentNow, Moved


@dataclass(frozen=True, slots=True)
class Spent:
    """How long the incident stood in one phase."""

    phase: str
    time: timedelta


def of_incident(session: Session, incident: IncidentNow, runbook: Runbook) -> Mapping[str, Any]:
    """What the log's template gets besides the facts of the card."""
    moves = queries.moves(session, incident.id)
    rows = queries.answers(session, incident.id)
    told: dict[str, Any] = {}
    for row in rows:
        if row.source == "person" and isinstance(row.value, dict):
            told[row.name] = {key: outside(value) for key, value in row.value.items()}
    notes = [Outside(str(row.value)) for row in rows if row.name == "note"]
    return {
        "spent": spent(moves, incident, runbook),
        "deeds": [as_told(move, rows) for move in moves if move.actor != RELINK.user_id],
        "repair": {"note": "", "follow-up": ""} | told.get("repair-log", {}),
        "session_test": told.get("test-session", {}),
        "notes": notes,
    }


def spent(moves: Sequence[Moved], incident: IncidentNow, runbook: Runbook) -> list[Spent]:
    """Time in each phase from the alert to the closing; phases the incident never was in are left out."""
    times: dict[Phase, timedelta] = {}
    since = incident.opened_at
    for move in moves:
        if move.step in runbook.steps:
            phase = runbook.steps[move.step].phase
            times[phase] = times.get(phase, timedelta()) + (move.at - since)
        since = move.at
    return [Spent(phase.value, times[phase]) for phase in Phase if phase in times]
