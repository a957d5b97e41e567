"""The facts of the first day's list: what was down before Relink was first started."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.messages.facts import outside
from bot.messages.outbox import FIRST_DAY
from db.models import Incident, Outgoing, Station
from db.queries import LEFT, LISTED

MOST: Final = 25
"""So many stations are named; of all others the list tells how many they are."""

_DOWN = (Incident.first_day == LISTED) & Incident.back_at.is_(None) & Incident.closed_at.is_(None)


def of_first_day(session: Session) -> tuple[int, Mapping[str, Any]]:
    """The list's version and what it tells."""
    version = session.execute(select(Outgoing.wanted).where(Outgoing.key == FIRST_DAY)).scalar_one()
    query = select(
        Incident.last_communication, Incident.raised_at, Station.serial, Station.portal_id, Station.site
    )
    rows = session.execute(query.join(Station).where(_DOWN).order_by(Incident.id).limit(MOST)).all()
    down = _count(session, _DOWN)
    return version, {
        "down": down,
        "stations": [
            {
                "label": row.serial or row.portal_id,
                "site": outside(row.site),
                "since": row.last_communication or row.raised_at,
            }
            for row in rows
        ],
        "more": down - len(rows),
        "back": _count(session, (Incident.first_day == LISTED) & ~_DOWN),
        "left": _count(session, Incident.first_day == LEFT),
    }


def _count(session: Session, those: Any) -> int:
    return session.execute(select(func.count()).select_from(Incident).where(those)).scalar_one()
