"""Questions about the locks on a station's breakers. Reading only."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.models import WAITING, Lockout, Outgoing
from db.statements import ready, table_of


@dataclass(frozen=True, slots=True)
class Lock:
    """A row of `lockouts`."""

    id: int
    technician: str
    technician_name: str | None
    circuit: int
    breaker: str
    tag: str
    on_at: datetime
    measured_at: datetime | None
    off_at: datetime | None
    off_by: str | None
    off_why: str | None


_L = table_of(Lockout).c
_OF_INCIDENT: Any = ready(
    select(*(_L[field.name] for field in fields(Lock)))
    .where(_L.incident_id == bindparam("incident"))
    .order_by(_L.id)
)


def all_of(session: Session, incident_id: int) -> list[Lock]:
    """Every lock this incident ever had, in the order they were put on."""
    return [Lock(*row) for row in session.execute(_OF_INCIDENT, {"incident": incident_id})]


def standing(session: Session, incident_id: int) -> list[Lock]:
    """The locks that are on now."""
    return [lock for lock in all_of(session, incident_id) if lock.off_at is None]


def commands_on_their_way(session: Session, incident_id: int) -> list[int]:
    """The rows of commands that are not delivered yet, those that are being sent included."""
    query = select(Outgoing.id).where(
        Outgoing.incident_id == incident_id, Outgoing.kind == "command", Outgoing.state.in_(WAITING)
    )
    return list(session.scalars(query))
