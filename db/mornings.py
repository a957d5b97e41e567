"""What the morning digest and its chart ask: few statements over sets of rows, each along an index. Reading only.

A drill counts nowhere. Outages are told apart from single incidents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, not_, or_, select
from sqlalchemy.orm import Session

from db.lives import Run
from db.models import Incident, Lockout, Move, Station
from db.queries import LISTED
from db.statements import table_of

OUTAGE = "carrier-outage"
"""The step on which members of an outage stand."""
OUTAGE_OVER = "carrier recovered"
"""The fix with which they close."""
ON_SITE = "on site"
BACK = "verify-online"
"""The step to which a station that is back leads."""

_I, _S, _L, _M, _R = (table_of(one).c for one in (Incident, Station, Lockout, Move, Run))
_LABEL = func.coalesce(_S.serial, _S.portal_id, "?")
_SINCE = func.coalesce(_I.last_communication, _I.raised_at)
_OPEN = and_(_I.closed_at.is_(None), not_(_I.drill))
_SINGLE = _I.step != OUTAGE
_RECOVERED = exists().where(_M.incident_id == _I.id, _M.step == OUTAGE, _M.to_step == BACK)
_OVER = or_(func.coalesce(_I.fix, "") == OUTAGE_OVER, _RECOVERED)
"""It came back from an outage: by somebody's word in the log, or it stood on one when it was seen online."""
_LISTED = func.coalesce(_I.first_day, "") == LISTED
"""It was down before the first start: it stands on the list of that day, and nobody is asked for anything."""
DRILLS = "DRILL-%"
"""What the serials of drills' stations look like, for LIKE."""
_REAL = or_(_S.serial.is_(None), _S.serial.not_like(DRILLS))
_LOCKS = select(func.count()).where(_L.incident_id == _I.id, _L.off_at.is_(None)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How the steps wait, as sets of step ids: for support at all; `alone`, `beside` somebody, for a promised day.

    The same as `bot.knowledge.waits_for_support`, for a whole table at once; a test compares them.
    """

    support: frozenset[str]
    alone: frozenset[str]
    beside: frozenset[str]
    promised: frozenset[str]

    def for_support(self) -> ColumnElement[bool]:
        """Is somebody of the support desk needed now?"""
        for_others = or_(_I.promised_at.is_not(None), _I.visit.is_not(None))
        goes_on = or_(
            _I.step.in_(self.alone),
            and_(_I.step.in_(self.beside), for_others),
            and_(_I.step.in_(self.promised), _I.promised_at.is_not(None)),
        )
        return and_(_I.step.in_(self.support), or_(_I.rung_step, not_(goes_on)))

    def decides(self, now: datetime, tonight: datetime) -> ColumnElement[bool]:
        """Is a decision needed before `tonight`: support is waited for, or something was promised for today."""
        muted = and_(_S.muted_until.is_not(None), _S.muted_until > now)
        due = and_(_I.promised_at.is_not(None), _I.promised_at < tonight)
        return and_(not_(muted), or_(self.for_support(), due, _I.hazard.is_not(None)))


@dataclass(frozen=True, slots=True)
class Standing:
    """An open incident as the digest tells it; `since` is the last contact, else the alert."""

    station_id: int
    label: str
    site: str | None
    step: str
    since: datetime
    owner: str | None
    promised_at: datetime | None
    deadline_at: datetime | None
    planned_at: datetime | None
    visit: str | None
    technician_name: str | None
    back_at: datetime | None
    hazard: str | None
    muted_until: datetime | None
    locks: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The open incidents in numbers; `looked_at` is when the portal last told of one of them."""

    down: int
    decide: int
    wait: int
    listed: int
    looked_at: datetime | None


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


_STANDING = {
    "label": _LABEL,
    "since": _SINCE,
    "locks": _LOCKS,
    "site": _S.site,
    "muted_until": _S.muted_until,
}


def standing(
    session: Session, waiting: Waiting, now: datetime, tonight: datetime, *, decides: bool, most: int
) -> list[Standing]:
    """Open single incidents that need a decision, or those that do not; oldest silence first."""
    needed = waiting.decides(now, tonight)
    columns: Any = [_STANDING.get(field.name, getattr(_I, field.name, None)) for field in fields(Standing)]
    query = select(*columns).join_from(table_of(Incident), table_of(Station))
    query = query.where(_OPEN, _SINGLE, not_(_LISTED), needed if decides else not_(needed))
    return [Standing(*row) for row in session.execute(query.order_by(_SINCE, _I.id).limit(most))]


def counts(session: Session, waiting: Waiting, now: datetime, tonight: datetime) -> Counts:
    """The open incidents in numbers."""
    needed = waiting.decides(now, tonight)
    query = (
        select(
            _number(_I.back_at.is_(None)),
            _number(and_(_SINGLE, not_(_LISTED), needed)),
            _number(and_(_SINGLE, not_(_LISTED), not_(needed))),
            _number(and_(_LISTED, _I.back_at.is_(None))),
            func.max(_I.looked_at),
        )
        .join_from(table_of(Incident), table_of(Station))
        .where(_OPEN)
    )
    return Counts(*session.execute(query).one())


def opened(session: Session, since: datetime, until: datetime) -> int:
    """How many single incidents were opened in this time; what was down before the first start is not new."""
    single = and_(_SINGLE, not_(_OVER), not_(_LISTED))
    query = select(func.count()).where(_within(_I.opened_at, since, until), not_(_I.drill), single)
    return session.execute(query).scalar_one()


def closed(session: Session, since: datetime, until: datetime) -> list[Group]:
    """The incidents closed in this time, by fix and whether somebody was on site."""
    visited = case((_I.visit == ON_SITE, 1), else_=0).label("visited")
    outage = case((_OVER, 1), else_=0).label("outage")
    ended = select(_I.fix, visited, outage, _I.lost_seconds).where(
        _within(_I.closed_at, since, until), not_(_I.drill)
    )
    # Grouped outside: PostgreSQL does not see that two expressions with parameters are the same.
    row = ended.subquery().c
    kinds = (row.fix, row.visited, row.outage)
    query = select(*kinds, func.count(), _sum(row.lost_seconds)).group_by(*kinds)
    return [
        Group(fix, bool(there), bool(outage), count, int(lost))
        for fix, there, outage, count, lost in session.execute(query)
    ]


def outages(session: Session, since: datetime, until: datetime) -> list[Outage]:
    """By area and carrier: what stands on an outage now, and what recovered from one in this time."""
    ended = func.coalesce(_I.back_at, _I.closed_at)
    standing = _by_carrier(_OPEN, _I.step == OUTAGE)
    over = _by_carrier(_within(_I.closed_at, since, until), not_(_I.drill), _OVER)
    open_rows = session.execute(standing.add_columns(func.max(case((_I.rung_step, 1), else_=0))))
    closed_rows = session.execute(over.add_columns(func.max(ended)))
    return [
        *(
            Outage(area, carrier, begun, None, count, bool(asked))
            for area, carrier, begun, count, asked in open_rows
        ),
        *(
            Outage(area, carrier, begun, end, count, False)
            for area, carrier, begun, count, end in closed_rows
        ),
    ]


def repeats(session: Session, since: datetime, least: int, most: int) -> tuple[list[tuple[Any, ...]], int]:
    """Stations with `least` incidents or more since then: label, site, generation, count; and how many there are."""
    # "+ 0": else SQLite reads the whole history in the order of stations to save itself the sorting.
    at = (_I.station_id + literal_column("0")).label("station_id")
    many = (
        select(at, func.count().label("times"))
        .where(_I.opened_at > since, not_(_I.drill))
        .group_by(at)
        .having(func.count() >= least)
        .subquery()
    )
    query = (
        select(_LABEL, _S.site, _S.generation, many.c.times, func.count().over())
        .join_from(many, table_of(Station), _S.id == many.c.station_id)
        .order_by(many.c.times.desc(), _S.id)
        .limit(most)
    )
    rows = session.execute(query).all()
    return [tuple(row)[:4] for row in rows], rows[0][4] if rows else 0


def times_down(session: Session, stations: Iterable[int], since: datetime) -> dict[int, int]:
    """How many incidents these stations had since then."""
    query = (
        select(_I.station_id, func.count())
        .where(_I.station_id.in_(sorted(set(stations))), _I.opened_at > since, not_(_I.drill))
        .group_by(_I.station_id)
    )
    return dict(list(session.execute(query)))


def muted(session: Session, now: datetime, most: int) -> tuple[list[tuple[str, datetime]], int]:
    """Stations nobody is called for, with the end, soonest first; and how many there are."""
    query = select(_LABEL, _S.muted_until, func.count().over()).where(_S.muted_until > now, _REAL)
    rows = session.execute(query.order_by(_S.muted_until, _S.id).limit(most)).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def flagged(session: Session) -> int:
    """How many modems are flagged for the next scheduled visit."""
    query = select(func.count()).select_from(table_of(Station)).where(_S.modem_flagged_at.is_not(None), _REAL)
    return session.execute(query).scalar_one()


def known_stations(session: Session) -> list[str | None]:
    """What the portal calls each station Relink knows; None where it has not said."""
    return list(session.execute(select(_S.portal_id).where(_REAL)).scalars())


def lives(session: Session, since: datetime) -> list[tuple[datetime, datetime, int]]:
    """When the process began, was last seen alive, and how many checks had waited for it, in order.

    Its lives since then and the one before.
    """
    before = select(func.max(_R.alive_at)).where(_R.alive_at < since).scalar_subquery()
    query = select(_R.started_at, _R.alive_at, _R.late).where(
        or_(_R.alive_at >= since, _R.alive_at == before)
    )
    return [tuple(row) for row in session.execute(query.order_by(_R.started_at))]


def by_day(session: Session, days: Sequence[datetime]) -> list[tuple[int, str | None, int, int]]:
    """Incidents by the day they were opened on and their fix: day, fix (None while open), count, seconds lost.

    What came back from an outage has the fix of one, whatever was logged.
    `days` are the moments at which the days begin, and the one at which the last one ends.
    """
    day = case(*((_I.opened_at < end, number) for number, end in enumerate(days[1:]))).label("day")
    over = _I.closed_at.is_not(None)
    fix = case((and_(over, _OVER), OUTAGE_OVER), (over, _I.fix)).label("fix")
    begun = select(day, fix, _I.lost_seconds).where(_within(_I.opened_at, days[0], days[-1]), not_(_I.drill))
    row = begun.subquery().c
    query = select(row.day, row.fix, func.count(), _sum(row.lost_seconds)).group_by(row.day, row.fix)
    return [(day, fix, count, int(lost)) for day, fix, count, lost in session.execute(query)]


def _by_carrier(*where: ColumnElement[bool]) -> Any:
    query = select(_S.area, _S.carrier, func.min(_SINCE), func.count())
    query = query.join_from(table_of(Incident), table_of(Station)).where(*where)
    return query.group_by(_S.area, _S.carrier)


def _within(column: Any, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(column >= since, column < until)


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def _number(condition: ColumnElement[bool]) -> Any:
    return _sum(case((condition, 1), else_=0))
