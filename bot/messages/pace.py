"""Slack's pace: how fast we call it, booked in the database so that all replicas share it. Real time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.messages import limits
from db.models import Pace
from db.statements import Both, ready, table_of


@dataclass(frozen=True, slots=True)
class Beat:
    """One pace: a call every `interval`, `burst` of them may come at once."""

    interval: timedelta
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast Relink calls Slack: below what Slack allows, so that 429 stays the exception."""

    post: Beat = Beat(timedelta(seconds=1 / limits.POSTS_PER_SECOND))
    """Posts, in each channel."""
    edit: Beat = Beat(timedelta(seconds=1.5), burst=10)
    """chat.update over all cards: 40 a minute and 10 at once stay within its 50 in any minute."""
    withdrawal: Beat = Beat(timedelta(0))
    """Edits that take words of the cabinet back: at once, unless Slack itself asked for a pause."""


def slow_down(session: Session, key: str, beat: Beat, until: datetime) -> None:
    """Slack asked for a pause: nothing of this pace goes out before `until`."""
    _set_pace(session, key, until + (beat.burst - 1) * beat.interval)


def rest(session: Session, method: str, until: datetime) -> None:
    """Slack asked for a pause of a method that has no pace of ours: nobody calls it before `until`."""
    _set_pace(session, _method(method), until)


def rests_until(session: Session, method: str, real_now: datetime) -> datetime | None:
    """Until when this method is not to be called; None if it may be called now."""
    until: datetime | None = session.execute(_UNTIL, {"pace": _method(method)}).scalar_one_or_none()
    return until if until is not None and until > real_now else None


def book(session: Session, key: str, beat: Beat, real_now: datetime) -> bool:
    """Take one place of this pace if there is one now (a leaky bucket kept as one moment)."""
    free_at = _free_at(session, key, real_now)
    if free_at > real_now + (beat.burst - 1) * beat.interval:
        return False
    _set_pace(session, key, max(free_at, real_now) + beat.interval)
    return True


def spend(session: Session, key: str, length: timedelta, real_now: datetime) -> None:
    """Take so much of this pace whether it is free or not."""
    _set_pace(session, key, max(_free_at(session, key, real_now), real_now) + length)


def _free_at(session: Session, key: str, real_now: datetime) -> datetime:
    """How far ahead of itself a pace is booked; nobody else books it until this transaction ends."""
    # The row is there before it is locked, else the first two couriers would both see a free place.
    session.execute(_FIRST_PACE.of(session), {"key": key, "free_at": real_now})
    moment: datetime = session.execute(_FREE_AT, {"pace": key}).scalar_one()
    return moment


def _method(name: str) -> str:
    return f"method:{name}"


def _set_pace(session: Session, key: str, free_at: datetime) -> None:
    session.execute(_PACE.of(session), {"key": key, "free_at": free_at})


def _pace(insert: Any) -> Any:
    made = insert(table_of(Pace))
    return made.on_conflict_do_update(index_elements=["key"], set_={"free_at": made.excluded.free_at})


_P = table_of(Pace).c
_UNTIL = ready(select(_P.free_at).where(_P.key == bindparam("pace")))
_FREE_AT = ready(select(_P.free_at).where(_P.key == bindparam("pace")).with_for_update())
_PACE = Both(_pace)
_FIRST_PACE = Both(lambda insert: insert(table_of(Pace)).on_conflict_do_nothing())
