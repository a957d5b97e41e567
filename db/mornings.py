"""What the morning digest and its chart ask: few statements over sets of rows, each along an index. Reading only.

A drill counts nowhere. Outages are told apart from single incidents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session

from db.lives import Run
from db.models import Incident, Move, Station
from db.standing import FIRST_DAY, LABEL, MOST, NOW, OPEN, OUTAGE, SINCE, SINGLE, moment, total
from db.statements import ready, table_of

OUTAGE_OVER = "carrier recovered"
"""The fix with which they close."""
ON_SITE = "on site"
BACK = "verify-online"
"""The step to which a station that is back leads."""

_I, _S, _M, _R = (table_of(one).c for one in (Incident, Station, Move, Run))
_RECOVERED = exists().where(_M.incident_id == _I.id, _M.step == OUTAGE, _M.to_step == BACK)
_OVER = or_(func.coalesce(_I.fix, "") == OUTAGE_OVER, _RECOVERED)
"""It came back from an outage: by somebody's word in the log, or it stood on one when it was seen online."""
DRILLS = "DRILL-%"
"""What the serials of drills' stations look like, for LIKE."""
_REAL = or_(_S.serial.is_(None), _S.serial.not_like(DRILLS))
_BEGIN, _END = moment("since"), moment("until")


@dataclass(frozen=True, slots=True)
class Group:
    """Closed incidents of one fix, with a visit or not, of an outage or not; `lost` in seconds without contact."""

    fix: str | None
    visited: bool
    outage: bool
    count: int
    lost: int


@dataclass(frozen=True, slots=True)
class Outage:
    """What is known of the outage of one carrier in one area; `until` of the part that is over."""

    area: str | None
    carrier: str | None
    since: datetime
    until: datetime | None
    count: int
    asked: bool


def opened(session: Session, since: datetime, until: datetime) -> int:
    """How many single incidents were opened in this time; what was down before the first start is not new."""
    return int(session.execute(_OPENED, {"since": since, "until": until}).scalar_one())


def closed(session: Session, since: datetime, until: datetime) -> list[Group]:
    """The incidents closed in this time, by fix and whether somebody was on site."""
    return [
        Group(fix, bool(there), bool(outage), count, int(lost))
        for fix, there, outage, count, lost in session.execute(_CLOSED, {"since": since, "until": until})
    ]


def _closed() -> Any:
    visited = case((_I.visit == ON_SITE, 1), else_=0).label("visited")
    outage = case((_OVER, 1), else_=0).label("outage")
    ended = select(_I.fix, visited, outage, _I.lost_seconds).where(_within(_I.closed_at), not_(_I.drill))
    # Grouped outside: PostgreSQL does not see that two expressions with parameters are the same.
    row = ended.subquery().c
    kinds = (row.fix, row.visited, row.outage)
    return ready(select(*kinds, func.count(), total(row.lost_seconds)).group_by(*kinds))


def outages(session: Session, since: datetime, until: datetime) -> list[Outage]:
    """By area and carrier: what stands on an outage now, and what recovered from one in this time."""
    return [
        *(
            Outage(area, carrier, begun, None, count, bool(asked))
            for area, carrier, begun, count, asked in session.execute(_OUTAGES)
        ),
        *(
            Outage(area, carrier, begun, end, count, False)
            for area, carrier, begun, count, end in session.execute(_ENDED, {"since": since, "until": until})
        ),
    ]


def repeats(session: Session, since: datetime, least: int, most: int) -> tuple[list[tuple[Any, ...]], int]:
    """Stations with `least` incidents or more since then: label, site, generation, count; and how many there are."""
    rows = session.execute(_REPEATS, {"since": since, "least": least, "most": most}).all()
    return [tuple(row)[:4] for row in rows], rows[0][4] if rows else 0


def _repeats() -> Any:
    # "+ 0": else SQLite reads the whole history in the order of stations to save itself the sorting.
    at = (_I.station_id + literal_column("0")).label("station_id")
    many = (
        select(at, func.count().label("times"))
        .where(_I.opened_at > _BEGIN, not_(_I.drill))
        .group_by(at)
        .having(func.count() >= bindparam("least", type_=Integer))
        .subquery()
    )
    return ready(
        select(LABEL, _S.site, _S.generation, many.c.times, func.count().over())
        .join_from(many, table_of(Station), _S.id == many.c.station_id)
        .order_by(many.c.times.desc(), _S.id)
        .limit(MOST)
    )


