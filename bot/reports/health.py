"""How the house is doing, from its own rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.models import WAITING, Outgoing, Pace, Timer
from db.queries import count_open
from db.statements import among, table_of

_OUT = table_of(Outgoing).c

_PROOF = "readyz"


@dataclass(frozen=True, slots=True)
class Vitals:
    """Open incidents, how late the most overdue timer is, how long the oldest message waits; in seconds."""

    incidents_open: int
    timers_late: float
    outbox_oldest: float


def vitals(session: Session, now: datetime) -> Vitals:
    """The vitals at `now`, the procedure's time."""
    due = session.execute(select(func.min(Timer.due_at))).scalar_one()
    waiting = among(_OUT.state, WAITING)
    oldest = session.execute(select(func.min(_OUT.created_at)).where(waiting)).scalar_one()
    return Vitals(count_open(session), _since(due, now), _since(oldest, now))


def try_commit(session: Session, real_now: datetime) -> None:
    """Write and remove a row: a full or read-only disk fails here and not at the next alert."""
    session.execute(insert(Pace).values(key=_PROOF, free_at=real_now))
    session.execute(delete(Pace).where(Pace.key == _PROOF))


def _since(then: datetime | None, now: datetime) -> float:
    return max((now - then).total_seconds(), 0) if then else 0.0
