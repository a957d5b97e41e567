"""PostgreSQL: writers run side by side, so they can get into each other's way."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import Busy
from db.writer import Database
from tests.db.postgres import Server
from tests.db.units import PATIENCE, add, serials


async def test_a_deadlocked_unit_runs_once_more(postgres_db: Database) -> None:
    """Two units lock two rows in opposite order; PostgreSQL ends one of them, and both succeed."""
    for name in ("CT4G-1", "CT4G-2"):
        await postgres_db.write(add, name)
    both_hold_one, one_holds_both = threading.Barrier(2), threading.Event()
    runs: list[str] = []

    def rename(session: Session, first: str, second: str) -> None:
        runs.append(first)
        if len(runs) > 2:
            one_holds_both.wait(PATIENCE)
        statement = text("UPDATE stations SET site = coalesce(site, '') || :first WHERE serial = :serial")
        session.execute(statement, {"first": first, "serial": first})
        if len(runs) <= 2:
            both_hold_one.wait(PATIENCE)
        session.execute(statement, {"first": first, "serial": second})
        one_holds_both.set()

    await asyncio.gather(
        postgres_db.write(rename, "CT4G-1", "CT4G-2"), postgres_db.write(rename, "CT4G-2", "CT4G-1")
    )
    sites = await postgres_db.read(lambda session: list(session.scalars(text("SELECT site FROM stations"))))
    assert len(runs) == 3
    assert sorted(map(len, sites)) == [12, 12]


def add_late(session: Session, serial: str, runs: list[str], failures: int, state: str) -> None:
    """Add a station after so many runs in which the server raises an error of that SQLSTATE."""
    runs.append(serial)
    add(session, serial)
    if len(runs) <= failures:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_unit_that_lost_against_another_runs_twice_at_most(postgres_db: Database, state: str) -> None:
    runs: list[str] = []
    await postgres_db.write(add_late, "CT4G-1", runs, 1, state)
    with pytest.raises(Busy, match=state):
        await postgres_db.write(add_late, "CT4G-2", [], 2, state)
    assert runs == ["CT4G-1", "CT4G-1"]
    assert await postgres_db.read(serials) == ["CT4G-1"]


async def test_other_errors_are_not_tried_again(postgres_db: Database) -> None:
    runs: list[str] = []
    with pytest.raises(IntegrityError):
        await postgres_db.write(add_late, "CT4G-1", runs, 1, "23514")
    assert runs == ["CT4G-1"]


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (["SELECT pg_terminate_backend(pg_backend_pid())"], "connection lost"),
        (["SET LOCAL statement_timeout = '10ms'", "SELECT pg_sleep(30)"], "57014"),
        (["SET TRANSACTION READ ONLY", "INSERT INTO stations (serial) VALUES ('CT4G-2')"], "25006"),
        (["DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'disk_full'; END $$"], "53100"),
    ],
)
async def test_trouble_of_the_server_is_busy_and_passes(
    postgres_db: Database, trouble: list[str], named: str
) -> None:
    def get_into_trouble(session: Session) -> None:
        for statement in trouble:
            session.execute(text(statement))

    with pytest.raises(Busy, match=named):
        await postgres_db.write(get_into_trouble)
    assert await postgres_db.write(add, "CT4G-1") == "CT4G-1"
    assert await postgres_db.read(serials) == ["CT4G-1"]


async def test_a_connection_that_died_while_idle_is_replaced_before_anybody_notices(
    postgres_db: Database, postgres: Server
) -> None:
    await postgres_db.write(add, "CT4G-0")
    postgres.command(
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    assert await postgres_db.write(add, "CT4G-1") == "CT4G-1"


async def test_a_lock_that_is_not_let_go_is_busy(postgres_db: Database) -> None:
    await postgres_db.write(add, "CT4G-1")
    locked, release = threading.Event(), threading.Event()
    lock = text("SELECT 1 FROM stations FOR UPDATE")

    def hold(session: Session) -> None:
        session.execute(lock)
        locked.set()
        release.wait(PATIENCE)

    def want(session: Session) -> None:
        session.execute(text("SET LOCAL lock_timeout = '10ms'"))
        session.execute(lock)

    holder = asyncio.create_task(postgres_db.write(hold))
    await asyncio.to_thread(locked.wait, PATIENCE)
    with pytest.raises(Busy, match="55P03"):
        await postgres_db.write(want)
    release.set()
    await holder


async def test_what_fails_only_at_the_commit_is_told_too(postgres_db: Database) -> None:
    def run(session: Session, statement: str) -> None:
        session.execute(text(statement))

    checked_late = "bigint REFERENCES stations DEFERRABLE INITIALLY DEFERRED"
    await postgres_db.write(run, f"CREATE TABLE parts (station {checked_late})")
    with pytest.raises(IntegrityError):
        await postgres_db.write(run, "INSERT INTO parts VALUES (1)")


async def test_sessions_run_in_utc_with_limits(postgres_db: Database) -> None:
    def settings(session: Session) -> list[Any]:
        names = ("timezone", "lock_timeout", "statement_timeout", "transaction_isolation")
        return [session.scalar(text(f"SHOW {name}")) for name in names]

    expected = ["UTC", "2s", "30s", "read committed"]
    assert await postgres_db.write(settings) == expected
    assert await postgres_db.read(settings) == expected
