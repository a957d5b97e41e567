"""Writes down what Relink noticed of itself, and for each lead the direct message that tells it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.messages import outbox
from db import notices, runs
from db.notices import Told

DOWN = "down"
"""The word for a time in which no process lived; it is over when it is told."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A trouble that began; `off_seconds` is by how much the clock is wrong."""

    trouble: str
    since: datetime
    off_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Over:
    """A trouble that is over. One that every process sees alike any of them may call over."""

    trouble: str
    shared: bool


def tell(
    session: Session,
    life: int,
    begun: Collection[Begun],
    over: Collection[Over],
    leads: Collection[str],
    alive_since: datetime,
    now: datetime,
) -> list[str]:
    """Tell the leads what began, once, and that it is over where they were told; returns which were news."""
    news: list[str] = []
    for one in begun:
        number = notices.begin(session, one.trouble, life, one.since, off_seconds=one.off_seconds)
        if number is not None:
            _put(session, number, leads, 1, now)
            news.append(one.trouble)
    for each in over:
        number = notices.end(session, each.trouble, life, each.shared, alive_since, now)
        if number is not None:
            _put(session, number, notices.leads_told(session, number), 2, now)
            news.append(each.trouble)
    return news


def tell_of_gap(
    session: Session, life: int, since: datetime, until: datetime, late: int, leads: Collection[str]
) -> bool:
    """Tell the leads that nothing lived for a while and how many checks ran late; False if they were told."""
    runs.keep_late(session, life, late)
    number = notices.begin(session, DOWN, life, since, over_at=until, late=late)
    if number is not None:
        _put(session, number, leads, 2, until)
    return number is not None


def words(told: Told) -> Mapping[str, Any]:
    """What the template is given."""
    off = timedelta(seconds=abs(told.off_seconds))
    return {**asdict(told), "off": off, "behind": told.off_seconds < 0}


def _put(session: Session, number: int, leads: Collection[str], version: int, now: datetime) -> None:
    outbox.put(session, [outbox.of_self(number, lead, version, now) for lead in sorted(leads)])
