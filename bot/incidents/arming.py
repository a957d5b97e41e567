"""Setting and clearing an incident's timers. Rows are the truth; `timers` claims them when they are due."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from db.models import Timer
from db.statements import Both, ready, table_of

LOOK: Final = "look"
"""Ask the portal, or end a wait."""
TAKE: Final = "take"
"""Somebody was called; nobody has taken it by then."""
WAKE: Final = "wake"
"""A parked incident, one of a muted station, or one that left the first day's list may call again."""

GATE: Final = "gate"
"""The gate zero-volts has been open for long enough."""
DRILL: Final = "drill"
"""A drill was forgotten."""
SILENT: Final = "silent"
"""A lock is on and its technician has said nothing."""

_TIMERS = table_of(Timer)
_DISARM_ALL = ready(delete(_TIMERS).where(_TIMERS.c.incident_id == bindparam("incident")))
_DISARM = _DISARM_ALL.where(_TIMERS.c.kind == bindparam("kind"))


def _arm(insert: Any) -> Any:
    made = insert(_TIMERS)
    anew = {"turn": made.excluded.turn, "due_at": made.excluded.due_at, "lease": None, "lease_until": None}
    return made.on_conflict_do_update(index_elements=["incident_id", "kind"], set_=anew)


_ARM = Both(_arm)


def arm(session: Session, incident_id: int, kind: str, turn: int, due_at: datetime) -> None:
    """Set the incident's timer of this kind; one that is already set is moved."""
    timer = {"incident_id": incident_id, "kind": kind, "turn": turn, "due_at": due_at}
    session.execute(_ARM.of(session), timer)


def disarm(session: Session, incident_id: int, kind: str) -> None:
    """Take the incident's timer of this kind away."""
    session.execute(_DISARM, {"incident": incident_id, "kind": kind})


def disarm_all(session: Session, incident_id: int) -> None:
    """Take all of the incident's timers away."""
    session.execute(_DISARM_ALL, {"incident": incident_id})
