"""Digests are written once for each channel and local date, whoever looks and however often."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.incidents import mornings
from bot.schedule import DAY, DigestPlace, due_now
from db import runs
from db.models import Outgoing
from db.writer import Database

ZONE = ZoneInfo("America/New_York")
PLACES = (DigestPlace("C0ALERTS", time(7), ZONE), DigestPlace("C0LEADS", time(6, 30), ZONE))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 by the clocks of New York."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def rows(session: Session) -> list[tuple[str, dict[str, str]]]:
    """What was written."""
    found = session.execute(select(Outgoing.key, Outgoing.payload).order_by(Outgoing.id))
    return [(key, payload) for key, payload in found]


async def keys(db: Database) -> list[str]:
    """The keys of what was written."""
    return [key for key, _ in await db.read(rows)]


async def look(db: Database, now: datetime, places: Sequence[DigestPlace] = PLACES) -> int:
    """Somebody looks what is due, and writes it."""
    owed = await db.read(mornings.owed, due_now(places, now))
    await db.write(mornings.write, owed, now)
    return len(owed)


@pytest.fixture
async def db_of_old(db: Database) -> Database:
    """A Relink that was started long ago."""
    await db.write(runs.begin, LONG_AGO)
    return db


async def test_each_channel_gets_its_own_at_its_own_hour_and_once(db_of_old: Database) -> None:
    assert await look(db_of_old, at(24, 6, 29)) == 0
    assert await look(db_of_old, at(24, 6, 30)) == 1
    assert await look(db_of_old, at(24, 7)) == 1
    for minute in range(1, 60, 7):
        assert await look(db_of_old, at(24, 7, minute)) == 0
    assert await keys(db_of_old) == ["digest:C0LEADS:2026-11-24", "digest:C0ALERTS:2026-11-24"]


async def test_two_processes_at_the_same_moment_write_one(db_of_old: Database) -> None:
    due = due_now(PLACES, at(24, 7))
    both = await asyncio.gather(*(db_of_old.read(mornings.owed, due) for _ in range(4)))
    assert [len(owed) for owed in both] == [2] * 4
    await asyncio.gather(*(db_of_old.write(mornings.write, owed, at(24, 7)) for owed in both))
    assert len(await keys(db_of_old)) == 2


async def test_a_clock_that_is_set_back_or_jumps_over_the_hour_brings_no_second(db_of_old: Database) -> None:
    await look(db_of_old, at(24, 7))
    await look(db_of_old, at(24, 5))
    await look(db_of_old, at(24, 7))
    await look(db_of_old, at(24, 23, 59))
    assert len(await keys(db_of_old)) == 2
    await look(db_of_old, at(27, 15))
    assert [key[-2:] for key in await keys(db_of_old)] == ["24", "24", "27", "27"], (
        "no day gone by is made up for"
    )


async def test_what_was_due_before_the_first_start_of_all_is_not_owed(db: Database) -> None:
    assert await look(db, at(24, 7)) == 0, "nobody was ever started"
    await db.write(runs.begin, at(24, 6, 45))
    assert await look(db, at(24, 7, 30)) == 1
    assert await keys(db) == ["digest:C0ALERTS:2026-11-24"]
    assert await look(db, at(25, 7)) == 2


async def test_a_later_start_on_a_day_that_has_its_hour_behind_it_makes_up_for_it(
    db_of_old: Database,
) -> None:
    await db_of_old.write(runs.begin, at(24, 15))
    assert await look(db_of_old, at(24, 15)) == 2


async def test_what_one_digest_told_the_next_does_not_tell_again(db_of_old: Database) -> None:
    await look(db_of_old, at(24, 9, 30), PLACES[:1])  # late
    await look(db_of_old, at(25, 7), PLACES[:1])
    await look(db_of_old, at(27, 7), PLACES[:1])  # the 26th had none: its day is told too
    told = [(payload["since"], payload["until"]) for _, payload in await db_of_old.read(rows)]
    assert told == [
        (at(23, 7).isoformat(), at(24, 9, 30).isoformat()),
        (at(24, 9, 30).isoformat(), at(25, 7).isoformat()),
        (at(25, 7).isoformat(), at(27, 7).isoformat()),
    ]


def died(session: Session, key: str) -> None:
    """Slack took it for good."""
    session.execute(
        update(Outgoing).where(Outgoing.key == key).values(state="dead", attempts=3, reason="why")
    )


async def test_what_a_digest_that_died_was_to_tell_is_told_by_the_next(db_of_old: Database) -> None:
    for day in (23, 24, 25):
        await look(db_of_old, at(day, 7, 10), PLACES[:1])
    await db_of_old.write(died, "digest:C0ALERTS:2026-11-25")
    await look(db_of_old, at(26, 7), PLACES[:1])
    await look(db_of_old, at(26, 7) + 15 * DAY, PLACES[:1])
    since = [payload["since"] for _, payload in await db_of_old.read(rows)][-2:]
    assert since == [at(24, 7, 10).isoformat(), (at(26, 7) + 14 * DAY).isoformat()]


async def test_asked_for_by_hand_one_that_died_goes_out_after_all(db_of_old: Database) -> None:
    key = "digest:C0ALERTS:2026-11-24"
    await look(db_of_old, at(24, 7), PLACES[:1])
    await db_of_old.write(died, key)
    owed = due_now(PLACES[:1], at(24, 9))
    await db_of_old.write(mornings.write, owed, at(24, 9))
    assert await db_of_old.read(mornings.unsent, [key]) == {key: "dead"}
    for _ in range(2):
        await db_of_old.write(partial(mornings.write, by_hand=True), owed, at(24, 9))
    assert await db_of_old.read(mornings.unsent, [key]) == {key: "new"}
    ((_, payload),) = await db_of_old.read(rows)
    assert payload["until"] == at(24, 9).isoformat()


async def test_every_day_of_a_year_with_both_changes_has_one(sqlite_db: Database) -> None:
    """A process that looks twice a day, as a machine that sleeps a lot does."""
    await sqlite_db.write(runs.begin, LONG_AGO)
    places = (DigestPlace("C0ALERTS", time(2, 30), ZONE),)
    moment = datetime(2026, 3, 1, 5, tzinfo=UTC)
    while moment < datetime(2026, 11, 10, 5, tzinfo=UTC):
        due = due_now(places, moment)
        if owed := await sqlite_db.read(mornings.owed, due):
            await sqlite_db.write(mornings.write, owed, moment)
        moment += timedelta(hours=12)
    days = [date.fromisoformat(key.rpartition(":")[2]) for key in await keys(sqlite_db)]
    assert days == [date(2026, 3, 1) + number * DAY for number in range(len(days))]
    assert len(days) == 254
