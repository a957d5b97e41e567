"""Every database can go up and down the schema's versions, and what must never change cannot."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, Executable, delete, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import Busy, ConfigWrong
from db import migrate
from db.base import Base
from db.engine import database_url as address
from db.engine import migration_engine
from db.lock import FileLock
from db.migrations.helpers import APPEND_ONLY, altered
from db.models import Answer, Incident, Move, Station

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Plain access to a migrated database, past the writer."""
    engine = migration_engine(address(database_url))
    yield engine
    engine.dispose()


def fill(connection: Connection) -> None:
    """One incident with a move and an answer."""
    of_the_incident = {"incident_id": 1, "turn": 0, "at": NOW}
    move = {"step": "restart-station", "choice": "restart", "to_step": "wait-for-reconnect", "actor": "U1"}
    connection.execute(insert(Station).values(id=1, serial="CT4G-1"))
    connection.execute(
        insert(Incident).values(
            id=1,
            station_id=1,
            code="CP-ERR-WIFI",
            step="restart-station",
            runbook="abc",
            opened_at=NOW,
            raised_at=NOW,
            entered_at=NOW,
        )
    )
    connection.execute(insert(Move).values(id=1, runbook="abc", **move, **of_the_incident))
    connection.execute(
        insert(Answer).values(id=1, name="online", value=False, source="portal", as_of=NOW, **of_the_incident)
    )


def test_an_empty_database_gets_all_tables_and_can_lose_them_again_with_data_inside(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    assert not migrate.is_current(empty_url)
    for _ in range(2):
        migrate.upgrade(empty_url)
        assert migrate.is_current(empty_url)
        engine = migration_engine(address(empty_url))
        with engine.begin() as connection:
            fill(connection)
            assert connection.scalar(select(Move.choice)) == "restart"
        migrate.downgrade(empty_url, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        engine.dispose()
    assert migrate.current(empty_url) is None


def test_models_and_migrations_describe_the_same_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_at_head_is_left_as_it_is(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
    migrate.upgrade(database_url)
    with engine.connect() as connection:
        assert connection.scalar(select(Station.serial)) == "CT4G-1"


@pytest.mark.parametrize("table", [Move, Answer])
def test_moves_and_answers_are_neither_changed_nor_deleted(
    engine: Engine, table: type[Move] | type[Answer]
) -> None:
    with engine.begin() as connection:
        fill(connection)
    for change in (update(table).values(turn=7), delete(table)):
        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.execute(change)
    with engine.connect() as connection:
        assert connection.scalars(select(table.turn)).all() == [0]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_not_even_a_replace_or_a_truncate_removes_them(engine: Engine, table: str) -> None:
    rows = Base.metadata.tables[table]
    with engine.begin() as connection:
        fill(connection)
    removal: Executable = insert(rows).prefix_with("OR REPLACE").from_select(rows.c.keys(), select(rows))
    if engine.dialect.name == "postgresql":
        removal = text(f"TRUNCATE {table}")
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(removal)


def test_an_altered_table_stays_append_only(engine: Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
        with (
            Operations.context(MigrationContext.configure(connection)),
            altered("moves") as moves,
        ):
            moves.alter_column("choice", nullable=True)
    with engine.connect() as connection:
        columns = {column["name"]: column for column in inspect(connection).get_columns("moves")}
        assert columns["choice"]["nullable"]
        assert connection.scalar(select(Move.choice)) == "restart"
    for change in (update(Move).values(turn=7), delete(Move)):
        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.execute(change)


def test_a_row_without_its_parent_is_noticed_after_migrating(sqlite_url: str) -> None:
    """Foreign keys are off while SQLite migrates, so they are checked before the commit."""
    engine = migration_engine(address(sqlite_url))
    with engine.begin() as connection:
        fill(connection)
        connection.execute(delete(Station))
    engine.dispose()
    with pytest.raises(RuntimeError, match="incidents without its row in stations"):
        migrate.upgrade(sqlite_url)


def test_a_migration_that_fails_half_way_leaves_nothing_behind(empty_url: str) -> None:
    engine = migration_engine(address(empty_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE timers (id int)"))
    with pytest.raises(DBAPIError, match="timers"):
        migrate.upgrade(empty_url)
    assert inspect(engine).get_table_names() == ["timers"]
    engine.dispose()


def test_migrating_is_refused_while_a_bot_uses_the_file(sqlite_url: str) -> None:
    lock = FileLock(address(sqlite_url))
    with pytest.raises(ConfigWrong, match="another Relink"):
        migrate.upgrade(sqlite_url)
    lock.release()
    migrate.upgrade(sqlite_url)


def test_a_database_that_does_not_answer_is_busy(tmp_path: Path) -> None:
    for ask in (migrate.current, migrate.upgrade):
        with pytest.raises(Busy):
            ask(f"postgresql+psycopg://relink@/relink?host={tmp_path}")


def test_nothing_is_printed(empty_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    migrate.upgrade(empty_url)
    assert capfd.readouterr() == ("", "")


def test_it_does_not_matter_where_the_process_stands(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    migrate.upgrade(empty_url)
    assert migrate.is_current(empty_url)
