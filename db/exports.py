"""What the exports ask: incidents by their closing, in pages, and what was done and said in those of a page.

A page costs a handful of questions, however many incidents there are; drills are left out everywhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, false, or_, select
from sqlalchemy.orm import Session

from db.models import Answer, Incident, Move, Outgoing, Station
from db.queries import Moved, Said
from db.statements import table_of

PAGE = 500
"""Incidents of a page."""
LOG = "log/repair-log.j2"
"""The template of the line that every closing leaves behind, with the times a re-opening wipes out."""


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with its station, as an export tells it."""

    id: int
    opened_at: datetime
    raised_at: datetime
    last_communication: datetime | None
    first_person_at: datetime | None
    back_at: datetime | None
    closed_at: datetime | None
    lost_seconds: int | None
    fix: str | None
    finding: str | None
    restarts: int
    reopenings: int
    owner: str | None
    technician: str | None
    technician_name: str | None
    station_id: int
    serial: str | None
    portal_id: str | None
    name: str | None
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    modem_flagged_at: datetime | None
    modem_flag_reason: str | None


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing of an incident, with the times of that spell, which a re-opening overwrites."""

    at: datetime
    raised_at: datetime | None
    last_communication: datetime | None
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """After which incident the next page begins."""

    closed_at: datetime
    id: int


_I, _S = table_of(Incident).c, table_of(Station).c
_M, _A, _O = table_of(Move).c, table_of(Answer).c, table_of(Outgoing).c
_COLUMNS = [_I[field.name] if field.name in _I else _S[field.name] for field in fields(Told)]
_ANY: Any = select(*_COLUMNS).join_from(table_of(Incident), table_of(Station)).where(_I.drill == false())
CLOSED = (
    _ANY.where(_I.closed_at >= bindparam("since"), _I.closed_at < bindparam("until"))
    .order_by(_I.closed_at, _I.id)
    .limit(bindparam("most", type_=Integer))
)
CLOSED_AFTER = CLOSED.where(or_(_I.closed_at > bindparam("since"), _I.id > bindparam("after")))
STILL_OPEN = _ANY.where(or_(_I.closed_at.is_(None), _I.closed_at >= bindparam("now")))


def closed(
    session: Session, since: datetime, until: datetime, after: Cursor | None, most: int = PAGE
) -> list[Told]:
    """A page of the incidents closed from `since` on and before `until`, oldest first."""
    given = {"since": since, "until": until, "most": most}
    if after is None:
        return [Told(*row) for row in session.execute(CLOSED, given)]
    given |= {"since": after.closed_at, "after": after.id}
    return [Told(*row) for row in session.execute(CLOSED_AFTER, given)]


def next_page(rows: Sequence[Told], most: int = PAGE) -> Cursor | None:
    """Where the page after these begins; None if they were the last."""
    if len(rows) < most or rows[-1].closed_at is None:
        return None
    return Cursor(rows[-1].closed_at, rows[-1].id)


def not_closed_at(session: Session, now: datetime) -> list[Told]:
    """The incidents that were not closed yet at this moment, at most one of each station."""
    return [Told(*row) for row in session.execute(STILL_OPEN, {"now": now})]


def moves_of(session: Session, incidents: Sequence[int]) -> Mapping[int, Sequence[Moved]]:
    """The moves of these incidents in order; an incident without any has an empty list."""
    columns = [_M[field.name] for field in fields(Moved)]
    query = select(_M.incident_id, *columns).where(_M.incident_id.in_(incidents))
    found: dict[int, list[Moved]] = defaultdict(list)
    for row in session.execute(query.order_by(_M.incident_id, _M.turn)):
        found[row.incident_id].append(Moved(*row[1:]))
    return found


def answers_of(
    session: Session, incidents: Sequence[int], names: Sequence[str]
) -> Mapping[int, Mapping[str, Said]]:
    """The last answer to each of these questions, of each of these incidents."""
    columns = [_A[field.name] for field in fields(Said)]
    query = select(_A.incident_id, *columns).where(_A.incident_id.in_(incidents), _A.name.in_(names))
    found: dict[int, dict[str, Said]] = defaultdict(dict)
    for row in session.execute(query.order_by(_A.incident_id, _A.id)):
        found[row.incident_id][row.name] = Said(*row[1:])
    return found


def closings_of(session: Session, incidents: Sequence[int]) -> Mapping[int, Sequence[Closing]]:
    """Every closing of these incidents, in order."""
    columns = (_O.incident_id, _O.created_at, _O.payload)
    query = select(*columns).where(_O.incident_id.in_(incidents), _O.template == LOG)
    found: dict[int, list[Closing]] = defaultdict(list)
    for row in session.execute(query.order_by(_O.incident_id, _O.id)):
        times = {name: row.payload.get(name) for name in ("raised_at", "last_communication", "back_at")}
        read = {name: datetime.fromisoformat(at) if at else None for name, at in times.items()}
        found[row.incident_id].append(Closing(row.created_at, **read))
    return found
