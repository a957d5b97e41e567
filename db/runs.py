"""The lives of the serving process."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.models import Run
from db.statements import ready, table_of

_RUNS = table_of(Run)
_FIRST = ready(select(_RUNS.c.started_at).order_by(_RUNS.c.id).limit(1))


def begin(session: Session, now: datetime) -> int:
    """Remember that the process was started; the number of this life."""
    row = insert(_RUNS).values(started_at=now, alive_at=now).returning(_RUNS.c.id)
    return int(session.execute(row).scalar_one())


def first_start(session: Session) -> datetime | None:
    """When Relink was started for the first time; None if it never was."""
    return session.execute(_FIRST).scalar_one_or_none()
