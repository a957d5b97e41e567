"""Spans of days as people ask for them, and as months divide them. Pure; days are those of the sites' zone."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from bot.errors import Refused

MOST_DAYS: Final = 3_660
MOST_MONTHS: Final = 120
EARLIEST: Final = date(2000, 1, 1)
HOW: Final = "Say since when: 30d, 12m, or a date such as 2026-11-01."
"""What every refusal ends with."""
_MONTHS_A_YEAR: Final = 12
_BACK = re.compile(r"([0-9]{1,9})([dm])", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment on, up to another that is no part of it; both in UTC."""

    since: datetime
    until: datetime


def span(since: str, until: str | None, zone: tzinfo, now: datetime) -> Span:
    """The span from `since` up to `until`, up to now where that is None. Raises Refused."""
    begin, end = beginning(since, zone, now), now
    if until is not None:
        end = min(now, beginning(until, zone, now, ahead=True))
    if end <= begin:
        raise Refused("It ends before it begins. " + HOW)
    return Span(begin, end)


def beginning(typed: str, zone: tzinfo, now: datetime, *, ahead: bool = False) -> datetime:
    """The first moment of the day that is meant: `7d` and `12m` count back from today. Raises Refused.

    `ahead`: a day that is not here yet will do.
    """
    today = now.astimezone(zone).date()
    if back := _BACK.fullmatch(typed):
        number, unit = int(back[1]), back[2].lower()
        most = MOST_DAYS if unit == "d" else MOST_MONTHS
        if not 1 <= number <= most:
            raise Refused(f"From 1{unit} to {most}{unit}, please. {HOW}")
        day = today - timedelta(days=number) if unit == "d" else _months_before(today, number)
    elif _DAY.fullmatch(typed):
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            raise Refused(f"There is no such day. {HOW}") from None
        if day > today and not ahead:
            raise Refused(f"That day is not here yet. {HOW}")
        if day < EARLIEST:
            raise Refused(f"From {EARLIEST} on, please. {HOW}")
    else:
        raise Refused(HOW if not typed else f"This is no span of time. {HOW}")
    return midnight(day, zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which this day begins in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def by_month(since: datetime, until: datetime, zone: tzinfo) -> Iterator[tuple[str, timedelta]]:
    """The parts of a length of time by the months of the zone: ("2026-11", so much of it), in order."""
    while since < until:
        here = since.astimezone(zone).date()
        end = min(until, midnight(_first_of_next(here), zone))
        yield f"{here:%Y-%m}", end - since
        since = end


def _first_of_next(day: date) -> date:
    return date(day.year + day.month // _MONTHS_A_YEAR, day.month % _MONTHS_A_YEAR + 1, 1)


def _months_before(day: date, months: int) -> date:
    """The same day so many months ago, the month's last where it has none."""
    index = day.year * _MONTHS_A_YEAR + day.month - 1 - months
    year, month = index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
