"""What closed incidents speak for: one row of evidence for each, and how many speak for which cause at each key.

What a key means is decided in `bot.likely`. The tallies are the sums of the evidence, kept up as incidents close
and open again, so that a card reads a handful of rows however many incidents there were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, String, bindparam, case, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.models import Id, Incident, Station
from db.statements import Both, ready, table_of

Restart = Literal["helped", "failed", "none"]
"""How the last restart of a station had ended, before an incident."""


class Evidence(Base):
    """What a closed incident counts as, with its station as it was described then; gone while it is open again."""

    __tablename__ = "evidence"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(32))
    station_id: Mapped[int] = mapped_column(Id)
    """No foreign key: two rows of one station may become one, and what was counted stays as it was counted."""
    site: Mapped[str | None] = mapped_column(String(200))
    area: Mapped[str | None] = mapped_column(String(100))
    carrier: Mapped[str | None] = mapped_column(String(100))
    generation: Mapped[int | None]
    quarter: Mapped[int]
    """Of the day in UTC, 0 to 3."""
    restart: Mapped[str] = mapped_column(String(8))
    """A `Restart`."""


class Tally(Base):
    """How many pieces of evidence with this key speak for this cause."""

    __tablename__ = "tallies"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    cause: Mapped[str] = mapped_column(String(32), primary_key=True)
    cases: Mapped[int]


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed incident as evidence sees it."""

    station_id: int
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    fix: str | None
    lost_seconds: int | None
    drill: bool
    failed_at: datetime
    restart: Restart


@dataclass(frozen=True, slots=True)
class Counted:
    """A row of `evidence` without its incident."""

    cause: str
    station_id: int
    site: str | None
    area: str | None
    carrier: str | None
    generation: int | None
    quarter: int
    restart: Restart


_I, _S, _E, _T = table_of(Incident), table_of(Station), table_of(Evidence), table_of(Tally)
_EARLIER = _I.alias("earlier")
_HELPED = (_EARLIER.c.fix == bindparam("helps")) & _EARLIER.c.technician.is_(None)


def _last_restart(station: Any, before: Any) -> Any:
    """How the last restart of the station's incidents that were closed before then had ended."""
    last = (
        select(case((_HELPED, "helped"), else_="failed"))
        .where(_EARLIER.c.station_id == station, _EARLIER.c.closed_at < before)
        .where(_EARLIER.c.restarts > 0, _EARLIER.c.drill.is_(False))
        .order_by(_EARLIER.c.closed_at.desc())
        .limit(1)
    )
    return func.coalesce(last.scalar_subquery(), "none")


_CLOSED: Any = (
    select(
        *(_S.c.id.label("station_id"), _S.c.site, _S.c.area, _S.c.carrier, _S.c.generation),
        *(_I.c.fix, _I.c.lost_seconds, _I.c.drill),
        func.coalesce(_I.c.last_communication, _I.c.raised_at, type_=_I.c.raised_at.type),
        _last_restart(_I.c.station_id, _I.c.opened_at),
    )
    .join_from(_I, _S, _I.c.station_id == _S.c.id)
    .where(_I.c.id == bindparam("incident"), _I.c.closed_at.is_not(None))
)
_CASES = select(
    *(
        _T.c.key,
        _T.c.cause,
        _T.c.cases,
        _last_restart(bindparam("station"), bindparam("before", type_=_I.c.opened_at.type)),
    )
).where(_T.c.key.in_(bindparam("keys", expanding=True)), _T.c.cases > 0)
_COUNTED = ready(
    select(*(_E.c[field.name] for field in fields(Counted))).where(_E.c.incident_id == bindparam("incident"))
)
_FORGET = ready(delete(_E).where(_E.c.incident_id == bindparam("incident")))
_KEEP = ready(insert(_E))


def _add(insert: Any) -> Any:
    one = insert(_T)
    more = {"cases": _T.c.cases + one.excluded.cases}
    return one.on_conflict_do_update(index_elements=[_T.c.key, _T.c.cause], set_=more)


_ADD = Both(_add)


def closed(session: Session, incident_id: int, helps: str) -> Closed | None:
    """The incident as evidence sees it; None if it is open. `helps`: the fix by which a restart has helped."""
    row = session.execute(_CLOSED, {"incident": incident_id, "helps": helps}).first()
    return Closed(*row) if row else None


def counted(session: Session, incident_id: int) -> Counted | None:
    """As what this incident counts now; None if it does not."""
    row = session.execute(_COUNTED, {"incident": incident_id}).first()
    return Counted(*row) if row else None


def keep(session: Session, incident_id: int, as_what: Counted, keys: Iterable[str]) -> None:
    """Count this incident at these keys. It must not count already."""
    row = {field.name: getattr(as_what, field.name) for field in fields(Counted)}
    session.execute(_KEEP, {"incident_id": incident_id, **row})
    _count(session, as_what.cause, keys, 1)


def forget(session: Session, incident_id: int, as_what: Counted, keys: Iterable[str]) -> None:
    """Take back what `keep` did for this incident."""
    session.execute(_FORGET, {"incident": incident_id})
    _count(session, as_what.cause, keys, -1)


def _count(session: Session, cause: str, keys: Iterable[str], cases: int) -> None:
    # In one order everywhere: incidents that close side by side must not wait for each other in a ring.
    rows = [{"key": key, "cause": cause, "cases": cases} for key in sorted(keys)]
    session.execute(_ADD.of(session), rows)


def cases(
    session: Session, keys: Iterable[str], station_id: int, before: datetime, helps: str
) -> tuple[Restart, Mapping[str, Mapping[str, int]]]:
    """How many cases of each cause these keys have, and how the station's last restart before then had ended."""
    asked = {"keys": list(keys), "station": station_id, "before": before, "helps": helps}
    found: dict[str, dict[str, int]] = {}
    restart: Restart = "none"
    for key, cause, count, ended in session.execute(_CASES, asked):
        found.setdefault(key, {})[cause] = count
        restart = ended
    return restart, found