def times_down(session: Session, stations: Iterable[int], since: datetime) -> dict[int, int]:
    """How many incidents these stations had since then."""
    given = {"stations": sorted(set(stations)), "since": since}
    return dict(list(session.execute(_TIMES_DOWN, given)))


def muted(session: Session, now: datetime, most: int) -> tuple[list[tuple[str, datetime]], int]:
    """Stations nobody is called for, with the end, soonest first; and how many there are."""
    rows = session.execute(_MUTED, {"now": now, "most": most}).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def flagged(session: Session) -> int:
    """How many modems are flagged for the next scheduled visit."""
    return int(session.execute(_FLAGGED).scalar_one())


def known_stations(session: Session) -> list[str | None]:
    """What the portal calls each station Relink knows; None where it has not said."""
    return list(session.execute(select(_S.portal_id).where(_REAL)).scalars())


def lives(session: Session, since: datetime) -> list[tuple[datetime, datetime, int]]:
    """When the process began, was last seen alive, and how many checks had waited for it, in order.

    Its lives since then and the one before.
    """
    return [tuple(row) for row in session.execute(_LIVES, {"since": since})]


def _lives() -> Any:
    before = select(func.max(_R.alive_at)).where(_R.alive_at < _BEGIN).scalar_subquery()
    told = select(_R.started_at, _R.alive_at, _R.late)
    return ready(told.where(or_(_R.alive_at >= _BEGIN, _R.alive_at == before)).order_by(_R.started_at))


def by_day(session: Session, days: Sequence[datetime]) -> list[tuple[int, str | None, int, int]]:
    """Incidents by the day they were opened on and their fix: day, fix (None while open), count, seconds lost.

    What came back from an outage has the fix of one, whatever was logged.
    `days` are the moments at which the days begin, and the one at which the last one ends.
    """
    day = case(*((_I.opened_at < end, number) for number, end in enumerate(days[1:]))).label("day")
    over = _I.closed_at.is_not(None)
    fix = case((and_(over, _OVER), OUTAGE_OVER), (over, _I.fix)).label("fix")
    begun = select(day, fix, _I.lost_seconds).where(
        _I.opened_at >= days[0], _I.opened_at < days[-1], not_(_I.drill)
    )
    row = begun.subquery().c
    query = select(row.day, row.fix, func.count(), total(row.lost_seconds)).group_by(row.day, row.fix)
    return [(day, fix, count, int(lost)) for day, fix, count, lost in session.execute(query)]


def _by_carrier(*where: ColumnElement[bool]) -> Any:
    query = select(_S.area, _S.carrier, func.min(SINCE), func.count())
    query = query.join_from(table_of(Incident), table_of(Station)).where(*where)
    return query.group_by(_S.area, _S.carrier)


def _within(column: Any) -> ColumnElement[bool]:
    return and_(column >= _BEGIN, column < _END)


# Built once: building them took longer than running them.
_OPENED = ready(
    select(func.count()).where(_within(_I.opened_at), not_(_I.drill), SINGLE, not_(_OVER), not_(FIRST_DAY))
)
_CLOSED, _REPEATS, _LIVES = _closed(), _repeats(), _lives()
_OUTAGES = ready(_by_carrier(OPEN, _I.step == OUTAGE).add_columns(func.max(case((_I.rung_step, 1), else_=0))))
_ENDED = ready(
    _by_carrier(_within(_I.closed_at), not_(_I.drill), _OVER).add_columns(
        func.max(func.coalesce(_I.back_at, _I.closed_at))
    )
)
_TIMES_DOWN = (
    select(_I.station_id, func.count())
    .where(_I.station_id.in_(bindparam("stations", expanding=True)), _I.opened_at > _BEGIN, not_(_I.drill))
    .group_by(_I.station_id)
)
_MUTED = ready(
    select(LABEL, _S.muted_until, func.count().over())
    .where(_S.muted_until > NOW, _REAL)
    .order_by(_S.muted_until, _S.id)
    .limit(MOST)
)
_FLAGGED = ready(
    select(func.count()).select_from(table_of(Station)).where(_S.modem_flagged_at.is_not(None), _REAL)
)
