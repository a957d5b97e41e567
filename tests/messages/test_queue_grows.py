"""Years of messages that are out cost a claim nothing: only what waits is looked at."""

from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bot.messages import queue
from bot.reports import health
from db.models import Outgoing
from db.writer import Database
from tests.incidents.desk import Desk
from tests.messages.rows import PACES

YEARS = 3_000
"""Rows that are out; a scan of them would stand out by two orders of magnitude."""


@pytest.fixture
def desk(db: Database) -> Desk:
    """A desk on each kind of database."""
    return Desk(db)


def _fill(session: Session, desk: Desk) -> None:
    rows: list[dict[str, Any]] = [
        {
            "key": f"line:old:{number}",
            "kind": ("line", "card", "visit", "command", "view")[number % 5],
            "incident_id": 1,
            "rank": number % 4,
            "payload": {},
            "state": ("sent", "dead")[number % 2],
            "created_at": desk.now,
            "channel": "C0ALERTS",
            "ts": "1.0",
        }
        for number in range(YEARS)
    ]
    session.execute(insert(Outgoing), rows)
    session.execute(text("ANALYZE"))


def _effort(session: Session, desk: Desk) -> int:
    """How much the database does to find what waits: SQLite's steps, or rows PostgreSQL read one after the other."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    driver: Any = session.connection().connection.dbapi_connection
    if hasattr(driver, "set_progress_handler"):
        driver.set_progress_handler(count, 1)
    queue.claim(session, PACES, desk.real, desk.now)
    queue.outlook(session)
    queue.next_wake(session, PACES, desk.real)
    health.vitals(session, desk.now)
    if hasattr(driver, "set_progress_handler"):
        driver.set_progress_handler(None, 1)
        return steps
    told = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'outgoing'"
    return int(session.execute(text(told)).scalar_one())


async def test_what_is_out_long_since_is_not_looked_at(desk: Desk) -> None:
    await desk.opened()
    await desk.db.write(queue.claim, PACES, desk.real, desk.now)
    alone = await desk.db.write(_effort, desk)
    await desk.db.write(_fill, desk)
    assert await desk.db.write(_effort, desk) <= max(2 * alone, 50)
