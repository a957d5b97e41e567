"""The open incidents as the morning digest tells them: what needs a decision, what waits. Reading only.

A drill counts nowhere. Outages are told apart from single incidents.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, func, not_, or_, select
from sqlalchemy.orm import Session

from db.models import Incident, Lockout, Station
from db.queries import LISTED
from db.statements import among, ready, table_of

OUTAGE = "carrier-outage"
"""The step on which members of an outage stand."""

_I, _S, _L = (table_of(one).c for one in (Incident, Station, Lockout))
LABEL = func.coalesce(_S.serial, _S.portal_id, "?")
SINCE = func.coalesce(_I.last_communication, _I.raised_at)
OPEN = and_(_I.closed_at.is_(None), not_(_I.drill))
SINGLE = _I.step != OUTAGE
FIRST_DAY = func.coalesce(_I.first_day, "") == LISTED
"""It was down before the first start: it stands on the list of that day, and nobody is asked for anything."""
_LOCKS = select(func.count()).where(_L.incident_id == _I.id, _L.off_at.is_(None)).scalar_subquery()


def moment(name: str) -> Any:
    """A moment that is given when the statement runs."""
    return bindparam(name, type_=_I.opened_at.type)


NOW, _TONIGHT = moment("now"), moment("tonight")
MOST: Any = bindparam("most", type_=Integer)
"""How many rows are wanted."""


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
            among(_I.step, sorted(self.alone)),
            and_(among(_I.step, sorted(self.beside)), for_others),
            and_(among(_I.step, sorted(self.promised)), _I.promised_at.is_not(None)),
        )
        return and_(among(_I.step, sorted(self.support)), or_(_I.rung_step, not_(goes_on)))

    def decides(self) -> ColumnElement[bool]:
        """Is a decision needed before `tonight`: support is waited for, or something was promised for today."""
        muted = and_(_S.muted_until.is_not(None), _S.muted_until > NOW)
        due = and_(_I.promised_at.is_not(None), _I.promised_at < _TONIGHT)
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


_STANDING = {
    "label": LABEL,
    "since": SINCE,
    "locks": _LOCKS,
    "site": _S.site,
    "muted_until": _S.muted_until,
}


def standing(
    session: Session, waiting: Waiting, now: datetime, tonight: datetime, *, decides: bool, most: int
) -> list[Standing]:
    """Open single incidents that need a decision, or those that do not; oldest silence first."""
    given = {"now": now, "tonight": tonight, "most": most}
    return [Standing(*row) for row in session.execute(_standing(waiting, decides), given)]


@cache
def _standing(waiting: Waiting, decides: bool) -> Any:
    needed = waiting.decides()
    columns: Any = [_STANDING.get(field.name, getattr(_I, field.name, None)) for field in fields(Standing)]
    query = select(*columns).join_from(table_of(Incident), table_of(Station))
    query = query.where(OPEN, SINGLE, not_(FIRST_DAY), needed if decides else not_(needed))
    return ready(query.order_by(SINCE, _I.id).limit(MOST))


def counts(session: Session, waiting: Waiting, now: datetime, tonight: datetime) -> Counts:
    """The open incidents in numbers."""
    return Counts(*session.execute(_counts(waiting), {"now": now, "tonight": tonight}).one())


@cache
def _counts(waiting: Waiting) -> Any:
    needed = waiting.decides()
    query = select(
        number(_I.back_at.is_(None)),
        number(and_(SINGLE, not_(FIRST_DAY), needed)),
        number(and_(SINGLE, not_(FIRST_DAY), not_(needed))),
        number(and_(FIRST_DAY, _I.back_at.is_(None))),
        func.max(_I.looked_at),
    )
    return ready(query.join_from(table_of(Incident), table_of(Station)).where(OPEN))


def number(condition: ColumnElement[bool]) -> Any:
    """How many rows hold it."""
    return total(case((condition, 1), else_=0))


def total(column: Any) -> Any:
    """The sum; 0 where there are no rows."""
    return func.coalesce(func.sum(column), 0)
