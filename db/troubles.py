"""What keeps Relink from speaking to Slack: Slack as a whole, a channel, a right the app lacks.

All replicas share it. A trouble that is over stays as a row, so that one that comes and goes is not told for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, UTCDateTime
from db.statements import Both, ready, table_of

SLACK = "slack"
"""The key of Slack as a whole: it cannot be reached, or does not take our token."""


def channel_key(channel: str) -> str:
    """The key of a channel in which nothing can be posted."""
    return f"channel:{channel}"


def scope_key(scope: str) -> str:
    """The key of a right the app lacks."""
    return f"scope:{scope}"


class Trouble(Base):
    """One reason why messages wait. It stands until `ended_at` is set."""

    __tablename__ = "troubles"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    tries: Mapped[int]
    """How often it was tried in vain."""
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it is tried again; real time, as is `told_at`."""
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the leads were last told of it."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True, slots=True)
class Standing:
    """A trouble that is not over."""

    key: str
    reason: str
    since: datetime
    tries: int
    next_at: datetime

    @property
    def channel(self) -> str | None:
        """The channel it is about, if it is one."""
        kind, _, name = self.key.partition(":")
        return name if kind == "channel" else None


def begin(
    session: Session, key: str, reason: str, next_at: datetime, now: datetime, real_now: datetime
) -> tuple[Standing, bool]:
    """Something went wrong: the trouble as it stands now, and whether it is new.

    Of one that stands only the reason changes while its next try is ahead: who fails meanwhile fails for the same.
    """
    stood = session.execute(select(_T.c.key).where(_T.c.key == key, _STANDS)).first() is not None
    given = {"key": key, "reason": reason[:300], "now": now, "next": next_at, "real": real_now}
    row = session.execute(_BEGIN.of(session), given).one()
    return Standing(row.key, row.reason, row.since, row.tries, row.next_at), not stood


def try_again(session: Session, key: str, next_at: datetime, real_now: datetime) -> bool:
    """Take the try that is due, so that nobody else makes it before `next_at`; False if somebody else has."""
    taken = session.execute(_TRY, {"which": key, "next": next_at, "real": real_now})
    return taken.first() is not None


def due_at_once(session: Session, real_now: datetime) -> None:
    """The process was started anew, perhaps because something was put right: nothing waits for its next try."""
    session.execute(update(_T).where(_T.c.ended_at.is_(None)).values(next_at=real_now))


def over(session: Session, key: str, now: datetime) -> bool:
    """It works again; False if it did before."""
    ended = update(_T).where(_T.c.key == key, _T.c.ended_at.is_(None)).values(ended_at=now)
    return session.execute(ended.returning(_T.c.key)).first() is not None


def may_tell(session: Session, key: str, quiet: timedelta, real_now: datetime) -> bool:
    """May the leads be told of it? Not twice within `quiet`. True means that they are told now."""
    lately = and_(_T.c.told_at.is_not(None), _T.c.told_at > real_now - quiet)
    told = update(_T).where(_T.c.key == key, ~lately).values(told_at=real_now).returning(_T.c.key)
    return session.execute(told).first() is not None


def is_away(session: Session) -> bool:
    """Is Slack as a whole not to be spoken to, as far as is known?"""
    return any(each.key == SLACK for each in standing(session))


def standing(session: Session) -> tuple[Standing, ...]:
    """Every trouble that is not over, the oldest first."""
    return tuple(Standing(*row) for row in session.execute(_STANDING))


_T = table_of(Trouble)
_STANDS = _T.c.ended_at.is_(None)
_STANDING = ready(
    select(_T.c.key, _T.c.reason, _T.c.since, _T.c.tries, _T.c.next_at)
    .where(_STANDS)
    .order_by(_T.c.since, _T.c.key)
)
_REAL: Any = bindparam("real", type_=_T.c.next_at.type)
_NEXT: Any = bindparam("next", type_=_T.c.next_at.type)


def _begin(insert: Any) -> Any:
    made = insert(_T).values(
        key=bindparam("key"), reason=bindparam("reason"), since=bindparam("now"), tries=1, next_at=_NEXT
    )
    due = or_(~_STANDS, _T.c.next_at <= _REAL)
    anew = {
        "reason": made.excluded.reason,
        "since": case((_STANDS, _T.c.since), else_=made.excluded.since),
        "tries": case((~_STANDS, 1), (due, _T.c.tries + 1), else_=_T.c.tries),
        "next_at": case((due, made.excluded.next_at), else_=_T.c.next_at),
        "ended_at": None,
    }
    return made.on_conflict_do_update(index_elements=["key"], set_=anew).returning(*_T.c)


_BEGIN = Both(_begin)
_TRY = (
    update(_T)
    .where(_T.c.key == bindparam("which"), _STANDS, _T.c.next_at <= _REAL)
    .values(tries=_T.c.tries + 1, next_at=_NEXT)
    .returning(_T.c.key)
)
