"""Times go in aware and come out as UTC, and the address of a database is read strictly."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from bot.errors import ConfigWrong
from db.engine import database_url
from db.models import Pace
from db.writer import Database

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def book(session: Session, key: str, at: datetime) -> None:
    session.execute(insert(Pace).values(key=key, free_at=at))


def booked(session: Session) -> list[datetime]:
    return list(session.scalars(select(Pace.free_at).order_by(Pace.free_at)))


async def test_a_time_of_any_zone_comes_back_as_the_same_moment_in_utc(db: Database) -> None:
    await db.write(book, "a", NOON.astimezone(timezone(timedelta(hours=-8))))
    (moment,) = await db.read(booked)
    assert moment == NOON
    assert moment.tzinfo is UTC


async def test_times_sort_as_they_passed_down_to_the_microsecond(db: Database) -> None:
    moments = [NOON + timedelta(microseconds=n) for n in (0, 1, 999_999, 1_000_000)]
    for moment in reversed(moments):
        await db.write(book, str(moment), moment)
    assert await db.read(booked) == moments


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await db.write(book, "a", NOON.replace(tzinfo=None))
    assert await db.read(booked) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "relink.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///relink.db",
        "sqlite:///relink.db?mode=ro",
        "postgresql+asyncpg://relink:hunter2@db/relink",
        "mysql://relink:hunter2@db/relink",
    ],
)
def test_an_address_we_cannot_use_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigWrong, match="DATABASE_URL") as refused:
        database_url(text)
    assert "hunter2" not in str(refused.value)


def test_the_driver_is_always_named() -> None:
    assert database_url("postgresql://db/relink").drivername == "postgresql+psycopg"
    assert database_url("sqlite:///relink.db").drivername == "sqlite+pysqlite"
