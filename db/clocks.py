"""What a clock that was set must not do: cut a wait short, or block anything until a moment that is far off now."""

from datetime import datetime, timedelta

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from db.models import WAITING, Outgoing, Pace, Timer
from db.statements import among, table_of

LONGEST = timedelta(minutes=30)
"""The longest wait of the manual (4.1 (2)); none is cut short."""

LEASE = timedelta(seconds=60)
"""What a lease has left at most, a timer's or a message's."""

REST = timedelta(minutes=10)
"""Nothing rests for longer, however long Slack asked to wait."""

_T, _O, _P = table_of(Timer), table_of(Outgoing), table_of(Pace)


def moved(session: Session, before: datetime, after: datetime) -> int:
    """Relink's clock is about to show `after` where it shows `before`. Both of its times are this one clock.

    Returns how many checks that would be due are still waited for.
    """
    kept = _keep_waits(session, before, after) if after > before else 0
    _unblock(session, after, timedelta(0))
    return kept


def begun(session: Session, now: datetime) -> None:
    """A process begins at `now`, real time; the clock may have been set back while none lived."""
    _unblock(session, now, REST)


def _unblock(session: Session, now: datetime, rest: timedelta) -> None:
    """Nothing rests or is leased beyond what can be meant."""
    waiting = among(_O.c.state, WAITING)
    for column, longest, those in (
        (_P.c.free_at, rest, true()),
        (_O.c.next_at, rest, waiting),
        (_O.c.lease_until, LEASE, waiting),
        (_T.c.lease_until, LEASE, true()),
    ):
        beyond = update(column.table).where(column > now + longest, those)
        session.execute(beyond.values({column.name: now + min(longest, LEASE)}))


def _keep_waits(session: Session, before: datetime, after: datetime) -> int:
    """A check that is still to come keeps what is left of its wait, as far as the manual may have asked for it."""
    coming = select(_T.c.incident_id, _T.c.kind, _T.c.due_at).where(
        _T.c.due_at > before, _T.c.due_at < after + LONGEST
    )
    rows = session.execute(coming).all()
    for row in rows:
        due_at = max(row.due_at, after + min(row.due_at - before, LONGEST))
        mine = (_T.c.incident_id == row.incident_id) & (_T.c.kind == row.kind)
        session.execute(update(_T).where(mine).values(due_at=due_at))
    return sum(row.due_at < after for row in rows)
