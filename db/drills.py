"""Questions about drills: exercises with a simulated station. Reading only."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.models import Incident, Station

SERIALS = "DRILL-%"
"""What the serials of drills' stations look like, for LIKE."""


def standing(session: Session, name: str) -> tuple[str, datetime | None, datetime | None] | None:
    """Code, last communication and last restart of the running drill of the station with this serial or id."""
    wanted = name.upper()
    query = (
        select(Incident.code, Incident.last_communication, Incident.remedy_at)
        .join(Station, Station.id == Incident.station_id)
        .where(or_(func.upper(Station.serial) == wanted, func.upper(Station.portal_id) == wanted))
        .where(Incident.drill, Incident.closed_at.is_(None))
    )
    row = session.execute(query).first()
    return (row[0], row[1], row[2]) if row else None
