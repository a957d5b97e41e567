"""The lives of the serving process."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db.lives import Run
from db.models import Timer
from db.statements import ready, table_of

_RUNS = table_of(Run)
_FIRST = ready(select(_RUNS.c.started_at).order_by(_RUNS.c.id).limit(1))
_ALIVE = (
    update(_RUNS)
    .where(_RUNS.c.id == bindparam("life"))
    .values(alive_at=bindparam("now"), heard=bindparam("newest"))
)
_ELSEWHERE = select(func.count(), func.coalesce(func.max(_RUNS.c.heard), "")).where(
    _RUNS.c.id != bindparam("life"), _RUNS.c.alive_at >= bindparam("since", type_=_RUNS.c.alive_at.type)
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new life. `seen` is when any life was seen last before it; `heard`: one of them heard its own messages."""

    life: int
    seen: datetime | None
    heard: bool


def begin(session: Session, now: datetime) -> Begun:
    """Remember that the process was started."""
    before = select(func.max(_RUNS.c.alive_at), func.max(_RUNS.c.heard))
    seen, heard = session.execute(before).one()
    row = insert(_RUNS).values(started_at=now, alive_at=now).returning(_RUNS.c.id)
    return Begun(int(session.execute(row).scalar_one()), seen, bool(heard))


def alive(session: Session, life: int, now: datetime, newest: str, since: datetime) -> str | None:
    """This life was seen alive at `now`, and the newest message of ours it was told of.

    Returns the newest that others alive since then were told of; None where there are none.
    """
    session.execute(_ALIVE, {"life": life, "now": now, "newest": newest or None})
    others, heard = session.execute(_ELSEWHERE, {"life": life, "since": since}).one()
    return heard if others else None


def overdue(session: Session, since: datetime, until: datetime) -> int:
    """How many checks that were due in this time have still not been made."""
    query = select(func.count()).select_from(Timer).where(Timer.due_at >= since, Timer.due_at < until)
    return session.execute(query).scalar_one()


def keep_late(session: Session, life: int, late: int) -> None:
    """So many checks ran late because nothing lived before this life."""
    session.execute(update(_RUNS).where(_RUNS.c.id == life).values(late=late))


def first_start(session: Session) -> datetime | None:
    """When Relink was started for the first time; None if it never was."""
    return session.execute(_FIRST).scalar_one_or_none()
