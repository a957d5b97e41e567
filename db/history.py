"""What a station went through. Reading only; drills count nowhere.

Every question finds its rows by station in an index, so the incidents of other stations cost nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from db.models import Incident, Move
from db.queries import reference
from db.statements import ready, table_of


@dataclass(frozen=True, slots=True)
class Last:
    """How a station's last incident ended."""

    fix: str | None
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """One incident of a station. `lost_seconds`: without contact, over all its re-openings; None while open."""

    id: int
    opened_at: datetime
    closed_at: datetime | None
    fix: str | None
    lost_seconds: int | None
    reopenings: int
    restarts: int
    technician: str | None

    @property
    def reference(self) -> str:
        """The name people use: `I-2026-0001`."""
        return reference(self.id, self.opened_at)


@dataclass(frozen=True, slots=True)
class Sums:
    """A station's whole history in numbers; `tried` incidents had a restart sent, and in `helped` it was the fix."""

    incidents: int
    lost_seconds: int
    restarts: int
    tried: int
    helped: int
    replaced: int
    replaced_at: datetime | None


_INCIDENTS = table_of(Incident)
_I, _M = _INCIDENTS.c, table_of(Move).c
_HERE = (_I.station_id == bindparam("station")) & _I.drill.is_(False)
_CLOSED = _HERE & _I.closed_at.is_not(None) & (_I.id != bindparam("besides"))
_LAST = ready(select(_I.fix, _I.closed_at).where(_CLOSED).order_by(_I.closed_at.desc()).limit(1))
_SINCE = ready(select(func.count()).select_from(_INCIDENTS).where(_HERE, _I.opened_at > bindparam("since")))
_NEWEST = select(*(_I[field.name] for field in fields(Past))).where(_HERE)
_NEWEST = _NEWEST.order_by(_I.opened_at.desc(), _I.id.desc()).limit(bindparam("most"))
_REPLACED = _I.fix == "modem replaced"


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_HELPED = (_I.restarts > 0) & (_I.fix == bindparam("helps")) & _I.technician.is_(None)
_SUMS = select(
    func.count(),
    func.coalesce(func.sum(_I.lost_seconds), 0),
    func.coalesce(func.sum(_I.restarts), 0),
    _how_many(_I.restarts > 0),
    _how_many(_HELPED),
    _how_many(_REPLACED),
    func.max(case((_REPLACED, _I.closed_at))),
).where(_HERE)
_ARRIVALS = (
    select(func.count())
    .where(_M.incident_id == _I.id, _M.step == "dispatch")
    .where(_M.choice.in_(("on-site", "put-right", "found-only")))
    .scalar_subquery()
)
# Counted incident by incident: in one join PostgreSQL may prefer to look for visits among all moves.
_EACH = select(_I.id.label("incident"), _ARRIVALS.label("visits")).where(_HERE).subquery()
_VISITS = select(_EACH.c.incident, _EACH.c.visits).where(_EACH.c.visits > 0)


def last_of(session: Session, station_id: int, besides: int | None = None) -> Last | None:
    """The incident of this station that was closed last, the one called `besides` left out."""
    row = session.execute(_LAST, {"station": station_id, "besides": besides or 0}).first()
    return Last(*row) if row else None


def times_down(session: Session, station_id: int, since: datetime) -> int:
    """How many incidents of this station were opened after `since`."""
    return session.execute(_SINCE, {"station": station_id, "since": since}).scalar_one()


def newest_of(session: Session, station_id: int, most: int) -> list[Past]:
    """The station's incidents, newest first, at most so many."""
    return [Past(*row) for row in session.execute(_NEWEST, {"station": station_id, "most": most})]


def sums_of(session: Session, station_id: int, helps: str) -> Sums:
    """The sums of this station. `helps`: the fix by which a restart has helped."""
    return Sums(*session.execute(_SUMS, {"station": station_id, "helps": helps}).one())


def visits_of(session: Session, station_id: int) -> Mapping[int, int]:
    """How often somebody was on site, by incident; visits whose results came on paper included."""
    rows = session.execute(_VISITS, {"station": station_id})
    return {row.incident: row.visits for row in rows}
