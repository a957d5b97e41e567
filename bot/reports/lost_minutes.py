"""Minutes without contact by station, month and cause. Every minute counts; a cause names it and excuses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.orm import Session

from bot.reports import csv_text
from bot.reports.causes import cause_of
from bot.reports.export import minutes
from bot.reports.spans import Span, by_month
from db import exports
from db.exports import Closing, Cursor, Told
from db.writer import Database

COLUMNS: Final = (
    "station_serial",
    "portal_id",
    "station_name",
    "site",
    "area",
    "carrier",
    "month",
    "cause",
    "minutes_without_contact",
    "incidents",
)
LINES: Final = 5_000
"""Lines written at a time."""

Spell = tuple[datetime, datetime]
Key = tuple[int, str, str]
"""Station, month, cause."""
Station = tuple[str | None, str | None, str | None, str | None, str | None, str | None]


@dataclass(slots=True)
class Sums:
    """What was added up so far: how long, over how many incidents, and what the stations are called."""

    lost: dict[Key, timedelta] = field(default_factory=dict)
    incidents: dict[Key, int] = field(default_factory=dict)
    stations: dict[int, Station] = field(default_factory=dict)

    def count(self, told: Told, spells: list[Spell], span: Span, zone: tzinfo) -> None:
        """Add one incident: the parts of its spells that lie in the span, each to its month."""
        cause, months = cause_of(told.fix if told.closed_at else None), set()
        for began, ended in spells:
            for month, length in by_month(max(began, span.since), min(ended, span.until), zone):
                key = (told.station_id, month, cause)
                self.lost[key] = self.lost.get(key, timedelta()) + length
                months.add(key)
        for key in months:
            self.incidents[key] = self.incidents.get(key, 0) + 1
        if months:
            names = (told.serial, told.portal_id, told.name, told.site, told.area, told.carrier)
            self.stations[told.station_id] = names

    def add(self, more: "Sums") -> None:
        """Add what another page came to."""
        for key, length in more.lost.items():
            self.lost[key] = self.lost.get(key, timedelta()) + length
            self.incidents[key] = self.incidents.get(key, 0) + more.incidents[key]
        self.stations |= more.stations

    def pieces(self) -> Iterator[bytes]:
        """The lines by station, month and cause."""
        order = sorted(self.lost, key=lambda key: (*(name or "" for name in self.stations[key[0]][:2]), *key))
        for first in range(0, len(order), LINES):
            yield csv_text.lines(
                (*self.stations[key[0]], key[1], key[2], minutes(self.lost[key]), self.incidents[key])
                for key in order[first : first + LINES]
            )


async def table(db: Database, span: Span, zone: tzinfo, now: datetime) -> AsyncIterator[bytes]:
    """The file of the minutes that were lost in this span, piece by piece.

    Incidents that are open are in it: a station that is down now loses minutes now. So are those that were closed
    after the span, with what of them lies in it.
    """
    yield csv_text.heading(COLUMNS)
    sums, after = Sums(), None
    while True:
        more, after = await db.read(_closed_page, span, after, zone, now)
        sums.add(more)
        if after is None:
            break
    sums.add(await db.read(_not_closed, span, zone, now))
    pieces = sums.pieces()
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


def _closed_page(
    session: Session,
    span: Span,
    after: Cursor | None,
    zone: tzinfo,
    now: datetime,
    most: int = exports.PAGE,
) -> tuple[Sums, Cursor | None]:
    """A page of what was closed from the span's beginning on until now, and after which the next one begins."""
    rows = exports.closed(session, span.since, now, after, most)
    return _sums(session, rows, span, zone, now), exports.next_page(rows, most)


def _not_closed(session: Session, span: Span, zone: tzinfo, now: datetime) -> Sums:
    """What is open, and what was closed while the pages were read: at most one incident of a station."""
    return _sums(session, exports.not_closed_at(session, now), span, zone, now)


def _sums(session: Session, rows: Sequence[Told], span: Span, zone: tzinfo, now: datetime) -> Sums:
    reopened = [row.id for row in rows if row.reopenings]
    closings = exports.closings_of(session, reopened) if reopened else {}
    sums = Sums()
    for row in rows:
        sums.count(row, spells(row, closings.get(row.id, ()), now), span, zone)
    return sums


def spells(told: Told, closings: Sequence[Closing], now: datetime) -> list[Spell]:
    """When the station was without contact: before every closing of the incident, and until now if it is open.

    What is known to be lost and stands in no closing is counted from the opening on.
    """
    last = _spell(told, told.closed_at or now)
    earlier = [_spell(one, one.at) for one in (closings[:-1] if told.closed_at else closings)]
    counted = [*earlier, last] if told.closed_at else earlier
    rest = timedelta(seconds=told.lost_seconds or 0) - sum(map(_whole_seconds, counted), timedelta())
    if rest > timedelta():
        earlier.append((told.opened_at, told.opened_at + rest))
    return _apart([*earlier, last])


def _spell(one: Told | Closing, ended: datetime) -> Spell:
    began = one.last_communication or one.raised_at or ended
    return began, one.back_at or ended


def _whole_seconds(spell: Spell) -> timedelta:
    """The length as a closing writes it down."""
    return max(timedelta(seconds=int((spell[1] - spell[0]).total_seconds())), timedelta())


def _apart(spells: Sequence[Spell]) -> list[Spell]:
    """The spells without what two of them share: no minute is lost twice."""
    kept: list[Spell] = []
    reached: datetime | None = None
    for began, ended in sorted(spells):
        since = began if reached is None else max(began, reached)
        if since < ended:
            kept.append((since, ended))
            reached = ended
    return kept
