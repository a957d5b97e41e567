"""SQLite: many callers share one commit, and none of them pays for another or is told a lie."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bot.errors import Busy, Refused
from db.writer import SHARED_COMMIT, Database, open_database
from tests.db.units import PATIENCE, add, add_mapped, held, serials, started, together

NO_LIMIT = 1_073_741_823
"""SQLite's own greatest `max_page_count`."""


def limit_disk(session: Session, pages: int) -> None:
    """Let the file grow to so many pages, or no more than now."""
    session.execute(text(f"PRAGMA max_page_count = {pages}"))


def add_too_much(session: Session) -> None:
    session.execute(text("INSERT INTO stations (serial) VALUES (:serial)"), {"serial": "x" * 1_000_000})


def add_too_much_and_hide_it(session: Session) -> str:
    """What no unit should do: go on after an error of the database."""
    try:
        add_too_much(session)
    except DBAPIError:
        return "all is well"
    return "there was room"


def add_too_much_and_nest(session: Session) -> None:
    """Worse: the nested savepoint outside of any transaction silently begins a new one."""
    add_too_much_and_hide_it(session)
    session.execute(text("SAVEPOINT another"))
    raise Refused("Not now.")


async def test_a_bad_unit_in_a_batch_fails_alone(sqlite_db: Database) -> None:
    def add_and_refuse(session: Session) -> None:
        add(session, "refused")
        raise Refused("Not now.")

    before, twice, mapped_twice, refused, after = await together(
        sqlite_db,
        sqlite_db.write(add, "CT4G-1"),
        sqlite_db.write(add, "CT4G-1"),
        sqlite_db.write(add_mapped, "CT4G-1"),
        sqlite_db.write(add_and_refuse),
        sqlite_db.write(add, "CT4G-2"),
    )
    assert (before, after) == ("CT4G-1", "CT4G-2")
    assert isinstance(twice, IntegrityError)
    assert isinstance(mapped_twice, IntegrityError)
    assert isinstance(refused, Refused)
    assert await sqlite_db.read(serials) == ["CT4G-1", "CT4G-2"]


@pytest.mark.parametrize(("writes", "times"), [(False, 1), (True, 2)])
async def test_a_batch_runs_again_only_for_one_that_failed_after_it_had_written(
    sqlite_db: Database, writes: bool, times: int
) -> None:
    ran = []

    def add_counted(session: Session, serial: str) -> str:
        ran.append(serial)
        return add(session, serial)

    def refuse(session: Session) -> None:
        if writes:
            add(session, "refused")
        raise Refused("Not now.")

    before, refused, after = await together(
        sqlite_db,
        sqlite_db.write(add_counted, "CT4G-1"),
        sqlite_db.write(refuse),
        sqlite_db.write(add_counted, "CT4G-2"),
    )
    assert (before, after) == ("CT4G-1", "CT4G-2")
    assert isinstance(refused, Refused)
    assert await sqlite_db.read(serials) == ["CT4G-1", "CT4G-2"]
    assert ran.count("CT4G-1") == times
    assert ran.count("CT4G-2") == 1, "after the failed one nothing runs in vain"


async def test_nobody_is_told_before_the_shared_commit(sqlite_db: Database, sqlite_url: str) -> None:
    entered, release = threading.Event(), threading.Event()

    def add_slowly(session: Session) -> str:
        entered.set()
        release.wait(PATIENCE)
        return add(session, "CT4G-2")

    async with held(sqlite_db):
        first = asyncio.create_task(sqlite_db.write(add, "CT4G-1"))
        second = asyncio.create_task(sqlite_db.write(add_slowly))
        await started(first, second)
    await asyncio.to_thread(entered.wait, PATIENCE)
    assert not first.done()
    assert await sqlite_db.read(serials) == []
    release.set()
    assert await first == "CT4G-1"
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as other:
        assert other.execute("SELECT count(*) FROM stations").fetchone() == (2,)
    other.close()
    assert await second == "CT4G-2"


@pytest.mark.parametrize("filling", [add_too_much, add_too_much_and_hide_it, add_too_much_and_nest])
async def test_on_a_full_disk_the_whole_batch_fails_and_later_ones_do_not(
    sqlite_db: Database, filling: Callable[[Session], object]
) -> None:
    """SQLite ends the transaction by itself then; what ran before is undone, what follows not kept."""
    await sqlite_db.write(limit_disk, 1)
    results = await together(
        sqlite_db,
        sqlite_db.write(add, "CT4G-1"),
        sqlite_db.write(filling),
        sqlite_db.write(add, "CT4G-2"),
    )
    assert [type(result) for result in results] == [Busy, Busy, Busy]
    assert await sqlite_db.read(serials) == []
    await sqlite_db.write(limit_disk, NO_LIMIT)
    assert await sqlite_db.write(add, "CT4G-3") == "CT4G-3"
    assert await sqlite_db.read(serials) == ["CT4G-3"]


async def test_more_callers_than_fit_a_batch_are_all_served(sqlite_db: Database) -> None:
    names = [f"CT4G-{n:04}" for n in range(3 * SHARED_COMMIT + 1)]
    assert await together(sqlite_db, *(sqlite_db.write(add, name) for name in names)) == names
    assert await sqlite_db.read(serials) == names


async def test_a_file_locked_by_somebody_else_is_busy(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.engine.LOCK_SECONDS", 0)
    db = open_database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="SQLITE_BUSY"):
        await db.write(add, "CT4G-1")
    other.execute("ROLLBACK")
    other.close()
    assert await db.write(add, "CT4G-1") == "CT4G-1"
    await db.close()


async def test_a_file_that_cannot_be_opened_is_busy(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'missing' / 'relink.db'}")
    for call in (db.write(add, "CT4G-1"), db.read(serials)):
        with pytest.raises(Busy, match="SQLITE_CANTOPEN"):
            await call
    await db.close()


async def test_a_commit_survives_a_power_cut(sqlite_db: Database) -> None:
    """FULL is 2; the foreign keys and the triggers of a REPLACE are watched too."""

    def settings(session: Session) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        return [session.scalar(text(f"PRAGMA {name}")) for name in names]

    assert await sqlite_db.write(settings) == ["wal", 2, 1, 1]


async def test_what_may_have_to_be_undone_is_remembered_in_memory(sqlite_db: Database) -> None:
    """The pages of a savepoint, a dozen a click: with the default, SQLite writes them to a temporary file."""

    def kept_where(session: Session) -> object:
        return session.scalar(text("PRAGMA temp_store"))

    assert await sqlite_db.write(kept_where) == 2
