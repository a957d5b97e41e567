"""Minutes without contact by station, month and cause, on both databases: every minute, once, where it belongs."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.reports import export, lost_minutes
from bot.reports.spans import Span
from db import exports
from db.models import Incident
from db.writer import Database
from tests.incidents.desk import NIGHT, RULES, Desk
from tests.reports.reading import NEW_YORK, down_again
from tests.reports.rows import HOUR, MINUTE, add_closed, add_station, flood, plans

NOVEMBER = datetime(2026, 11, 1, 4, tzinfo=UTC)
"""When it begins in New York, by summer time; December comes an hour later by the clock of the machine."""
DECEMBER = datetime(2026, 12, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
EVER = Span(NOW - timedelta(days=400), NOW)
OPEN: Mapping[str, None] = dict.fromkeys(("back_at", "closed_at", "lost_seconds", "fix"))


async def table(db: Database, span: Span = EVER, now: datetime = NOW) -> list[dict[str, str]]:
    """The lines of the file, by the names of the columns."""
    content = b"".join([piece async for piece in lost_minutes.table(db, span, NEW_YORK, now)])
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def lost(db: Database, span: Span = EVER, now: datetime = NOW) -> dict[tuple[str, str], float]:
    """The minutes by month and cause, over all stations."""
    sums: dict[tuple[str, str], float] = {}
    for row in await table(db, span, now):
        key = (row["month"], row["cause"])
        sums[key] = sums.get(key, 0) + float(row["minutes_without_contact"])
    return sums


async def add(db: Database, *closings: datetime, **changes: object) -> None:
    """Incidents of stations of their own."""

    def write(session: Session) -> None:
        for number, closed in enumerate(closings):
            add_closed(session, add_station(session, number), closed, **changes)

    await db.write(write)


async def test_without_an_incident_there_is_a_header(db: Database) -> None:
    pieces = [piece async for piece in lost_minutes.table(db, EVER, NEW_YORK, NOW)]
    assert pieces == [b"\xef\xbb\xbf" + ",".join(lost_minutes.COLUMNS).encode() + b"\r\n"]


async def test_a_station_down_over_the_end_of_a_month_is_divided_by_the_sites_clocks(db: Database) -> None:
    await add(db, NOVEMBER + 40 * MINUTE)
    assert await lost(db) == {("2026-10", "modem"): 20.0, ("2026-11", "modem"): 40.0}


@pytest.mark.parametrize(
    "fix", ["carrier recovered", "false alarm", "could not complete", "recovered by itself"]
)
async def test_no_cause_excuses_a_minute(sqlite_db: Database, fix: str) -> None:
    await add(sqlite_db, NIGHT, fix=fix)
    assert list((await lost(sqlite_db)).values()) == [60.0]


async def test_what_is_still_down_loses_minutes_up_to_now(db: Database) -> None:
    await add(db, NOW - 2 * HOUR, last_communication=DECEMBER - HOUR, **OPEN)
    (november, december) = await table(db)
    assert (november["month"], november["minutes_without_contact"]) == ("2026-11", "60.0")
    assert float(december["minutes_without_contact"]) == (NOW - DECEMBER) / MINUTE
    assert {november["cause"], december["cause"]} == {"not known"}
    assert {november["incidents"], december["incidents"]} == {"1"}


async def test_a_month_is_whole_although_some_of_it_was_closed_later(db: Database) -> None:
    """One ended before the month, one early in it, one went over its end, one began after it."""
    await add(db, NOVEMBER - HOUR, NOVEMBER + HOUR / 2, DECEMBER + HOUR / 2, DECEMBER + 2 * HOUR)
    assert await lost(db, Span(NOVEMBER, DECEMBER)) == {("2026-11", "modem"): 30.0 + 30.0}


async def test_one_line_for_each_cause_of_a_stations_month(db: Database) -> None:
    def write(session: Session) -> None:
        station = add_station(session)
        for number, fix in enumerate(("SIM reseat", "SIM replaced", "carrier recovered")):
            add_closed(session, station, NIGHT + number * timedelta(days=1), fix=fix)
        add_closed(session, add_station(session, 2), NIGHT, drill=True)

    await db.write(write)
    rows = await table(db)
    assert [(row["station_serial"], row["cause"], row["incidents"]) for row in rows] == [
        ("CT4G-20001", "SIM", "2"),
        ("CT4G-20001", "carrier", "1"),
    ]
    assert [row["minutes_without_contact"] for row in rows] == ["120.0", "60.0"]


async def test_down_again_twice_each_silence_counts_in_its_own_month(db: Database) -> None:
    desk = Desk(db)
    await desk.closed()
    for number in (2, 3):
        await down_again(desk, number)
    ended = desk.now
    assert await lost(db, now=ended) == {("2026-11", "antenna"): 53.0}
    # Each of them alone: 03:00 to 03:33, 05:23 to 05:33, 07:23 to 07:33.
    for since, until, minutes in ((3, 4, 33.0), (4, 7, 10.0), (7, 8, 10.0)):
        day = NIGHT.replace(minute=0)
        span = Span(day.replace(hour=since), day.replace(hour=until))
        assert list((await lost(db, span, ended)).values()) == [minutes]
    assert await lost(db, Span(NIGHT.replace(hour=4, minute=0), NIGHT.replace(hour=5)), ended) == {}


async def test_down_again_and_open_it_counts_what_it_lost_before_too(db: Database) -> None:
    desk = Desk(db)
    await desk.closed()
    await down_again(desk, 2)
    desk.later(minutes=30)
    standing = await desk.incident()
    assert standing.back_at is not None
    await db.write(_reopen, 1, desk.now)
    desk.later(minutes=5)
    assert await lost(db, now=desk.now) == {("2026-11", "not known"): 33.0 + 10.0 + 5.0}


def _reopen(session: Session, incident: int, now: datetime) -> None:
    again = {"closed_at": None, "back_at": None, "fix": None, "last_communication": now, "reopenings": 2}
    session.execute(update(Incident).where(Incident.id == incident).values(again))


async def test_what_no_log_tells_the_times_of_counts_all_the_same(db: Database) -> None:
    """Rows of a version that wrote no such log: the minutes before are counted from the opening on."""
    await add(db, NIGHT, opened_at=NIGHT - 5 * HOUR, reopenings=1, lost_seconds=3 * 3600)
    assert await lost(db) == {("2026-11", "modem"): 180.0}


async def test_no_minute_is_lost_twice(db: Database) -> None:
    """Down again by an alert that knew no last communication: the first one still stands in the row."""
    desk = Desk(db)
    await desk.closed()
    await down_again(desk, 2)
    first = NIGHT - 10 * MINUTE

    def forget(session: Session) -> None:
        session.execute(update(Incident).values(last_communication=first))

    await db.write(forget)
    assert await lost(db, now=desk.now) == {("2026-11", "antenna"): (desk.now - first) / MINUTE}


async def test_both_files_agree_on_what_was_lost(db: Database) -> None:
    desk = Desk(db)
    await desk.closed()
    await down_again(desk, 2)
    await add(db, NIGHT + HOUR, NIGHT + 2 * HOUR, fix="carrier recovered")
    pages = [page async for page in export.incidents(db, EVER, RULES.runbook, NEW_YORK)]
    text = b"".join(page.content for page in pages).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    by_cause: dict[str, float] = {}
    for row in rows:
        by_cause[row["cause"]] = by_cause.get(row["cause"], 0) + float(row["minutes_without_contact"])
    assert {cause: minutes for (_, cause), minutes in (await lost(db)).items()} == by_cause
    assert by_cause == {"antenna": 43.0, "carrier": 120.0}


async def test_no_question_reads_the_whole_table(db: Database) -> None:
    def write(session: Session) -> None:
        flood(session, [add_station(session, number) for number in range(5)], 1_500)
        add_closed(session, add_station(session, 9), NOW, **OPEN)

    def ask(session: Session) -> None:
        rows = exports.closed(session, EVER.since, NOW, None, 100)
        exports.closings_of(session, [row.id for row in rows])
        exports.not_closed_at(session, NOW)

    await db.write(write)
    for steps in await db.read(plans, ask):
        text = "\n".join(steps)
        assert re.search(r"(SCAN|Seq Scan on) incidents", text) is None, text
        assert re.search("SCAN outgoing", text) is None, text


async def test_many_stations_come_by_serial_in_pieces(sqlite_db: Database) -> None:
    def write(session: Session) -> None:
        flood(session, [add_station(session, number) for number in range(900)], 1_100)

    await sqlite_db.write(write)
    rows = await table(sqlite_db)
    assert [row["station_serial"] for row in rows] == [f"CT4G-{20000 + number}" for number in range(900)]
    assert sum(int(row["incidents"]) for row in rows) == 1_100
