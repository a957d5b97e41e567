"""What a clock that was set must not do: cut a wait short, or block anything until a moment that is far off now."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Outgoing, Pace, Timer
from db.statements import table_of

LONGEST = timedelta(minutes=3)
"""The longest wait of the manual after which something is looked at (4.1 (3), 5 (3)): it is never cut short."""

LEASE = timedelta(seconds=30)
"""What a lease has left at most."""

_T, _O, _P = table_of(Timer), table_of(Outgoing), table_of(Pace)


def moved(session: Session, before: datetime, after: datetime) -> None:
    """Relink's clock is about to show `after` where it shows `before`. Both of its times are this one clock."""
    if after > before:
        _keep_waits(session, before, after)
    for column, limit in (
        (_P.c.free_at, after),
        (_O.c.next_at, after),
        (_O.c.lease_until, after + LEASE),
        (_T.c.lease_until, after + LEASE),
    ):
        session.execute(update(column.table).where(column > limit).values({column.name: limit}))


def _keep_waits(session: Session, before: datetime, after: datetime) -> None:
    """A check that is still to come keeps what is left of its wait, as far as the manual may have asked for it."""
    coming = select(_T.c.incident_id, _T.c.kind, _T.c.due_at).where(
        _T.c.due_at > before, _T.c.due_at < after + LONGEST
    )
    for row in session.execute(coming).all():
        due_at = max(row.due_at, after + min(row.due_at - before, LONGEST))
        mine = (_T.c.incident_id == row.incident_id) & (_T.c.kind == row.kind)
        session.execute(update(_T).where(mine).values(due_at=due_at))
