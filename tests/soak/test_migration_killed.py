"""A migration that is killed half way leaves the database as it was, and the next one finishes."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from db import migrate
from db.engine import database_url as address
from db.engine import migration_engine
from db.models import Answer, Incident, Move, Station
from tests.db.test_migrations import fill
from tests.stories.cradle import the_cradle
from tests.stories.killable import a_killable_world
from tests.stories.pairs import Pair

OLD = "0001"
STATEMENTS_APART = 2.5
"""Each migration dies so many times as far on its way as the one before."""


async def test_killed_in_the_middle_of_a_migration_it_is_as_if_it_had_not_begun(
    tmp_path: Path, database_url: str
) -> None:
    engine = migration_engine(address(database_url))
    with engine.begin() as connection:
        fill(connection)
    migrate.downgrade(database_url, OLD)

    killed_at, statement = [], 4.0
    while await migration(tmp_path, database_url, until=int(statement)) == -signal.SIGKILL:
        killed_at.append(int(statement))
        assert migrate.current(database_url) == OLD
        statement *= STATEMENTS_APART
    assert len(killed_at) >= 3, "it is long enough to be killed at several places"

    assert migrate.is_current(database_url)
    assert what_is_there(engine) == ("CT4G-1", "restart-station", "restart", False)
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(update(Move).values(turn=7))
    engine.dispose()


async def test_on_sqlite_the_next_start_finishes_what_was_killed(tmp_path: Path, sqlite_url: str) -> None:
    engine = migration_engine(address(sqlite_url))
    with engine.begin() as connection:
        fill(connection)
    migrate.downgrade(sqlite_url, OLD)
    assert await migration(tmp_path, sqlite_url, until=40) == -signal.SIGKILL

    async with a_killable_world(tmp_path, Pair(sqlite_url, socket_mode=False)) as world:
        await world.begins()
        await world.ends(signal.SIGTERM)

    assert migrate.is_current(sqlite_url)
    assert what_is_there(engine) == ("CT4G-1", "restart-station", "restart", False)
    engine.dispose()


async def migration(folder: Path, url: str, *, until: int) -> int:
    """A process that migrates, killed before its so-manieth statement; its exit code."""
    born = await the_cradle().bears(folder, {"DATABASE_URL": url}, migrates_until=until)
    return await born.ended()


def what_is_there(engine: Engine) -> tuple[str | None, str, str, object]:
    """The one station, its incident's step, the move and the answer."""
    with engine.connect() as connection:
        (row,) = connection.execute(
            select(Station.serial, Incident.step, Move.choice, Answer.value)
            .join(Incident, Incident.station_id == Station.id)
            .join(Move, Move.incident_id == Incident.id)
            .join(Answer, Answer.incident_id == Incident.id)
        ).all()
    return row.serial, row.step, row.choice, row.value
